/* SPDX-License-Identifier: Apache-2.0 */
/* A push context that is abandoned while somebody delivers, or nobody: each byte was acknowledged or is in the
 * residue. */
#include "receiver.h"

enum { TRACKS = 3 * LKSTATS_BATCH_RECORDS_MAX + 100, ROUNDS = HOST_SANITIZED ? 5 : 30 };

/* What on_batch does, and what came of it. */
typedef struct answers {
    size_t after;          /* so many calls the abandon comes */
    uint64_t acknowledged; /* records, of one message each */
} answers_t;

static void owe(lkstats_t *ctx) {
    for (int i = 0; i < TRACKS; ++i)
        assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, ""), 3, i % 2));
}

static lkstats_t *owing_context(receiver_t *receiver) {
    lkstats_t *const ctx = receiver_open_threaded(receiver, LKSTATS_REPORT_INTERVAL_MAX_MS);
    receiver_answers(receiver, LKSTATS_EAGAIN); /* where it does not answer itself */
    owe(ctx);
    return ctx;
}

/* Abandons it, until on_batch has returned. */
static void abandon(receiver_t *receiver, lkstats_t *ctx, lkstats_residue_t *residue) {
    lkstats_status_t status = lkstats_close(ctx, LKSTATS_ABANDON, residue);
    if (status == LKSTATS_ETIMEDOUT)
        status = lkstats_close(ctx, HOST_PATIENCE_MS, residue);
    assert_status(LKSTATS_OK, status);
    receiver_expects_no_more(receiver);
}

static void assert_all_there(uint64_t acknowledged, const lkstats_residue_t *residue) {
    const lkstats_traffic_t *const lost = &residue->traffic;
    assert_int_equal(acknowledged + residue->tracks, TRACKS);
    assert_int_equal(acknowledged + lost->send_messages + lost->recv_messages, TRACKS);
    assert_int_equal(3 * acknowledged + lost->send_bytes + lost->recv_bytes, 3 * TRACKS);
}

/* Only lkstats_ack can say whether an answer came in time. */
static void acknowledge(receiver_t *receiver, const lkstats_batch_t *batch) {
    answers_t *const answers = receiver->story;
    const lkstats_status_t status = lkstats_ack(batch);
    require(status == LKSTATS_OK || status == LKSTATS_ECLOSED);
    if (status == LKSTATS_OK)
        answers->acknowledged += batch->record_count;
}

STORY(what_was_acknowledged_and_the_residue_are_all_that_was_counted) {
    for (size_t round = 0; round < ROUNDS; ++round) {
        answers_t answers = {.after = round % 4};
        receiver_t receiver = {.inside = acknowledge, .story = &answers};
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        lkstats_t *const ctx = owing_context(&receiver);
        assert_status_in(LKSTATS_OK, LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
        receiver_await_calls(&receiver, answers.after);
        abandon(&receiver, ctx, &residue);
        assert_all_there(answers.acknowledged, &residue);
        receiver_free(&receiver);
    }
}

STORY(what_was_given_back_is_in_the_residue) {
    receiver_t receiver = {0};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_t *const ctx = owing_context(&receiver);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    receiver_await_calls(&receiver, 1);
    abandon(&receiver, ctx, &residue);
    assert_all_there(0, &residue);
    receiver_free(&receiver);
}

/* Lets one batch through, and holds the next one. */
static void hold_the_next(receiver_t *receiver, const lkstats_batch_t *batch) {
    acknowledge(receiver, batch);
    pthread_mutex_lock(&receiver->lock);
    receiver->held = receiver->calls == 1;
    pthread_mutex_unlock(&receiver->lock);
}

STORY(an_answer_that_comes_after_the_residue_does_not_count) {
    answers_t answers = {0};
    receiver_t receiver = {.inside = hold_the_next, .story = &answers};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_t *const ctx = owing_context(&receiver);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    receiver_await_calls(&receiver, 2);

    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
    const uint64_t acknowledged = answers.acknowledged;
    assert_in_range(acknowledged, 1, LKSTATS_BATCH_RECORDS_MAX);
    assert_all_there(acknowledged, &residue);
    receiver_release(&receiver);
    abandon(&receiver, ctx, &residue);
    assert_int_equal(answers.acknowledged, acknowledged);
    assert_all_there(acknowledged, &residue);
    assert_int_equal(receiver.calls, 2);
    receiver_free(&receiver);
}

/* ---- Without a thread --------------------------------------------------------------------------- */

/* Of TRACKS records, the first batch is taken; whoever closes hands out what waits. */
STORY(an_abandon_hands_out_nothing) {
    for (int taken = 0; taken < 2; ++taken) {
        answers_t answers = {0};
        receiver_t receiver = {.inside = acknowledge, .story = &answers};
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        lkstats_t *const ctx = receiver_open_virtual(&receiver);
        owe(ctx);
        if (taken)
            assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
        assert_int_equal(receiver.calls, taken);
        assert_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
        assert_int_equal(receiver.calls, taken);
        assert_true(taken == (answers.acknowledged > 0) && residue.tracks > 0);
        assert_all_there(answers.acknowledged, &residue);
        receiver_free(&receiver);
    }
}

/* With a pause under way, and in the closing that another call began. */
STORY(an_abandon_makes_no_last_try) {
    receiver_t receiver = {.answer = LKSTATS_EAGAIN};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    owe(ctx);
    host_tick(ctx, 1);
    assert_int_equal(receiver.calls, 1);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, &residue));
    assert_int_equal(receiver.calls, 2);
    assert_all_there(0, &residue);
    receiver_answers(&receiver, LKSTATS_OK);
    assert_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
    assert_int_equal(receiver.calls, 2);
    assert_all_there(0, &residue);
    receiver_free(&receiver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_and_the_residue_are_all_that_was_counted),
        cmocka_unit_test(what_was_given_back_is_in_the_residue),
        cmocka_unit_test(an_answer_that_comes_after_the_residue_does_not_count),
        cmocka_unit_test(an_abandon_hands_out_nothing),
        cmocka_unit_test(an_abandon_makes_no_last_try),
    };
    return cmocka_run_group_tests_name("push_abandon", tests, NULL, NULL);
}
