/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that never say who they are: each says something else and is turned away by the relay. */
#ifndef STRANGER_H
#define STRANGER_H

#include "seat.h"

struct stranger {
    struct crowd *crowd;
    size_t visits; /* so far */
    struct lws *wsi;
    bool done, heard_why;
};

/* A libwebsockets protocol. */
int stranger_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size);

/* One comes after the other, until stranger->done. */
void stranger_start(struct stranger *stranger, struct crowd *crowd);

#endif
