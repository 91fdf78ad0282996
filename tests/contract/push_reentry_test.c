/* SPDX-License-Identifier: Apache-2.0 */
/* Calls from inside on_batch: four would wait for themselves and are refused, all others do what they do. */
#include <stdlib.h>

#include "lkstats_slab.h"

#include "receiver.h"

/* Who makes on_batch run. */
typedef enum caller { RUN_ONCE, FLUSH, TRACK_FLUSH, CLOSE, ITS_THREAD, CALLERS } caller_t;

typedef struct scene {
    lkstats_t *ctx;
    lkstats_track_t track;
    caller_t caller;
    int times; /* that the story was told inside */
} scene_t;

/* A context with a track that owes a message. */
static scene_t scene_for(receiver_t *receiver, caller_t caller) {
    scene_t scene = {.caller = caller};
    scene.ctx = caller == ITS_THREAD ? receiver_open_threaded(receiver, LKSTATS_REPORT_INTERVAL_MIN_MS)
                                     : receiver_open_virtual(receiver);
    scene.track = host_track(scene.ctx, "PA_inside");
    return scene;
}

/* Has on_batch called once. */
static void deliver(receiver_t *receiver, const scene_t *scene) {
    receiver_answers(receiver, LKSTATS_OK); /* and the other thread sees the scene */
    assert_status(LKSTATS_OK, lkstats_add_bytes(scene->track, 7, 1));
    switch (scene->caller) {
    case FLUSH:
        assert_status(LKSTATS_OK, lkstats_flush(scene->ctx, 0));
        break;
    case TRACK_FLUSH:
        assert_status(LKSTATS_OK, lkstats_track_flush(scene->track, 0));
        break;
    case CLOSE:
        assert_status(LKSTATS_OK, lkstats_close(scene->ctx, HOST_PATIENCE_MS, NULL));
        receiver_expects_no_more(receiver);
        break;
    case ITS_THREAD:
        receiver_await_records(receiver, 1);
        break;
    default:
        host_tick(scene->ctx, 1);
    }
}

static void require_reentrant(lkstats_t *ctx, lkstats_track_t track) {
    static const int64_t timeouts[] = {0, 1, HOST_PATIENCE_MS, INT64_MAX};
    lkstats_residue_t residue, untouched;
    memset(&residue, 0x5a, sizeof residue);
    residue.struct_size = sizeof residue;
    untouched = residue;
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; ++i) {
        require_status(LKSTATS_EREENTRANT, lkstats_close(ctx, timeouts[i], &residue));
        require_status(LKSTATS_EREENTRANT, lkstats_flush(ctx, timeouts[i]));
        require_status(LKSTATS_EREENTRANT, lkstats_track_flush(track, timeouts[i]));
    }
    require_status(LKSTATS_EREENTRANT, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
    require_status(LKSTATS_EREENTRANT, lkstats_close(ctx, LKSTATS_ABANDON, NULL));
    require(memcmp(&residue, &untouched, sizeof residue) == 0);
    require_status(LKSTATS_EREENTRANT, lkstats_run_once(ctx, HOST_START_NS + 1000 * HOST_TICK_NS, 0));
}

static void wait_for_oneself(receiver_t *receiver, const lkstats_batch_t *batch) {
    scene_t *const scene = receiver->story;
    require_reentrant(batch->ctx, scene->track);
    scene->times += 1;
}

STORY(what_would_wait_for_itself_is_refused_and_has_no_effect) {
    for (caller_t caller = 0; caller < CALLERS; ++caller) {
        scene_t scene = {0};
        receiver_t receiver = {.inside = wait_for_oneself, .story = &scene};
        scene = scene_for(&receiver, caller);
        deliver(&receiver, &scene);
        assert_int_equal(scene.times, 1);
        assert_int_equal(receiver.acknowledged.count, 1);
        if (caller == CLOSE) {
            receiver_free(&receiver);
            continue;
        }

        /* Nothing is closing, and the clocks have not moved. */
        const lkstats_track_t later = host_track(scene.ctx, "PA_later");
        assert_status(LKSTATS_OK, lkstats_add_bytes(later, 1, 0));
        assert_status(LKSTATS_OK, lkstats_add_bytes(scene.track, 1, 1));
        if (caller == ITS_THREAD)
            receiver_await_records(&receiver, 3);
        else
            host_tick(scene.ctx, 2);
        assert_status(LKSTATS_OK, lkstats_flush(scene.ctx, HOST_PATIENCE_MS));
        receiver_close(&receiver, scene.ctx);
        assert_int_equal(receiver.acknowledged.count, 3);
        host_assert_gapless(&receiver.acknowledged, scene.track);
        receiver_free(&receiver);
    }
}

/* ---- Everything else ---------------------------------------------------------------------------- */

static void count_inside(const scene_t *scene) {
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    require_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    lkstats_prefetch(scene->track);
    require_status(LKSTATS_OK, lkstats_add_bytes(scene->track, 1000, 0));
    require_status(LKSTATS_OK, lkstats_add_messages(scene->track, 2000, 2, 0));
    require_status(LKSTATS_OK, lkstats_slab_add(&slab, scene->track, 3000, 3, 0));
    require(host_totals(scene->track).traffic.recv_bytes == 6000);
}

/* A track and a connection that begin and end in here. */
static void live_inside(lkstats_t *ctx) {
    const lkstats_track_t track = host_track(ctx, "PA_born");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 11, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    const lkstats_signal_t signal = host_signal(ctx);
    require_status(LKSTATS_OK, lkstats_add_bytes(signal, 100, 1));
    host_resolve(signal, "RM_lobby", "PA_joins");
    require_status(LKSTATS_OK, lkstats_signal_reset(signal));
    require_status(LKSTATS_OK, lkstats_add_bytes(signal, 200, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
}

static void look_inside(const lkstats_batch_t *batch) {
    lkstats_batch_t none = {.struct_size = sizeof none};
    const uint8_t *stats = NULL;
    uint64_t size = 0, need = 0;
    int32_t fd = -1;
    require_status(LKSTATS_OK, lkstats_batch_analytics_stats(batch, &stats, &size));
    require_status(LKSTATS_ERANGE, lkstats_metrics(batch->ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    char *const text = malloc(2 * need);
    require(text != NULL && need > 0);
    require_status(LKSTATS_OK,
                   lkstats_metrics(batch->ctx, LKSTATS_METRICS_OPENMETRICS, text, 2 * need, &need));
    free(text);
    require_status(LKSTATS_EINVAL, lkstats_next(batch->ctx, &none));
    require_status(LKSTATS_EINVAL, lkstats_event_fd(batch->ctx, &fd));
}

static void call_everything_else(receiver_t *receiver, const lkstats_batch_t *batch) {
    scene_t *const scene = receiver->story;
    if (scene->times++ != 0)
        return;
    count_inside(scene);
    look_inside(batch);
    require_status(LKSTATS_OK, lkstats_redeliver(batch->ctx)); /* what is about to be acknowledged, too */
    live_inside(batch->ctx);
}

static lkstats_traffic_t sum_of(const host_records_t *records, const char *participant_sid) {
    host_records_t own = {0};
    for (size_t i = 0; i < records->count; ++i)
        if (host_string_is(records->items[i].participant_sid, participant_sid))
            host_keep(&own, &(lkstats_batch_t){.record_size = sizeof *records->items,
                                               .record_count = 1,
                                               .records = &records->items[i]});
    const lkstats_traffic_t sum = receiver_total(&own);
    host_records_free(&own);
    return sum;
}

STORY(every_other_call_works_from_inside) {
    for (caller_t caller = 0; caller < CALLERS; ++caller) {
        if (caller == CLOSE)
            continue; /* nothing new begins then */
        scene_t scene = {0};
        receiver_t receiver = {.inside = call_everything_else, .story = &scene};
        scene = scene_for(&receiver, caller);
        deliver(&receiver, &scene);
        receiver_close(&receiver, scene.ctx);

        receiver_assert_once(&receiver.acknowledged);
        const host_records_t *const all = &receiver.acknowledged;
        const lkstats_traffic_t outer = host_sum(all, scene.track), born = sum_of(all, "PA_born"),
                                joined = sum_of(all, "PA_joins"), nobodys = sum_of(all, "");
        assert_traffic(outer, 7, 1, 6000, 6);
        assert_traffic(born, 11, 1, 0, 0);
        assert_traffic(joined, 100, 1, 0, 0);
        assert_traffic(nobodys, 200, 1, 0, 0);
        receiver_free(&receiver);
    }
}

/* ---- Another context ---------------------------------------------------------------------------- */

/* In the other's on_batch, which runs inside the first's: both would wait. */
static void wait_for_either(receiver_t *receiver, const lkstats_batch_t *batch) {
    const scene_t *const outer = receiver->story;
    require_reentrant(outer->ctx, outer->track);
    require_status(LKSTATS_EREENTRANT, lkstats_flush(batch->ctx, 0));
    require_status(LKSTATS_EREENTRANT, lkstats_close(batch->ctx, 0, NULL));
}

static void run_another_context(receiver_t *receiver, const lkstats_batch_t *batch) {
    scene_t *const outer = receiver->story;
    if (outer->times++ != 0)
        return;
    receiver_t other = {.inside = wait_for_either, .story = outer};
    lkstats_t *const ctx = receiver_open_virtual(&other);
    const lkstats_track_t track = host_track(ctx, "PA_other");
    for (uint64_t i = 1; i <= 3; ++i) {
        require_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        if (i == 1)
            host_tick(ctx, 1);
        else
            require_status(LKSTATS_OK, i == 2 ? lkstats_flush(ctx, 0) : lkstats_track_flush(track, 0));
        require(other.acknowledged.count == i);
    }
    receiver_close(&other, ctx);
    receiver_free(&other);

    require_reentrant(batch->ctx, outer->track); /* still */
}

STORY(another_context_can_be_opened_run_and_closed_from_inside) {
    for (caller_t caller = 0; caller < CALLERS; ++caller) {
        scene_t scene = {0};
        receiver_t receiver = {.inside = run_another_context, .story = &scene};
        scene = scene_for(&receiver, caller);
        deliver(&receiver, &scene);
        assert_int_equal(scene.times, 1);
        if (caller != CLOSE)
            receiver_close(&receiver, scene.ctx);
        receiver_free(&receiver);
    }
}

/* ---- Another thread ----------------------------------------------------------------------------- */

static void *wait_elsewhere(void *argument) {
    const scene_t *const scene = argument;
    require_status(LKSTATS_ETIMEDOUT, lkstats_flush(scene->ctx, 0));
    require_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(scene->track, 0));
    require_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(scene->track, 1));
    return NULL;
}

static void *run_elsewhere(void *argument) {
    const scene_t *const scene = argument;
    require_status(LKSTATS_OK,
                   lkstats_run_once(scene->ctx, HOST_START_NS + HOST_TICK_NS, HOST_START_WALL_NS));
    return NULL;
}

static void *close_elsewhere(void *argument) {
    const scene_t *const scene = argument;
    require_status(LKSTATS_ETIMEDOUT, lkstats_close(scene->ctx, 0, NULL));
    return NULL;
}

static void on_a_thread(void *(*story)(void *), scene_t *scene) {
    pthread_t thread;
    require(pthread_create(&thread, NULL, story, scene) == 0);
    require(pthread_join(thread, NULL) == 0);
}

static void wait_for_another_thread(receiver_t *receiver, const lkstats_batch_t *batch) {
    scene_t *const scene = receiver->story;
    (void)batch;
    if (scene->times++ != 0)
        return;
    on_a_thread(wait_elsewhere, scene);
    if (scene->caller != ITS_THREAD)
        on_a_thread(run_elsewhere, scene);
    on_a_thread(close_elsewhere, scene);
    require_reentrant(scene->ctx, scene->track); /* this one still is */
}

STORY(other_threads_may_wait_meanwhile) {
    for (caller_t caller = 0; caller < CALLERS; ++caller) {
        scene_t scene = {0};
        receiver_t receiver = {.inside = wait_for_another_thread, .story = &scene};
        scene = scene_for(&receiver, caller);
        deliver(&receiver, &scene);
        assert_int_equal(scene.times, 1);
        if (caller != CLOSE)
            receiver_close(&receiver, scene.ctx);
        const lkstats_traffic_t sum = host_sum(&receiver.acknowledged, scene.track);
        assert_traffic(sum, 7, 1, 0, 0);
        receiver_free(&receiver);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_wait_for_itself_is_refused_and_has_no_effect),
        cmocka_unit_test(every_other_call_works_from_inside),
        cmocka_unit_test(another_context_can_be_opened_run_and_closed_from_inside),
        cmocka_unit_test(other_threads_may_wait_meanwhile),
    };
    return cmocka_run_group_tests_name("push_reentry", tests, NULL, NULL);
}
