/* SPDX-License-Identifier: Apache-2.0 */
/* Few descriptors, none of the standard ones, and what the library does with those it gets. Each story runs
 * in a child that has not opened a context yet. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host.h"

enum { DESCRIPTORS = 1024 };

/* Which descriptors are open, the one that looks left out. */
static int scan(bool *open) {
    int count = 0;
    DIR *const directory = opendir("/proc/self/fd");
    require(directory != NULL);
    memset(open, 0, DESCRIPTORS * sizeof *open);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const int fd = entry->d_name[0] == '.' ? -1 : atoi(entry->d_name);
        if (fd < 0 || fd >= DESCRIPTORS || fd == dirfd(directory))
            continue;
        open[fd] = true;
        ++count;
    }
    closedir(directory);
    return count;
}

static void leave_free(int count) {
    for (int fd = 3; fd < DESCRIPTORS; ++fd)
        close(fd);
    struct rlimit limit;
    require(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = (rlim_t)(3 + count);
    require(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static void lift_limit(void) {
    struct rlimit limit;
    require(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    require(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static void count_and_close(lkstats_t *ctx) {
    host_records_t all = {0};
    const lkstats_track_t track = host_track(ctx, "PA_limits");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_close(ctx, &all);
    require(all.count == 1 && all.items[0].running.send_bytes == 5);
    host_records_free(&all);
}

typedef struct shortage {
    int free;
    uint32_t flags;
} shortage_t;

static void open_with_few(void *argument) {
    const shortage_t *const shortage = argument;
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = shortage->flags};
    lkstats_t *ctx = NULL;
    const int enough = shortage->flags == LKSTATS_NO_THREAD ? 8 : 12;
    int left = 0;
    leave_free(shortage->free);
    const lkstats_status_t status = lkstats_open(&options, &ctx);
    if (status == LKSTATS_OK) {
        require(shortage->free >= enough);
        count_and_close(ctx);
    } else {
        require_status(LKSTATS_ENOFILE, status);
        require(shortage->free < enough);
        require(ctx == NULL);
    }
    for (int fd = 3; fd < DESCRIPTORS; ++fd)
        left += fcntl(fd, F_GETFD) != -1;
    /* libuv keeps a pipe for the process from its first loop on. */
    require(left <= (shortage->free >= 8 && shortage->flags == 0 ? 2 : 0));

    lift_limit();
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    count_and_close(ctx);
}

STORY(too_few_descriptors_are_said_so_and_never_end_the_process) {
    for (shortage_t shortage = {0}; shortage.free <= 20; ++shortage.free) {
        shortage.flags = 0;
        host_in_child(open_with_few, &shortage);
        shortage.flags = LKSTATS_NO_THREAD;
        host_in_child(open_with_few, &shortage);
    }
}

static void grow_with_none(void *argument) {
    enum { ENOUGH_TO_GROW = 300000 };
    (void)argument;
    lkstats_t *const ctx = host_open();
    const lkstats_track_t first = host_track(ctx, "PA_first");
    const lkstats_track_options_t options = host_track_options("PA_more");
    bool open[DESCRIPTORS];
    struct rlimit limit;
    require_status(LKSTATS_OK, lkstats_add_bytes(first, 5, 1));

    scan(open);
    require(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 0;
    require(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    lkstats_status_t status = LKSTATS_OK;
    lkstats_track_t track = 0;
    for (int i = 0; i < ENOUGH_TO_GROW && status == LKSTATS_OK; ++i)
        status = lkstats_track_new(ctx, &options, &track);
    require(status == LKSTATS_ENOFILE || status == LKSTATS_ENOMEM || status == LKSTATS_EFULL);
    require(track == 0);
    require_status(LKSTATS_OK, lkstats_add_bytes(first, 5, 1));
    host_tick(ctx, 1);

    lift_limit();
    require_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    count_and_close(host_open());
    require(host_totals(first).traffic.send_bytes == 10);
}

STORY(a_context_that_can_not_grow_runs_on) { host_in_child(grow_with_none, NULL); }

static void open_without_standard_ones(void *argument) {
    enum { TRACKS = 50000 }; /* more than the first chunk holds */
    const uint32_t flags = *(const uint32_t *)argument;
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = flags};
    bool before[DESCRIPTORS], after[DESCRIPTORS];
    lkstats_t *ctx = NULL;
    const int complaints = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, DESCRIPTORS);
    for (int fd = 0; fd < 3; ++fd)
        close(fd);
    scan(before);
    const lkstats_status_t opened = lkstats_open(&options, &ctx);
    for (int i = 0; opened == LKSTATS_OK && i < TRACKS; ++i)
        host_track(ctx, "PA_many");
    scan(after);
    const bool untouched = !after[0] && !after[1] && !after[2];
    require(complaints < 0 || dup2(complaints, STDERR_FILENO) == STDERR_FILENO);

    require_status(LKSTATS_OK, opened);
    require(untouched);
    int own = 0;
    for (int fd = 3; fd < DESCRIPTORS; ++fd)
        if (after[fd] && !before[fd]) {
            require(fcntl(fd, F_GETFD) == FD_CLOEXEC);
            ++own;
        }
    require(own > 0);
    require(host_event_fd(ctx) >= 3);
}

STORY(every_descriptor_is_close_on_exec_and_not_a_standard_one) {
    uint32_t flags = 0;
    host_in_child(open_without_standard_ones, &flags);
    flags = LKSTATS_NO_THREAD;
    host_in_child(open_without_standard_ones, &flags);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_few_descriptors_are_said_so_and_never_end_the_process),
        cmocka_unit_test(a_context_that_can_not_grow_runs_on),
        cmocka_unit_test(every_descriptor_is_close_on_exec_and_not_a_standard_one),
    };
    return cmocka_run_group_tests_name("host_descriptors", tests, NULL, NULL);
}
