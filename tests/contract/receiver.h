/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer of a push context: its on_batch keeps a copy of every record, and answers as it is told. */
#ifndef RECEIVER_H
#define RECEIVER_H

#include <pthread.h>

#include "host.h"

typedef struct receiver receiver_t;

struct receiver {
    /* How it begins; zero is: take everything. */
    lkstats_status_t answer;
    bool held; /* on_batch does not return before receiver_release */
    /* What on_batch does as well, before it answers. Under no lock. */
    void (*inside)(receiver_t *receiver, const lkstats_batch_t *batch);
    void *story; /* for inside */

    /* What came of it: under lock, where the context has a thread. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t calls; /* begun */
    bool running;
    bool over;                   /* no call may begin any more */
    pthread_t thread;            /* of the last call */
    lkstats_batch_t last;        /* its batch */
    host_records_t taken;        /* each record as often as it came */
    host_records_t acknowledged; /* what LKSTATS_OK was returned for */
};

/* Opens a context that delivers to it; struct_size, on_batch and user_data are filled in. */
lkstats_t *receiver_open(receiver_t *receiver, lkstats_options_t options);
/* In virtual time, all else default. */
lkstats_t *receiver_open_virtual(receiver_t *receiver);
lkstats_t *receiver_open_threaded(receiver_t *receiver, uint32_t report_interval_ms);

void receiver_answers(receiver_t *receiver, lkstats_status_t answer);
void receiver_release(receiver_t *receiver);
/* Waits until that many calls have begun, or that many records are acknowledged. */
void receiver_await_calls(receiver_t *receiver, size_t count);
void receiver_await_records(receiver_t *receiver, size_t count);

/* From here on a call is a failure. */
void receiver_expects_no_more(receiver_t *receiver);
/* Closes the context, which leaves nothing behind. */
void receiver_close(receiver_t *receiver, lkstats_t *ctx);
void receiver_free(receiver_t *receiver);

lkstats_traffic_t receiver_total(const host_records_t *records);
/* No key comes twice. */
void receiver_assert_once(const host_records_t *records);
/* The same key has the same content, however often it comes. */
void receiver_assert_unchanged(const host_records_t *records);

#endif
