/* SPDX-License-Identifier: Apache-2.0 */
/* How the library itself is doing: tracks and reports of now, and what was refused. */
#include <stdio.h>
#include <stdlib.h>

#include "lkstats_slab.h"

#include "scrape.h"

#define assert_sample(ctx, sample, value) assert_int_equal(scrape((ctx), (sample)), (value))

static const char live_data[] = "lkstats_tracks{channel=\"data\",state=\"live\"}";
static const char closed_data[] = "lkstats_tracks{channel=\"data\",state=\"closed\"}";
static const char live_signals[] = "lkstats_tracks{channel=\"signal\",state=\"live\"}";
static const char closed_signals[] = "lkstats_tracks{channel=\"signal\",state=\"closed\"}";
static const char unacknowledged[] = "lkstats_unacknowledged_reports";
static const char out[] = "lkstats_batches_out";
static const char resting[] = "lkstats_tracks_resting";
static const char refused_new[] = "lkstats_full_refusals_total{call=\"new\"}";
static const char refused_epoch[] = "lkstats_full_refusals_total{call=\"epoch\"}";

/* ---- Tracks and reports ------------------------------------------------------------------------- */

STORY(tracks_show_by_channel_while_they_live) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 1000});
    lkstats_track_options_t options = host_track_options("PA_live");
    lkstats_track_t tracks[6];
    host_records_t all = {0};
    for (int i = 0; i < 6; ++i) {
        options.channel = i < 1 ? LKSTATS_CHANNEL_DATA : LKSTATS_CHANNEL_DATA_TRACK;
        if (i < 3)
            assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &tracks[i]));
        else
            tracks[i] = host_signal(ctx);
    }
    for (int64_t tick = 1; tick <= 3; ++tick) {
        assert_sample(ctx, live_data, 1);
        assert_sample(ctx, "lkstats_tracks{channel=\"data_track\",state=\"live\"}", 2);
        assert_sample(ctx, live_signals, 3);
        assert_sample(ctx, closed_data, 0);
        assert_sample(ctx, "lkstats_tracks_max", 1000);
        host_tick(ctx, tick);
    }
    for (int i = 0; i < 6; ++i)
        assert_status(LKSTATS_OK, lkstats_track_stop(tracks[i], NULL));
    for (int64_t tick = 4; tick <= 20; ++tick) {
        host_tick(ctx, tick);
        host_drain(ctx, &all);
    }
    for (int i = 0; i < 3; ++i) {
        static const char *const channels[] = {"data", "data_track", "signal"};
        char sample[64];
        snprintf(sample, sizeof sample, "lkstats_tracks{channel=\"%s\",state=\"live\"}", channels[i]);
        assert_sample(ctx, sample, 0);
        snprintf(sample, sizeof sample, "lkstats_tracks{channel=\"%s\",state=\"closed\"}", channels[i]);
        assert_sample(ctx, sample, 0);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_report_shows_until_it_is_acknowledged) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_report");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    assert_sample(ctx, unacknowledged, 0);
    host_tick(ctx, 1);
    assert_sample(ctx, unacknowledged, 1);
    assert_sample(ctx, "lkstats_reports_total", 1);
    assert_sample(ctx, out, 0);

    const lkstats_batch_t first = host_take(ctx);
    assert_sample(ctx, out, 1);
    assert_sample(ctx, unacknowledged, 1);
    assert_status(LKSTATS_OK, lkstats_nack(&first));
    assert_sample(ctx, out, 0);
    assert_sample(ctx, "lkstats_batches_given_back_total", 1);
    assert_sample(ctx, unacknowledged, 1);

    const lkstats_batch_t second = host_take(ctx);
    assert_sample(ctx, "lkstats_acknowledged_reports_total", 0);
    assert_status(LKSTATS_OK, lkstats_ack(&second));
    assert_status(LKSTATS_ESTALE, lkstats_ack(&second));
    assert_sample(ctx, out, 0);
    assert_sample(ctx, unacknowledged, 0);
    assert_sample(ctx, "lkstats_reports_total", 1);
    assert_sample(ctx, "lkstats_acknowledged_reports_total", 1);
    assert_sample(ctx, "lkstats_batches_given_back_total", 1);
    host_done(ctx);
}

STORY(a_report_that_is_taken_twice_is_acknowledged_once) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_twice");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t first = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
    const lkstats_batch_t second = host_take(ctx);
    assert_sample(ctx, out, 2);
    assert_sample(ctx, "lkstats_reports_total", 1);
    assert_status(LKSTATS_OK, lkstats_ack(&second));
    assert_status(LKSTATS_OK, lkstats_ack(&first));
    assert_sample(ctx, "lkstats_acknowledged_reports_total", 1);
    assert_sample(ctx, "lkstats_batches_given_back_total", 0);
    assert_sample(ctx, unacknowledged, 0);
    assert_sample(ctx, out, 0);
    host_done(ctx);
}

STORY(the_last_traffic_of_a_connection_and_its_left_are_one_report) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    host_resolve(signal, "RM_lobby", "PA_signal");
    host_tick(ctx, 1);
    assert_int_equal(host_drain(ctx, &all), LKSTATS_EAGAIN);
    assert_sample(ctx, "lkstats_reports_total", 1);
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 10, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    host_tick(ctx, 2);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 3); /* joined, traffic, left */
    assert_sample(ctx, "lkstats_reports_total", 2);
    assert_sample(ctx, "lkstats_acknowledged_reports_total", 2);
    assert_sample(ctx, unacknowledged, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stopped_track_shows_until_nothing_of_it_is_owed) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_stopped");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    assert_sample(ctx, live_data, 0);
    assert_sample(ctx, closed_data, 1);
    host_tick(ctx, 1);
    assert_sample(ctx, closed_data, 1);
    const lkstats_batch_t batch = host_take(ctx);
    assert_sample(ctx, closed_data, 1);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_tick(ctx, 2);
    assert_sample(ctx, closed_data, 0);
    assert_sample(ctx, live_data, 0);
    host_done(ctx);
}

STORY(a_connection_of_nobody_is_owed_until_it_is_unattributed) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    assert_sample(ctx, live_signals, 1);
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 10, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    for (int64_t tick = 1; tick <= 5; ++tick) {
        host_tick(ctx, tick);
        assert_int_equal(host_drain(ctx, &all), LKSTATS_EAGAIN);
        assert_sample(ctx, live_signals, 0);
        assert_sample(ctx, closed_signals, 1);
    }
    for (int64_t tick = 6; tick <= 8; ++tick) {
        host_tick(ctx, tick);
        host_drain(ctx, &all);
    }
    assert_int_equal(all.count, 1);
    assert_sample(ctx, closed_signals, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_reporters_work_shows) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.node = host_string("ND_\"7\"")});
    const lkstats_track_t track = host_track(ctx, "PA_worked");
    const uint64_t sweeps = scrape(ctx, "lkstats_sweep_duration_seconds_count");
    const uint64_t batches = scrape(ctx, "lkstats_batch_duration_seconds_count");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_true(scrape(ctx, "lkstats_sweep_duration_seconds_count") > sweeps);
    assert_true(scrape(ctx, "lkstats_sweep_duration_seconds_sum") > 0);
    assert_sample(ctx, "lkstats_batch_duration_seconds_count", batches + 1);
    assert_true(scrape(ctx, "lkstats_batch_duration_seconds_sum") > 0);
    char *const text = scrape_text(ctx, LKSTATS_METRICS_OPENMETRICS);
    assert_non_null(strstr(text, ",node=\"ND_\\\"7\\\"\"} 1\n"));
    free(text);
    assert_sample(ctx, "lkstats_tracks_max", LKSTATS_TRACKS_MAX);
    host_done(ctx);
}

typedef struct answers {
    int refusals; /* of the calls to come */
    int calls;
} answers_t;

static lkstats_status_t answer(uint64_t user_data, const lkstats_batch_t *batch) {
    answers_t *const answers = (answers_t *)(uintptr_t)user_data;
    ++answers->calls;
    /* From inside, too. */
    require(scrape(batch->ctx, out) == 1);
    require(scrape(batch->ctx, unacknowledged) == 1);
    return answers->refusals-- > 0 ? LKSTATS_EAGAIN : LKSTATS_OK;
}

STORY(what_a_callback_answers_shows) {
    answers_t answers = {.refusals = 2};
    lkstats_t *const ctx =
        host_open_with((lkstats_options_t){.on_batch = answer, .user_data = (uint64_t)(uintptr_t)&answers});
    const lkstats_track_t track = host_track(ctx, "PA_pushed");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    for (int64_t tick = 1; tick <= 6; ++tick)
        host_tick(ctx, tick);
    assert_int_equal(answers.calls, 3);
    assert_sample(ctx, "lkstats_batches_given_back_total", 2);
    assert_sample(ctx, "lkstats_acknowledged_reports_total", 1);
    assert_sample(ctx, unacknowledged, 0);
    assert_sample(ctx, out, 0);
    host_done(ctx);
}

/* ---- Refusals ----------------------------------------------------------------------------------- */

enum { INVALID, NO_TRACK, STALE, CLOSED, FORKED, REASONS };

typedef struct refusals {
    uint64_t by_reason[REASONS];
} refusals_t;

static refusals_t refusals_of(lkstats_t *ctx) {
    static const char *const reasons[] = {"invalid", "no_track", "stale", "closed", "forked"};
    refusals_t refusals;
    for (int i = 0; i < REASONS; ++i) {
        char sample[64];
        snprintf(sample, sizeof sample, "lkstats_refused_adds_total{reason=\"%s\"}", reasons[i]);
        refusals.by_reason[i] = scrape(ctx, sample);
    }
    return refusals;
}

/* One refused add more, for that reason alone. */
static void require_one_more(lkstats_t *ctx, refusals_t *before, int reason) {
    const refusals_t now = refusals_of(ctx);
    for (int i = 0; i < REASONS; ++i)
        require(now.by_reason[i] == before->by_reason[i] + (i == reason));
    *before = now;
}

STORY(a_refused_add_shows_by_its_reason) {
    lkstats_t *const ctx = host_open(), *const other = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_alive"), stopped = host_track(ctx, "PA_stopped");
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    assert_status(LKSTATS_OK, lkstats_add_bytes(stopped, 1, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(stopped, NULL));
    refusals_t so_far = refusals_of(ctx);

    assert_status(LKSTATS_EINVAL, lkstats_add_bytes(track, UINT64_C(1) << 35, 1));
    require_one_more(ctx, &so_far, INVALID);
    assert_status(LKSTATS_EINVAL, lkstats_add_messages(track, 1, UINT64_C(1) << 26, 0));
    require_one_more(ctx, &so_far, INVALID);
    assert_status(LKSTATS_EINVAL, lkstats_slab_add(&slab, track, UINT64_MAX, 1, 1));
    require_one_more(ctx, &so_far, INVALID);

    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(0, 1, 1));
    require_one_more(ctx, &so_far, NO_TRACK);
    assert_status(LKSTATS_ESTALE, lkstats_slab_add(&slab, 0, 1, 1, 1));
    require_one_more(ctx, &so_far, NO_TRACK);

    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(track ^ UINT64_C(1) << 60, 1, 1));
    require_one_more(ctx, &so_far, STALE);
    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(UINT64_MAX, 1, 1));
    require_one_more(ctx, &so_far, STALE);
    assert_status(LKSTATS_ESTALE, lkstats_slab_add(&slab, track + 100000, 1, 1, 1));
    require_one_more(ctx, &so_far, STALE);

    assert_status(LKSTATS_ECLOSED, lkstats_add_messages(stopped, 1, 5, 1)); /* one add, of five messages */
    require_one_more(ctx, &so_far, CLOSED);
    assert_status(LKSTATS_ECLOSED, lkstats_slab_add(&slab, stopped, 1, 1, 0));
    require_one_more(ctx, &so_far, CLOSED);

    /* They are the process's: a handle that is refused is in no context. */
    refusals_t others = refusals_of(other);
    assert_memory_equal(&others, &so_far, sizeof others);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, (UINT64_C(1) << 35) - 1, 1));
    others = refusals_of(other);
    assert_memory_equal(&others, &so_far, sizeof others);
    host_done(ctx);
    host_done(other);
}

typedef struct parent {
    lkstats_t *ctx;
    lkstats_track_t track;
} parent_t;

static void add_on_the_parents(void *argument) {
    const parent_t *const parent = argument;
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    refusals_t so_far = {0}; /* a new process has refused none */
    uint64_t need = 0;
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(parent->track, 1, 1));
    lkstats_t *const ctx = host_open();
    require_one_more(ctx, &so_far, FORKED);
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(parent->track, 1, 1));
    require_one_more(ctx, &so_far, FORKED);
    require_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    require_status(LKSTATS_EFORKED, lkstats_slab_add(&slab, parent->track, 1, 1, 0));
    require_one_more(ctx, &so_far, FORKED);
    require_status(LKSTATS_EFORKED,
                   lkstats_metrics(parent->ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    host_done(ctx);
}

STORY(a_childs_add_on_its_parents_track_shows_in_the_child) {
    parent_t parent = {.ctx = host_open()};
    parent.track = host_track(parent.ctx, "PA_parent");
    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(0, 1, 1));
    const refusals_t before = refusals_of(parent.ctx);
    assert_true(before.by_reason[NO_TRACK] > 0);
    host_in_child(add_on_the_parents, &parent);
    const refusals_t after = refusals_of(parent.ctx);
    assert_memory_equal(&before, &after, sizeof before);
    host_done(parent.ctx);
}

STORY(a_track_that_found_no_room_shows) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 2});
    const lkstats_track_options_t options = host_track_options("PA_surplus");
    lkstats_track_t none = 1;
    host_track(ctx, "PA_one");
    host_signal(ctx);
    for (uint64_t i = 1; i <= 3; ++i) {
        assert_status(LKSTATS_EFULL, lkstats_track_new(ctx, &options, &none));
        assert_sample(ctx, refused_new, i);
    }
    assert_status(LKSTATS_EFULL, lkstats_signal_new(ctx, NULL, &none));
    assert_sample(ctx, refused_new, 4);
    assert_sample(ctx, refused_epoch, 0);
    assert_sample(ctx, live_data, 1);
    assert_sample(ctx, live_signals, 1);
    host_done(ctx);
}

/* As docs/metrics.md has it: of max_tracks. */
static uint64_t places_taken(lkstats_t *ctx) {
    return scrape(ctx, live_data) + scrape(ctx, closed_data) + scrape(ctx, live_signals) +
           scrape(ctx, closed_signals) + scrape(ctx, resting);
}

STORY(whoever_finds_no_place_sees_who_has_them) {
    enum { TRACKS = 10 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = TRACKS});
    const lkstats_track_options_t options = host_track_options("PA_one_more");
    lkstats_track_t tracks[TRACKS], surplus = 0;
    host_records_t all = {0};
    for (uint64_t i = 0; i < TRACKS; ++i) {
        assert_int_equal(places_taken(ctx), i);
        tracks[i] = i % 2 == 0 ? host_track(ctx, "PA_some") : host_signal(ctx);
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 10, 1));
    }
    assert_int_equal(places_taken(ctx), TRACKS);
    assert_sample(ctx, resting, 0);

    /* When they are over and acknowledged nobody is there, and still there is no place. */
    for (int i = 0; i < TRACKS; ++i) {
        if (i % 2 != 0)
            host_resolve(tracks[i], "RM_lobby", "PA_some");
        assert_status(LKSTATS_OK, lkstats_track_stop(tracks[i], NULL));
        assert_status(LKSTATS_EFULL, lkstats_track_new(ctx, &options, &surplus));
        assert_int_equal(places_taken(ctx), TRACKS);
    }
    assert_sample(ctx, resting, 0);
    for (int i = 0; i < 3; ++i) {
        host_run(ctx, 1);
        host_drain(ctx, &all);
        assert_status(LKSTATS_EFULL, lkstats_track_new(ctx, &options, &surplus));
        assert_int_equal(places_taken(ctx), TRACKS);
    }
    assert_sample(ctx, resting, TRACKS);

    /* Where there is a place again it shows. */
    int64_t tick = 0;
    while (lkstats_track_new(ctx, &options, &surplus) == LKSTATS_EFULL) {
        assert_int_equal(places_taken(ctx), TRACKS);
        assert_true(tick < 20);
        host_tick(ctx, ++tick);
    }
    assert_int_equal(places_taken(ctx), 1);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_reset_that_found_no_room_shows) {
    enum { PATIENCE = 100000 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 2});
    const lkstats_signal_t signal = host_signal(ctx);
    lkstats_status_t status = LKSTATS_OK;
    for (int i = 0; i < PATIENCE && status == LKSTATS_OK; ++i) {
        assert_sample(ctx, refused_epoch, 0);
        host_resolve(signal, "RM_lobby", "PA_restless");
        status = lkstats_signal_reset(signal);
    }
    assert_status(LKSTATS_EFULL, status);
    assert_sample(ctx, refused_epoch, 1);
    assert_status(LKSTATS_EFULL, lkstats_signal_reset(signal));
    assert_sample(ctx, refused_epoch, 2);
    assert_sample(ctx, refused_new, 0);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracks_show_by_channel_while_they_live),
        cmocka_unit_test(a_report_shows_until_it_is_acknowledged),
        cmocka_unit_test(a_report_that_is_taken_twice_is_acknowledged_once),
        cmocka_unit_test(the_last_traffic_of_a_connection_and_its_left_are_one_report),
        cmocka_unit_test(a_stopped_track_shows_until_nothing_of_it_is_owed),
        cmocka_unit_test(a_connection_of_nobody_is_owed_until_it_is_unattributed),
        cmocka_unit_test(the_reporters_work_shows),
        cmocka_unit_test(what_a_callback_answers_shows),
        cmocka_unit_test(a_refused_add_shows_by_its_reason),
        cmocka_unit_test(a_childs_add_on_its_parents_track_shows_in_the_child),
        cmocka_unit_test(a_track_that_found_no_room_shows),
        cmocka_unit_test(whoever_finds_no_place_sees_who_has_them),
        cmocka_unit_test(a_reset_that_found_no_room_shows),
    };
    return cmocka_run_group_tests_name("metrics_health", tests, NULL, NULL);
}
