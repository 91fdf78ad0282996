/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of address space and file size: what does not fit is refused, what was counted stays. Each story
 * runs in a child that has not opened a context yet. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host.h"

static void set_limit(int resource, rlim_t value) {
    struct rlimit limit;
    require(getrlimit((__rlimit_resource_t)resource, &limit) == 0);
    limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
    require(setrlimit((__rlimit_resource_t)resource, &limit) == 0);
}

static rlim_t address_space_in_use(void) {
    unsigned long pages = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    require(file != NULL && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

typedef struct limit {
    uint64_t bytes;
    uint32_t flags;
} limit_t;

/* Counts what the limit lets it; what was counted is reported once the limit is lifted. */
static void count_within(lkstats_t *ctx, int resource) {
    enum { TRACKS = 3000 };
    static lkstats_track_t tracks[TRACKS];
    const lkstats_track_options_t options = host_track_options("PA_limits");
    host_records_t all = {0};
    size_t made = 0;
    for (int i = 0; i < TRACKS; ++i) {
        lkstats_track_t track = 1;
        const lkstats_status_t status = lkstats_track_new(ctx, &options, &track);
        if (status == LKSTATS_OK) {
            require_status(LKSTATS_OK, lkstats_add_bytes(track, made, 1));
            tracks[made++] = track;
        } else {
            require_status(LKSTATS_ENOMEM, status);
            require(track == 0);
        }
    }
    const lkstats_status_t flushed = lkstats_flush(ctx, 0);
    require(flushed == LKSTATS_ENOMEM || flushed == (made > 0 ? LKSTATS_ETIMEDOUT : LKSTATS_OK));
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    const lkstats_status_t taken = lkstats_next(ctx, &batch);
    require(taken == LKSTATS_OK || taken == LKSTATS_ENOMEM || taken == LKSTATS_EAGAIN);

    set_limit(resource, RLIM_INFINITY);
    if (taken == LKSTATS_OK)
        require_status(LKSTATS_OK, lkstats_nack(&batch));
    host_close(ctx, &all);
    require(all.count == made);
    for (size_t i = 0; i < made; ++i) {
        const lkstats_record_t *const record = host_find(&all, tracks[i], 1);
        require(record != NULL && record->running.send_bytes == i);
    }
    host_records_free(&all);
}

static void open_within_address_space(void *argument) {
    const limit_t *const limit = argument;
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = limit->flags};
    lkstats_t *ctx = NULL;
    set_limit(RLIMIT_AS, address_space_in_use() + limit->bytes);
    const lkstats_status_t status = lkstats_open(&options, &ctx);
    if (status == LKSTATS_OK) {
        count_within(ctx, RLIMIT_AS);
        return;
    }
    require(status == LKSTATS_ENOMEM || (status == LKSTATS_ENOTHREAD && limit->flags == 0));
    require(ctx == NULL);
    set_limit(RLIMIT_AS, RLIM_INFINITY);
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    count_within(ctx, RLIMIT_AS);
}

STORY(little_address_space_is_refused_or_is_enough) {
    if (HOST_SANITIZED)
        skip(); /* a sanitizer's shadow is larger than any such limit */
    for (int shift = 0; shift <= 34; shift += shift < 14 ? 14 : 1) {
        limit_t limit = {.bytes = shift == 0 ? 0 : UINT64_C(1) << shift};
        host_in_child(open_within_address_space, &limit);
        limit.flags = LKSTATS_NO_THREAD;
        host_in_child(open_within_address_space, &limit);
    }
}

static void plenty_of_address_space(void *argument) {
    (void)argument;
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    lkstats_t *ctx = NULL;
    /* Less than the range that the library would like to reserve, far more than it needs. */
    set_limit(RLIMIT_AS, address_space_in_use() + (UINT64_C(1) << 28));
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    count_within(ctx, RLIMIT_AS);
}

STORY(a_limit_below_the_reserved_range_is_lived_with) {
    if (HOST_SANITIZED)
        skip();
    host_in_child(plenty_of_address_space, NULL);
}

static void open_without_file_size(void *argument) {
    const limit_t *const limit = argument;
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = limit->flags};
    lkstats_t *ctx = NULL;
    set_limit(RLIMIT_FSIZE, limit->bytes);
    const lkstats_status_t status = lkstats_open(&options, &ctx);
    if (status == LKSTATS_OK) {
        require(limit->bytes > 0);
        count_within(ctx, RLIMIT_FSIZE);
        return;
    }
    require_status(LKSTATS_ENOMEM, status);
    require(ctx == NULL);
    set_limit(RLIMIT_FSIZE, RLIM_INFINITY);
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    count_within(ctx, RLIMIT_FSIZE);
}

/* The signal that comes with the limit would end the child. */
STORY(a_file_size_limit_is_an_error_and_not_a_signal) {
    static const uint64_t sizes[] = {0, 1, 4096, 8192, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        limit_t limit = {.bytes = sizes[i]};
        host_in_child(open_without_file_size, &limit);
        limit.flags = LKSTATS_NO_THREAD;
        host_in_child(open_without_file_size, &limit);
    }
}

static void grow_without_file_size(void *argument) {
    enum { ENOUGH_TO_GROW = 300000 };
    const uint32_t flags = *(const uint32_t *)argument;
    lkstats_t *const ctx = flags ? host_open() : host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_track_t first = host_track(ctx, "PA_first");
    const lkstats_track_options_t options = host_track_options("PA_more");
    lkstats_status_t status = LKSTATS_OK;
    lkstats_track_t track = 0;
    set_limit(RLIMIT_FSIZE, 0);
    for (int i = 0; i < ENOUGH_TO_GROW && status == LKSTATS_OK; ++i)
        status = lkstats_track_new(ctx, &options, &track);
    require_status(LKSTATS_ENOMEM, status);
    require(track == 0);
    require_status(LKSTATS_OK, lkstats_add_bytes(first, 5, 1));
    if (flags)
        host_tick(ctx, 1);

    set_limit(RLIMIT_FSIZE, RLIM_INFINITY);
    require_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    host_records_t all = {0};
    host_close(ctx, &all);
    require(all.count == 2);
    require(host_find(&all, first, 1)->running.send_bytes == 5);
    require(host_find(&all, track, 1)->running.send_bytes == 7);
    host_records_free(&all);
}

STORY(growing_against_a_file_size_limit_is_refused_and_tried_again) {
    uint32_t flags = 0;
    host_in_child(grow_without_file_size, &flags);
    flags = LKSTATS_NO_THREAD;
    host_in_child(grow_without_file_size, &flags);
}

static void prepared_tracks_need_no_file_size(void *argument) {
    enum { TRACKS = 20000 };
    (void)argument;
    lkstats_t *const ctx =
        host_open_with((lkstats_options_t){.flags = LKSTATS_PREALLOCATE, .max_tracks = TRACKS});
    set_limit(RLIMIT_FSIZE, 0);
    for (int i = 0; i < TRACKS; ++i)
        require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_prepared"), 1, 1));
    host_done(ctx);
}

STORY(what_was_preallocated_meets_no_limit_later) { host_in_child(prepared_tracks_need_no_file_size, NULL); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(little_address_space_is_refused_or_is_enough),
        cmocka_unit_test(a_limit_below_the_reserved_range_is_lived_with),
        cmocka_unit_test(a_file_size_limit_is_an_error_and_not_a_signal),
        cmocka_unit_test(growing_against_a_file_size_limit_is_refused_and_tried_again),
        cmocka_unit_test(what_was_preallocated_meets_no_limit_later),
    };
    return cmocka_run_group_tests_name("host_memory", tests, NULL, NULL);
}
