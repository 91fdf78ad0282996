/* SPDX-License-Identifier: Apache-2.0 */
/* A server that forks while it is pushed to: on_batch is the parent's, also where the child began inside it. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "receiver.h"

typedef struct parent {
    receiver_t receiver;
    lkstats_t *ctx;
    lkstats_track_t track;
    int children; /* born inside on_batch */
} parent_t;

static void open_parent(parent_t *parent, bool threaded) {
    parent->ctx = threaded ? receiver_open_threaded(&parent->receiver, LKSTATS_REPORT_INTERVAL_MIN_MS)
                           : receiver_open_virtual(&parent->receiver);
    parent->track = host_track(parent->ctx, "PA_parent");
    receiver_answers(&parent->receiver, LKSTATS_OK); /* and the other thread sees the parent */
}

/* What the parent counted came to the parent, once. */
static void assert_undisturbed(parent_t *parent, uint64_t bytes) {
    receiver_close(&parent->receiver, parent->ctx);
    receiver_assert_once(&parent->receiver.acknowledged);
    host_assert_gapless(&parent->receiver.acknowledged, parent->track);
    const lkstats_traffic_t sum = host_sum(&parent->receiver.acknowledged, parent->track);
    assert_int_equal(sum.send_bytes, bytes);
    receiver_free(&parent->receiver);
}

static void calls_on_the_parents(void *argument) {
    parent_t *const parent = argument;
    lkstats_batch_t batch = {.struct_size = sizeof batch, .ctx = parent->ctx, .id = 1};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    int32_t fd = -1;
    parent->receiver.over = true; /* it is not called in here */
    require_status(LKSTATS_EFORKED, lkstats_add_bytes(parent->track, 1000, 1));
    require_status(LKSTATS_EFORKED, lkstats_run_once(parent->ctx, INT64_MAX, INT64_MAX));
    require_status(LKSTATS_EFORKED, lkstats_flush(parent->ctx, 0));
    require_status(LKSTATS_EFORKED, lkstats_track_flush(parent->track, 0));
    require_status(LKSTATS_EFORKED, lkstats_track_stop(parent->track, NULL));
    require_status(LKSTATS_EFORKED, lkstats_ack(&batch));
    require_status(LKSTATS_EFORKED, lkstats_nack(&batch));
    require_status(LKSTATS_EFORKED, lkstats_redeliver(parent->ctx));
    require_status(LKSTATS_EFORKED, lkstats_next(parent->ctx, &batch));
    require_status(LKSTATS_EFORKED, lkstats_event_fd(parent->ctx, &fd));
    require_status(LKSTATS_EFORKED, lkstats_close(parent->ctx, 0, &residue));
    require_status(LKSTATS_EFORKED, lkstats_close(parent->ctx, LKSTATS_ABANDON, NULL));
}

static void a_life_of_its_own(void *argument) {
    receiver_t receiver = {0};
    calls_on_the_parents(argument);
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t track = host_track(ctx, "PA_child");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 300, 1));
    host_tick(ctx, 1);
    require(receiver.acknowledged.count == 1);
    require(host_string_is(receiver.acknowledged.items[0].participant_sid, "PA_child"));
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 30, 1));
    require_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    calls_on_the_parents(argument); /* still not this process's */
    receiver_close(&receiver, ctx);
    require(receiver.acknowledged.count == 2);
    receiver_free(&receiver);
}

STORY(a_childs_calls_reach_neither_the_parent_nor_its_on_batch) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        parent_t parent = {0};
        open_parent(&parent, threaded);
        assert_status(LKSTATS_OK, lkstats_add_bytes(parent.track, 5, 1));
        host_in_child(calls_on_the_parents, &parent);
        host_in_child(a_life_of_its_own, &parent);
        assert_status(LKSTATS_OK, lkstats_add_bytes(parent.track, 70, 1));
        assert_undisturbed(&parent, 75);
    }
}

STORY(a_child_may_be_born_while_on_batch_is_running) {
    parent_t parent = {.receiver = {.held = true}};
    open_parent(&parent, true);
    assert_status(LKSTATS_OK, lkstats_add_bytes(parent.track, 5, 1));
    receiver_await_calls(&parent.receiver, 1);
    host_in_child(calls_on_the_parents, &parent);
    host_in_child(a_life_of_its_own, &parent);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(parent.ctx, 0));
    receiver_release(&parent.receiver);
    assert_status(LKSTATS_OK, lkstats_flush(parent.ctx, HOST_PATIENCE_MS));
    assert_undisturbed(&parent, 5);
}

/* The child is inside the parent's on_batch, and that is nothing to it. */
static void fork_inside(receiver_t *receiver, const lkstats_batch_t *batch) {
    parent_t *const parent = receiver->story;
    int status = 0;
    (void)batch;
    if (parent->children++ != 0)
        return;
    fflush(NULL);
    const pid_t child = fork();
    require(child >= 0);
    if (child == 0)
        host_be_child(a_life_of_its_own, parent);
    while (waitpid(child, &status, 0) != child)
        ;
    require(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    require_status(LKSTATS_EREENTRANT, lkstats_flush(parent->ctx, 0)); /* the parent still is */
}

STORY(a_child_may_be_born_inside_on_batch) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        parent_t parent = {.receiver = {.inside = fork_inside, .story = &parent}};
        open_parent(&parent, threaded);
        assert_status(LKSTATS_OK, lkstats_add_bytes(parent.track, 5, 1));
        if (threaded)
            receiver_await_records(&parent.receiver, 1);
        else
            host_tick(parent.ctx, 1);
        assert_int_equal(parent.children, 1);
        assert_undisturbed(&parent, 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_childs_calls_reach_neither_the_parent_nor_its_on_batch),
        cmocka_unit_test(a_child_may_be_born_while_on_batch_is_running),
        cmocka_unit_test(a_child_may_be_born_inside_on_batch),
    };
    return cmocka_run_group_tests_name("push_fork", tests, NULL, NULL);
}
