/* SPDX-License-Identifier: Apache-2.0 */
/* slab_dir: which directories will do, what is put there, and what happens when there is no room. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lkstats_slab.h"

#include "dead.h"

enum { NOBODY = 65534 };

static lkstats_status_t open_at(const char *path, uint64_t size, lkstats_t **ctx) {
    const lkstats_options_t options = {
        .struct_size = sizeof options, .flags = LKSTATS_NO_THREAD, .slab_dir = {path, size}};
    return lkstats_open(&options, ctx);
}

static lkstats_status_t try_path(const char *path) {
    lkstats_t *ctx = NULL;
    const lkstats_status_t status = open_at(path, strlen(path), &ctx);
    if (status == LKSTATS_OK)
        require_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    else
        require(ctx == NULL);
    return status;
}

/* ---- Which will do ------------------------------------------------------------------------------ */

STORY(a_path_that_is_no_directory_is_refused) {
    const folder_t folder = folder_make();
    const folder_t file = folder_at(&folder, "file"), below = folder_at(&folder, "file/below");
    host_done(host_open()); /* what stays for the life of a process is there */
    const int before = count_descriptors();
    file_write(file.path, "x", 1);
    assert_status(LKSTATS_EDIR, try_path(folder_at(&folder, "missing").path));
    assert_status(LKSTATS_EDIR, try_path(file.path));
    assert_status(LKSTATS_EDIR, try_path(below.path));
    assert_status(LKSTATS_EDIR, try_path("/dev/null"));
    assert_int_equal(folder_count(&folder, ""), 1);
    assert_int_equal(count_descriptors(), before);
}

STORY(a_path_is_a_string_like_any_other) {
    char longest[LKSTATS_STRING_MAX + 1];
    lkstats_t *ctx = NULL;
    memset(longest, '/', sizeof longest);
    memcpy(longest, "/dev", 4);
    assert_status(LKSTATS_EINVAL, open_at(longest, sizeof longest, &ctx));
    assert_status(LKSTATS_EINVAL, open_at("/dev/\0shm", 9, &ctx));
    assert_status(LKSTATS_EINVAL, open_at("/dev/\xff", 6, &ctx));
    assert_status(LKSTATS_EINVAL, open_at(NULL, 1, &ctx));
    assert_null(ctx);
    const folder_t folder = folder_make();
    memset(longest, '/', sizeof longest);
    memcpy(longest, folder.path, strlen(folder.path));
    assert_status(LKSTATS_OK, open_at(longest, LKSTATS_STRING_MAX, &ctx));
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    host_done(ctx);
}

/* Others could put their own files in the place of ours; in one with the sticky bit they can't. */
STORY(where_others_may_replace_files_the_sticky_bit_is_needed) {
    static const struct {
        mode_t mode;
        lkstats_status_t status;
    } modes[] = {{0700, LKSTATS_OK},    {0755, LKSTATS_OK},  {0770, LKSTATS_EDIR}, {0702, LKSTATS_EDIR},
                 {0777, LKSTATS_EDIR},  {01777, LKSTATS_OK}, {01770, LKSTATS_OK},  {02755, LKSTATS_OK},
                 {02770, LKSTATS_EDIR}, {01703, LKSTATS_OK}};
    const folder_t folder = folder_make();
    for (size_t i = 0; i < sizeof modes / sizeof *modes; ++i) {
        assert_int_equal(chmod(folder.path, modes[i].mode), 0);
        if (try_path(folder.path) != modes[i].status)
            fail_msg("mode %o", (unsigned)modes[i].mode);
    }
}

static void as_nobody(void *argument) {
    const folder_t *const folders = argument;
    require(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
    require_status(LKSTATS_OK, try_path(folders[0].path));   /* its own */
    require_status(LKSTATS_EDIR, try_path(folders[1].path)); /* its own, and not to be written to */
    require_status(LKSTATS_EDIR, try_path(folders[2].path)); /* root's, for root alone */
    require_status(LKSTATS_OK, try_path(folders[3].path));   /* root's, as /tmp is */
}

STORY(it_has_to_be_ones_own_or_roots) {
    if (geteuid() != 0)
        skip();
    const folder_t folders[] = {folder_make(), folder_make(), folder_make(), folder_make()};
    assert_int_equal(chown(folders[0].path, NOBODY, NOBODY), 0);
    assert_int_equal(chown(folders[1].path, NOBODY, NOBODY), 0);
    assert_int_equal(chmod(folders[1].path, 0500), 0);
    assert_int_equal(chmod(folders[3].path, 01777), 0);
    host_in_child(as_nobody, (void *)(uintptr_t)folders);
    assert_status(LKSTATS_EDIR, try_path(folders[0].path)); /* somebody else's, for root too */
    assert_int_equal(chmod(folders[0].path, 01777), 0);
    assert_status(LKSTATS_EDIR, try_path(folders[0].path));
}

STORY(a_link_to_a_directory_and_a_path_from_here_will_do) {
    const folder_t folder = folder_make(), links = folder_make();
    const folder_t link = folder_at(&links, "link");
    char before[256];
    lkstats_t *ctx = NULL;
    assert_int_equal(symlink(folder.path, link.path), 0);
    assert_status(LKSTATS_OK, try_path(link.path));
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder.path), 0);
    const lkstats_status_t status = open_at(".", 1, &ctx);
    assert_int_equal(chdir(before), 0); /* wherever it is then */
    assert_status(LKSTATS_OK, status);
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    host_done(ctx);
    assert_int_equal(folder_count(&folder, ""), 0);
}

/* ---- What is put there -------------------------------------------------------------------------- */

static void with_that_umask(void *argument) {
    const folder_t *const folder = argument;
    static const char *const ends[] = {":dir", ":slots0", ":records0"};
    lkstats_t *const ctx = dead_open(folder, (lkstats_options_t){0});
    umask(0);
    for (int i = 0; i < 3; ++i) {
        struct stat found;
        const folder_t path = folder_find(folder, "lkstats:", ends[i]);
        require(stat(path.path, &found) == 0);
        require(S_ISREG(found.st_mode) && (found.st_mode & 07777) == 0600 && found.st_uid == geteuid());
        require(strlen(strrchr(path.path, '/')) == 1 + 8 + 36 + strlen(ends[i]));
    }
    host_done(ctx);
}

static void with_no_bits(void *folder) {
    umask(0777);
    with_that_umask(folder);
}

static void with_all_bits(void *folder) {
    umask(0);
    with_that_umask(folder);
}

STORY(files_are_the_users_alone_whatever_the_umask) {
    folder_t folder = folder_make();
    host_in_child(with_no_bits, &folder);
    host_in_child(with_all_bits, &folder);
    assert_int_equal(folder_count(&folder, ""), 0);
}

/* What lkstats_slab.h says of memory files is true of these; a viewer finds its way. */
STORY(the_directory_file_says_whose_it_is) {
    const folder_t folder = folder_make();
    lkstats_t *const ctx = dead_open(
        &folder, (lkstats_options_t){.analytics_key = host_string("key"), .report_interval_ms = 700});
    host_run(ctx, 3 * HOST_SECOND);
    size_t size = 0;
    char *const bytes = file_read(folder_find(&folder, "lkstats:", ":dir").path, &size);
    const lkstats_slab_directory_t *const directory = (const void *)bytes;
    static const uint8_t unknown[16] = {0};
    assert_true(size >= sizeof *directory);
    assert_string_equal(directory->magic, "lkstats");
    assert_int_equal(directory->version, LKSTATS_SLAB_VERSION);
    assert_int_equal(directory->size, sizeof *directory);
    assert_int_equal(directory->owner_pid, getpid());
    assert_true(directory->owner_start > 0 && directory->owner_pid_namespace > 0);
    assert_memory_not_equal(directory->boot, unknown, sizeof unknown);
    assert_int_equal(directory->report_interval_ms, 700);
    assert_memory_equal(directory->node, DEAD_NODE, strlen(DEAD_NODE));
    assert_memory_equal(directory->analytics_key, "key", 3);
    assert_int_equal(directory->alive.monotonic_ns, HOST_START_NS + 3 * HOST_SECOND);
    assert_int_equal(directory->alive.wall_ns, HOST_START_WALL_NS + 3 * HOST_SECOND);
    assert_int_equal(directory->slot_chunks, 1);
    assert_int_equal(directory->record_chunks, 1);
    assert_int_equal(directory->over, 0);
    free(bytes);
    host_done(ctx);
}

STORY(no_descriptor_of_it_survives_an_exec) {
    const folder_t folder = folder_make();
    lkstats_t *const ctx = dead_open(&folder, (lkstats_options_t){0});
    char link[64], target[512];
    size_t ours = 0;
    for (int fd = 0; fd < 256; ++fd) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        const ssize_t length = readlink(link, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        if (strstr(target, folder.path) == NULL)
            continue;
        ++ours;
        assert_true(fd >= 3);
        assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
    assert_true(ours >= 3);
    host_done(ctx);
}

/* ---- The end ------------------------------------------------------------------------------------ */

STORY(a_context_that_is_closed_leaves_no_file) {
    static const int64_t timeouts[] = {0, LKSTATS_ABANDON};
    for (int threaded = 0; threaded < 2; ++threaded) {
        for (int i = 0; i < 2; ++i) {
            const folder_t folder = folder_make();
            const lkstats_options_t options = {.struct_size = sizeof options,
                                               .flags = threaded ? 0 : LKSTATS_NO_THREAD,
                                               .slab_dir = host_string(folder.path)};
            lkstats_t *ctx = NULL;
            assert_status(LKSTATS_OK, lkstats_open(&options, &ctx));
            const lkstats_track_t track = host_track(ctx, "PA_left");
            if (timeouts[i] == LKSTATS_ABANDON) /* it is given up, and nobody finds it */
                assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
            assert_status(LKSTATS_OK, lkstats_close(ctx, timeouts[i], NULL));
            assert_int_equal(folder_count(&folder, ""), 0);
            assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(track, 5, 1)); /* no crash */
        }
    }
}

STORY(a_close_that_timed_out_leaves_the_files_until_it_is_done) {
    const folder_t folder = folder_make();
    lkstats_t *const ctx = dead_open(&folder, (lkstats_options_t){0});
    assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_owing"), 5, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, NULL));
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    host_done(ctx);
    assert_int_equal(folder_count(&folder, ""), 0);
}

static void close_without_an_answer(lkstats_t *ctx, void *unused) {
    (void)unused;
    require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_owing"), 5, 1));
    require_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, NULL));
}

STORY(a_host_that_is_killed_while_it_closes_leaves_what_it_owes) {
    const folder_t folder = folder_make();
    estate_t estate = {0};
    dead_make(&folder, close_without_an_answer, NULL);
    estate_settle(&estate, &folder);
    assert_string_equal(host_told(&estate.left), "1.1 5+0");
    estate_free(&estate);
}

/* ---- Where it is -------------------------------------------------------------------------------- */

STORY(a_slab_on_a_disk_is_warned_of_and_works) {
    struct statfs found;
    assert_int_equal(statfs(".", &found), 0);
    if (found.f_type == TMPFS_MAGIC || found.f_type == RAMFS_MAGIC)
        skip();
    char here[80];
    assert_non_null(getcwd(here, sizeof here));
    const folder_t folder = folder_make_in(here);
    told_t told = {0};
    lkstats_t *const ctx = dead_open(&folder, told_to(&told, (lkstats_options_t){0}));
    assert_int_equal(told.count[LKSTATS_LOG_WARNING], 1);
    assert_non_null(strstr(told.last[LKSTATS_LOG_WARNING], folder.path));
    host_tick(ctx, 1);
    assert_int_equal(told.count[LKSTATS_LOG_WARNING], 1); /* not over and over */
    const lkstats_track_t track = host_track(ctx, "PA_disk");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    assert_int_equal(host_totals(track).traffic.send_bytes, 5);
    host_done(ctx);
    assert_int_equal(folder_count(&folder, ""), 0);
}

STORY(in_memory_there_is_nothing_to_say) {
    struct statfs found;
    const folder_t folder = folder_make();
    assert_int_equal(statfs(folder.path, &found), 0);
    if (found.f_type != TMPFS_MAGIC)
        skip();
    told_t told = {0};
    host_done(dead_open(&folder, told_to(&told, (lkstats_options_t){0})));
    for (int level = 0; level <= LKSTATS_LOG_INFO; ++level)
        assert_int_equal(told.count[level], 0);
}

/* ---- No room ------------------------------------------------------------------------------------ */

/* In all, or, where that can't be had, in each file. */
static void let_there_be(const folder_t *folder, uint64_t bytes) {
    if (!folder_limit(folder, bytes))
        file_limit(bytes);
}

static void open_in_so_many_bytes(void *argument) {
    const folder_t *const folder = argument;
    const uint64_t step = 48 << 10, enough = 4 << 20;
    const lkstats_options_t options = {
        .struct_size = sizeof options, .flags = LKSTATS_NO_THREAD, .slab_dir = host_string(folder->path)};
    size_t refused = 0, opened = 0;
    host_done(host_open()); /* what stays for the life of a process is there */
    const int before = count_descriptors();
    for (uint64_t bytes = step; bytes <= enough; bytes += step) {
        lkstats_t *ctx = NULL;
        let_there_be(folder, bytes);
        const lkstats_status_t status = lkstats_open(&options, &ctx);
        if (status == LKSTATS_OK) {
            ++opened;
            require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_fits"), 5, 1));
            host_done(ctx);
        } else {
            ++refused;
            require_status(LKSTATS_ENOMEM, status);
            require(ctx == NULL && count_descriptors() == before);
        }
        require(folder_count(folder, "") == 0);
    }
    require(opened > 0 && refused > 0);
}

STORY(an_open_that_finds_no_room_leaves_nothing) {
    folder_t folder = folder_make();
    host_in_child(open_in_so_many_bytes, &folder);
}

static void outgrow(void *argument) {
    enum { ENOUGH_TO_GROW = 40000 };
    const folder_t *const folder = argument;
    const lkstats_track_options_t options = host_track_options("PA_more");
    lkstats_status_t status = LKSTATS_OK;
    lkstats_track_t track = 0, last = 0;
    const bool small = folder_limit(folder, (64 << 10) + (2 << 20));
    lkstats_t *const ctx = dead_open(folder, (lkstats_options_t){0});
    if (!small)
        file_limit(0);
    const lkstats_track_t first = host_track(ctx, "PA_first");
    int made = 1;
    for (; made < ENOUGH_TO_GROW; ++made) {
        status = lkstats_track_new(ctx, &options, &track);
        if (status != LKSTATS_OK)
            break;
        last = track;
    }
    require_status(LKSTATS_ENOMEM, status);
    require(track == 0 && last != 0);
    require_status(LKSTATS_OK, lkstats_add_bytes(first, 5, 1));
    require_status(LKSTATS_OK, lkstats_add_bytes(last, 6, 1));
    host_tick(ctx, 1);
    require_status(LKSTATS_ENOMEM, lkstats_track_new(ctx, &options, &track));

    let_there_be(folder, 64 << 20);
    require_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    host_tick(ctx, 2);
    host_records_t all = {0};
    host_close(ctx, &all);
    require(all.count == 3);
    require(host_find(&all, first, 1)->running.send_bytes == 5);
    require(host_find(&all, last, 1)->running.send_bytes == 6);
    require(host_find(&all, track, 1)->running.send_bytes == 7);
    require(folder_count(folder, "") == 0);
    host_records_free(&all);
}

STORY(a_full_directory_refuses_tracks_and_counts_on) {
    folder_t folder = folder_make();
    host_in_child(outgrow, &folder);
}

static void preallocate_too_much(void *argument) {
    const folder_t *const folder = argument;
    lkstats_options_t options = {.struct_size = sizeof options,
                                 .flags = LKSTATS_NO_THREAD | LKSTATS_PREALLOCATE,
                                 .max_tracks = 100000,
                                 .slab_dir = host_string(folder->path)};
    lkstats_t *ctx = NULL;
    if (!folder_limit(folder, 3 << 20))
        file_limit(1024);
    require_status(LKSTATS_ENOMEM, lkstats_open(&options, &ctx));
    require(ctx == NULL && folder_count(folder, "") == 0);
    let_there_be(folder, 128 << 20);
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    require_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
}

STORY(what_can_not_be_preallocated_leaves_nothing) {
    folder_t folder = folder_make();
    host_in_child(preallocate_too_much, &folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_that_is_no_directory_is_refused),
        cmocka_unit_test(a_path_is_a_string_like_any_other),
        cmocka_unit_test(where_others_may_replace_files_the_sticky_bit_is_needed),
        cmocka_unit_test(it_has_to_be_ones_own_or_roots),
        cmocka_unit_test(a_link_to_a_directory_and_a_path_from_here_will_do),
        cmocka_unit_test(files_are_the_users_alone_whatever_the_umask),
        cmocka_unit_test(the_directory_file_says_whose_it_is),
        cmocka_unit_test(no_descriptor_of_it_survives_an_exec),
        cmocka_unit_test(a_context_that_is_closed_leaves_no_file),
        cmocka_unit_test(a_close_that_timed_out_leaves_the_files_until_it_is_done),
        cmocka_unit_test(a_host_that_is_killed_while_it_closes_leaves_what_it_owes),
        cmocka_unit_test(a_slab_on_a_disk_is_warned_of_and_works),
        cmocka_unit_test(in_memory_there_is_nothing_to_say),
        cmocka_unit_test(an_open_that_finds_no_room_leaves_nothing),
        cmocka_unit_test(a_full_directory_refuses_tracks_and_counts_on),
        cmocka_unit_test(what_can_not_be_preallocated_leaves_nothing),
    };
    return cmocka_run_group_tests_name("slab_dir", tests, NULL, folders_teardown);
}
