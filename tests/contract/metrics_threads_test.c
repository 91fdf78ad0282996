/* SPDX-License-Identifier: Apache-2.0 */
/* The figures while other threads count, stop and reset: each is between what was added before the call and
 * what was begun before its return, and none goes back. */
#include <stdatomic.h>
#include <stdlib.h>

#include "consumer.h"
#include "scrape.h"

enum { WORKERS = 6, SCRAPERS = 2, LIVES = 4000, RESETS = 2000, ADDS = 20 };

typedef struct crowd crowd_t;

/* One thread's, on its channel: what it sent. */
typedef struct worker {
    pthread_t thread;
    crowd_t *crowd;
    int32_t channel;
    atomic_uint_fast64_t begun, done; /* bytes */
    uint64_t messages;
} worker_t;

struct crowd {
    lkstats_t *ctx;
    atomic_int at_work;
    lkstats_signal_t signal; /* two add on it, one of them resets it */
    lkstats_track_t lasting;
    worker_t workers[WORKERS];
};

static void send(worker_t *worker, lkstats_track_t track, uint64_t bytes) {
    atomic_fetch_add(&worker->begun, bytes);
    require_status(LKSTATS_OK, lkstats_add_bytes(track, bytes, 1));
    atomic_fetch_add(&worker->done, bytes);
    ++worker->messages;
}

static void *make_add_and_stop(void *argument) {
    worker_t *const worker = argument;
    lkstats_track_options_t options = host_track_options("PA_brief");
    options.channel = worker->channel;
    for (uint64_t life = 0; life < LIVES; ++life) {
        lkstats_track_t track = 0;
        require_status(LKSTATS_OK, lkstats_track_new(worker->crowd->ctx, &options, &track));
        for (uint64_t i = 0; i < ADDS; ++i)
            send(worker, track, 1000 * life + i);
        require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    }
    atomic_fetch_sub(&worker->crowd->at_work, 1);
    return NULL;
}

static void *add_and_move(void *argument) {
    worker_t *const worker = argument;
    const lkstats_signal_t signal = worker->crowd->signal;
    for (uint64_t i = 0; i < RESETS; ++i) {
        host_resolve(signal, "RM_lobby", "PA_mover");
        for (uint64_t n = 0; n < ADDS; ++n)
            send(worker, signal, i + n);
        for (;;) {
            const lkstats_status_t status = lkstats_signal_reset(signal);
            if (status == LKSTATS_OK)
                break;
            require_status(LKSTATS_EFULL, status); /* until the consumer has caught up the epoch goes on */
            send(worker, signal, 1);
        }
    }
    host_resolve(signal, "RM_lobby", "PA_mover");
    atomic_fetch_sub(&worker->crowd->at_work, 1);
    return NULL;
}

static void *add_only(void *argument) {
    worker_t *const worker = argument;
    const crowd_t *const crowd = worker->crowd;
    for (uint64_t i = 0; i < LIVES * ADDS; ++i)
        send(worker, worker->channel == LKSTATS_CHANNEL_SIGNAL ? crowd->signal : crowd->lasting, i % 1000);
    atomic_fetch_sub(&worker->crowd->at_work, 1);
    return NULL;
}

static void sums_of(crowd_t *crowd, uint64_t *done, uint64_t *begun) {
    for (int i = 0; i < WORKERS; ++i) {
        worker_t *const worker = &crowd->workers[i];
        if (done)
            done[worker->channel] += atomic_load(&worker->done);
        if (begun)
            begun[worker->channel] += atomic_load(&worker->begun);
    }
}

static void *scrape_until_they_are_done(void *argument) {
    crowd_t *const crowd = argument;
    char *last = scrape_text(crowd->ctx, LKSTATS_METRICS_OPENMETRICS);
    while (atomic_load(&crowd->at_work) != 0) {
        uint64_t least[LKSTATS_CHANNEL_SIGNAL + 1] = {0}, most[LKSTATS_CHANNEL_SIGNAL + 1] = {0};
        sums_of(crowd, least, NULL);
        char *const now = scrape_text(crowd->ctx, LKSTATS_METRICS_OPENMETRICS);
        sums_of(crowd, NULL, most);
        for (int32_t channel = LKSTATS_CHANNEL_DATA; channel <= LKSTATS_CHANNEL_SIGNAL; ++channel) {
            const lkstats_traffic_t counted = scrape_counted_in(now, channel);
            require(least[channel] <= counted.send_bytes);
            require(counted.send_bytes <= most[channel]);
        }
        scrape_assert_grown(last, now);
        free(last);
        last = now;
    }
    free(last);
    return NULL;
}

static void start(crowd_t *crowd, pthread_t *scrapers) {
    static const struct {
        int32_t channel;
        void *(*work)(void *);
    } plan[WORKERS] = {{LKSTATS_CHANNEL_DATA, make_add_and_stop},
                       {LKSTATS_CHANNEL_DATA, make_add_and_stop},
                       {LKSTATS_CHANNEL_DATA_TRACK, make_add_and_stop},
                       {LKSTATS_CHANNEL_SIGNAL, add_and_move},
                       {LKSTATS_CHANNEL_SIGNAL, add_only},
                       {LKSTATS_CHANNEL_DATA, add_only}};
    crowd->at_work = WORKERS;
    for (int i = 0; i < WORKERS; ++i) {
        crowd->workers[i].crowd = crowd;
        crowd->workers[i].channel = plan[i].channel;
    }
    for (int i = 0; i < SCRAPERS; ++i)
        require(pthread_create(&scrapers[i], NULL, scrape_until_they_are_done, crowd) == 0);
    for (int i = 0; i < WORKERS; ++i)
        require(pthread_create(&crowd->workers[i].thread, NULL, plan[i].work, &crowd->workers[i]) == 0);
}

STORY(a_scrape_among_threads_has_what_was_added_before_it_and_never_goes_back) {
    static crowd_t crowd;
    pthread_t scrapers[SCRAPERS];
    consumer_t consumer;
    lkstats_traffic_t model[LKSTATS_CHANNEL_SIGNAL + 1] = {0};
    crowd.ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    crowd.signal = host_signal(crowd.ctx);
    crowd.lasting = host_track(crowd.ctx, "PA_lasting");
    consumer_start(&consumer, crowd.ctx);
    start(&crowd, scrapers);

    for (int i = 0; i < WORKERS; ++i) {
        worker_t *const worker = &crowd.workers[i];
        assert_int_equal(pthread_join(worker->thread, NULL), 0);
        model[worker->channel].send_bytes += atomic_load(&worker->done);
        model[worker->channel].send_messages += worker->messages;
    }
    for (int i = 0; i < SCRAPERS; ++i)
        assert_int_equal(pthread_join(scrapers[i], NULL), 0);
    for (int32_t channel = LKSTATS_CHANNEL_DATA; channel <= LKSTATS_CHANNEL_SIGNAL; ++channel) {
        const lkstats_traffic_t counted = scrape_counted(crowd.ctx, channel);
        assert_traffic(counted, model[channel].send_bytes, model[channel].send_messages, 0, 0);
    }
    assert_status(LKSTATS_OK, lkstats_close(crowd.ctx, HOST_PATIENCE_MS, NULL));
    consumer_join(&consumer);
    consumer_free(&consumer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scrape_among_threads_has_what_was_added_before_it_and_never_goes_back),
    };
    return cmocka_run_group_tests_name("metrics_threads", tests, NULL, NULL);
}
