/* SPDX-License-Identifier: Apache-2.0 */
/* A host that is killed leaves its counters behind; the next context reports what they owe. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lives.h"
#include "scrape.h"

/* ---- What comes --------------------------------------------------------------------------------- */

/* One track: a report that is delivered, and traffic behind it. */
static void life_of_one_track(lkstats_t *ctx, void *ledger) {
    const lkstats_track_t track = host_track(ctx, "PA_one");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(ctx, 1);
    ledger_drain(ledger, ctx);
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 70, 0));
    host_run(ctx, HOST_TICK_NS + 2 * HOST_SECOND);
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 8, 0));
}

STORY(what_a_killed_host_counted_is_reported_by_the_next) {
    const folder_t folder = folder_make();
    ledger_t *const ledger = ledger_make();
    dead_make(&folder, life_of_one_track, ledger);
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);

    estate_t estate = {0};
    estate_settle(&estate, &folder);
    assert_int_equal(ledger->all.count, 1);
    assert_int_equal(estate.left.count, 1);
    const lkstats_record_t *const before = &ledger->all.items[0], *const after = &estate.left.items[0];
    assert_memory_equal(before->key.context, after->key.context, sizeof after->key.context);
    assert_int_equal(after->key.slot, before->key.slot);
    assert_int_equal(after->key.tag, before->key.tag);
    assert_int_equal(after->key.epoch, 1);
    assert_int_equal(after->key.sequence, 2);
    assert_traffic(after->window, 0, 0, 78, 2);
    assert_traffic(after->running, 5, 1, 78, 2);
    assert_true(host_string_is(after->participant_sid, "PA_one"));
    assert_true(host_string_is(after->track_id, "TR_DTPA_one"));
    estate_free(&estate);
}

STORY(the_last_window_ends_when_the_dead_reporter_ran_last) {
    const folder_t folder = folder_make();
    ledger_t *const ledger = ledger_make();
    dead_make(&folder, life_of_one_track, ledger);
    lkstats_t *const heir = heir_open(&folder);
    host_tick(heir, 1000);
    estate_t estate = {0};
    estate_drain(&estate, heir);
    const int64_t last_run_ns = HOST_TICK_NS + 2 * HOST_SECOND;
    assert_int_equal(estate.left.count, 1);
    assert_memory_equal(&estate.left.items[0].start, &ledger->all.items[0].end, sizeof(lkstats_time_t));
    assert_int_equal(estate.left.items[0].end.monotonic_ns, HOST_START_NS + last_run_ns);
    assert_int_equal(estate.left.items[0].end.wall_ns, HOST_START_WALL_NS + last_run_ns);
    estate_free(&estate);
    host_done(heir);
}

/* Lives the same life, closed at the end of it. */
static void close_normally(const folder_t *folder, const life_of_a_host_t *life, estate_t *estate) {
    lkstats_t *const ctx = dead_open(folder, (lkstats_options_t){0});
    ledger_t *const ledger = ledger_make();
    life->live(ctx, ledger);
    assert_int_equal(lkstats_redeliver(ctx), LKSTATS_OK);
    while (lkstats_close(ctx, 0, NULL) == LKSTATS_ETIMEDOUT)
        estate_drain(estate, ctx);
    assert_int_equal(folder_count(folder, "lkstats:"), 0);
}

static void assert_whole(const host_records_t *delivered, const host_records_t *left) {
    host_records_t all = {0};
    records_append(&all, delivered);
    records_append(&all, left);
    assert_each_once(&all);
    for (size_t i = 0; i < all.count; ++i)
        host_assert_gapless(&all, (uint64_t)all.items[i].key.tag << 32 | all.items[i].key.slot);
    host_records_free(&all);
}

/* Keys, sequences, epochs, joined and left, who is unattributed, windows, identities. */
STORY(a_kill_owes_what_a_close_would_have_reported) {
    for (size_t i = 0; i < lives_count; ++i) {
        const folder_t folder = folder_make();
        ledger_t *const ledger = ledger_make();
        estate_t closed = {0}, killed = {0};
        close_normally(&folder, &lives[i], &closed);
        dead_make(&folder, lives[i].live, ledger);
        estate_settle(&killed, &folder);
        print_message("a life %s\n", lives[i].name);
        assert_int_equal(ledger->all.count, lives[i].delivered);
        assert_string_equal(host_told(&killed.left), lives[i].owed);
        assert_alike(&killed.left, &closed.left);
        assert_whole(&ledger->all, &killed.left);
        estate_free(&closed);
        estate_free(&killed);
    }
}

STORY(totals_are_exact_however_often_the_words_went_round) {
    const folder_t folder = folder_make();
    ledger_t *const ledger = ledger_make();
    estate_t estate = {0};
    dead_make(&folder, life_of_much_traffic, ledger);
    estate_settle(&estate, &folder);
    const uint64_t bytes = (LIFE_ROUNDS / 2 + 1) * ((UINT64_C(1) << 35) - 1),
                   messages = (LIFE_ROUNDS / 2 + 1) * ((UINT64_C(1) << 26) - 1);
    const lkstats_record_t *const last = &estate.left.items[2];
    assert_true(host_string_is(last->participant_sid, "PA_much"));
    assert_int_equal(last->key.sequence, 3);
    assert_traffic(last->running, bytes, messages, bytes, messages);
    estate_free(&estate);
}

/* ---- What was frozen ---------------------------------------------------------------------------- */

static void frozen_and_delivered(lkstats_t *ctx, void *ledger) {
    const lkstats_track_t track = host_track(ctx, "PA_one");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(ctx, 1);
    ledger_take(ledger, ctx); /* nobody answers */
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    host_tick(ctx, 2);
}

STORY(what_was_delivered_before_comes_with_the_same_key_and_content) {
    const folder_t folder = folder_make();
    ledger_t *const ledger = ledger_make();
    estate_t estate = {0};
    dead_make(&folder, frozen_and_delivered, ledger);
    estate_settle(&estate, &folder);
    assert_int_equal(ledger->all.count, 1);
    assert_int_equal(estate.left.count, 2);
    assert_true(host_same_content(&ledger->all.items[0], &estate.left.items[0]));
    assert_whole(&(host_records_t){0}, &estate.left);
    assert_traffic(estate.left.items[1].window, 7, 1, 0, 0);
    estate_free(&estate);
}

/* ---- Order and names ---------------------------------------------------------------------------- */

STORY(the_dead_ones_reports_come_first_under_its_own_name) {
    const folder_t folder = folder_make();
    dead_make_with(&folder, (lkstats_options_t){.analytics_key = host_string("key-of-the-dead")},
                   life_of_many_epochs, NULL);
    lkstats_t *const heir =
        heir_open_with(&folder, (lkstats_options_t){.analytics_key = host_string("mine")});
    const lkstats_track_t own = host_track(heir, "PA_own");
    estate_t estate = {0};
    size_t batches = 0;
    require_status(LKSTATS_OK, lkstats_add_bytes(own, 9, 1));
    host_tick(heir, 1);
    for (;; ++batches) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        if (lkstats_next(heir, &batch) == LKSTATS_EAGAIN)
            break;
        const bool left = host_string_is(batch.node, DEAD_NODE);
        assert_true(host_string_is(batch.analytics_key, left ? "key-of-the-dead" : "mine"));
        assert_int_equal(batch.flags, left ? LKSTATS_RECOVERED : 0);
        assert_true(batch.ctx == heir);
        for (uint32_t i = 1; i < batch.record_count; ++i)
            assert_memory_equal(batch.records[i].key.context, batch.records[0].key.context, 16);
        estate_keep(&estate, &batch);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    assert_true(batches > 2);
    assert_int_equal(estate.left_after_own, 0);
    assert_int_equal(estate.own.count, 1);
    assert_memory_not_equal(estate.own.items[0].key.context, estate.left.items[0].key.context, 16);
    estate_free(&estate);
    host_done(heir);
}

STORY(the_files_go_with_the_last_acknowledgement_and_metrics_say_so) {
    const folder_t folder = folder_make();
    dead_make(&folder, life_of_many_epochs, NULL);
    lkstats_t *const heir = heir_open(&folder);
    assert_int_equal(scrape(heir, "lkstats_recovered_contexts_total"), 1);
    assert_int_equal(scrape(heir, "lkstats_recovered_tracks_total"), 2);
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        if (lkstats_next(heir, &batch) == LKSTATS_EAGAIN)
            break;
        assert_int_equal(folder_count(&folder, "lkstats:"), 6);
        assert_int_equal(scrape(heir, "lkstats_recovering_contexts"), 1);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    assert_int_equal(scrape(heir, "lkstats_recovering_contexts"), 0);
    assert_int_equal(scrape(heir, "lkstats_recovered_contexts_total"), 1);
    host_done(heir);
    assert_int_equal(folder_count(&folder, ""), 0);
}

STORY(several_dead_contexts_are_all_heard) {
    enum { DEAD = 5 };
    const folder_t folder = folder_make();
    for (int i = 0; i < DEAD; ++i)
        dead_make(&folder, life_of_many_epochs, NULL);
    estate_t estate = {0}, one = {0};
    estate_settle(&estate, &folder);
    const folder_t single = folder_make();
    dead_make(&single, life_of_many_epochs, NULL);
    estate_settle(&one, &single);
    assert_int_equal(estate.left.count, DEAD * one.left.count);
    assert_each_once(&estate.left);
    for (size_t i = 0; i < estate.left.count; ++i) {
        host_records_t of = records_of(&estate.left, estate.left.items[i].key.context);
        assert_alike(&of, &one.left);
        host_records_free(&of);
    }
    estate_free(&estate);
    estate_free(&one);
}

/* More than a chunk of slots and several of records, and more than a batch. */
enum { MANY = 18000 };

static void life_of_many_tracks(lkstats_t *ctx, void *unused) {
    (void)unused;
    for (uint64_t i = 0; i < MANY; ++i)
        require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_many"), i + 1, 1));
}

STORY(a_large_host_is_recovered_in_batches_each_track_once) {
    const folder_t folder = folder_make();
    static bool seen[MANY + 1];
    size_t batches = 0, tracks = 0;
    dead_make(&folder, life_of_many_tracks, NULL);
    assert_true(folder_count(&folder, "lkstats:") > 5);
    lkstats_t *heir = heir_open(&folder);
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        if (lkstats_next(heir, &batch) == LKSTATS_EAGAIN)
            break;
        for (uint32_t i = 0; i < batch.record_count; ++i) {
            const uint64_t bytes = lkstats_batch_record(&batch, i)->running.send_bytes;
            assert_true(bytes > 0 && bytes <= MANY && !seen[bytes]);
            seen[bytes] = true;
            ++tracks;
        }
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
        if (++batches % 5 == 0) { /* another one goes on */
            host_done(heir);
            heir = heir_open(&folder);
        }
    }
    assert_int_equal(tracks, MANY);
    assert_true(batches >= MANY / LKSTATS_BATCH_RECORDS_MAX);
    host_done(heir);
    assert_int_equal(folder_count(&folder, ""), 0);
}

/* ---- How it ends -------------------------------------------------------------------------------- */

typedef struct ending {
    const folder_t *folder;
    void (*end)(void);
    uint32_t flags;
} ending_t;

static void end_at_once(void) { _exit(0); }
static void end_by_abort(void) { abort(); }

static void count_and_end(void *argument) {
    const ending_t *const ending = argument;
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .flags = ending->flags,
                                       .node = host_string(DEAD_NODE),
                                       .slab_dir = host_string(ending->folder->path)};
    lkstats_t *ctx = NULL;
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    require_status(LKSTATS_OK, lkstats_add_messages(host_track(ctx, "PA_end"), 300, 3, 1));
    ending->end();
}

/* With a thread of the library's too, wherever it is just then. */
STORY(however_a_host_ends_its_counters_are_reported) {
    static void (*const ends[])(void) = {leave, end_at_once, end_by_abort, die};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; ++i) {
        for (uint32_t flags = 0; flags <= LKSTATS_NO_THREAD; ++flags) {
            const folder_t folder = folder_make();
            estate_t estate = {0};
            fflush(NULL);
            const pid_t child = fork();
            if (child == 0)
                host_be_child(count_and_end, &(ending_t){&folder, ends[i], flags});
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            assert_true(WIFSIGNALED(status) == (i >= 2));
            estate_settle(&estate, &folder);
            assert_int_equal(estate.left.count, 1);
            assert_traffic(estate.left.items[0].running, 300, 3, 0, 0);
            estate_free(&estate);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_killed_host_counted_is_reported_by_the_next),
        cmocka_unit_test(the_last_window_ends_when_the_dead_reporter_ran_last),
        cmocka_unit_test(a_kill_owes_what_a_close_would_have_reported),
        cmocka_unit_test(totals_are_exact_however_often_the_words_went_round),
        cmocka_unit_test(what_was_delivered_before_comes_with_the_same_key_and_content),
        cmocka_unit_test(the_dead_ones_reports_come_first_under_its_own_name),
        cmocka_unit_test(the_files_go_with_the_last_acknowledgement_and_metrics_say_so),
        cmocka_unit_test(several_dead_contexts_are_all_heard),
        cmocka_unit_test(a_large_host_is_recovered_in_batches_each_track_once),
        cmocka_unit_test(however_a_host_ends_its_counters_are_reported),
    };
    return cmocka_run_group_tests_name("recovery", tests, NULL, folders_teardown);
}
