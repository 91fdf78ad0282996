/* SPDX-License-Identifier: Apache-2.0 */
/* Children, other programs and closed descriptors: a context with files is its process's, as long as that lives and
 * no longer. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lkstats_slab.h"

#include "dead.h"

static void count_five(lkstats_t *ctx, void *track) {
    const lkstats_track_t made = host_track(ctx, "PA_five");
    require_status(LKSTATS_OK, lkstats_add_bytes(made, 5, 1));
    if (track != NULL)
        *(lkstats_track_t *)track = made;
}

static void assert_estate(const folder_t *folder, const char *told) {
    estate_t estate = {0};
    estate_settle(&estate, folder);
    assert_string_equal(host_told(&estate.left), told);
    assert_int_equal(estate.own.count, 0);
    estate_free(&estate);
}

/* ---- Forked children ---------------------------------------------------------------------------- */

/* A parent with files of its own and of a dead one that it recovers, with a batch of that out. */
typedef struct parent {
    folder_t folder;
    int descriptors; /* in the process before it opened the context */
    lkstats_t *ctx;
    lkstats_track_t track;
    lkstats_batch_t out;
} parent_t;

static parent_t parent_that_recovers(void) {
    parent_t parent = {.folder = folder_make(), .descriptors = count_descriptors()};
    dead_make(&parent.folder, count_five, NULL);
    parent.ctx = heir_open(&parent.folder);
    count_five(parent.ctx, &parent.track);
    parent.out = host_take(parent.ctx);
    assert_true(host_string_is(parent.out.node, DEAD_NODE));
    return parent;
}

static void assert_undisturbed(parent_t *parent) {
    estate_t estate = {0};
    estate_keep(&estate, &parent->out);
    assert_status(LKSTATS_OK, lkstats_ack(&parent->out));
    assert_status(LKSTATS_OK, lkstats_add_bytes(parent->track, 6, 0));
    host_tick(parent->ctx, 1);
    estate_drain(&estate, parent->ctx);
    assert_string_equal(host_told(&estate.left), "1.1 5+0");
    assert_string_equal(host_told(&estate.own), "1.1 5+6");
    host_done(parent->ctx);
    assert_int_equal(folder_count(&parent->folder, ""), 0);
    estate_free(&estate);
}

static void nothing_of_the_parents_is_here(void *argument) {
    const parent_t *const parent = argument;
    require(count_descriptors() == parent->descriptors);
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(parent->track, 1000, 1));
    require_status(LKSTATS_EFORKED, lkstats_ack(&parent->out));
    require_status(LKSTATS_EFORKED, lkstats_close(parent->ctx, LKSTATS_ABANDON, NULL));
    require(folder_count(&parent->folder, "lkstats:") == 6);
}

static void a_context_in_the_same_folder(void *argument) {
    const parent_t *const parent = argument;
    estate_t estate = {0};
    nothing_of_the_parents_is_here(argument);
    lkstats_t *const ctx = heir_open(&parent->folder);
    count_five(ctx, NULL);
    host_tick(ctx, 1);
    estate_drain(&estate, ctx);
    require(estate.left.count == 0 && estate.own.count == 1);
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(parent->track, 1000, 1));
    require_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    require(folder_count(&parent->folder, "lkstats:") == 6);
    estate_free(&estate);
}

static void an_exit_that_runs_what_exit_runs(void *argument) {
    nothing_of_the_parents_is_here(argument);
    leave();
}

STORY(a_child_has_nothing_of_the_parents_and_may_open_beside_it) {
    static void (*const stories[])(void *) = {nothing_of_the_parents_is_here, a_context_in_the_same_folder,
                                              an_exit_that_runs_what_exit_runs};
    for (size_t i = 0; i < sizeof stories / sizeof *stories; ++i) {
        parent_t parent = parent_that_recovers();
        host_in_child(stories[i], &parent);
        assert_undisturbed(&parent);
    }
}

/* ---- Children that outlive their parent --------------------------------------------------------- */

/* What a child waits for: that its parent is gone, which is killed as soon as it has made the child. */
typedef struct family {
    folder_t folder;
    int child_is_there[2], parent_is_gone[2]; /* pipes */
    volatile pid_t child;                     /* in shared memory, as all of it */
    lkstats_track_t track;                    /* the parent's */
} family_t;

static family_t *family_make(void) {
    family_t *const family = shared_memory(sizeof *family);
    family->folder = folder_make();
    assert_int_equal(pipe(family->child_is_there), 0);
    assert_int_equal(pipe(family->parent_is_gone), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the child becomes the test's own */
    return family;
}

static void await_the_parents_end(const family_t *family) {
    char byte;
    close(family->parent_is_gone[1]); /* so that nobody waits for a test that has failed */
    require(write(family->child_is_there[1], "", 1) == 1);
    require(read(family->parent_is_gone[0], &byte, 1) == 1);
}

/* A parent that makes a child and is killed; the child has come back from that by then. */
static void make_and_leave(void (*parent)(void *), family_t *family) {
    char byte;
    in_killed_child(parent, family);
    close(family->child_is_there[1]);
    assert_int_equal(read(family->child_is_there[0], &byte, 1), 1);
    close(family->child_is_there[0]);
}

static void the_parent_is_gone(const family_t *family) {
    assert_int_equal(write(family->parent_is_gone[1], "", 1), 1);
    host_expect_child(family->child);
    close(family->parent_is_gone[0]);
    close(family->parent_is_gone[1]);
}

/* Which servers that become daemons do. */
static void open_fork_and_leave(void *argument) {
    family_t *const family = argument;
    count_five(dead_open(&family->folder, (lkstats_options_t){0}), NULL);
    const pid_t child = fork();
    if (child != 0) {
        family->child = child;
        die();
    }
    await_the_parents_end(family);
    estate_t estate = {0};
    estate_settle(&estate, &family->folder);
    require(estate.left.count == 1 && estate.left.items[0].window.send_bytes == 5);
    estate_free(&estate);
    _exit(0);
}

STORY(a_child_reports_what_its_dead_parent_left) {
    family_t *const family = family_make();
    make_and_leave(open_fork_and_leave, family);
    the_parent_is_gone(family);
    assert_int_equal(folder_count(&family->folder, ""), 0);
}

static void open_and_fork(void *argument) {
    family_t *const family = argument;
    count_five(dead_open(&family->folder, (lkstats_options_t){0}), &family->track);
    const pid_t child = fork();
    if (child != 0) {
        family->child = child;
        die();
    }
    await_the_parents_end(family);
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(family->track, 1000, 1));
    _exit(0);
}

/* As in another container, where the number of a process says nothing. */
static void hide_the_process(const folder_t *folder) {
    const folder_t path = folder_find(folder, "lkstats:", ":dir");
    size_t size = 0;
    char *const bytes = file_read(path.path, &size);
    lkstats_slab_directory_t *const directory = (void *)bytes;
    directory->owner_pid_namespace += 1;
    file_write(path.path, bytes, size);
    free(bytes);
}

STORY(a_forked_child_holds_no_lock_of_its_parents) {
    family_t *const family = family_make();
    make_and_leave(open_and_fork, family);
    hide_the_process(&family->folder);
    assert_estate(&family->folder, "1.1 5+0");
    the_parent_is_gone(family);
}

/* No atfork handler sees that one: it keeps every descriptor, and the locks that are theirs. */
static void raw_clone_and_leave(family_t *family) {
    const long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child != 0) {
        family->child = (pid_t)child;
        die();
    }
    await_the_parents_end(family);
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(family->track, 1000, 1));
    _exit(0);
}

static void open_and_raw_clone(void *argument) {
    family_t *const family = argument;
    count_five(dead_open(&family->folder, (lkstats_options_t){0}), &family->track);
    raw_clone_and_leave(family);
}

STORY(a_raw_clone_that_outlives_its_parent_keeps_nobody_from_the_files) {
    family_t *const family = family_make();
    make_and_leave(open_and_raw_clone, family);
    assert_estate(&family->folder, "1.1 5+0");
    the_parent_is_gone(family);
}

static void recover_and_raw_clone(void *argument) {
    family_t *const family = argument;
    lkstats_t *const heir = heir_open(&family->folder);
    const lkstats_batch_t out = host_take(heir);
    require(host_string_is(out.node, DEAD_NODE));
    raw_clone_and_leave(family);
}

STORY(nor_from_those_that_the_parent_was_recovering) {
    family_t *const family = family_make();
    dead_make(&family->folder, count_five, NULL);
    make_and_leave(recover_and_raw_clone, family);
    assert_estate(&family->folder, "1.1 5+0");
    the_parent_is_gone(family);
}

/* ---- Another program in the same process -------------------------------------------------------- */

static const char *program;

static void become_another_program(void *argument) {
    const folder_t *const folder = argument;
    const int before = count_descriptors();
    char descriptors[16];
    count_five(dead_open(folder, (lkstats_options_t){0}), NULL);
    snprintf(descriptors, sizeof descriptors, "%d", before);
    execl("/proc/self/exe", program, folder->path, descriptors, (char *)NULL);
    require(false);
}

/* In its place: of the one before it has the number and the directory, but no descriptor. */
static int another_program(const char *path, int descriptors) {
    folder_t folder;
    estate_t estate = {0};
    snprintf(folder.path, sizeof folder.path, "%s", path);
    require(count_descriptors() == descriptors);
    estate_settle(&estate, &folder);
    require(strcmp(host_told(&estate.left), "1.1 5+0") == 0);
    estate_free(&estate);
    return 0;
}

STORY(a_program_reports_what_the_one_before_it_in_this_process_left) {
    folder_t folder = folder_make();
    host_in_child(become_another_program, &folder);
    assert_int_equal(folder_count(&folder, ""), 0);
}

/* ---- A host that closes what it does not know --------------------------------------------------- */

static void close_all_descriptors(void *argument) {
    family_t *const family = argument;
    lkstats_t *const ctx = dead_open(&family->folder, (lkstats_options_t){0});
    count_five(ctx, &family->track);
    for (int fd = 3; fd < 256; ++fd)
        close(fd);
    require(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0); /* should the test fail meanwhile */
    raise(SIGSTOP);                                 /* others look at it */
    require_status(LKSTATS_OK, lkstats_add_bytes(family->track, 6, 0));
    host_tick(ctx, 1);
    die();
}

STORY(a_host_that_closed_all_descriptors_still_lives) {
    family_t *const family = shared_memory(sizeof *family);
    int status = 0;
    family->folder = folder_make();
    fflush(NULL);
    const pid_t host = fork();
    if (host == 0)
        host_be_child(close_all_descriptors, family);
    assert_int_equal(waitpid(host, &status, WUNTRACED), host);
    assert_true(WIFSTOPPED(status));

    estate_t estate = {0};
    lkstats_t *const other = heir_open(&family->folder);
    estate_drain(&estate, other);
    assert_int_equal(estate.left.count, 0);
    host_done(other);
    assert_int_equal(folder_count(&family->folder, "lkstats:"), 3);

    assert_int_equal(kill(host, SIGCONT), 0);
    expect_killed(host);
    assert_estate(&family->folder, "1.1 5+6");
}

/* ---- One after the other ------------------------------------------------------------------------ */

static void a_child_that_is_killed(void *argument) {
    count_five(dead_open(argument, (lkstats_options_t){0}), NULL);
    die();
}

STORY(a_parent_reports_what_its_children_left_and_goes_on_itself) {
    folder_t folder = folder_make();
    lkstats_t *const parent = heir_open(&folder);
    count_five(parent, NULL);
    in_killed_child(a_child_that_is_killed, &folder);
    in_killed_child(a_child_that_is_killed, &folder);
    estate_t estate = {0}, own = {0};
    lkstats_t *const next = heir_open(&folder);
    estate_drain(&estate, next);
    assert_string_equal(host_told(&estate.left), "1.1 5+0, 1.1 5+0");
    assert_memory_not_equal(estate.left.items[0].key.context, estate.left.items[1].key.context, 16);
    host_done(next);
    host_tick(parent, 1);
    estate_drain(&own, parent);
    assert_string_equal(host_told(&own.own), "1.1 5+0");
    host_done(parent);
    assert_int_equal(folder_count(&folder, ""), 0);
    estate_free(&estate);
    estate_free(&own);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_has_nothing_of_the_parents_and_may_open_beside_it),
        cmocka_unit_test(a_child_reports_what_its_dead_parent_left),
        cmocka_unit_test(a_forked_child_holds_no_lock_of_its_parents),
        cmocka_unit_test(a_raw_clone_that_outlives_its_parent_keeps_nobody_from_the_files),
        cmocka_unit_test(nor_from_those_that_the_parent_was_recovering),
        cmocka_unit_test(a_program_reports_what_the_one_before_it_in_this_process_left),
        cmocka_unit_test(a_host_that_closed_all_descriptors_still_lives),
        cmocka_unit_test(a_parent_reports_what_its_children_left_and_goes_on_itself),
    };
    if (argc == 3)
        return another_program(argv[1], atoi(argv[2]));
    program = argv[0];
    return cmocka_run_group_tests_name("recovery_fork", tests, NULL, folders_teardown);
}
