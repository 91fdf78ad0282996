/* SPDX-License-Identifier: Apache-2.0 */
/* Abandoning a context that other threads are at work on: what they acknowledge, and what they wait for. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "host.h"

enum { ANSWERERS = 2, ROUNDS = HOST_SANITIZED ? 5 : 30, TRACKS = 20000 };

typedef struct answerer {
    pthread_t thread;
    lkstats_t *ctx;
    pthread_barrier_t *at_once;
    int refusals; /* before the first acknowledgement: each round meets another moment of the abandon */
    uint64_t acknowledged; /* records, of one message each */
    lkstats_batch_t last;
} answerer_t;

/* Holds a batch when the abandon begins, and takes what it still gets. Reads no record: they may be gone. */
static void *answer_until_closed(void *argument) {
    answerer_t *const answerer = argument;
    lkstats_batch_t batch = host_take(answerer->ctx);
    pthread_barrier_wait(answerer->at_once);
    int refusals = answerer->refusals;
    bool closed = false;
    for (lkstats_status_t status = LKSTATS_OK; status != LKSTATS_EOF;) {
        if (status == LKSTATS_OK) {
            const bool refuse = refusals-- > 0;
            const lkstats_status_t answer = refuse ? lkstats_nack(&batch) : lkstats_ack(&batch);
            require(answer == LKSTATS_ECLOSED || (answer == LKSTATS_OK && !closed));
            closed = answer == LKSTATS_ECLOSED;
            if (!closed && !refuse)
                answerer->acknowledged += batch.record_count;
        }
        status = lkstats_next(answerer->ctx, &batch);
        require(status == LKSTATS_OK || status == LKSTATS_EOF || status == LKSTATS_EAGAIN);
    }
    answerer->last = batch;
    return NULL;
}

/* One message on each of many tracks, frozen. */
static lkstats_t *owing_context(void) {
    lkstats_t *const ctx = host_open();
    for (int i = 0; i < TRACKS; ++i)
        assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, ""), 3, i % 2));
    host_tick(ctx, 1);
    return ctx;
}

STORY(what_was_acknowledged_and_the_residue_are_all_that_was_counted) {
    for (int round = 0; round < ROUNDS; ++round) {
        lkstats_t *const ctx = owing_context();
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        answerer_t answerers[ANSWERERS];
        pthread_barrier_t at_once;
        uint64_t acknowledged = 0;
        assert_int_equal(pthread_barrier_init(&at_once, NULL, ANSWERERS + 1), 0);
        for (int i = 0; i < ANSWERERS; ++i) {
            answerers[i] = (answerer_t){.ctx = ctx, .at_once = &at_once, .refusals = round % 10};
            assert_int_equal(pthread_create(&answerers[i].thread, NULL, answer_until_closed, &answerers[i]),
                             0);
        }

        pthread_barrier_wait(&at_once);
        assert_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
        for (int i = 0; i < ANSWERERS; ++i) {
            assert_int_equal(pthread_join(answerers[i].thread, NULL), 0);
            acknowledged += answerers[i].acknowledged;
            assert_status(LKSTATS_ECLOSED, lkstats_ack(&answerers[i].last));
            assert_status(LKSTATS_ECLOSED, lkstats_nack(&answerers[i].last));
        }
        const lkstats_traffic_t *const lost = &residue.traffic;
        assert_int_equal(acknowledged + residue.tracks, TRACKS);
        assert_int_equal(acknowledged + lost->send_messages + lost->recv_messages, TRACKS);
        assert_int_equal(3 * acknowledged + lost->send_bytes + lost->recv_bytes, 3 * TRACKS);
        pthread_barrier_destroy(&at_once);
    }
}

enum { AN_HOUR_MS = 3600 * 1000 };

static void *wait_in_flush(void *ctx) {
    require_status(LKSTATS_ECLOSED, lkstats_flush(ctx, AN_HOUR_MS));
    return NULL;
}

static void *wait_in_track_flush(void *argument) {
    require_status(LKSTATS_ECLOSED, lkstats_track_flush(*(lkstats_track_t *)argument, AN_HOUR_MS));
    return NULL;
}

static void *wait_in_close(void *ctx) {
    require_status(LKSTATS_ECLOSED, lkstats_close(ctx, AN_HOUR_MS, NULL));
    return NULL;
}

/* A flush has begun once it has frozen something. */
static void await_a_report(int32_t fd) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, HOST_PATIENCE_MS), 1);
}

/* A close has begun once there is no new track. */
static void await_the_refusal_of_tracks(lkstats_t *ctx) {
    const lkstats_track_options_t options = host_track_options("PA_probe");
    lkstats_track_t probe = 0;
    lkstats_status_t status;
    while ((status = lkstats_track_new(ctx, &options, &probe)) == LKSTATS_OK) {
        status = lkstats_track_stop(probe, NULL);
        assert_status_in(LKSTATS_OK, LKSTATS_ESTALE, status); /* the close may have settled it */
        sched_yield();
    }
    assert_status(LKSTATS_ECLOSED, status);
}

STORY(an_abandon_ends_every_wait) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    lkstats_track_t tracks[] = {host_track(ctx, "PA_one"), host_track(ctx, "PA_other")};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    const int32_t fd = host_event_fd(ctx);
    pthread_t flush, track_flush, close;
    for (int i = 0; i < 2; ++i)
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 7, 1));
    assert_int_equal(pthread_create(&track_flush, NULL, wait_in_track_flush, &tracks[0]), 0);
    await_a_report(fd);
    const lkstats_batch_t first = host_take(ctx);
    assert_int_equal(pthread_create(&flush, NULL, wait_in_flush, ctx), 0);
    await_a_report(fd);
    assert_int_equal(pthread_create(&close, NULL, wait_in_close, ctx), 0);
    await_the_refusal_of_tracks(ctx);

    assert_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(errno, EBADF);
    assert_status(LKSTATS_ECLOSED, lkstats_close(ctx, 0, NULL));
    assert_int_equal(pthread_join(track_flush, NULL), 0);
    assert_int_equal(pthread_join(flush, NULL), 0);
    assert_int_equal(pthread_join(close, NULL), 0);
    assert_int_equal(residue.tracks, 2);
    assert_traffic(residue.traffic, 14, 2, 0, 0);
    assert_status(LKSTATS_ECLOSED, lkstats_ack(&first));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_and_the_residue_are_all_that_was_counted),
        cmocka_unit_test(an_abandon_ends_every_wait),
    };
    return cmocka_run_group_tests_name("abandon", tests, NULL, NULL);
}
