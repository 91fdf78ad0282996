/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics, beside the WebSocket on the same port; any other path is not found. */
#ifndef METRICS_H
#define METRICS_H

#include <libwebsockets.h>

/* The answer to one request. libwebsockets keeps it, zeroed at first. */
struct metrics_answer {
    unsigned char *memory; /* LWS_PRE bytes for libwebsockets, then the text */
    size_t size;
};

/* A libwebsockets protocol; user is a struct metrics_answer, the context's user a struct server. */
int metrics_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size);

#endif
