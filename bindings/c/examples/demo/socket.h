/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's sockets: what clients say and get, and what of it is counted. */
#ifndef SOCKET_H
#define SOCKET_H

#include "room.h"

/* The user pointer of the libwebsockets context. */
struct server {
    struct accounting accounting;
    struct room *rooms;
};

/* Small on purpose: a message larger than this arrives in pieces, as it does on a real network. */
enum { SOCKET_RECEIVE_SIZE = 4096 };

/* A libwebsockets protocol; user is a struct member. */
int socket_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size);

#endif
