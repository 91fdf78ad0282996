/* SPDX-License-Identifier: Apache-2.0 */
/* One client connection: what it sends, what it receives, and what it is owed by the others in its room. */
#ifndef SEAT_H
#define SEAT_H

#include "ledger.h"

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAX = 16 * 1024, TEXT_MAX = 160 };

struct count {
    uint64_t bytes;
    uint64_t messages;
};

enum seat_state { SEAT_EMPTY, SEAT_CONNECTING, SEAT_TAKEN, SEAT_MOVING, SEAT_LEAVING };

/* How a client goes. */
enum parting { PARTING_RESET, PARTING_HANGUP, PARTING_POLITE, PARTING_KINDS };

struct seat;

/* What all seats share. */
struct crowd {
    struct lws_context *sockets;
    int port;
    uint64_t random;
    bool failed;
    struct seat *seats;
    size_t seat_count;
    struct ledger ledger; /* what all of them counted */
};

struct seat {
    struct crowd *crowd;
    const char *room;
    const char *participant;
    const char *destination; /* of the move that is not answered yet */
    int64_t interval_us;     /* between messages, on average */
    int64_t next_us;
    enum seat_state state;
    struct lws *wsi;
    size_t told; /* how many members the room has, as the relay said last */
    bool sending;
    char text[TEXT_MAX + 1]; /* that is being sent; empty: it is a binary message */
    size_t size, handed;     /* of the message that is being sent; how much of it the socket has taken */
    char heard[TEXT_MAX + 1];
    size_t incoming;             /* received so far of a message */
    struct count received, owed; /* binary messages */
};

/* A libwebsockets protocol. */
int seat_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size);

void seat_connect(struct seat *seat);
void seat_send(struct seat *seat);
/* The relay takes it to another room. */
void seat_move(struct seat *seat, const char *room);
void seat_part(struct seat *seat, enum parting how);

/* It is in that room or on its way there. */
bool seat_belongs(const struct seat *seat, const char *room);
/* Nothing is on its way to it or from it. */
bool seat_quiet(const struct seat *seat);

/* Says what went wrong, once; everything ends then. */
void crowd_fail(struct crowd *crowd, const char *who, const char *where, const char *what);

uint64_t crowd_random(struct crowd *crowd, uint64_t below);

#endif
