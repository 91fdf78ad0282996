/* SPDX-License-Identifier: Apache-2.0 */
/* Who is where, and what each member still has to be sent. One thread: the one that serves the sockets. */
#ifndef ROOM_H
#define ROOM_H

#include "account.h"

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    QUEUE_MESSAGES = 1024,
    QUEUE_BYTES = 8 * 1024 * 1024 /* what a slow client may lag behind before it is dropped */
};

/* One message for all who get it. */
struct message {
    size_t references;
    size_t size;
    enum lws_write_protocol kind;
    unsigned char data[]; /* LWS_PRE bytes for libwebsockets, then the payload */
};

struct room;

/* One connection. libwebsockets keeps it, zeroed at first. */
struct member {
    struct lws *wsi;
    struct room *room; /* NULL until it joined */
    struct member *next;
    bool dropped; /* lags too far behind, and is being closed */
    struct account account;
    const struct message *moved; /* the answer to its move, while that is in the queue */
    struct message *queue[QUEUE_MESSAGES];
    size_t first, queued, queued_bytes;
    unsigned char *incoming; /* the message that is being received */
    size_t incoming_size, incoming_capacity;
};

struct room {
    struct room *next;
    struct member *members;
    size_t count;
    char name[NAME_MAX_LENGTH + 1];
};

struct message *message_new(enum lws_write_protocol kind, const void *data, size_t size);
void message_release(struct message *message);

/* Joining and leaving tells everybody in the room how many members it now has, as the text "members N". What
 * a member that leaves is still owed stays in its queue. */
void room_join(struct room **rooms, const char *name, struct member *member);
void room_leave(struct room **rooms, struct member *member);

/* Queues a message for everybody but from, which may be NULL. Drops the connection of a member whose
 * queue is full, for it would get a stream with a hole. */
void room_relay(struct room *room, const struct member *from, struct message *message);

/* The same for one member, whether it is in a room or not. */
void member_send(struct member *member, struct message *message);

/* The next message for that member, which the caller releases; NULL: none. */
struct message *member_take(struct member *member);

#endif
