/* SPDX-License-Identifier: Apache-2.0 */
/* What a dead context left may be damaged: that costs the track whose memory it is, never another one, and the files
 * are kept for a person to look at. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remains.h"
#include "scrape.h"

/* ---- Three tracks ------------------------------------------------------------------------------- */

enum { DATA, SIGNAL, STOPPED, TRACKS };

/* Data: a report that is acknowledged, one that waits, running totals, and more behind. Signal: two epochs at length
 * and a third. Stopped: nobody has seen to it. */
static void live(lkstats_t *ctx, void *argument) {
    lkstats_track_t *const tracks = argument;
    static char name[LKSTATS_STRING_MAX];
    ledger_t *const ledger = ledger_make();
    const lkstats_room_t room = {
        .struct_size = sizeof room, .sid = host_string("RM_first"), .name = {name, sizeof name}};
    memset(name, 'n', sizeof name);
    tracks[DATA] = host_track(ctx, "PA_data");
    tracks[SIGNAL] = host_signal(ctx);
    tracks[STOPPED] = host_track(ctx, "PA_stopped");
    require_status(LKSTATS_OK, lkstats_add_bytes(tracks[DATA], (UINT64_C(1) << 35) - 1, 1));
    require_status(LKSTATS_OK, lkstats_signal_resolve_room(tracks[SIGNAL], &room));
    require_status(LKSTATS_OK, host_resolve_participant(tracks[SIGNAL], "PA_signal"));
    require_status(LKSTATS_OK, lkstats_add_bytes(tracks[SIGNAL], 3, 0));
    host_tick(ctx, 1);
    ledger_drain(ledger, ctx);
    require_status(LKSTATS_OK, lkstats_add_bytes(tracks[DATA], 5, 1));
    host_tick(ctx, 2);
    require_status(LKSTATS_OK, lkstats_add_messages(tracks[DATA], (UINT64_C(1) << 35) - 1, 6, 0));
    require_status(LKSTATS_OK, lkstats_signal_reset(tracks[SIGNAL]));
    host_resolve(tracks[SIGNAL], "RM_second", "PA_signal");
    require_status(LKSTATS_OK, lkstats_add_bytes(tracks[SIGNAL], 4, 1));
    host_run(ctx, 2 * HOST_TICK_NS + HOST_SECOND);
    require_status(LKSTATS_OK, lkstats_add_bytes(tracks[DATA], 0, 0));
    require_status(LKSTATS_OK, lkstats_add_bytes(tracks[STOPPED], 7, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(tracks[STOPPED], NULL));
}

typedef struct scene {
    remains_t remains, untouched;
    lkstats_track_t *tracks;
    host_records_t whole; /* what comes when nothing is damaged */
    folder_t folder;
} scene_t;

static scene_t scene;

static uint32_t index_of(int track) { return (uint32_t)(scene.tracks[track] & 0xffffff); }
static lkstats_slab_slot_t *slot_of(int track) { return remains_slot(&scene.remains, index_of(track)); }
static lkstats_slab_record_t *record_of(int track) {
    return remains_record(&scene.remains, slot_of(track)->record);
}

/* ---- An heir ------------------------------------------------------------------------------------ */

/* What an heir makes of the files. */
typedef struct outcome {
    estate_t estate;
    told_t told;
    size_t damaged; /* files that are kept aside */
    size_t left_alone;
    uint64_t in_metrics; /* tracks left out */
} outcome_t;

static void take_stats(const lkstats_batch_t *batch) {
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    require_status(LKSTATS_OK, lkstats_batch_analytics_stats(batch, &stats, &size));
}

static outcome_t inherit(void) {
    outcome_t outcome = {0};
    lkstats_t *const heir =
        heir_open_with(&scene.folder, told_to(&outcome.told, (lkstats_options_t){.max_tracks = 1}));
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        const lkstats_status_t status = lkstats_next(heir, &batch);
        if (status == LKSTATS_EAGAIN)
            break;
        require_status(LKSTATS_OK, status);
        take_stats(&batch);
        host_keep(&outcome.estate.left, &batch);
        require_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    outcome.in_metrics = scrape(heir, "lkstats_recovery_damaged_tracks_total");
    require_status(LKSTATS_OK, lkstats_close(heir, 0, NULL));
    outcome.damaged = folder_count(&scene.folder, "lkstats-damaged:");
    outcome.left_alone = folder_count(&scene.folder, "lkstats:");
    require(outcome.damaged + outcome.left_alone == folder_count(&scene.folder, ""));
    return outcome;
}

static void clear(outcome_t *outcome) {
    static const char *const prefixes[] = {"lkstats:", "lkstats-damaged:"};
    static const char *const names[] = {"dir", "slots0", "records0"};
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j) {
            char name[100];
            snprintf(name, sizeof name, "%s%s:%s", prefixes[i], scene.remains.uuid, names[j]);
            remove(folder_at(&scene.folder, name).path);
        }
    require(folder_count(&scene.folder, "") == 0);
    estate_free(&outcome->estate);
}

typedef enum found { SAME, MISSING, OTHER } found_t;

/* How what came of that track compares to what would have come. */
static found_t found(const outcome_t *outcome, int track) {
    const host_records_t *const all = &outcome->estate.left;
    size_t matched = 0, count = 0;
    for (size_t i = 0; i < all->count; ++i)
        count += all->items[i].key.slot == index_of(track);
    if (count == 0)
        return MISSING;
    for (size_t i = 0, from = 0; i < scene.whole.count; ++i) {
        if (scene.whole.items[i].key.slot != index_of(track))
            continue;
        size_t at = from;
        while (at < all->count && !host_same_content(&all->items[at], &scene.whole.items[i]))
            ++at;
        if (at == all->count)
            return OTHER;
        from = at + 1;
        ++matched;
    }
    return matched == count ? SAME : OTHER;
}

/* Damage that is seen: said, counted, kept. */
static void assert_kept_aside(const outcome_t *outcome) {
    assert_true(outcome->told.count[LKSTATS_LOG_ERROR] > 0);
    assert_non_null(strstr(outcome->told.last[LKSTATS_LOG_ERROR], scene.remains.uuid));
    assert_true(outcome->in_metrics > 0);
    assert_true(outcome->damaged > 0);
    assert_int_equal(outcome->left_alone, 0);
}

static void assert_unnoticed(const outcome_t *outcome) {
    assert_int_equal(outcome->told.count[LKSTATS_LOG_ERROR], 0);
    assert_int_equal(outcome->in_metrics, 0);
    assert_int_equal(outcome->damaged + outcome->left_alone, 0);
}

/* Of that track nothing comes, of the others all. */
static void assert_costs(int track) {
    remains_lay(&scene.remains, &scene.folder);
    outcome_t outcome = inherit();
    for (int i = 0; i < TRACKS; ++i)
        assert_int_equal(found(&outcome, i), i == track ? MISSING : SAME);
    assert_kept_aside(&outcome);
    assert_int_equal(outcome.in_metrics, 1);
    assert_int_equal(outcome.damaged, 3);
    clear(&outcome);
}

static int set_up(void **state) {
    (void)state;
    scene.folder = folder_make();
    scene.tracks = shared_memory(TRACKS * sizeof *scene.tracks);
    scene.untouched = remains_make(live, scene.tracks);
    scene.remains = remains_copy(&scene.untouched);
    remains_lay(&scene.remains, &scene.folder);
    outcome_t outcome = inherit();
    records_append(&scene.whole, &outcome.estate.left);
    require(outcome.damaged + outcome.left_alone == 0);
    clear(&outcome);
    return 0;
}

/* Before each story, whatever became of the one before. */
static int restore(void **state) {
    outcome_t outcome = {0};
    (void)state;
    remains_free(&scene.remains);
    scene.remains = remains_copy(&scene.untouched);
    clear(&outcome);
    return 0;
}

static int tear_down(void **state) {
    remains_free(&scene.remains);
    remains_free(&scene.untouched);
    host_records_free(&scene.whole);
    return folders_teardown(state);
}

/* ---- One bit ------------------------------------------------------------------------------------ */

/* Bytes that no checksum covers, because every add, or every fold, changes them, or the word that publishes the rest: a
 * wrong one gives that track wrong figures or times. */
typedef struct stretch {
    size_t from, to;
} stretch_t;

#define STRETCH(type, first, last)                                                                           \
    { offsetof(type, first), offsetof(type, last) + sizeof((type *)0)->last }

static const stretch_t of_slot[] = {STRETCH(lkstats_slab_slot_t, word, last), {0, 0}};
static const stretch_t of_record[] = {
    STRETCH(lkstats_slab_record_t, control, start), STRETCH(lkstats_slab_record_t, end, end), {0, 0}};
static const stretch_t of_block[] = {{0, 0}};

static bool is_in(const stretch_t *stretches, size_t at) {
    for (; stretches->to != 0; ++stretches)
        if (at >= stretches->from && at < stretches->to)
            return true;
    return false;
}

/* Damage is seen and kept, or was none; where nothing can see it, it is that track's. Of the others all comes. */
static void assert_at_most(int track, bool may_be_wrong, size_t at) {
    outcome_t outcome = inherit();
    for (int other = 0; other < TRACKS; ++other)
        if (other != track && found(&outcome, other) != SAME)
            fail_msg("byte %zu of track %d costs track %d", at, track, other);
    switch (found(&outcome, track)) {
    case MISSING:
        assert_kept_aside(&outcome);
        break;
    case OTHER:
        if (!may_be_wrong)
            fail_msg("byte %zu of track %d is wrong and nobody sees it: %s", at, track,
                     host_told(&outcome.estate.left));
        break;
    case SAME:
        break;
    }
    assert_int_equal(outcome.left_alone, 0);
    if (outcome.damaged == 0)
        assert_unnoticed(&outcome);
    clear(&outcome);
}

/* Bytes from one to the next: a sanitizer takes its time. */
enum { STRIDE = HOST_SANITIZED ? 7 : 1 };

/* Another bit of each byte. */
static void flip_each_byte(int track, void *memory, size_t size, const stretch_t *unseen) {
    uint8_t *const bytes = memory;
    for (size_t at = 0; at < size; at += STRIDE) {
        const uint8_t bit = (uint8_t)(1 << at % 8);
        bytes[at] ^= bit;
        remains_lay(&scene.remains, &scene.folder);
        assert_at_most(track, is_in(unseen, at), at);
        bytes[at] ^= bit;
    }
}

STORY(a_bit_of_a_slot_costs_at_most_that_track) {
    for (int track = 0; track < TRACKS; ++track)
        flip_each_byte(track, slot_of(track), sizeof(lkstats_slab_slot_t), of_slot);
}

STORY(a_bit_of_a_record_costs_at_most_that_track) {
    for (int track = 0; track < TRACKS; ++track)
        flip_each_byte(track, record_of(track), sizeof(lkstats_slab_record_t), of_record);
}

STORY(a_bit_of_an_earlier_epoch_costs_at_most_that_track) {
    lkstats_slab_record_t *const earlier = remains_record(&scene.remains, record_of(SIGNAL)->previous);
    flip_each_byte(SIGNAL, earlier, sizeof *earlier, of_record);
    flip_each_byte(SIGNAL, remains_record(&scene.remains, earlier->overflow), sizeof *earlier, of_block);
}

/* Whatever it says then: no crash, and either all is recovered, or the files are there. */
STORY(a_bit_of_the_directory_loses_no_file) {
    uint8_t *const bytes = (uint8_t *)scene.remains.directory;
    const size_t size = offsetof(lkstats_slab_directory_t, owner_start),
                 slots = offsetof(lkstats_slab_directory_t, slots),
                 records = offsetof(lkstats_slab_directory_t, records);
    for (size_t at = 0; at < sizeof *scene.remains.directory; at += STRIDE) {
        if (at >= size + 16 && at < slots)
            continue; /* names and times: as they are */
        if ((at >= slots + 24 && at < records) || at >= records + 24)
            continue; /* of chunks that there are not */
        for (int bit = 0; bit < 8; ++bit) {
            bytes[at] ^= (uint8_t)(1 << bit);
            remains_lay(&scene.remains, &scene.folder);
            outcome_t outcome = inherit();
            const bool all_came = outcome.estate.left.count == scene.whole.count;
            const bool kept = outcome.damaged == 3 || outcome.left_alone == 3;
            if (!all_came && !kept)
                fail_msg("byte %zu, bit %d: neither recovered nor kept", at, bit);
            clear(&outcome);
            bytes[at] ^= (uint8_t)(1 << bit);
        }
    }
}

/* ---- What does not fit together ----------------------------------------------------------------- */

STORY(a_link_to_nowhere_costs_that_track) {
    const uint32_t nowhere[] = {0, 4000, 1 << 20, UINT32_MAX};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; ++i) {
        const uint32_t was = slot_of(DATA)->record;
        slot_of(DATA)->record = nowhere[i];
        assert_costs(DATA);
        slot_of(DATA)->record = was;
        record_of(SIGNAL)->previous ^= nowhere[i]; /* with 0 it is as it was */
        if (i > 0)
            assert_costs(SIGNAL);
        record_of(SIGNAL)->previous ^= nowhere[i];
    }
}

STORY(a_record_of_somebody_else_is_not_taken) {
    const uint32_t was = slot_of(STOPPED)->record;
    slot_of(STOPPED)->record = slot_of(DATA)->record;
    assert_costs(STOPPED);
    slot_of(STOPPED)->record = slot_of(SIGNAL)->record;
    assert_costs(STOPPED);
    slot_of(STOPPED)->record = record_of(SIGNAL)->previous;
    assert_costs(STOPPED);
    slot_of(STOPPED)->record = was;
    const uint32_t first = slot_of(DATA)->record; /* and it is still there for who comes after */
    slot_of(DATA)->record = was;
    assert_costs(DATA);
    slot_of(DATA)->record = slot_of(SIGNAL)->record;
    assert_costs(DATA);
    slot_of(DATA)->record = first;
}

STORY(a_chain_that_loops_ends) {
    lkstats_slab_record_t *const newest = record_of(SIGNAL);
    lkstats_slab_record_t *const earlier = remains_record(&scene.remains, newest->previous);
    const uint32_t was = newest->previous;
    newest->previous = slot_of(SIGNAL)->record;
    assert_costs(SIGNAL);
    newest->previous = was;
    earlier->previous = slot_of(SIGNAL)->record;
    assert_costs(SIGNAL);
    earlier->previous = was;
    assert_costs(SIGNAL);
    earlier->previous = 0;
    lkstats_slab_overflow_t *const block =
        (lkstats_slab_overflow_t *)(void *)remains_record(&scene.remains, earlier->overflow);
    earlier->overflow ^= was;
    assert_costs(SIGNAL);
    earlier->overflow ^= was;
    assert_int_equal(block->next, 0);
}

STORY(epochs_that_do_not_fall_cost_that_track) {
    lkstats_slab_record_t *const earlier = remains_record(&scene.remains, record_of(SIGNAL)->previous);
    assert_int_equal(earlier->epoch, 1);
    for (uint32_t epoch = 2; epoch < 5; ++epoch) {
        earlier->epoch = epoch;
        assert_costs(SIGNAL);
    }
    earlier->epoch = 0;
    assert_costs(SIGNAL);
    earlier->epoch = 1;
}

/* Also where a bit more would be plausible. */
STORY(figures_that_no_host_can_reach_cost_that_track) {
    lkstats_slab_slot_t *const slot = slot_of(DATA);
    for (unsigned bit = 8; bit < 64; bit += bit == 24 ? 16 : 1) {
        slot->carry[LKSTATS_SLAB_SEND] ^= UINT64_C(1) << bit;
        assert_costs(DATA);
        slot->carry[LKSTATS_SLAB_SEND] ^= UINT64_C(1) << bit;
    }
}

/* ---- Files -------------------------------------------------------------------------------------- */

static folder_t laid(const char *what) {
    return folder_at(&scene.folder, remains_name(&scene.remains, what));
}

STORY(a_missing_chunk_costs_its_tracks_and_the_rest_is_kept) {
    static const char *const chunks[] = {"slots0", "records0"};
    for (int i = 0; i < 2; ++i) {
        remains_lay(&scene.remains, &scene.folder);
        assert_int_equal(unlink(laid(chunks[i]).path), 0);
        outcome_t outcome = inherit();
        assert_int_equal(outcome.estate.left.count, 0);
        assert_kept_aside(&outcome);
        assert_int_equal(outcome.damaged, 2);
        clear(&outcome);
    }
}

/* A pipe would keep whoever opens it waiting, a link lead elsewhere. */
STORY(what_stands_in_for_a_chunk_is_no_chunk) {
    enum { PIPE, LINK, DIRECTORY, OPEN_TO_OTHERS, KINDS };
    for (int kind = 0; kind < KINDS; ++kind) {
        remains_lay(&scene.remains, &scene.folder);
        const folder_t path = laid("records0"), aside = folder_make();
        const folder_t real = folder_at(&aside, "real");
        if (kind == OPEN_TO_OTHERS) {
            assert_int_equal(chmod(path.path, 0666), 0);
        } else {
            assert_int_equal(rename(path.path, real.path), 0);
            assert_int_equal(kind == PIPE   ? mkfifo(path.path, 0600)
                             : kind == LINK ? symlink(real.path, path.path)
                                            : mkdir(path.path, 0700),
                             0);
        }
        outcome_t outcome = inherit();
        assert_int_equal(outcome.estate.left.count, 0);
        assert_kept_aside(&outcome);
        assert_int_equal(outcome.damaged, 3);
        if (kind == LINK) {
            size_t size = 0;
            char *const bytes = file_read(real.path, &size);
            assert_int_equal(size, scene.remains.records_size);
            assert_memory_equal(bytes, scene.remains.records, size);
            free(bytes);
        }
        clear(&outcome);
    }
}

STORY(a_file_that_was_cut_costs_what_was_cut_off) {
    const lkstats_slab_directory_t *const directory = scene.remains.directory;
    const size_t records_cut =
        (slot_of(STOPPED)->record - directory->records[0].first) * sizeof(lkstats_slab_record_t);
    remains_lay(&scene.remains, &scene.folder);
    assert_int_equal(truncate(laid("records0").path, (off_t)records_cut), 0);
    outcome_t outcome = inherit();
    assert_int_equal(found(&outcome, DATA), SAME);
    assert_int_equal(found(&outcome, STOPPED), MISSING);
    assert_kept_aside(&outcome);
    clear(&outcome);

    const size_t slots_cut = (index_of(STOPPED) - directory->slots[0].first) * sizeof(lkstats_slab_slot_t);
    for (size_t more = 0; more < sizeof(lkstats_slab_slot_t); more += sizeof(lkstats_slab_slot_t) - 1) {
        remains_lay(&scene.remains, &scene.folder);
        assert_int_equal(truncate(laid("slots0").path, (off_t)(slots_cut + more)), 0);
        outcome = inherit();
        assert_int_equal(found(&outcome, DATA), SAME);
        assert_int_equal(found(&outcome, SIGNAL), SAME);
        assert_int_equal(found(&outcome, STOPPED), MISSING);
        assert_kept_aside(&outcome);
        clear(&outcome);
    }
}

STORY(a_directory_that_was_cut_is_kept_with_its_chunks) {
    remains_lay(&scene.remains, &scene.folder);
    for (off_t size = sizeof(lkstats_slab_directory_t) / 2; size > 8; size /= 2) {
        assert_int_equal(truncate(laid("dir").path, size), 0);
        outcome_t outcome = inherit();
        assert_int_equal(outcome.estate.left.count, 0);
        assert_kept_aside(&outcome);
        assert_int_equal(outcome.damaged, 3);
        clear(&outcome);
        remains_lay(&scene.remains, &scene.folder);
    }
    outcome_t outcome = inherit();
    assert_int_equal(outcome.estate.left.count, scene.whole.count);
    clear(&outcome);
}

/* ---- Afterwards --------------------------------------------------------------------------------- */

STORY(nobody_recovers_what_is_kept_aside) {
    slot_of(DATA)->tag ^= 1;
    remains_lay(&scene.remains, &scene.folder);
    slot_of(DATA)->tag ^= 1;
    outcome_t outcome = inherit(), again = inherit();
    assert_int_equal(outcome.damaged, 3);
    assert_int_equal(again.damaged, 3);
    assert_int_equal(again.estate.left.count, 0);
    assert_int_equal(again.told.count[LKSTATS_LOG_ERROR], 0);
    estate_free(&again.estate);
    clear(&outcome);
}

/* Until then they are as they were, for whoever comes after a kill. */
STORY(files_are_kept_aside_once_the_rest_is_acknowledged) {
    slot_of(DATA)->tag ^= 1;
    remains_lay(&scene.remains, &scene.folder);
    slot_of(DATA)->tag ^= 1;
    lkstats_t *const heir = heir_open(&scene.folder);
    const lkstats_batch_t batch = host_take(heir);
    assert_int_equal(folder_count(&scene.folder, "lkstats-damaged:"), 0);
    host_done(heir);
    (void)batch;
    assert_int_equal(folder_count(&scene.folder, "lkstats:"), 3);
    outcome_t outcome = inherit();
    assert_int_equal(found(&outcome, SIGNAL), SAME);
    assert_int_equal(found(&outcome, STOPPED), SAME);
    assert_kept_aside(&outcome);
    clear(&outcome);
}

#define damage_test(story) cmocka_unit_test_setup(story, restore)

int main(void) {
    const struct CMUnitTest tests[] = {
        damage_test(a_bit_of_a_slot_costs_at_most_that_track),
        damage_test(a_bit_of_a_record_costs_at_most_that_track),
        damage_test(a_bit_of_an_earlier_epoch_costs_at_most_that_track),
        damage_test(a_bit_of_the_directory_loses_no_file),
        damage_test(a_link_to_nowhere_costs_that_track),
        damage_test(a_record_of_somebody_else_is_not_taken),
        damage_test(a_chain_that_loops_ends),
        damage_test(epochs_that_do_not_fall_cost_that_track),
        damage_test(figures_that_no_host_can_reach_cost_that_track),
        damage_test(a_missing_chunk_costs_its_tracks_and_the_rest_is_kept),
        damage_test(what_stands_in_for_a_chunk_is_no_chunk),
        damage_test(a_file_that_was_cut_costs_what_was_cut_off),
        damage_test(a_directory_that_was_cut_is_kept_with_its_chunks),
        damage_test(nobody_recovers_what_is_kept_aside),
        damage_test(files_are_kept_aside_once_the_rest_is_acknowledged),
    };
    return cmocka_run_group_tests_name("recovery_damage", tests, set_up, tear_down);
}
