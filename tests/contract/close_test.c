/* SPDX-License-Identifier: Apache-2.0 */
/* Closing a context: what it still owes, who may still call, and what it answers afterwards. */
#include "consumer.h"

STORY(an_idle_context_closes_at_once) {
    lkstats_t *const ctx = host_open();
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    host_track(ctx, "PA_idle");
    assert_status(LKSTATS_OK, lkstats_close(ctx, INT64_MAX, &residue));
    assert_int_equal(residue.tracks, 0);
    assert_traffic(residue.traffic, 0, 0, 0, 0);
}

STORY(the_residue_is_what_is_not_acknowledged) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t one = host_track(ctx, "PA_one"), other = host_track(ctx, "PA_other");
    const lkstats_track_t settled = host_track(ctx, "PA_settled");
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(one, 1, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(settled, 100000, 1));
    host_tick(ctx, 1);
    host_drain(ctx, &all); /* acknowledged */
    assert_status(LKSTATS_OK, lkstats_add_bytes(one, 20, 1));
    host_tick(ctx, 2);
    const lkstats_batch_t out = host_take(ctx);                /* out */
    assert_status(LKSTATS_OK, lkstats_add_bytes(one, 300, 0)); /* behind it */
    assert_status(LKSTATS_OK, lkstats_add_bytes(other, 4000, 0));

    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, &residue));
    assert_int_equal(residue.tracks, 2);
    assert_traffic(residue.traffic, 20, 1, 4300, 2);

    host_keep(&all, &out);
    assert_status(LKSTATS_OK, lkstats_ack(&out));
    host_close(ctx, &all);
    const lkstats_traffic_t sums[] = {host_sum(&all, one), host_sum(&all, other), host_sum(&all, settled)};
    assert_traffic(sums[0], 21, 2, 300, 1);
    assert_traffic(sums[1], 0, 0, 4000, 1);
    assert_traffic(sums[2], 100000, 1, 0, 0);
    host_assert_gapless(&all, one);
    host_records_free(&all);
}

STORY(while_it_closes_reports_can_be_had_and_nothing_else_begins) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_closing");
    const lkstats_track_options_t options = host_track_options("PA_late");
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_batch_t none = {.struct_size = sizeof none};
    lkstats_track_t late = 1;
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, NULL));

    assert_status(LKSTATS_ECLOSED, lkstats_track_new(ctx, &options, &late));
    assert_int_equal(late, 0);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(track, 7, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, &totals));
    assert_traffic(totals.traffic, 7, 1, 0, 0);

    lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    assert_status(LKSTATS_OK, lkstats_nack(&batch));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, &residue));
    assert_int_equal(residue.tracks, 1);
    assert_traffic(residue.traffic, 7, 1, 0, 0);
    batch = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_status(LKSTATS_EOF, lkstats_next(ctx, &none));
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, &residue));
    assert_int_equal(residue.tracks, 0);
    assert_traffic(residue.traffic, 0, 0, 0, 0);
}

static void assert_closed(lkstats_t *ctx, lkstats_track_t track, const lkstats_batch_t *batch) {
    const lkstats_track_options_t options = host_track_options("PA_late");
    lkstats_batch_t none = {.struct_size = sizeof none};
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    lkstats_track_t late = 1;
    int32_t fd = -1;
    assert_status(LKSTATS_EOF, lkstats_next(ctx, &none));
    assert_status(LKSTATS_ECLOSED, lkstats_track_new(ctx, &options, &late));
    assert_int_equal(late, 0);
    assert_status(LKSTATS_ECLOSED, lkstats_flush(ctx, 0));
    assert_status(LKSTATS_ECLOSED, lkstats_event_fd(ctx, &fd));
    assert_status(LKSTATS_ECLOSED, lkstats_redeliver(ctx));
    assert_status(LKSTATS_ECLOSED, lkstats_run_once(ctx, INT64_MAX, INT64_MAX));
    assert_status(LKSTATS_ECLOSED, lkstats_ack(batch));
    assert_status(LKSTATS_ECLOSED, lkstats_nack(batch));
    assert_status(LKSTATS_ECLOSED, lkstats_batch_analytics_stats(batch, &stats, &size));
    assert_status(LKSTATS_ECLOSED, lkstats_close(ctx, 0, NULL));
    assert_status(LKSTATS_ECLOSED, lkstats_close(ctx, LKSTATS_ABANDON, NULL));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_add_bytes(track, 1, 1));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_track_totals(track, &totals));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_track_stop(track, NULL));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_track_flush(track, 0));
}

STORY(a_closed_context_says_so) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_closed");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    assert_closed(ctx, track, &batch);
}

STORY(abandon_gives_up_what_is_not_acknowledged) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        lkstats_t *const ctx = threaded ? host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS) : host_open();
        const lkstats_track_t track = host_track(ctx, "PA_lost");
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
        assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
        const lkstats_batch_t out = host_take(ctx);
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 30, 0));

        assert_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
        assert_int_equal(residue.tracks, 1);
        assert_traffic(residue.traffic, 7, 1, 30, 1);
        assert_closed(ctx, track, &out);
    }
}

STORY(close_waits_for_the_answer_of_another_thread) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_track_t tracks[100];
    consumer_t consumer;
    for (uint64_t i = 0; i < 100; ++i) {
        tracks[i] = host_track(ctx, "PA_waited");
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], i, 1));
    }
    consumer_start(&consumer, ctx);
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, &residue));
    assert_int_equal(residue.tracks, 0);
    consumer_join(&consumer);
    assert_int_equal(consumer.kept.count, 100);
    for (uint64_t i = 0; i < 100; ++i) {
        const lkstats_traffic_t sum = host_sum(&consumer.kept, tracks[i]);
        assert_traffic(sum, i, 1, 0, 0);
    }
    consumer_free(&consumer);
}

STORY(close_without_a_consumer_ends_at_its_deadline) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_track_t track = host_track(ctx, "PA_deadline");
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 20, &residue));
    assert_traffic(residue.traffic, 7, 1, 0, 0);
    host_close(ctx, &all);
    assert_int_equal(all.count, 1);
    host_records_free(&all);
}

enum { ADDERS = 4, SHARED_TRACKS = 8 };

typedef struct adder {
    pthread_t thread;
    pthread_barrier_t *under_way;
    const lkstats_track_t *tracks;
    lkstats_traffic_t taken[SHARED_TRACKS];
} adder_t;

/* Adds on every track in turn until each has refused. */
static void *add_until_closed(void *argument) {
    enum { WARM_UP = 20000 };
    adder_t *const adder = argument;
    uint32_t closed = 0;
    for (uint64_t i = 0; closed != (1u << SHARED_TRACKS) - 1; ++i) {
        const uint64_t at = i % SHARED_TRACKS;
        const lkstats_status_t status = lkstats_add_messages(adder->tracks[at], i % 1000, 1, i & 8 ? 1 : 0);
        if (status != LKSTATS_OK) {
            require(status == LKSTATS_ECLOSED || status == LKSTATS_ESTALE);
            closed |= 1u << at;
            continue;
        }
        require((closed & (1u << at)) == 0);
        lkstats_traffic_t *const taken = &adder->taken[at];
        *(i & 8 ? &taken->send_bytes : &taken->recv_bytes) += i % 1000;
        *(i & 8 ? &taken->send_messages : &taken->recv_messages) += 1;
        if (i == WARM_UP)
            pthread_barrier_wait(adder->under_way);
    }
    return NULL;
}

STORY(every_add_that_was_taken_while_it_closes_is_in_the_sums) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    lkstats_track_t tracks[SHARED_TRACKS];
    adder_t adders[ADDERS];
    pthread_barrier_t under_way;
    consumer_t consumer;
    for (int i = 0; i < SHARED_TRACKS; ++i)
        tracks[i] = host_track(ctx, "PA_busy");
    consumer_start(&consumer, ctx);
    assert_int_equal(pthread_barrier_init(&under_way, NULL, ADDERS + 1), 0);
    for (int i = 0; i < ADDERS; ++i) {
        adders[i] = (adder_t){.under_way = &under_way, .tracks = tracks};
        assert_int_equal(pthread_create(&adders[i].thread, NULL, add_until_closed, &adders[i]), 0);
    }

    pthread_barrier_wait(&under_way);
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    consumer_join(&consumer);
    for (int i = 0; i < ADDERS; ++i)
        assert_int_equal(pthread_join(adders[i].thread, NULL), 0);

    for (int i = 0; i < SHARED_TRACKS; ++i) {
        lkstats_traffic_t taken = {0};
        for (int n = 0; n < ADDERS; ++n) {
            taken.send_bytes += adders[n].taken[i].send_bytes;
            taken.send_messages += adders[n].taken[i].send_messages;
            taken.recv_bytes += adders[n].taken[i].recv_bytes;
            taken.recv_messages += adders[n].taken[i].recv_messages;
        }
        const lkstats_traffic_t sum = host_sum(&consumer.kept, tracks[i]);
        assert_memory_equal(&sum, &taken, sizeof sum);
        host_assert_gapless(&consumer.kept, tracks[i]);
    }
    pthread_barrier_destroy(&under_way);
    consumer_free(&consumer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_context_closes_at_once),
        cmocka_unit_test(the_residue_is_what_is_not_acknowledged),
        cmocka_unit_test(while_it_closes_reports_can_be_had_and_nothing_else_begins),
        cmocka_unit_test(a_closed_context_says_so),
        cmocka_unit_test(abandon_gives_up_what_is_not_acknowledged),
        cmocka_unit_test(close_waits_for_the_answer_of_another_thread),
        cmocka_unit_test(close_without_a_consumer_ends_at_its_deadline),
        cmocka_unit_test(every_add_that_was_taken_while_it_closes_is_in_the_sums),
    };
    return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
