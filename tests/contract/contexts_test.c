/* SPDX-License-Identifier: Apache-2.0 */
/* Many contexts, one after the other and at a time. */
#include <dirent.h>

#include "host.h"

static int entries_of(const char *directory) {
    int count = 0;
    DIR *const open = opendir(directory);
    assert_non_null(open);
    while (readdir(open) != NULL)
        ++count;
    closedir(open);
    return count;
}

static void open_count_and_close(bool threaded) {
    host_records_t all = {0};
    lkstats_t *const ctx = threaded ? host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS) : host_open();
    const lkstats_track_t track = host_track(ctx, "PA_again");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_close(ctx, &all);
    const lkstats_traffic_t sum = host_sum(&all, track);
    assert_traffic(sum, 1, 1, 0, 0);
    host_records_free(&all);
}

STORY(opening_and_closing_for_ever_leaks_no_descriptor_and_no_thread) {
    /* The kernel takes a thread that was joined off its list a moment later. */
    enum { ROUNDS = 200, LEAVING = 3 };
    open_count_and_close(true);
    const int descriptors = entries_of("/proc/self/fd"), threads = entries_of("/proc/self/task");
    for (int round = 0; round < ROUNDS; ++round)
        open_count_and_close(round % 2 == 0);
    assert_int_equal(entries_of("/proc/self/fd"), descriptors);
    assert_true(entries_of("/proc/self/task") <= threads + LEAVING);
}

STORY(contexts_without_tracks_take_no_place_from_later_ones) {
    /* Each takes a MiB of the slots' one GiB; what had tracks has to rest for ten seconds. */
    enum { ROUNDS = 1500 };
    for (int round = 0; round < ROUNDS; ++round)
        host_done(host_open());
}

STORY(a_context_without_a_thread_has_none) {
    const int threads = entries_of("/proc/self/task");
    lkstats_t *const ctx = host_open();
    assert_int_equal(entries_of("/proc/self/task"), threads);
    host_done(ctx);
}

STORY(so_many_contexts_are_open_at_a_time_and_no_more) {
    lkstats_t *contexts[LKSTATS_CONTEXTS_MAX], *one_more = NULL;
    lkstats_track_t tracks[LKSTATS_CONTEXTS_MAX];
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    for (int i = 0; i < LKSTATS_CONTEXTS_MAX; ++i) {
        contexts[i] = host_open();
        tracks[i] = host_track(contexts[i], "PA_crowd");
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], (uint64_t)i, 1));
    }
    assert_status(LKSTATS_EFULL, lkstats_open(&options, &one_more));
    assert_null(one_more);

    host_records_t all = {0};
    host_close(contexts[7], &all);
    host_records_free(&all);
    contexts[7] = host_open();
    tracks[7] = host_track(contexts[7], "PA_crowd");
    assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[7], 7, 1));

    for (int i = 0; i < LKSTATS_CONTEXTS_MAX; ++i) {
        host_close(contexts[i], &all);
        assert_int_equal(all.count, 1);
        assert_true(host_is_of(&all.items[0], tracks[i]));
        assert_traffic(all.items[0].window, (uint64_t)i, 1, 0, 0);
        host_records_free(&all);
    }
}

STORY(the_token_of_a_closed_context_is_not_its_successors) {
    lkstats_t *const first = host_open();
    const lkstats_track_t track = host_track(first, "PA_first");
    host_done(first);
    lkstats_t *const second = host_open();
    assert_ptr_not_equal(first, second);
    const lkstats_track_t successor = host_track(second, "PA_second");
    assert_int_not_equal(track, successor);
    assert_status(LKSTATS_ECLOSED, lkstats_flush(first, 0));
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_add_bytes(track, 1, 1));
    const lkstats_totals_t totals = host_totals(successor);
    assert_traffic(totals.traffic, 0, 0, 0, 0);
    host_done(second);
}

STORY(contexts_in_virtual_time_have_clocks_of_their_own) {
    lkstats_t *const early = host_open(), *const late = host_open();
    host_records_t all = {0};
    const lkstats_track_t first = host_track(early, "PA_early"), second = host_track(late, "PA_late");
    assert_status(LKSTATS_OK, lkstats_add_bytes(first, 1, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(second, 1, 1));
    host_tick(late, 1000);
    host_tick(early, 1);
    host_drain(early, &all);
    host_drain(late, &all);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.items[0].end.monotonic_ns, HOST_START_NS + HOST_TICK_NS);
    assert_int_equal(all.items[1].end.monotonic_ns, HOST_START_NS + 1000 * HOST_TICK_NS);
    host_records_free(&all);
    host_done(early);
    host_done(late);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_and_closing_for_ever_leaks_no_descriptor_and_no_thread),
        cmocka_unit_test(contexts_without_tracks_take_no_place_from_later_ones),
        cmocka_unit_test(a_context_without_a_thread_has_none),
        cmocka_unit_test(so_many_contexts_are_open_at_a_time_and_no_more),
        cmocka_unit_test(the_token_of_a_closed_context_is_not_its_successors),
        cmocka_unit_test(contexts_in_virtual_time_have_clocks_of_their_own),
    };
    return cmocka_run_group_tests_name("contexts", tests, NULL, NULL);
}
