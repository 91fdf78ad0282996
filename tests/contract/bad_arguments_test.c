/* SPDX-License-Identifier: Apache-2.0 */
/* Figures outside their range, unknown flags, and NULL where something has to be. */
#include "lkstats_slab.h"

#include "witness.h"

STORY(an_add_outside_its_range_counts_nothing) {
    const witness_t *const witness = *state;
    const lkstats_track_t track = witness->track;
    static const uint64_t bytes[] = {UINT64_C(1) << 35, (UINT64_C(1) << 35) + 1, UINT64_C(1) << 36,
                                     UINT64_C(1) << 63, UINT64_MAX};
    static const uint64_t messages[] = {UINT64_C(1) << 26, (UINT64_C(1) << 26) + 1, UINT64_C(1) << 27,
                                        UINT64_C(1) << 32, UINT64_MAX};
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    for (size_t i = 0; i < 5; ++i)
        for (int32_t is_send = 0; is_send < 2; ++is_send) {
            assert_status(LKSTATS_EINVAL, lkstats_add_bytes(track, bytes[i], is_send));
            assert_status(LKSTATS_EINVAL, lkstats_add_messages(track, bytes[i], 1, is_send));
            assert_status(LKSTATS_EINVAL, lkstats_add_messages(track, 1, messages[i], is_send));
            assert_status(LKSTATS_EINVAL, lkstats_add_messages(track, bytes[i], messages[i], is_send));
            assert_status(LKSTATS_EINVAL, lkstats_slab_add(&slab, track, bytes[i], 1, is_send));
            assert_status(LKSTATS_EINVAL, lkstats_slab_add(&slab, track, 1, messages[i], is_send));
        }
}

static void assert_no_open(uint32_t flags, uint32_t interval_ms, uint32_t max_tracks) {
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .flags = flags,
                                       .report_interval_ms = interval_ms,
                                       .max_tracks = max_tracks};
    lkstats_t *ctx = NULL;
    assert_status(LKSTATS_EINVAL, lkstats_open(&options, &ctx));
    assert_null(ctx);
}

STORY(open_takes_only_what_it_knows) {
    for (int bit = 3; bit < 32; ++bit)
        assert_no_open(LKSTATS_NO_THREAD | UINT32_C(1) << bit, 0, 10);
    assert_no_open(UINT32_MAX, 0, 10);
    assert_no_open(LKSTATS_NO_THREAD, 1, 0);
    assert_no_open(LKSTATS_NO_THREAD, LKSTATS_REPORT_INTERVAL_MIN_MS - 1, 0);
    assert_no_open(LKSTATS_NO_THREAD, LKSTATS_REPORT_INTERVAL_MAX_MS + 1, 0);
    assert_no_open(LKSTATS_NO_THREAD, UINT32_MAX, 0);
    assert_no_open(LKSTATS_NO_THREAD, 0, LKSTATS_TRACKS_MAX + 1);
    assert_no_open(LKSTATS_NO_THREAD, 0, UINT32_MAX);
    assert_no_open(LKSTATS_NO_THREAD | LKSTATS_PREALLOCATE, 0, 0);
    assert_no_open(LKSTATS_PREALLOCATE, 0, 0);
}

static lkstats_status_t nobody(uint64_t user_data, const lkstats_batch_t *batch) {
    (void)user_data;
    (void)batch;
    return LKSTATS_OK;
}

STORY(reports_have_a_consumer_or_are_not_made) {
    static const uint32_t flags[] = {LKSTATS_NO_REPORTS, LKSTATS_NO_REPORTS | LKSTATS_NO_THREAD,
                                     LKSTATS_NO_REPORTS | LKSTATS_NO_THREAD | LKSTATS_PREALLOCATE};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; ++i) {
        lkstats_options_t options = {
            .struct_size = sizeof options, .flags = flags[i], .max_tracks = 10, .on_batch = nobody};
        lkstats_t *ctx = NULL;
        assert_status(LKSTATS_EINVAL, lkstats_open(&options, &ctx));
        assert_null(ctx);
        options.on_batch = NULL;
        assert_status(LKSTATS_OK, lkstats_open(&options, &ctx));
        assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    }
}

STORY(a_context_that_calls_has_no_queue) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.on_batch = nobody});
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    const lkstats_batch_t untouched = batch;
    int32_t fd = -1;
    assert_status(LKSTATS_EINVAL, lkstats_event_fd(ctx, &fd));
    assert_int_equal(fd, -1);
    assert_status(LKSTATS_EINVAL, lkstats_next(ctx, &batch));
    assert_memory_equal(&batch, &untouched, sizeof batch);
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
}

STORY(open_takes_the_ends_of_its_ranges) {
    host_done(host_open_with((lkstats_options_t){.report_interval_ms = LKSTATS_REPORT_INTERVAL_MIN_MS}));
    host_done(host_open_with((lkstats_options_t){.report_interval_ms = LKSTATS_REPORT_INTERVAL_MAX_MS}));
    host_done(host_open_with((lkstats_options_t){.max_tracks = 1}));
    host_done(host_open_with((lkstats_options_t){.max_tracks = LKSTATS_TRACKS_MAX}));
}

STORY(a_track_takes_only_what_it_knows) {
    static const int32_t channels[] = {LKSTATS_CHANNEL_SIGNAL, 4, -1, INT32_MAX, INT32_MIN};
    const witness_t *const witness = *state;
    const int32_t details[LKSTATS_KIND_DETAILS_MAX + 1] = {0};
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; ++i) {
        lkstats_track_options_t options = host_track_options("PA_bad");
        lkstats_track_t track = 1;
        options.channel = channels[i];
        assert_status(LKSTATS_EINVAL, lkstats_track_new(witness->ctx, &options, &track));
        assert_int_equal(track, 0);
    }
    static const uint32_t counts[] = {LKSTATS_KIND_DETAILS_MAX + 1, UINT32_MAX, UINT32_C(1) << 30};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; ++i) {
        lkstats_track_options_t options = host_track_options("PA_bad");
        lkstats_track_t track = 1;
        options.kind_details = details;
        options.kind_details_count = counts[i];
        assert_status(LKSTATS_EINVAL, lkstats_track_new(witness->ctx, &options, &track));
        options.kind_details = NULL;
        options.kind_details_count = 1;
        assert_status(LKSTATS_EINVAL, lkstats_track_new(witness->ctx, &options, &track));
        assert_int_equal(track, 0);
    }
}

STORY(a_participant_takes_only_what_it_knows) {
    static const uint32_t counts[] = {LKSTATS_KIND_DETAILS_MAX + 1, UINT32_MAX, UINT32_C(1) << 30};
    const witness_t *const witness = *state;
    const int32_t details[LKSTATS_KIND_DETAILS_MAX + 1] = {0};
    lkstats_participant_t participant = {.struct_size = sizeof participant, .sid = host_string("PA_bad")};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; ++i) {
        participant.kind_details = details;
        participant.kind_details_count = counts[i];
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
        participant.kind_details = NULL;
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
    }
    participant.kind_details_count = 1;
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
}

STORY(what_is_reserved_is_zero) {
    const witness_t *const witness = *state;
    const lkstats_signal_options_t options = {.struct_size = sizeof options, .reserved = 1};
    const lkstats_room_t room = {
        .struct_size = sizeof room, .reserved = 1, .sid = host_string("RM_bad"), .name = host_string("bad")};
    const lkstats_participant_t participant = {
        .struct_size = sizeof participant, .reserved = UINT32_MAX, .sid = host_string("PA_bad")};
    lkstats_signal_t signal = 1;
    assert_status(LKSTATS_EINVAL, lkstats_signal_new(witness->ctx, &options, &signal));
    assert_int_equal(signal, 0);
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(witness->signal, &room));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
}

STORY(kind_details_without_a_count_are_none) {
    const witness_t *const witness = *state;
    const int32_t details[] = {1};
    lkstats_track_options_t options = host_track_options("PA_none");
    lkstats_track_t track = 0;
    options.kind_details = details;
    assert_status(LKSTATS_OK, lkstats_track_new(witness->ctx, &options, &track));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));

    lkstats_t *const ctx = host_open();
    const lkstats_participant_t participant = {
        .struct_size = sizeof participant, .kind_details = details, .sid = host_string("PA_none")};
    assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(host_signal(ctx), &participant));
    host_done(ctx);
}

STORY(null_is_refused_where_something_has_to_be) {
    const witness_t *const witness = *state;
    const lkstats_options_t open_options = {.struct_size = sizeof open_options, .flags = LKSTATS_NO_THREAD};
    const lkstats_track_options_t options = host_track_options("PA_null");
    const lkstats_batch_t batch = {.struct_size = sizeof batch, .ctx = witness->ctx, .id = 1};
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    lkstats_track_t track = 1;
    lkstats_signal_options_t signal_options = {.struct_size = sizeof signal_options};
    assert_status(LKSTATS_EINVAL, lkstats_open(&open_options, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_open(NULL, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_track_new(witness->ctx, NULL, &track));
    assert_int_equal(track, 0);
    assert_status(LKSTATS_EINVAL, lkstats_track_new(witness->ctx, &options, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_signal_new(witness->ctx, NULL, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_signal_new(witness->ctx, &signal_options, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(witness->signal, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_track_totals(witness->track, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_event_fd(witness->ctx, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_next(witness->ctx, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_ack(NULL));
    assert_status(LKSTATS_EINVAL, lkstats_nack(NULL));
    assert_status(LKSTATS_EINVAL, lkstats_batch_analytics_stats(NULL, &stats, &size));
    assert_status(LKSTATS_EINVAL, lkstats_batch_analytics_stats(&batch, NULL, &size));
    assert_status(LKSTATS_EINVAL, lkstats_batch_analytics_stats(&batch, &stats, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_slab_attach(LKSTATS_SLAB_VERSION, NULL));
    assert_status(LKSTATS_EINVAL, lkstats_get_api(LKSTATS_API_VERSION, NULL));
}

STORY(a_connection_needs_no_options) {
    lkstats_t *const ctx = host_open();
    lkstats_signal_t signal = 0;
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, NULL, &signal));
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    host_done(ctx);
}

STORY(metrics_are_written_where_there_is_place_for_them) {
    static const uint32_t others[] = {2, 3, 1000, UINT32_MAX};
    const witness_t *const witness = *state;
    static char text[1 << 20];
    uint64_t need = 77;
    memset(text, '#', sizeof text);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i) {
        assert_status(LKSTATS_EINVAL, lkstats_metrics(witness->ctx, others[i], text, sizeof text, &need));
        assert_status(LKSTATS_EINVAL, lkstats_metrics(witness->ctx, others[i], NULL, 0, &need));
    }
    assert_int_equal(need, 77);
    for (uint32_t format = 0; format <= LKSTATS_METRICS_PROMETHEUS; ++format) {
        assert_status(LKSTATS_EINVAL, lkstats_metrics(witness->ctx, format, text, sizeof text, NULL));
        assert_status(LKSTATS_EINVAL, lkstats_metrics(witness->ctx, format, NULL, 0, NULL));
        assert_status(LKSTATS_EINVAL, lkstats_metrics(witness->ctx, format, NULL, sizeof text, &need));
        assert_status(LKSTATS_ERANGE, lkstats_metrics(witness->ctx, format, NULL, 0, &need));
        assert_in_range(need, 2, sizeof text - 1);
        assert_status(LKSTATS_ERANGE, lkstats_metrics(witness->ctx, format, NULL, need - 1, &need));
        assert_status(LKSTATS_ERANGE, lkstats_metrics(witness->ctx, format, text, need - 1, &need));
        for (size_t i = 0; i < sizeof text; ++i)
            assert_int_equal(text[i], '#');
    }
}

STORY(a_negative_time_to_wait_is_refused) {
    static const int64_t timeouts[] = {-1, -2, -1000, INT64_MIN};
    const witness_t *const witness = *state;
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; ++i) {
        assert_status(LKSTATS_EINVAL, lkstats_flush(witness->ctx, timeouts[i]));
        assert_status(LKSTATS_EINVAL, lkstats_track_flush(witness->track, timeouts[i]));
        if (timeouts[i] != LKSTATS_ABANDON)
            assert_status(LKSTATS_EINVAL, lkstats_close(witness->ctx, timeouts[i], NULL));
    }
}

STORY(the_monotonic_clock_does_not_go_back) {
    const witness_t *const witness = *state;
    assert_status(LKSTATS_EINVAL, lkstats_run_once(witness->ctx, HOST_START_NS - 1, HOST_START_WALL_NS));
    assert_status(LKSTATS_EINVAL, lkstats_run_once(witness->ctx, 0, HOST_START_WALL_NS));
    assert_status(LKSTATS_EINVAL, lkstats_run_once(witness->ctx, INT64_MIN, INT64_MAX));
    assert_status(LKSTATS_OK, lkstats_run_once(witness->ctx, HOST_START_NS, HOST_START_WALL_NS));
}

STORY(a_context_with_a_thread_runs_itself) {
    lkstats_t *const ctx = host_open_threaded(0);
    assert_status(LKSTATS_EINVAL, lkstats_run_once(ctx, INT64_MAX, INT64_MAX));
    assert_status(LKSTATS_EINVAL, lkstats_run_once(ctx, 0, 0));
    host_done(ctx);
}

STORY(another_layout_is_said_so) {
    static const uint32_t versions[] = {0, 2, UINT32_MAX};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; ++i) {
        lkstats_slab_t slab = {.struct_size = sizeof slab};
        const lkstats_slab_t untouched = slab;
        const lkstats_api_t *api = NULL;
        assert_status(LKSTATS_ELAYOUT, lkstats_slab_attach(versions[i], &slab));
        assert_memory_equal(&slab, &untouched, sizeof slab);
        assert_status(LKSTATS_ELAYOUT, lkstats_get_api(versions[i], &api));
        assert_null(api);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        witnessed(an_add_outside_its_range_counts_nothing),
        witnessed(open_takes_only_what_it_knows),
        witnessed(reports_have_a_consumer_or_are_not_made),
        witnessed(a_context_that_calls_has_no_queue),
        witnessed(open_takes_the_ends_of_its_ranges),
        witnessed(a_track_takes_only_what_it_knows),
        witnessed(a_participant_takes_only_what_it_knows),
        witnessed(what_is_reserved_is_zero),
        witnessed(kind_details_without_a_count_are_none),
        witnessed(null_is_refused_where_something_has_to_be),
        witnessed(a_connection_needs_no_options),
        witnessed(metrics_are_written_where_there_is_place_for_them),
        witnessed(a_negative_time_to_wait_is_refused),
        witnessed(the_monotonic_clock_does_not_go_back),
        witnessed(a_context_with_a_thread_runs_itself),
        witnessed(another_layout_is_said_so),
    };
    return cmocka_run_group_tests_name("bad_arguments", tests, NULL, NULL);
}
