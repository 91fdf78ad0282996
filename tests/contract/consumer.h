/* SPDX-License-Identifier: Apache-2.0 */
/* A consumer on a thread of its own: waits on the event descriptor, keeps a copy of every report,
 * acknowledges it, and ends with LKSTATS_EOF. */
#ifndef CONSUMER_H
#define CONSUMER_H

#include <pthread.h>

#include "host.h"

typedef struct consumer {
    lkstats_t *ctx;
    int fd; /* a duplicate: it outlives the context's */
    pthread_t thread;
    pthread_mutex_t lock;
    host_records_t kept;
} consumer_t;

void consumer_start(consumer_t *consumer, lkstats_t *ctx);
/* What was acknowledged so far, at least. */
lkstats_traffic_t consumer_sum(consumer_t *consumer, lkstats_track_t track);
/* Waits for LKSTATS_EOF; the reports stay until consumer_free. */
void consumer_join(consumer_t *consumer);
void consumer_free(consumer_t *consumer);

#endif
