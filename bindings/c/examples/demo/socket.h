/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's sockets: each one's binary messages are a data track of lkstats. */
#ifndef SOCKET_H
#define SOCKET_H

#include "room.h"

struct server {
    const lkstats_api_t *api;
    lkstats_t *ctx;
    struct room *rooms;
    uint64_t connections; /* so far */
};

/* The server is the user pointer of the libwebsockets context. */
extern const struct lws_protocols socket_protocols[];

#endif
