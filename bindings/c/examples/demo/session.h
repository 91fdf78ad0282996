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

/* The two halves of who somebody is: a room's name and sid, or a participant's identity and sid. */
struct session_name {
    char name[SESSION_TEXT_MAX + 1];
    char sid[SESSION_TEXT_MAX + 1];
};

/* One of the server's counting objects: data channels, a data track, a signal connection. */
struct session_object {
    unsigned number;
    char type[SESSION_TEXT_MAX + 1];
    char track_id[SESSION_TEXT_MAX + 1]; /* of a data track, as the next two are from the start */
    struct session_name participant;     /* of a signal connection: the first that it is said to be */
    struct session_name room;
    lkstats_track_t handle;
    lkstats_traffic_t counted; /* what the file says */
};

enum session_kind {
    SESSION_NEW,
    SESSION_ADD,
    SESSION_RESOLVE_ROOM,
    SESSION_RESOLVE_PARTICIPANT,
    SESSION_STOP,
    SESSION_KINDS
};

struct session_call {
    int64_t us;
    enum session_kind kind;
    int32_t is_send;
    size_t object;
    uint64_t bytes;
    size_t name; /* of a resolution */
};

struct session {
    struct session_object *objects;
    size_t object_count, object_capacity;
    struct session_call *calls;
    size_t call_count, call_capacity;
    struct session_name *names;
    size_t name_count, name_capacity;
};

bool session_is_signal(const struct session_object *object);

/* Reads a gzipped session. The objects of data name a participant's sid alone; its name and room are those of the
 * signal connection with the same sid. */
bool session_read(struct session *session, const char *path);
void session_free(struct session *session);

#endif
