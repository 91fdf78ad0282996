/* SPDX-License-Identifier: Apache-2.0 */
/* A consumer can prove that it has everything: what lkstats_verify.h says of records, those of the library and those of
 * the set that all languages are told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lkstats_verify.h"

#include "host.h"

enum { EPOCHS_MAX = 64 };

/* What a consumer keeps: a state for each epoch. */
typedef struct ledger {
    lkstats_verify_t epochs[EPOCHS_MAX];
    size_t count;
} ledger_t;

static lkstats_verify_t *epoch_of(ledger_t *ledger, const lkstats_key_t *key) {
    for (size_t i = 0; i < ledger->count; ++i) {
        lkstats_verify_t *const epoch = &ledger->epochs[i];
        if (memcmp(epoch->context, key->context, sizeof key->context) == 0 && epoch->slot == key->slot &&
            epoch->tag == key->tag && epoch->epoch == key->epoch)
            return epoch;
    }
    assert_true(ledger->count < EPOCHS_MAX);
    return &ledger->epochs[ledger->count++];
}

static lkstats_verdict_t told(ledger_t *ledger, const lkstats_record_t *record) {
    return lkstats_verify_take(epoch_of(ledger, &record->key), record);
}

/* A track and a connection that moves twice, the second time without a word, some ticks long. */
static host_records_t lives(lkstats_t *ctx) {
    host_records_t all = {0};
    const lkstats_track_t track = host_track(ctx, "PA_verify");
    const lkstats_signal_t signal = host_signal(ctx);
    for (int64_t tick = 1; tick <= 12; ++tick) {
        if (tick % 4 == 1) {
            if (tick > 1)
                assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
            host_resolve(signal, "RM_verify", "PA_verify");
        }
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, (uint64_t)tick, 1));
        if (tick < 9)
            assert_status(LKSTATS_OK, lkstats_add_messages(signal, (uint64_t)tick, 2, 0));
        host_settle(ctx, tick * HOST_TICK_NS, &all);
    }
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 0));
    host_close(ctx, &all);
    return all;
}

STORY(what_the_library_reports_is_proved_complete) {
    /* Given everything that a track and a connection of three epochs report, */
    host_records_t all = lives(host_open());
    ledger_t ledger = {0};

    /* when a consumer takes it as it comes, */
    for (size_t i = 0; i < all.count; ++i)
        assert_string_equal(lkstats_verify_name(told(&ledger, &all.items[i])), "next");

    /* then each epoch is complete, and they follow each other. */
    assert_int_equal(ledger.count, 4);
    const lkstats_verify_t *former = NULL;
    for (uint32_t number = 1; number <= 3; ++number) {
        const lkstats_verify_t *found = NULL;
        for (size_t i = 0; i < ledger.count; ++i) {
            assert_true(lkstats_verify_complete(&ledger.epochs[i]));
            if ((ledger.epochs[i].flags & LKSTATS_VERIFY_SIGNAL) != 0 && ledger.epochs[i].epoch == number)
                found = &ledger.epochs[i];
        }
        assert_non_null(found);
        assert_true(lkstats_verify_follows(found, former));
        former = found;
    }
    host_records_free(&all);
}

/* Whether a left with the next sequence follows. */
static bool is_before_left(const host_records_t *all, size_t number) {
    lkstats_key_t left = all->items[number].key;
    left.kind = LKSTATS_RECORD_LEFT;
    ++left.sequence;
    for (size_t i = 0; i < all->count; ++i)
        if (memcmp(&all->items[i].key, &left, sizeof left) == 0 && all->items[number].key.sequence != 1)
            return true;
    return false;
}

STORY(a_record_that_is_lost_is_missed_with_all_its_traffic) {
    host_records_t all = lives(host_open());
    size_t missed = 0;

    for (size_t lost = 0; lost < all.count; ++lost) {
        /* Given that all came but one, */
        const lkstats_record_t *const record = &all.items[lost];
        ledger_t ledger = {0};
        for (size_t i = 0; i < all.count; ++i)
            if (i != lost)
                assert_int_not_equal(told(&ledger, &all.items[i]), LKSTATS_VERIFY_CONTRADICTION);

        /* then it is missing, unless nothing after it was to come, */
        lkstats_verify_t *const epoch = epoch_of(&ledger, &record->key);
        const lkstats_missing_t missing = lkstats_verify_missing(epoch);
        const bool last = epoch->newest < record->key.sequence || record->key.kind == LKSTATS_RECORD_LEFT;
        if (!last) {
            ++missed;
            assert_false(lkstats_verify_gapless(epoch));
            assert_int_equal(missing.sequences, 1);
            /* Before a left of its own, the lost one's traffic could as well have come in two. */
            assert_int_equal(missing.exact, !is_before_left(&all, lost));
            assert_memory_equal(&missing.traffic, &record->window, sizeof missing.traffic);
        }
        assert_true(!lkstats_verify_complete(epoch) || record->channel != LKSTATS_CHANNEL_SIGNAL);

        /* and when it comes everything is there. */
        assert_int_equal(told(&ledger, record), last ? LKSTATS_VERIFY_NEXT : LKSTATS_VERIFY_LATE);
        assert_true(lkstats_verify_complete(epoch));
        assert_int_equal(told(&ledger, record), LKSTATS_VERIFY_DUPLICATE);
    }
    assert_true(missed > 12);
    host_records_free(&all);
}

STORY(an_epoch_follows_its_complete_predecessor_only) {
    host_records_t all = lives(host_open());
    ledger_t ledger = {0};
    lkstats_verify_t *epochs[4] = {0};
    for (size_t i = 0; i < all.count; ++i)
        told(&ledger, &all.items[i]);
    for (size_t i = 0; i < ledger.count; ++i)
        if ((ledger.epochs[i].flags & LKSTATS_VERIFY_SIGNAL) != 0)
            epochs[ledger.epochs[i].epoch] = &ledger.epochs[i];

    const lkstats_verify_t nothing = {0};
    lkstats_verify_t other = *epochs[1];
    assert_true(lkstats_verify_follows(epochs[2], epochs[1]));
    assert_false(lkstats_verify_follows(epochs[3], epochs[1]));
    assert_false(lkstats_verify_follows(epochs[1], epochs[2]));
    assert_false(lkstats_verify_follows(epochs[2], epochs[2]));
    assert_false(lkstats_verify_follows(epochs[2], NULL));
    assert_true(lkstats_verify_follows(epochs[1], NULL));
    assert_false(lkstats_verify_follows(&nothing, NULL));
    assert_false(lkstats_verify_follows(NULL, NULL));
    assert_false(lkstats_verify_follows(epochs[2], &nothing));
    ++other.tag;
    assert_false(lkstats_verify_follows(epochs[2], &other));
    other = *epochs[1];
    other.contradictions = 1;
    assert_false(lkstats_verify_follows(epochs[2], &other));
    other = *epochs[1];
    other.flags |= LKSTATS_VERIFY_UNATTRIBUTED;
    assert_false(lkstats_verify_follows(epochs[2], &other));
    other = *epochs[1];
    other.flags &= ~(uint32_t)LKSTATS_VERIFY_OVER;
    assert_false(lkstats_verify_follows(epochs[2], &other));
    host_records_free(&all);
}

STORY(nothing_and_nonsense_are_told_and_cost_nothing) {
    host_records_t all = lives(host_open());
    lkstats_verify_t epoch = {0};
    assert_false(lkstats_verify_gapless(&epoch));
    assert_false(lkstats_verify_complete(&epoch));
    assert_int_equal(lkstats_verify_take(NULL, &all.items[0]), LKSTATS_VERIFY_CONTRADICTION);
    assert_int_equal(lkstats_verify_take(&epoch, NULL), LKSTATS_VERIFY_CONTRADICTION);
    assert_int_equal(epoch.why, LKSTATS_VERIFY_WHY_STATE);
    assert_int_equal(epoch.contradictions, 0);
    assert_false(lkstats_verify_gapless(NULL));
    assert_false(lkstats_verify_complete(NULL));
    assert_int_equal(lkstats_verify_missing(NULL).sequences, 0);
    assert_string_equal(lkstats_verify_name(6), "unknown");
    assert_string_equal(lkstats_verify_name(-1), "unknown");
    assert_string_equal(lkstats_verify_why(NULL), lkstats_verify_why(&epoch));

    /* A state that was read from somewhere, with more gaps than there are places. */
    assert_int_equal(lkstats_verify_take(&epoch, &all.items[0]), LKSTATS_VERIFY_NEXT);
    epoch.gap_count = UINT32_MAX;
    epoch.why = LKSTATS_VERIFY_WHY_NOTHING;
    assert_int_equal(lkstats_verify_take(&epoch, &all.items[0]), LKSTATS_VERIFY_CONTRADICTION);
    assert_int_equal(epoch.why, LKSTATS_VERIFY_WHY_STATE);
    assert_int_equal(lkstats_verify_missing(&epoch).sequences, 0);
    assert_false(lkstats_verify_complete(&epoch));
    host_records_free(&all);
}

/* ---- The set of all languages ------------------------------------------------------------------- */

/* "1-3 7-9+~", as the set has them. */
static const char *holes(const lkstats_verify_t *epoch) {
    static char text[LKSTATS_VERIFY_GAPS_MAX * 32];
    size_t size = 0;
    for (uint32_t i = 0; i < epoch->gap_count; ++i) {
        const lkstats_verify_gap_t *const gap = &epoch->gaps[i];
        size += (size_t)snprintf(
            text + size, sizeof text - size, "%s%" PRIu32 "-%" PRIu32 "%s%s", i == 0 ? "" : " ", gap->first,
            gap->last, (gap->flags & LKSTATS_VERIFY_MERGED) != 0 ? "+" : "",
            (gap->flags & (LKSTATS_VERIFY_TOUCHED | LKSTATS_VERIFY_OPEN)) != 0 ? "~" : "");
    }
    return size == 0 ? "none" : text;
}

/* The line that would stand there for this record. */
static void say(char *line, size_t capacity, lkstats_verify_t *epoch, const lkstats_record_t *record) {
    static const char *const why[] = {"nothing", "form", "state", "content", "totals", "over"};
    const lkstats_verdict_t verdict = lkstats_verify_take(epoch, record);
    const lkstats_missing_t missing = lkstats_verify_missing(epoch);
    const lkstats_key_t *const key = &record->key;
    const lkstats_traffic_t *const window = &record->window, *const running = &record->running;
    snprintf(line, capacity,
             "{\"take\":[%d,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32
             "],\"signal\":%d,\"unattributed\":%d,\"window\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
             "],\"running\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
             "],\"verdict\":\"%s\",\"why\":\"%s\",\"missing\":[%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64
             ",%" PRIu64 ",%" PRIu64 "],\"holes\":\"%s\",\"gapless\":%d,\"complete\":%d}\n",
             key->context[0], key->slot, key->tag, key->epoch, key->sequence, key->kind,
             record->channel == LKSTATS_CHANNEL_SIGNAL, record->flags == LKSTATS_UNATTRIBUTED,
             window->send_bytes, window->send_messages, window->recv_bytes, window->recv_messages,
             running->send_bytes, running->send_messages, running->recv_bytes, running->recv_messages,
             lkstats_verify_name(verdict), why[epoch->why], missing.sequences, missing.exact,
             missing.traffic.send_bytes, missing.traffic.send_messages, missing.traffic.recv_bytes,
             missing.traffic.recv_messages, holes(epoch), lkstats_verify_gapless(epoch),
             lkstats_verify_complete(epoch));
}

STORY(every_record_of_the_shared_sequences_is_judged_as_it_says) {
    char line[1024], said[1024];
    lkstats_verify_t epoch = {0};
    size_t count = 0;
    FILE *const file = fopen(TEST_DATA "/verify.jsonl", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "{\"story\":", 9) == 0) {
            memset(&epoch, 0, sizeof epoch);
            continue;
        }
        lkstats_record_t record = {0};
        lkstats_key_t *const key = &record.key;
        int signal = 0, unattributed = 0;
        lkstats_traffic_t *const window = &record.window, *const running = &record.running;
        assert_int_equal(
            16, sscanf(line,
                       "{\"take\":[%" SCNu8 ",%" SCNu32 ",%" SCNu32 ",%" SCNu32 ",%" SCNu32 ",%" SCNu32
                       "],\"signal\":%d,\"unattributed\":%d,\"window\":[%" SCNu64 ",%" SCNu64 ",%" SCNu64
                       ",%" SCNu64 "],\"running\":[%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64,
                       &key->context[0], &key->slot, &key->tag, &key->epoch, &key->sequence, &key->kind,
                       &signal, &unattributed, &window->send_bytes, &window->send_messages,
                       &window->recv_bytes, &window->recv_messages, &running->send_bytes,
                       &running->send_messages, &running->recv_bytes, &running->recv_messages));
        record.channel = signal != 0 ? LKSTATS_CHANNEL_SIGNAL : LKSTATS_CHANNEL_DATA;
        record.flags = unattributed != 0 ? LKSTATS_UNATTRIBUTED : 0;
        say(said, sizeof said, &epoch, &record);
        assert_string_equal(said, line);
        ++count;
    }
    fclose(file);
    assert_true(count > 300);
}

int main(void) {
    const struct CMUnitTest stories[] = {
        cmocka_unit_test(what_the_library_reports_is_proved_complete),
        cmocka_unit_test(a_record_that_is_lost_is_missed_with_all_its_traffic),
        cmocka_unit_test(an_epoch_follows_its_complete_predecessor_only),
        cmocka_unit_test(nothing_and_nonsense_are_told_and_cost_nothing),
        cmocka_unit_test(every_record_of_the_shared_sequences_is_judged_as_it_says),
    };
    return cmocka_run_group_tests(stories, NULL, NULL);
}
