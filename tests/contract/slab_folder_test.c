/* SPDX-License-Identifier: Apache-2.0 */
/* slab_dir may be a directory that everybody writes to: whatever lies there, it is left alone, costs nothing, and keeps
 * nobody from what is ours. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "remains.h"

enum { NOBODY = 65534 };

static void count_five(lkstats_t *ctx, void *unused) {
    (void)unused;
    require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_five"), 5, 1));
}

/* Opens there, finds what it finds, and closes; hands back what it was told. */
static told_t pass_by(const folder_t *folder, const char *left) {
    told_t told = {0};
    estate_t estate = {0};
    lkstats_t *const ctx = heir_open_with(folder, told_to(&told, (lkstats_options_t){.max_tracks = 1}));
    estate_drain(&estate, ctx);
    if (strcmp(host_told(&estate.left), left) != 0)
        fail_msg("\"%s\" came, not \"%s\"", host_told(&estate.left), left);
    assert_int_equal(estate.own.count, 0);
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    estate_free(&estate);
    return told;
}

/* ---- Strangers ---------------------------------------------------------------------------------- */

typedef void (*place_t)(const char *path);

static void an_empty_file(const char *path) { file_write(path, "", 0); }
static void a_text(const char *path) { file_write(path, "what is this?\n", 14); }
static void zeros(const char *path) {
    static const char page[65536];
    file_write(path, page, sizeof page);
}
static void a_pipe(const char *path) { require(mkfifo(path, 0600) == 0); }
static void a_directory(const char *path) { require(mkdir(path, 0700) == 0); }
static void a_link_to_nowhere(const char *path) { require(symlink("/nowhere/at/all", path) == 0); }
static void a_link_to_itself(const char *path) { require(symlink(strrchr(path, '/') + 1, path) == 0); }

static const place_t places[] = {an_empty_file,     a_text,          zeros, a_pipe, a_directory,
                                 a_link_to_nowhere, a_link_to_itself};

static const char *const names[] = {
    "lkstats:",
    "lkstats:dir",
    "lkstats::dir",
    "lkstats:01234567-89ab-4def-8123-456789abcdef",
    "lkstats:01234567-89ab-4def-8123-456789abcdef:dir",
    "lkstats:01234567-89AB-4DEF-8123-456789ABCDEF:dir",
    "lkstats:01234567-89ab-4def-8123-456789abcdeg:dir",
    "lkstats:0123456789ab4def8123456789abcdef:dir",
    "lkstats:01234567-89ab-4def-8123-456789abcdef:slots0",
    "lkstats:01234567-89ab-4def-8123-456789abcdef:dir2",
    "lkstats-damaged:01234567-89ab-4def-8123-456789abcdef:dir",
    "lkstats-01234567-89ab-4def-8123-456789abcdef-1.journal",
    "\xff\xfe:dir",
};

/* Inode, mode, size and time of the last change, and how many names it has. */
static bool same_file(const struct stat *one, const struct stat *other) {
    return one->st_ino == other->st_ino && one->st_mode == other->st_mode && one->st_size == other->st_size &&
           one->st_nlink == other->st_nlink &&
           memcmp(&one->st_mtim, &other->st_mtim, sizeof one->st_mtim) == 0;
}

STORY(a_strangers_file_is_left_alone_whatever_its_name_and_kind) {
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        for (size_t j = 0; j < sizeof places / sizeof *places; ++j) {
            const folder_t folder = folder_make();
            struct stat before, after;
            const folder_t path = folder_at(&folder, names[i]);
            places[j](path.path);
            dead_make(&folder, count_five, NULL); /* which does not suffer from it */
            assert_int_equal(lstat(path.path, &before), 0);
            const told_t told = pass_by(&folder, "1.1 5+0");
            assert_int_equal(lstat(path.path, &after), 0);
            assert_true(same_file(&before, &after));
            assert_int_equal(folder_count(&folder, ""), 1);
            assert_int_equal(told.count[LKSTATS_LOG_ERROR], 0);
        }
    }
}

/* ---- Files that would be ours ------------------------------------------------------------------- */

typedef void (*change_t)(const folder_t *folder, const char *path);

static void behind_a_link(const folder_t *folder, const char *path) {
    require(rename(path, folder_at(folder, "elsewhere").path) == 0 && symlink("elsewhere", path) == 0);
}
static void with_a_second_name(const folder_t *folder, const char *path) {
    require(link(path, folder_at(folder, "second").path) == 0);
}
static void open_to_a_group(const folder_t *folder, const char *path) {
    (void)folder;
    require(chmod(path, 0640) == 0);
}
static void open_to_all(const folder_t *folder, const char *path) {
    (void)folder;
    require(chmod(path, 0602) == 0);
}
static void of_somebody_else(const folder_t *folder, const char *path) {
    (void)folder;
    require(chown(path, NOBODY, NOBODY) == 0);
}

/* Somebody could have made it, or can write to it. */
STORY(a_directory_file_that_others_may_have_made_is_not_believed) {
    static const change_t changes[] = {behind_a_link, with_a_second_name, open_to_a_group, open_to_all,
                                       of_somebody_else};
    remains_t remains = remains_make(count_five, NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
        if (changes[i] == of_somebody_else && geteuid() != 0)
            continue;
        const folder_t folder = folder_make();
        const folder_t path = folder_at(&folder, remains_name(&remains, "dir"));
        remains_lay(&remains, &folder);
        changes[i](&folder, path.path);
        const size_t before = folder_count(&folder, "");
        const told_t told = pass_by(&folder, "");
        assert_int_equal(folder_count(&folder, ""), before);
        assert_int_equal(told.count[LKSTATS_LOG_ERROR], 0);
    }
    remains_free(&remains);
}

typedef struct users {
    folder_t folder;
    const char *left; /* that it finds */
} users_t;

static void become_nobody(void) {
    require(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

static void be_killed_as_nobody(void *argument) {
    const users_t *const users = argument;
    become_nobody();
    count_five(dead_open(&users->folder, (lkstats_options_t){0}), NULL);
    die();
}

static void pass_by_as_nobody(void *argument) {
    const users_t *const users = argument;
    become_nobody();
    pass_by(&users->folder, users->left);
}

STORY(each_user_recovers_ones_own) {
    if (geteuid() != 0)
        skip();
    users_t users = {folder_make(), ""};
    assert_int_equal(chmod(users.folder.path, 01777), 0);
    in_killed_child(be_killed_as_nobody, &users);
    pass_by(&users.folder, ""); /* not even root */
    assert_int_equal(folder_count(&users.folder, "lkstats:"), 3);
    users.left = "1.1 5+0";
    host_in_child(pass_by_as_nobody, &users);
    assert_int_equal(folder_count(&users.folder, ""), 0);
    users.left = "";
    dead_make(&users.folder, count_five, NULL);
    host_in_child(pass_by_as_nobody, &users);
    assert_int_equal(folder_count(&users.folder, "lkstats:"), 3);
    pass_by(&users.folder, "1.1 5+0");
}

/* ---- Beginnings and ends ------------------------------------------------------------------------ */

static void written_ago(const char *path, time_t seconds) {
    struct timespec times[2];
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Its maker may be at it still; after a minute it is not. */
STORY(a_directory_in_the_making_is_left_alone_for_a_minute) {
    remains_t remains = remains_make(count_five, NULL);
    const folder_t folder = folder_make();
    const folder_t path = folder_at(&folder, remains_name(&remains, "dir"));
    static const time_t young[] = {-3600, 0, 50};
    memset(remains.directory->magic, 0, sizeof remains.directory->magic);
    for (size_t i = 0; i < sizeof young / sizeof *young; ++i) {
        file_write(path.path, remains.directory, remains.directory_size);
        written_ago(path.path, young[i]);
        pass_by(&folder, "");
        assert_int_equal(folder_count(&folder, "lkstats:"), 1);
    }
    written_ago(path.path, 70);
    const told_t told = pass_by(&folder, "");
    assert_int_equal(folder_count(&folder, ""), 0);
    assert_int_equal(told.count[LKSTATS_LOG_ERROR], 0);
    file_write(path.path, "", 0); /* not even that far */
    written_ago(path.path, 70);
    pass_by(&folder, "");
    assert_int_equal(folder_count(&folder, ""), 0);
    remains_free(&remains);
}

static void be_closed(lkstats_t *ctx, void *unused) {
    count_five(ctx, unused);
    host_done(ctx);
}

/* A kill between two of the removals. */
STORY(what_is_over_is_only_removed) {
    const folder_t folder = folder_make();
    remains_t remains = remains_make(count_five, NULL), over = remains_copy(&remains);
    dead_make(&folder, be_closed, NULL); /* nothing stays */
    assert_int_equal(folder_count(&folder, ""), 0);
    over.directory->over = LKSTATS_SLAB_OVER;
    for (int files = 1; files <= 3; ++files) {
        remains_lay(&over, &folder);
        if (files < 3)
            assert_int_equal(unlink(folder_at(&folder, remains_name(&over, "slots0")).path), 0);
        if (files < 2)
            assert_int_equal(unlink(folder_at(&folder, remains_name(&over, "records0")).path), 0);
        const told_t told = pass_by(&folder, "");
        assert_int_equal(folder_count(&folder, ""), 0);
        assert_int_equal(told.count[LKSTATS_LOG_ERROR], 0);
    }
    remains_lay(&remains, &folder); /* and only what is */
    pass_by(&folder, "1.1 5+0");
    remains_free(&remains);
    remains_free(&over);
}

/* That one knows what they mean. */
STORY(files_of_another_release_are_left_to_it) {
    const folder_t folder = folder_make();
    remains_t remains = remains_make(count_five, NULL);
    remains.directory->version += 1;
    remains_lay(&remains, &folder);
    pass_by(&folder, "");
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    remains_free(&remains);
}

/* ---- Whose process it was ----------------------------------------------------------------------- */

/* In clock ticks since the boot: /proc/<pid>/stat, field 22. */
static uint64_t start_of(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *const file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    const char *at = strrchr(text, ')');
    for (int field = 2; field < 22; ++field)
        at = strchr(at + 1, ' ');
    return strtoull(at, NULL, 10);
}

/* Without any lock. */
STORY(a_process_that_is_there_is_left_alone) {
    const folder_t folder = folder_make();
    remains_t remains = remains_make(count_five, NULL);
    remains.directory->owner_pid = getppid();
    remains.directory->owner_start = start_of(getppid());
    remains_lay(&remains, &folder);
    pass_by(&folder, "");
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    remains.directory->boot[0] ^= 1; /* the number was another's before the machine was started anew */
    remains_lay(&remains, &folder);
    pass_by(&folder, "1.1 5+0");
    assert_int_equal(folder_count(&folder, ""), 0);
    remains_free(&remains);
}

/* Numbers come again, in time and in other containers. */
STORY(a_number_that_another_process_has_now_is_no_sign_of_life) {
    const folder_t folder = folder_make();
    remains_t remains = remains_make(count_five, NULL);
    lkstats_slab_directory_t *const directory = remains.directory;
    const lkstats_slab_directory_t was = *directory;
    const int64_t numbers[] = {getpid(), getppid(), 1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
        directory->owner_pid = numbers[i];
        remains_lay(&remains, &folder);
        pass_by(&folder, "1.1 5+0");
    }
    *directory = was;
    directory->owner_pid_namespace += 1; /* then the lock says that nobody has it */
    remains_lay(&remains, &folder);
    pass_by(&folder, "1.1 5+0");
    *directory = was;
    directory->owner_start = 0;
    remains_lay(&remains, &folder);
    pass_by(&folder, "1.1 5+0");
    remains_free(&remains);
}

/* As long as somebody has the lock that no process can be asked about. */
STORY(the_lock_decides_where_the_process_can_not_be_asked) {
    const folder_t folder = folder_make();
    remains_t remains = remains_make(count_five, NULL);
    struct flock owner = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LKSTATS_SLAB_LOCK_OWNER, .l_len = 1};
    remains.directory->owner_pid_namespace += 1;
    remains_lay(&remains, &folder);
    const int file = open(folder_at(&folder, remains_name(&remains, "dir")).path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(fcntl(file, F_OFD_SETLK, &owner), 0);
    pass_by(&folder, "");
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    close(file);
    pass_by(&folder, "1.1 5+0");
    remains_free(&remains);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strangers_file_is_left_alone_whatever_its_name_and_kind),
        cmocka_unit_test(a_directory_file_that_others_may_have_made_is_not_believed),
        cmocka_unit_test(each_user_recovers_ones_own),
        cmocka_unit_test(a_directory_in_the_making_is_left_alone_for_a_minute),
        cmocka_unit_test(what_is_over_is_only_removed),
        cmocka_unit_test(files_of_another_release_are_left_to_it),
        cmocka_unit_test(a_process_that_is_there_is_left_alone),
        cmocka_unit_test(a_number_that_another_process_has_now_is_no_sign_of_life),
        cmocka_unit_test(the_lock_decides_where_the_process_can_not_be_asked),
    };
    return cmocka_run_group_tests_name("slab_folder", tests, NULL, folders_teardown);
}
