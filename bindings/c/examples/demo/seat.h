/* SPDX-License-Identifier: Apache-2.0 */
/* One client connection: what it sent, what it received, and what it is owed by the others in its room. */
#ifndef SEAT_H
#define SEAT_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAX = 16 * 1024 };

struct count {
    uint64_t bytes;
    uint64_t messages;
};

enum seat_state { SEAT_EMPTY, SEAT_CONNECTING, SEAT_TAKEN, SEAT_LEAVING };

/* How a client goes. */
enum parting { PARTING_RESET, PARTING_HANGUP, PARTING_POLITE, PARTING_KINDS };

/* What all seats share. */
struct crowd {
    struct lws_context *sockets;
    int port;
    uint64_t random;
    bool failed;
};

struct seat {
    struct crowd *crowd;
    const char *room;
    const char *participant;
    struct seat *others; /* all seats of the room, this one included */
    size_t others_count;
    int64_t interval_us; /* between messages, on average */
    int64_t next_us;
    enum seat_state state;
    struct lws *wsi;
    size_t told; /* how many members the room has, as the relay said last */
    bool sending;
    size_t size, handed; /* of the message that is being sent; how much of it the socket has taken */
    size_t incoming;     /* received so far of a message */
    struct count sent, received, owed;
};

extern const struct lws_protocols seat_protocols[];

void seat_connect(struct seat *seat);
void seat_send(struct seat *seat);
void seat_part(struct seat *seat, enum parting how);

/* Nothing is on its way to it or from it. */
bool seat_quiet(const struct seat *seat);

/* Says what went wrong, once; everything ends then. */
void crowd_fail(struct crowd *crowd, const struct seat *seat, const char *what);

uint64_t crowd_random(struct crowd *crowd, uint64_t below);

#endif
