/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded session of a LiveKit server: every call its byte accounting got, by time. One call a line,
 * tab-separated: microseconds, operation, object, and what the operation takes.
 */
#ifndef SESSION_H
#define SESSION_H

#include "lkstats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SESSION_TEXT_MAX = 63 };

/* One of the server's counting objects: data channels, a data track, a signal connection. */
struct session_object {
    unsigned number;
    char type[SESSION_TEXT_MAX + 1];
    char track_id[SESSION_TEXT_MAX + 1];
    char participant_sid[SESSION_TEXT_MAX + 1];
    char participant[SESSION_TEXT_MAX + 1];
    char room_sid[SESSION_TEXT_MAX + 1];
    char room[SESSION_TEXT_MAX + 1];
    bool started;
    bool stopped;
    lkstats_track_t track;
    lkstats_traffic_t counted;  /* what the file says */
    lkstats_traffic_t reported; /* what lkstats says */
};

enum session_kind { SESSION_NEW, SESSION_ADD, SESSION_STOP };

struct session_call {
    int64_t us;
    enum session_kind kind;
    int32_t is_send;
    size_t object;
    uint64_t bytes;
};

struct session {
    struct session_object *objects;
    size_t object_count, object_capacity;
    struct session_call *calls;
    size_t call_count, call_capacity;
};

/* Reads a gzipped session. The identity of a signal connection, and the names of the participants behind
 * the other objects, come later in the file than the objects; here they are known from the start. */
bool session_read(struct session *session, const char *path);
void session_free(struct session *session);

#endif
