/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that takes the reports while the relay serves its sockets. */
#ifndef CONSUMER_H
#define CONSUMER_H

#include "reports.h"

#include <pthread.h>
#include <stdbool.h>

struct consumer {
    struct reports reports;
    int event; /* own copy of lkstats' descriptor, so that it outlives the context */
    pthread_t thread;
    lkstats_status_t end; /* why the thread ended: LKSTATS_EOF when all is well */
};

/* false after saying why on stderr. */
bool consumer_start(struct consumer *consumer, const lkstats_api_t *api, lkstats_t *ctx);

/* Waits until everything that is owed is taken, which lkstats_close brings about. */
bool consumer_join(struct consumer *consumer);

#endif
