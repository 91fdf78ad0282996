/* SPDX-License-Identifier: Apache-2.0 */
/* What a dead context left goes to the same consumer as the heir's own reports, by the same rules. */
#include <stdio.h>

#include "consumer.h"
#include "lives.h"
#include "receiver.h"

static const lkstats_options_t virtual_time = {.flags = LKSTATS_NO_THREAD};

static void count_seven(lkstats_t *ctx, void *unused) {
    (void)unused;
    require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_seven"), 7, 1));
}

/* Opens a receiver beside what was left there; its first turn is over. */
static lkstats_t *receiver_open_in(receiver_t *receiver, const folder_t *folder, lkstats_options_t options) {
    options.slab_dir = host_string(folder->path);
    options.node = host_string(HEIR_NODE);
    return receiver_open(receiver, options);
}

/* ---- Called ------------------------------------------------------------------------------------- */

static void keep_by_node(receiver_t *receiver, const lkstats_batch_t *batch) {
    estate_keep(receiver->story, batch);
}

STORY(on_batch_is_called_with_what_was_left_and_then_with_its_own) {
    const folder_t folder = folder_make();
    estate_t estate = {0}, expected = {0};
    dead_make(&folder, life_of_many_epochs, NULL);
    estate_settle(&expected, &folder);
    dead_make(&folder, life_of_many_epochs, NULL);

    receiver_t receiver = {.inside = keep_by_node, .story = &estate};
    lkstats_options_t options = virtual_time;
    options.slab_dir = host_string(folder.path);
    options.struct_size = sizeof options;
    lkstats_t *const ctx = receiver_open_in(&receiver, &folder, options);
    assert_int_equal(folder_count(&folder, "lkstats:"), 3); /* all is answered */
    const lkstats_track_t own = host_track(ctx, "PA_own");
    assert_status(LKSTATS_OK, lkstats_add_bytes(own, 1, 1));
    host_tick(ctx, 1);
    assert_alike(&estate.left, &expected.left);
    assert_string_equal(host_told(&estate.own), "1.1 1+0");
    assert_int_equal(estate.left_after_own, 0);
    receiver_assert_once(&receiver.acknowledged);
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
    estate_free(&estate);
    estate_free(&expected);
}

/* It comes again after the pause that every refusal has, and nothing else before. */
STORY(what_on_batch_refuses_comes_again_after_a_pause) {
    const folder_t folder = folder_make();
    estate_t estate = {0};
    dead_make(&folder, count_seven, NULL);
    receiver_t receiver = {.answer = LKSTATS_ENOMEM, .inside = keep_by_node, .story = &estate};
    lkstats_t *const ctx = receiver_open_in(&receiver, &folder, virtual_time);
    assert_int_equal(receiver.calls, 1);
    host_run(ctx, HOST_SECOND - 1);
    assert_int_equal(receiver.calls, 1);
    host_run(ctx, HOST_SECOND);
    assert_int_equal(receiver.calls, 2);
    receiver_answers(&receiver, LKSTATS_OK);
    host_run(ctx, 2 * HOST_SECOND);
    assert_int_equal(receiver.calls, 3);
    receiver_assert_unchanged(&receiver.taken);
    assert_string_equal(host_told(&estate.left), "1.1 7+0, 1.1 7+0, 1.1 7+0");
    assert_string_equal(host_told(&receiver.acknowledged), "1.1 7+0");
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
    estate_free(&estate);
}

STORY(while_a_refusal_rests_nothing_else_is_delivered) {
    const folder_t folder = folder_make();
    estate_t estate = {0};
    dead_make(&folder, count_seven, NULL);
    receiver_t receiver = {.answer = LKSTATS_ENOMEM, .inside = keep_by_node, .story = &estate};
    lkstats_t *const ctx = receiver_open_in(&receiver, &folder, virtual_time);
    count_seven(ctx, NULL);
    host_tick(ctx, 1); /* the other one is due as well */
    assert_int_equal(receiver.calls, 2);
    assert_int_equal(estate.own.count, 0);
    receiver_answers(&receiver, LKSTATS_OK);
    host_tick(ctx, 2);
    assert_int_equal(estate.left_after_own, 0);
    assert_string_equal(host_told(&estate.own), "1.1 7+0");
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
    estate_free(&estate);
}

/* ---- Calls of its own --------------------------------------------------------------------------- */

static void refused_calls(receiver_t *receiver, const lkstats_batch_t *batch) {
    lkstats_track_t track = *(lkstats_track_t *)receiver->story;
    require_status(LKSTATS_EREENTRANT, lkstats_run_once(batch->ctx, INT64_MAX, 0));
    require_status(LKSTATS_EREENTRANT, lkstats_flush(batch->ctx, 0));
    if (track != 0)
        require_status(LKSTATS_EREENTRANT, lkstats_track_flush(track, 0));
    require_status(LKSTATS_EREENTRANT, lkstats_close(batch->ctx, 0, NULL));
    require_status(LKSTATS_EREENTRANT, lkstats_close(batch->ctx, LKSTATS_ABANDON, NULL));
}

static void acknowledged_and_refused_calls(receiver_t *receiver, const lkstats_batch_t *batch) {
    refused_calls(receiver, batch);
    require_status(LKSTATS_OK, lkstats_ack(batch)); /* the last that was owed */
    refused_calls(receiver, batch);
    require_status(LKSTATS_ESTALE, lkstats_ack(batch));
}

STORY(on_batch_of_a_recovered_batch_may_not_wait_for_itself) {
    static void (*const insides[])(receiver_t *, const lkstats_batch_t *) = {refused_calls,
                                                                             acknowledged_and_refused_calls};
    for (size_t i = 0; i < 2; ++i) {
        for (uint32_t flags = 0; flags <= LKSTATS_NO_THREAD; ++flags) {
            const folder_t folder = folder_make();
            lkstats_track_t none = 0;
            dead_make(&folder, count_seven, NULL);
            receiver_t receiver = {.inside = insides[i], .story = &none};
            lkstats_t *const ctx = receiver_open_in(&receiver, &folder, (lkstats_options_t){.flags = flags});
            receiver_await_records(&receiver, 1);
            receiver_close(&receiver, ctx);
            assert_int_equal(receiver.calls, 1);
            receiver_free(&receiver);
        }
    }
}

static void adds_and_a_track(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)receiver;
    if (!host_string_is(batch->node, DEAD_NODE))
        return;
    const lkstats_track_t track = host_track(batch->ctx, "PA_inside");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 9, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
}

STORY(on_batch_of_a_recovered_batch_may_call_the_rest) {
    const folder_t folder = folder_make();
    dead_make(&folder, count_seven, NULL);
    receiver_t receiver = {.inside = adds_and_a_track};
    lkstats_t *const ctx = receiver_open_in(&receiver, &folder, virtual_time);
    receiver_close(&receiver, ctx);
    assert_string_equal(host_told(&receiver.acknowledged), "1.1 7+0, 1.1 9+0");
    receiver_free(&receiver);
}

static void give_back_the_first(receiver_t *receiver, const lkstats_batch_t *batch) {
    if (receiver->calls == 1)
        require_status(LKSTATS_OK, lkstats_nack(batch));
}

/* Then what it returns is not looked at. */
STORY(on_batch_may_give_a_recovered_batch_back_itself) {
    const folder_t folder = folder_make();
    dead_make(&folder, count_seven, NULL);
    receiver_t receiver = {.inside = give_back_the_first};
    lkstats_t *const ctx = receiver_open_in(&receiver, &folder, virtual_time);
    assert_int_equal(receiver.calls, 1);
    host_run(ctx, HOST_SECOND);
    assert_int_equal(receiver.calls, 2);
    receiver_assert_unchanged(&receiver.taken);
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
}

/* ---- The end of the heir ------------------------------------------------------------------------ */

STORY(a_close_waits_for_on_batch_of_a_recovered_batch) {
    const folder_t folder = folder_make();
    dead_make(&folder, count_seven, NULL);
    receiver_t receiver = {.held = true};
    lkstats_t *const ctx = receiver_open_in(&receiver, &folder, (lkstats_options_t){0});
    receiver_await_calls(&receiver, 1);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, NULL));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, LKSTATS_ABANDON, NULL));
    receiver_release(&receiver);
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
    estate_t estate = {0}; /* it was given up before it was answered */
    estate_settle(&estate, &folder);
    assert_string_equal(host_told(&estate.left), "1.1 7+0");
    estate_free(&estate);
}

/* ---- Taken -------------------------------------------------------------------------------------- */

STORY(the_event_is_readable_while_something_that_was_left_waits) {
    const folder_t folder = folder_make();
    dead_make(&folder, life_of_many_epochs, NULL);
    lkstats_t *const ctx = heir_open(&folder);
    const int32_t event = host_event_fd(ctx);
    assert_true(host_readable(event));
    lkstats_batch_t batch = host_take(ctx);
    assert_false(host_readable(event));
    assert_status(LKSTATS_OK, lkstats_nack(&batch));
    assert_true(host_readable(event));
    batch = host_take(ctx);
    assert_false(host_readable(event));
    assert_status(LKSTATS_OK, lkstats_ack(&batch)); /* and the next epochs' come */
    assert_true(host_readable(event));
    host_records_t all = {0};
    assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
    assert_false(host_readable(event));
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_is_given_back_or_asked_for_again_is_the_same) {
    const folder_t folder = folder_make();
    host_records_t first = {0}, again = {0}, third = {0}, all = {0};
    dead_make(&folder, life_of_many_epochs, NULL);
    lkstats_t *const ctx = heir_open(&folder);
    lkstats_batch_t batch = host_take(ctx), second;
    host_keep(&first, &batch);
    assert_status(LKSTATS_OK, lkstats_nack(&batch));
    assert_status(LKSTATS_ESTALE, lkstats_ack(&batch));
    second = host_take(ctx);
    host_keep(&again, &second);
    assert_int_not_equal(batch.id, second.id);
    assert_alike(&first, &again);
    assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
    batch = host_take(ctx);
    host_keep(&third, &batch);
    assert_alike(&first, &third);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_drain(ctx, &all);
    assert_status(LKSTATS_OK, lkstats_ack(&second)); /* of which nothing counts any more */
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    records_append(&first, &all);
    assert_each_once(&first);
    host_records_free(&first);
    host_records_free(&again);
    host_records_free(&third);
    host_records_free(&all);
    host_done(ctx);
}

static bool has(const uint8_t *bytes, uint64_t size, const char *text) {
    const size_t length = strlen(text);
    for (uint64_t i = 0; i + length <= size; ++i)
        if (memcmp(bytes + i, text, length) == 0)
            return true;
    return false;
}

STORY(stats_of_what_was_left_name_the_dead_one) {
    const folder_t folder = folder_make();
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    dead_make(&folder, count_seven, NULL);
    lkstats_t *const ctx = heir_open(&folder);
    const lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &stats, &size));
    assert_true(has(stats, size, DEAD_NODE) && has(stats, size, "PA_seven"));
    assert_false(has(stats, size, HEIR_NODE));
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_status(LKSTATS_ESTALE, lkstats_batch_analytics_stats(&batch, &stats, &size));
    assert_status(LKSTATS_ESTALE, lkstats_ack(&batch));
    host_done(ctx);
}

/* Its thread finds them; a consumer that sleeps on the event hears of it. */
STORY(a_consumer_on_a_thread_gets_all_that_was_left) {
    const folder_t folder = folder_make();
    estate_t expected = {0};
    dead_make(&folder, life_of_many_epochs, NULL);
    estate_settle(&expected, &folder);
    dead_make(&folder, life_of_many_epochs, NULL);
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .report_interval_ms = LKSTATS_REPORT_INTERVAL_MIN_MS,
                                       .slab_dir = host_string(folder.path)};
    lkstats_t *ctx = NULL;
    consumer_t consumer;
    assert_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    consumer_start(&consumer, ctx);
    for (size_t count = 0; count < expected.left.count; sched_yield()) {
        pthread_mutex_lock(&consumer.lock);
        count = consumer.kept.count;
        pthread_mutex_unlock(&consumer.lock);
    }
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    consumer_join(&consumer);
    assert_alike(&consumer.kept, &expected.left);
    consumer_free(&consumer);
    estate_free(&expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_batch_is_called_with_what_was_left_and_then_with_its_own),
        cmocka_unit_test(what_on_batch_refuses_comes_again_after_a_pause),
        cmocka_unit_test(while_a_refusal_rests_nothing_else_is_delivered),
        cmocka_unit_test(on_batch_of_a_recovered_batch_may_not_wait_for_itself),
        cmocka_unit_test(on_batch_of_a_recovered_batch_may_call_the_rest),
        cmocka_unit_test(on_batch_may_give_a_recovered_batch_back_itself),
        cmocka_unit_test(a_close_waits_for_on_batch_of_a_recovered_batch),
        cmocka_unit_test(the_event_is_readable_while_something_that_was_left_waits),
        cmocka_unit_test(what_is_given_back_or_asked_for_again_is_the_same),
        cmocka_unit_test(stats_of_what_was_left_name_the_dead_one),
        cmocka_unit_test(a_consumer_on_a_thread_gets_all_that_was_left),
    };
    return cmocka_run_group_tests_name("recovery_consumer", tests, NULL, folders_teardown);
}
