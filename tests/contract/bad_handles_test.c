/* SPDX-License-Identifier: Apache-2.0 */
/* Handles and contexts that nobody handed out, or that are over. None is followed. */
#include <stdlib.h>

#include "lkstats_slab.h"

#include "witness.h"

/* Every call that takes a track. */
static void assert_stale_track(lkstats_track_t track) {
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    const lkstats_totals_t untouched = totals;
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(track, 1, 1));
    assert_status(LKSTATS_ESTALE, lkstats_add_messages(track, 1, 1, 0));
    assert_status(LKSTATS_ESTALE, lkstats_slab_add(&slab, track, 1, 1, 0));
    assert_status(LKSTATS_ESTALE, lkstats_track_totals(track, &totals));
    assert_status(LKSTATS_ESTALE, lkstats_track_stop(track, &totals));
    assert_status(LKSTATS_ESTALE, lkstats_track_stop(track, NULL));
    assert_status(LKSTATS_ESTALE, lkstats_track_flush(track, 0));
    assert_status(LKSTATS_ESTALE, host_resolve_room(track, "RM_stale"));
    assert_status(LKSTATS_ESTALE, host_resolve_participant(track, "PA_stale"));
    assert_status(LKSTATS_ESTALE, lkstats_signal_reset(track));
    assert_memory_equal(&totals, &untouched, sizeof totals);
    lkstats_prefetch(track);
}

/* As it is, and with any of its bits another. */
static void assert_only_the_handle_itself(lkstats_track_t handle) {
    for (int bit = 0; bit < 64; ++bit)
        assert_stale_track(handle ^ UINT64_C(1) << bit);
    assert_status(LKSTATS_OK, lkstats_add_messages(handle, 0, 0, 1));
}

STORY(the_zero_handle_is_nobodys) { assert_stale_track(0); }

STORY(a_handle_with_any_of_its_zero_bits_set_is_nobodys) {
    const witness_t *const witness = *state;
    for (int bit = 24; bit < 32; ++bit)
        assert_stale_track(witness->track | UINT64_C(1) << bit);
    assert_stale_track(witness->track | UINT64_C(0xff) << 24);
}

STORY(a_handle_with_another_tag_is_nobodys) {
    const witness_t *const witness = *state;
    for (int bit = 32; bit < 64; ++bit)
        assert_stale_track(witness->track ^ UINT64_C(1) << bit);
    assert_stale_track(witness->track & 0xffffff); /* tag 0 */
}

STORY(a_handle_with_another_index_is_nobodys) {
    const witness_t *const witness = *state;
    const uint64_t tag = witness->track & ~UINT64_C(0xffffff);
    for (uint64_t bit = 0; bit < 24; ++bit)
        assert_stale_track(witness->track ^ UINT64_C(1) << bit);
    assert_stale_track(tag | 0xffffff);
    assert_stale_track(UINT64_MAX);
}

STORY(invented_handles_are_nobodys) {
    uint64_t random = UINT64_C(88172645463325252);
    for (int i = 0; i < 2000; ++i) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        assert_stale_track(random);
    }
}

STORY(a_connection_is_known_by_its_handle_alone) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    assert_only_the_handle_itself(signal);
    host_resolve(signal, "RM_one", "PA_one");
    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    assert_only_the_handle_itself(signal);
    host_done(ctx);
}

STORY(a_data_track_is_no_connection) {
    const witness_t *const witness = *state;
    for (int32_t channel = LKSTATS_CHANNEL_DATA; channel <= LKSTATS_CHANNEL_DATA_TRACK; ++channel) {
        lkstats_t *const ctx = host_open();
        lkstats_track_options_t options = host_track_options("PA_data");
        lkstats_track_t track = 0;
        options.channel = channel;
        assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        assert_status(LKSTATS_EINVAL, host_resolve_room(track, "RM_data"));
        assert_status(LKSTATS_EINVAL, host_resolve_participant(track, "PA_data"));
        assert_status(LKSTATS_EINVAL, lkstats_signal_reset(track));
        host_done(ctx);
    }
    assert_status(LKSTATS_EINVAL, host_resolve_room(witness->track, "RM_data"));
    assert_status(LKSTATS_EINVAL, host_resolve_participant(witness->track, "PA_data"));
    assert_status(LKSTATS_EINVAL, lkstats_signal_reset(witness->track));
}

/* Its last report is acknowledged, its slot rests. */
STORY(a_connection_that_is_over_is_nobodys) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_signal_t signal = host_signal(ctx);
    host_resolve(signal, "RM_over", "PA_over");
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    for (int tick = 1; host_count_kind(&all, signal, LKSTATS_RECORD_LEFT) == 0; ++tick) {
        assert_true(tick < 10);
        host_tick(ctx, tick);
        host_drain(ctx, &all);
    }
    assert_status(LKSTATS_ESTALE, lkstats_track_stop(signal, NULL));
    assert_status_in(LKSTATS_ESTALE, LKSTATS_ECLOSED, host_resolve_room(signal, "RM_late"));
    assert_status_in(LKSTATS_ESTALE, LKSTATS_ECLOSED, host_resolve_participant(signal, "PA_late"));
    assert_status_in(LKSTATS_ESTALE, LKSTATS_ECLOSED, lkstats_signal_reset(signal));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_connection_of_a_closed_context_is_nobodys) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx), resolved = host_signal(ctx);
    host_resolve(resolved, "RM_over", "PA_over");
    host_done(ctx);
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, host_resolve_room(signal, "RM_late"));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, host_resolve_participant(signal, "PA_late"));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_signal_reset(signal));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_signal_reset(resolved));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_add_bytes(resolved, 1, 1));
}

STORY(a_track_that_is_over_is_nobodys) {
    lkstats_t *const ctx = host_open();
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    const lkstats_track_t track = host_track(ctx, "PA_over");
    host_done(ctx);
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_add_bytes(track, 1, 1));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_track_totals(track, &totals));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_track_stop(track, NULL));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_track_flush(track, 0));
}

/* Every call that takes a context: refused with one of the two. */
static void assert_no_context(lkstats_status_t one, lkstats_status_t other, lkstats_t *ctx) {
    const lkstats_track_options_t options = host_track_options("PA_nowhere");
    lkstats_batch_t batch = {.struct_size = sizeof batch, .ctx = ctx, .id = 1};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    lkstats_track_t track = 1;
    lkstats_signal_t signal = 1;
    char text[8] = "#######";
    uint64_t need = 77;
    int32_t fd = -1;
    assert_status_in(one, other, lkstats_track_new(ctx, &options, &track));
    assert_int_equal(track, 0);
    assert_status_in(one, other, lkstats_signal_new(ctx, NULL, &signal));
    assert_int_equal(signal, 0);
    assert_status_in(one, other, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, text, sizeof text, &need));
    assert_status_in(one, other, lkstats_metrics(ctx, LKSTATS_METRICS_PROMETHEUS, NULL, 0, &need));
    assert_string_equal(text, "#######");
    assert_int_equal(need, 77);
    assert_status_in(one, other, lkstats_run_once(ctx, INT64_MAX, INT64_MAX));
    assert_status_in(one, other, lkstats_flush(ctx, 0));
    assert_status_in(one, other, lkstats_event_fd(ctx, &fd));
    assert_int_equal(fd, -1);
    assert_status_in(one, other, lkstats_next(ctx, &batch));
    assert_status_in(one, other, lkstats_redeliver(ctx));
    assert_status_in(one, other, lkstats_ack(&batch));
    assert_status_in(one, other, lkstats_nack(&batch));
    assert_status_in(one, other, lkstats_batch_analytics_stats(&batch, &stats, &size));
    assert_status_in(one, other, lkstats_close(ctx, 0, &residue));
    assert_status_in(one, other, lkstats_close(ctx, LKSTATS_ABANDON, NULL));
}

STORY(a_closed_context_takes_nothing_any_more) {
    lkstats_t *const ctx = host_open();
    lkstats_signal_t signal = 1;
    uint64_t need = 77;
    host_done(ctx);
    assert_status(LKSTATS_ECLOSED, lkstats_signal_new(ctx, NULL, &signal));
    assert_int_equal(signal, 0);
    assert_status(LKSTATS_ECLOSED, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    assert_int_equal(need, 77);
}

STORY(no_context_is_refused) { assert_no_context(LKSTATS_EINVAL, LKSTATS_ESTALE, NULL); }

STORY(an_invented_context_is_not_followed) {
    int on_the_stack = 0;
    void *const on_the_heap = calloc(1, 4096);
    lkstats_t *const invented[] = {(lkstats_t *)(uintptr_t)0xdeadbeef, (lkstats_t *)UINTPTR_MAX,
                                   (lkstats_t *)(uintptr_t)INT64_MIN,  (lkstats_t *)(void *)&on_the_stack,
                                   (lkstats_t *)on_the_heap,           (lkstats_t *)(uintptr_t)&lkstats_open};
    for (size_t i = 0; i < sizeof invented / sizeof invented[0]; ++i)
        assert_no_context(LKSTATS_ESTALE, LKSTATS_ESTALE, invented[i]);
    free(on_the_heap);
}

STORY(a_context_token_that_is_off_by_a_bit_is_nobodys) {
    const witness_t *const witness = *state;
    for (int bit = 0; bit < 64; ++bit) {
        lkstats_t *const off = (lkstats_t *)((uintptr_t)witness->ctx ^ (uintptr_t)1 << bit);
        if (off != NULL) /* one that was closed before is possible */
            assert_status_in(LKSTATS_ESTALE, LKSTATS_ECLOSED, lkstats_flush(off, 0));
    }
}

static void handles_before_any_open(void *unused) {
    (void)unused;
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    require_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    const lkstats_track_t handles[] = {0, 1, UINT64_C(1) << 32, UINT64_C(1) << 32 | 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; ++i) {
        require_status(LKSTATS_ESTALE, lkstats_add_bytes(handles[i], 1, 1));
        require_status(LKSTATS_ESTALE, lkstats_slab_add(&slab, handles[i], 1, 1, 1));
        require_status(LKSTATS_ESTALE, lkstats_track_totals(handles[i], &totals));
        require_status(LKSTATS_ESTALE, lkstats_track_stop(handles[i], NULL));
        require_status(LKSTATS_ESTALE, lkstats_track_flush(handles[i], 0));
        require_status(LKSTATS_ESTALE, host_resolve_room(handles[i], "RM_early"));
        require_status(LKSTATS_ESTALE, host_resolve_participant(handles[i], "PA_early"));
        require_status(LKSTATS_ESTALE, lkstats_signal_reset(handles[i]));
        lkstats_prefetch(handles[i]);
    }
    require_status(LKSTATS_ESTALE, lkstats_flush((lkstats_t *)(uintptr_t)64, 0));

    /* What was attached before is good afterwards. */
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_first");
    require_status(LKSTATS_OK, lkstats_slab_add(&slab, track, 5, 1, 1));
    require(host_totals(track).traffic.send_bytes == 5);
}

/* First of all, so that nothing is open in the child or was. */
STORY(before_any_open_every_handle_is_nobodys) { host_in_child(handles_before_any_open, NULL); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_any_open_every_handle_is_nobodys),
        witnessed(the_zero_handle_is_nobodys),
        witnessed(a_handle_with_any_of_its_zero_bits_set_is_nobodys),
        witnessed(a_handle_with_another_tag_is_nobodys),
        witnessed(a_handle_with_another_index_is_nobodys),
        witnessed(invented_handles_are_nobodys),
        witnessed(a_connection_is_known_by_its_handle_alone),
        witnessed(a_data_track_is_no_connection),
        witnessed(a_connection_that_is_over_is_nobodys),
        witnessed(a_connection_of_a_closed_context_is_nobodys),
        witnessed(a_track_that_is_over_is_nobodys),
        witnessed(a_closed_context_takes_nothing_any_more),
        witnessed(no_context_is_refused),
        witnessed(an_invented_context_is_not_followed),
        witnessed(a_context_token_that_is_off_by_a_bit_is_nobodys),
    };
    return cmocka_run_group_tests_name("bad_handles", tests, NULL, NULL);
}
