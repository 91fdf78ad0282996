/* SPDX-License-Identifier: Apache-2.0 */
/* A server that forks: the child's calls do not reach the parent's counters, and the child may count on its
 * own. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lkstats_slab.h"

#include "host.h"

/* What a parent has open when it forks. */
typedef struct parent {
    lkstats_slab_t slab;
    lkstats_t *ctx;
    lkstats_track_t track;
    lkstats_batch_t batch; /* out: 5 bytes sent */
    int descriptors;       /* in the process before it opened the context */
} parent_t;

static int count_descriptors(void) {
    int count = 0;
    DIR *const directory = opendir("/proc/self/fd");
    require(directory != NULL);
    while (readdir(directory) != NULL)
        ++count;
    closedir(directory);
    return count;
}

static parent_t parent_of(bool threaded) {
    parent_t parent = {.slab = {.struct_size = sizeof parent.slab},
                       .batch = {.struct_size = sizeof parent.batch},
                       .descriptors = count_descriptors()};
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &parent.slab));
    parent.ctx = threaded ? host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS) : host_open();
    parent.track = host_track(parent.ctx, "PA_parent");
    assert_status(LKSTATS_OK, lkstats_add_bytes(parent.track, 5, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(parent.ctx, 0));
    parent.batch = host_take(parent.ctx);
    assert_status(LKSTATS_OK, lkstats_add_bytes(parent.track, 70, 0));
    return parent;
}

/* Whatever the children did: 5 bytes sent, 70 received, in two reports. */
static void assert_undisturbed(parent_t *parent) {
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(parent->track, 1, 1));
    const lkstats_totals_t totals = host_totals(parent->track);
    assert_traffic(totals.traffic, 6, 2, 70, 1);
    host_keep(&all, &parent->batch);
    assert_status(LKSTATS_OK, lkstats_ack(&parent->batch));
    host_close(parent->ctx, &all);
    assert_int_equal(all.count, 2);
    host_assert_gapless(&all, parent->track);
    assert_traffic(all.items[1].running, 6, 2, 70, 1);
    host_records_free(&all);
}

static void require_forked_track(const parent_t *parent) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(parent->track, 1000, 1));
    require_status(LKSTATS_EFORKED, lkstats_add_messages(parent->track, 1000, 10, 0));
    require_status(LKSTATS_EFORKED, lkstats_slab_add(&parent->slab, parent->track, 1000, 10, 1));
    require_status(LKSTATS_EFORKED, lkstats_track_totals(parent->track, &totals));
    require_status(LKSTATS_EFORKED, lkstats_track_stop(parent->track, &totals));
    require_status(LKSTATS_EFORKED, lkstats_track_stop(parent->track, NULL));
    require_status(LKSTATS_EFORKED, lkstats_track_flush(parent->track, 0));
    const lkstats_room_t room = {.struct_size = sizeof room, .sid = host_string("RM_child")};
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .sid = host_string("PA_child")};
    require_status(LKSTATS_EFORKED, lkstats_signal_resolve_room(parent->track, &room));
    require_status(LKSTATS_EFORKED, lkstats_signal_resolve_participant(parent->track, &participant));
    require_status(LKSTATS_EFORKED, lkstats_signal_reset(parent->track));
    lkstats_prefetch(parent->track);
}

static void require_forked_context(const parent_t *parent) {
    const lkstats_track_options_t options = host_track_options("PA_child");
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    lkstats_track_t track = 1;
    int32_t fd = -1;
    require_status(LKSTATS_EFORKED, lkstats_track_new(parent->ctx, &options, &track));
    require(track == 0);
    track = 1;
    require_status(LKSTATS_EFORKED, lkstats_signal_new(parent->ctx, NULL, &track));
    require(track == 0);
    require_status(LKSTATS_EFORKED,
                   lkstats_metrics(parent->ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &size));
    require_status(LKSTATS_EFORKED, lkstats_run_once(parent->ctx, INT64_MAX, INT64_MAX));
    require_status(LKSTATS_EFORKED, lkstats_flush(parent->ctx, 0));
    require_status(LKSTATS_EFORKED, lkstats_event_fd(parent->ctx, &fd));
    require_status(LKSTATS_EFORKED, lkstats_next(parent->ctx, &batch));
    require_status(LKSTATS_EFORKED, lkstats_redeliver(parent->ctx));
    require_status(LKSTATS_EFORKED, lkstats_batch_analytics_stats(&parent->batch, &stats, &size));
    require_status(LKSTATS_EFORKED, lkstats_ack(&parent->batch));
    require_status(LKSTATS_EFORKED, lkstats_nack(&parent->batch));
    require_status(LKSTATS_EFORKED, lkstats_close(parent->ctx, 0, &residue));
    require_status(LKSTATS_EFORKED, lkstats_close(parent->ctx, LKSTATS_ABANDON, NULL));
}

static void calls_on_the_parents(void *argument) {
    const parent_t *const parent = argument;
    require_forked_track(parent);
    require_forked_context(parent);
    require_forked_track(parent);
}

static void a_life_of_its_own(void *argument) {
    const parent_t *const parent = argument;
    host_records_t all = {0};
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_child");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 300, 1));
    require_status(LKSTATS_OK, lkstats_slab_add(&parent->slab, track, 40, 2, 0));

    calls_on_the_parents(argument); /* still not this process's */

    host_tick(ctx, 1);
    host_close(ctx, &all);
    require(all.count == 1);
    require(host_string_is(all.items[0].participant_sid, "PA_child"));
    require(all.items[0].running.send_bytes == 300 && all.items[0].running.send_messages == 1);
    require(all.items[0].running.recv_bytes == 40 && all.items[0].running.recv_messages == 2);
    host_records_free(&all);
}

STORY(a_childs_calls_do_not_reach_the_parent) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        parent_t parent = parent_of(threaded);
        host_in_child(calls_on_the_parents, &parent);
        assert_undisturbed(&parent);
    }
}

STORY(a_child_may_count_on_its_own) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        parent_t parent = parent_of(threaded);
        host_in_child(a_life_of_its_own, &parent);
        host_in_child(a_life_of_its_own, &parent);
        assert_undisturbed(&parent);
    }
}

/* A slot of its own with the index of the parent's, stopped, used again, and one of a further context. */
static void calls_beside_contexts_of_its_own(void *argument) {
    const parent_t *const parent = argument;
    lkstats_t *const ctx = host_open(), *const second = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_child");
    require((uint32_t)track == (uint32_t)parent->track);
    host_track(second, "PA_child");
    calls_on_the_parents(argument);
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 300, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    calls_on_the_parents(argument);
    host_done(ctx);
    calls_on_the_parents(argument);
    host_done(second);
    calls_on_the_parents(argument);
}

/* In a process of its own, so that its slots are the first, as the child's are. */
static void a_parent_that_opened_nothing_before(void *argument) {
    parent_t parent = parent_of(*(int *)argument != 0);
    host_in_child(calls_beside_contexts_of_its_own, &parent);
    assert_undisturbed(&parent);
}

STORY(a_child_with_contexts_of_its_own_is_told_that_the_parents_are_the_parents) {
    for (int threaded = 0; threaded < 2; ++threaded)
        host_in_child(a_parent_that_opened_nothing_before, &threaded);
}

/* A child that no atfork handler saw. */
static void in_raw_clone(void (*story)(void *), void *argument) {
    fflush(NULL);
    const long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        host_be_child(story, argument);
    host_expect_child((int)child);
}

STORY(a_raw_clone_does_not_reach_the_parent_either) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        parent_t parent = parent_of(threaded);
        in_raw_clone(calls_on_the_parents, &parent);
        assert_undisturbed(&parent);
    }
}

STORY(a_raw_clone_may_count_on_its_own) {
    parent_t parent = parent_of(false);
    in_raw_clone(a_life_of_its_own, &parent);
    assert_undisturbed(&parent);
}

static void no_descriptor_is_left(void *argument) {
    const parent_t *const parent = argument;
    require(count_descriptors() == parent->descriptors);
}

STORY(a_child_has_none_of_the_parents_descriptors) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        parent_t parent = parent_of(threaded);
        host_in_child(no_descriptor_is_left, &parent);
        assert_undisturbed(&parent);
    }
}

static void a_thread_of_its_own(void *argument) {
    (void)argument;
    host_records_t all = {0};
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_track_t track = host_track(ctx, "PA_child");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 300, 1));
    host_close(ctx, &all);
    require(all.count == 1 && all.items[0].running.send_bytes == 300);
    host_records_free(&all);
}

STORY(a_child_may_have_a_thread_of_its_own) {
    parent_t parent = parent_of(false);
    host_in_child(a_thread_of_its_own, NULL);
    assert_undisturbed(&parent);
}

static void a_grandchild(void *argument) {
    lkstats_t *const ctx = host_open();
    parent_t child = *(parent_t *)argument;
    child.ctx = ctx;
    child.track = host_track(ctx, "PA_child");
    require_status(LKSTATS_OK, lkstats_add_bytes(child.track, 2, 1));
    host_tick(ctx, 1);
    child.batch = host_take(ctx);
    host_in_child(calls_on_the_parents, &child);
    host_in_child(a_life_of_its_own, &child);
    require(host_totals(child.track).traffic.send_bytes == 2);
    require_status(LKSTATS_OK, lkstats_ack(&child.batch));
    require_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
}

STORY(a_childs_child_is_a_child) {
    parent_t parent = parent_of(false);
    host_in_child(a_grandchild, &parent);
    assert_undisturbed(&parent);
}

static void a_context_that_was_closed_before(void *argument) {
    lkstats_t *const closed = argument;
    const lkstats_status_t status = lkstats_flush(closed, 0);
    require(status == LKSTATS_ECLOSED || status == LKSTATS_EFORKED || status == LKSTATS_ESTALE);
    a_thread_of_its_own(NULL);
}

STORY(a_daemon_opens_after_its_fork) {
    lkstats_t *const closed = host_open();
    host_done(closed);
    host_in_child(a_context_that_was_closed_before, closed);
}

typedef struct opener {
    pthread_barrier_t at_once;
    int steps; /* before it opens */
} opener_t;

static void *open_and_close(void *argument) {
    opener_t *const opener = argument;
    pthread_barrier_wait(&opener->at_once);
    for (volatile int i = 0; i < opener->steps;)
        i = i + 1;
    host_done(host_open());
    return NULL;
}

/* Forks while another thread makes the first open of this process. A child that hangs dies of its alarm. */
static void fork_during_the_first_open(void *argument) {
    enum { PATIENCE_S = 10 };
    opener_t opener = {.steps = *(int *)argument};
    pthread_t thread;
    int status = -1;
    require(pthread_barrier_init(&opener.at_once, NULL, 2) == 0);
    require(pthread_create(&thread, NULL, open_and_close, &opener) == 0);
    pthread_barrier_wait(&opener.at_once);
    const pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE_S);
        lkstats_t *const ctx = host_open();
        host_track(ctx, "PA_child");
        host_done(ctx);
        _exit(0);
    }
    require(waitpid(child, &status, 0) == child);
    require(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    require(pthread_join(thread, NULL) == 0);
    pthread_barrier_destroy(&opener.at_once);
}

/* Has to run before this process opens anything. */
STORY(a_fork_in_the_middle_of_the_first_open_leaves_a_child_that_can_open) {
    enum { TRIES = 50, STEPS = 2000 };
    if (HOST_SANITIZED) /* a sanitizer's own allocator may be locked in the child */
        skip();
    for (int i = 0; i < TRIES; ++i) {
        int steps = i * STEPS;
        host_in_child(fork_during_the_first_open, &steps);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_in_the_middle_of_the_first_open_leaves_a_child_that_can_open),
        cmocka_unit_test(a_childs_calls_do_not_reach_the_parent),
        cmocka_unit_test(a_child_may_count_on_its_own),
        cmocka_unit_test(a_child_with_contexts_of_its_own_is_told_that_the_parents_are_the_parents),
        cmocka_unit_test(a_raw_clone_does_not_reach_the_parent_either),
        cmocka_unit_test(a_raw_clone_may_count_on_its_own),
        cmocka_unit_test(a_child_has_none_of_the_parents_descriptors),
        cmocka_unit_test(a_child_may_have_a_thread_of_its_own),
        cmocka_unit_test(a_childs_child_is_a_child),
        cmocka_unit_test(a_daemon_opens_after_its_fork),
    };
    return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
