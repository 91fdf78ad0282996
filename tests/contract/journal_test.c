/* SPDX-License-Identifier: Apache-2.0 */
/* journal_dir: what is written is acknowledged, what is not is held on to; who takes reports beside it gets what is
 * in it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_rows.h"
#include "lives.h"
#include "receiver.h"
#include "scrape.h"

/* ---- What is in it ------------------------------------------------------------------------------ */

static void keep_row(void *argument, const lkstats_record_t *record, lkstats_string_t node) {
    const lkstats_batch_t batch = {
        .record_count = 1, .record_size = sizeof *record, .records = record, .node = node};
    estate_keep(argument, &batch);
}

static int is_segment(const struct dirent *entry) { return strstr(entry->d_name, ".journal") != NULL; }

/* All segments, one after the other; each has to be whole. */
static estate_t journal_of(const folder_t *folder) {
    estate_t estate = {0};
    struct dirent **names = NULL;
    const int count = scandir(folder->path, &names, is_segment, versionsort);
    require(count >= 0);
    for (int i = 0; i < count; ++i) {
        size_t size = 0;
        char *const bytes = file_read(folder_at(folder, names[i]->d_name).path, &size);
        if (!journal_rows(bytes, size, keep_row, &estate))
            fail_msg("%s is not whole", names[i]->d_name);
        free(bytes);
        free(names[i]);
    }
    free(names);
    return estate;
}

/* As host_told says it, of the context's own. */
static void assert_journal(const folder_t *folder, const char *told) {
    estate_t estate = journal_of(folder);
    assert_string_equal(host_told(&estate.own), told);
    assert_int_equal(estate.left.count, 0);
    estate_free(&estate);
}

static lkstats_options_t to_journal(const folder_t *folder) {
    return (lkstats_options_t){
        .flags = LKSTATS_NO_THREAD, .node = host_string(HEIR_NODE), .journal_dir = host_string(folder->path)};
}

static lkstats_t *journal_open(const folder_t *folder) { return host_open_with(to_journal(folder)); }

static void add_five(lkstats_t *ctx) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_five"), 5, 1));
}

/* ---- Alone -------------------------------------------------------------------------------------- */

STORY(what_is_written_is_acknowledged) {
    const folder_t folder = folder_make();
    lkstats_residue_t residue = {.struct_size = sizeof residue, .tracks = 1};
    struct stat found;
    lkstats_t *const ctx = journal_open(&folder);
    const lkstats_track_t track = host_track(ctx, "PA_written");
    assert_int_equal(folder_count(&folder, ""), 0); /* nothing to write yet */
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(ctx, 1);
    assert_journal(&folder, "1.1 5+0");
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 0)); /* and nobody answered */
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 6, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, &residue));
    assert_int_equal(residue.tracks, 0);
    assert_journal(&folder, "1.1 5+0, 1.2 0+6");
    assert_int_equal(stat(folder_find(&folder, "lkstats-", "-00000001.journal").path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_int_equal(folder_count(&folder, ""), 1);
}

/* Each life with a journal instead of a consumer that answers; what it has is what that one is told. */
STORY(it_has_what_a_consumer_would_have_been_told) {
    const folder_t folder = folder_make();
    estate_t told = {0};
    lkstats_t *ctx = heir_open_with(&folder, (lkstats_options_t){0});
    life_of_many_epochs(ctx, NULL);
    while (lkstats_close(ctx, 0, NULL) == LKSTATS_ETIMEDOUT)
        estate_drain(&told, ctx);
    ctx = journal_open(&folder);
    life_of_many_epochs(ctx, NULL);
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    estate_t written = journal_of(&folder);
    assert_alike(&written.own, &told.own);
    assert_each_once(&written.own);
    estate_free(&told);
    estate_free(&written);
}

STORY(a_thread_writes_too_and_to_the_disk_where_that_is_wanted) {
    static const uint32_t flags[] = {0, LKSTATS_JOURNAL_SYNC, LKSTATS_NO_THREAD | LKSTATS_JOURNAL_SYNC};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; ++i) {
        const folder_t folder = folder_make();
        lkstats_options_t options = to_journal(&folder);
        lkstats_t *ctx = NULL;
        options.struct_size = sizeof options;
        options.flags = flags[i];
        assert_status(LKSTATS_OK, lkstats_open(&options, &ctx));
        add_five(ctx);
        assert_status(LKSTATS_OK, lkstats_flush(ctx, HOST_PATIENCE_MS));
        assert_journal(&folder, "1.1 5+0");
        assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
        assert_journal(&folder, "1.1 5+0");
    }
}

STORY(several_contexts_share_a_directory) {
    const folder_t folder = folder_make();
    lkstats_t *const one = journal_open(&folder), *const other = journal_open(&folder);
    add_five(one);
    add_five(other);
    host_tick(one, 1);
    host_tick(other, 1);
    assert_int_equal(folder_count(&folder, ""), 2);
    estate_t estate = journal_of(&folder);
    assert_int_equal(estate.own.count, 2);
    assert_memory_not_equal(estate.own.items[0].key.context, estate.own.items[1].key.context, 16);
    estate_free(&estate);
    host_done(one);
    host_done(other);
}

/* By whoever ships them. */
STORY(a_segment_that_somebody_removed_is_followed_by_another) {
    const folder_t folder = folder_make();
    lkstats_t *const ctx = journal_open(&folder);
    const lkstats_track_t track = host_track(ctx, "PA_on");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(ctx, 1);
    assert_int_equal(unlink(folder_find(&folder, "lkstats-", "").path), 0);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 6, 1));
    host_tick(ctx, 2);
    assert_journal(&folder, "1.2 6+0");
    host_done(ctx);
}

/* ---- Options ------------------------------------------------------------------------------------ */

static lkstats_status_t try_options(lkstats_options_t options) {
    lkstats_t *ctx = NULL;
    options.struct_size = sizeof options;
    options.flags |= LKSTATS_NO_THREAD;
    const lkstats_status_t status = lkstats_open(&options, &ctx);
    if (status == LKSTATS_OK)
        host_done(ctx);
    else
        assert_null(ctx);
    return status;
}

STORY(a_directory_that_will_not_do_is_refused) {
    const folder_t folder = folder_make();
    const folder_t file = folder_at(&folder, "file"), missing = folder_at(&folder, "missing"),
                   shared = folder_at(&folder, "shared");
    file_write(file.path, "", 0);
    assert_int_equal(mkdir(shared.path, 0700), 0);
    assert_int_equal(chmod(shared.path, 0777), 0);
    assert_status(LKSTATS_EDIR, try_options(to_journal(&file)));
    assert_status(LKSTATS_EDIR, try_options(to_journal(&missing)));
    assert_status(LKSTATS_EDIR, try_options(to_journal(&shared)));
    assert_int_equal(chmod(shared.path, 01777), 0);
    assert_status(LKSTATS_OK, try_options(to_journal(&shared)));
    assert_int_equal(folder_count(&shared, ""), 0);
    lkstats_options_t options = to_journal(&missing);
    options.slab_dir = host_string(folder.path);
    assert_status(LKSTATS_EDIR, try_options(options)); /* and the slab's files are gone */
    assert_int_equal(folder_count(&folder, "lkstats"), 0);
}

STORY(options_of_a_journal_want_a_journal_and_their_range) {
    const folder_t folder = folder_make();
    const lkstats_options_t good = to_journal(&folder);
    lkstats_options_t options = good;
    options.flags |= LKSTATS_NO_REPORTS;
    assert_status(LKSTATS_EINVAL, try_options(options));
    assert_status(LKSTATS_EINVAL, try_options((lkstats_options_t){.flags = LKSTATS_JOURNAL_SYNC}));
    assert_status(LKSTATS_EINVAL, try_options((lkstats_options_t){.journal_keep_segments = 1}));
    assert_status(LKSTATS_EINVAL, try_options((lkstats_options_t){.journal_keep_bytes = 1}));
    assert_status(LKSTATS_EINVAL, try_options((lkstats_options_t){.journal_segment_bytes = 1 << 20}));
    assert_status(LKSTATS_EINVAL, try_options((lkstats_options_t){.journal_segment_age_ms = 5000}));
    static const uint64_t bytes[] = {1, LKSTATS_JOURNAL_SEGMENT_MIN_BYTES - 1,
                                     LKSTATS_JOURNAL_SEGMENT_MAX_BYTES + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; ++i) {
        options = good;
        options.journal_segment_bytes = bytes[i];
        assert_status(LKSTATS_EINVAL, try_options(options));
    }
    static const uint32_t ages[] = {1, LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS - 1,
                                    LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof ages / sizeof *ages; ++i) {
        options = good;
        options.journal_segment_age_ms = ages[i];
        assert_status(LKSTATS_EINVAL, try_options(options));
    }
    options = good;
    options.journal_segment_bytes = LKSTATS_JOURNAL_SEGMENT_MIN_BYTES;
    options.journal_segment_age_ms = LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS;
    options.journal_keep_bytes = UINT64_MAX;
    options.journal_keep_segments = UINT32_MAX;
    assert_status(LKSTATS_OK, try_options(options));
    assert_int_equal(folder_count(&folder, ""), 0);
}

/* ---- Beside it ---------------------------------------------------------------------------------- */

STORY(who_takes_beside_it_gets_each_record_once_whatever_the_answer) {
    const folder_t folder = folder_make();
    host_records_t taken = {0};
    lkstats_t *const ctx = journal_open(&folder);
    const lkstats_track_t track = host_track(ctx, "PA_beside");
    const int32_t event = host_event_fd(ctx);
    assert_false(host_readable(event));
    for (int64_t tick = 1; tick <= 4; ++tick) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, (uint64_t)tick, 1));
        host_tick(ctx, tick);
        assert_true(host_readable(event));
        const lkstats_batch_t batch = host_take(ctx);
        host_keep(&taken, &batch);
        assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &(lkstats_batch_t){.struct_size = sizeof batch}));
        assert_false(host_readable(event));
        const uint8_t *stats = NULL;
        uint64_t size = 0;
        assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &stats, &size));
        assert_true(size > 0);
        if (tick == 1)
            assert_status(LKSTATS_OK, lkstats_nack(&batch));
        else if (tick == 2)
            assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
        if (tick != 1)
            assert_status(LKSTATS_OK, lkstats_ack(&batch));
        assert_status(LKSTATS_ESTALE, lkstats_ack(&batch));
    }
    host_tick(ctx, 9);
    assert_status(LKSTATS_EAGAIN, host_drain(ctx, &taken));
    assert_string_equal(host_told(&taken), "1.1 1+0, 1.2 2+0, 1.3 3+0, 1.4 4+0");
    assert_journal(&folder, "1.1 1+0, 1.2 2+0, 1.3 3+0, 1.4 4+0");
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    assert_status(LKSTATS_EOF, lkstats_next(ctx, &(lkstats_batch_t){.struct_size = sizeof(lkstats_batch_t)}));
    host_records_free(&taken);
}

/* What the receiver finds in the journal when it is called. */
typedef struct reading {
    const folder_t *folder;
    lkstats_status_t (*answer)(const lkstats_batch_t *);
} reading_t;

static void expect_it_written(receiver_t *receiver, const lkstats_batch_t *batch) {
    const reading_t *const reading = receiver->story;
    estate_t estate = journal_of(reading->folder);
    require(estate.own.count == receiver->taken.count);
    for (size_t i = 0; i < estate.own.count; ++i)
        require(host_same_content(&estate.own.items[i], &receiver->taken.items[i]));
    estate_free(&estate);
    if (reading->answer != NULL)
        require_status(LKSTATS_OK, reading->answer(batch));
}

STORY(who_is_called_beside_it_is_called_once_after_the_write_whatever_the_answer) {
    static const struct {
        lkstats_status_t returned;
        lkstats_status_t (*answer)(const lkstats_batch_t *);
    } answers[] = {{LKSTATS_OK, NULL},
                   {LKSTATS_ENOMEM, NULL},
                   {LKSTATS_OK, lkstats_ack},
                   {LKSTATS_OK, lkstats_nack},
                   {LKSTATS_ENOMEM, lkstats_nack}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; ++i) {
        const folder_t folder = folder_make();
        reading_t reading = {&folder, answers[i].answer};
        receiver_t receiver = {.answer = answers[i].returned, .inside = expect_it_written, .story = &reading};
        lkstats_t *const ctx = receiver_open(&receiver, to_journal(&folder));
        const lkstats_track_t track = host_track(ctx, "PA_called");
        int32_t event = -1;
        assert_status(LKSTATS_EINVAL, lkstats_event_fd(ctx, &event));
        for (int64_t tick = 1; tick <= 3; ++tick) {
            assert_status(LKSTATS_OK, lkstats_add_bytes(track, (uint64_t)tick, 1));
            host_tick(ctx, tick);
        }
        host_tick(ctx, 9);
        assert_int_equal(receiver.calls, 3);
        receiver_close(&receiver, ctx);
        assert_string_equal(host_told(&receiver.taken), "1.1 1+0, 1.2 2+0, 1.3 3+0");
        assert_journal(&folder, "1.1 1+0, 1.2 2+0, 1.3 3+0");
        receiver_free(&receiver);
    }
}

/* A host that drives its context itself, and whose tracks are more than batches have place. */
STORY(who_takes_between_two_calls_misses_none) {
    enum { TRACKS = 20 * LKSTATS_BATCH_RECORDS_MAX };
    const folder_t folder = folder_make();
    lkstats_t *const ctx = journal_open(&folder);
    host_records_t taken = {0};
    assert_status(LKSTATS_EAGAIN, host_drain(ctx, &taken));
    for (uint32_t i = 0; i < TRACKS; ++i) {
        const lkstats_track_t track = host_track(ctx, "PA_many");
        require_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 0));
        require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    }
    host_tick(ctx, 1);
    assert_true(taken.count == 0);
    for (size_t before = 1; taken.count != before;) {
        before = taken.count;
        host_drain(ctx, &taken);
        host_tick(ctx, 1);
    }
    assert_int_equal(taken.count, TRACKS);
    assert_int_equal(scrape(ctx, "lkstats_journal_left_out_batches_total"), 0);
    host_records_free(&taken);
    host_done(ctx);
}

STORY(who_takes_too_slowly_misses_some_and_the_journal_none) {
    enum { WINDOWS = 20, WAIT = 16 };
    const folder_t folder = folder_make();
    lkstats_t *const ctx = journal_open(&folder);
    const lkstats_track_t track = host_track(ctx, "PA_slow");
    for (int64_t tick = 1; tick <= WINDOWS; ++tick) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
        host_tick(ctx, tick);
    }
    assert_int_equal(scrape(ctx, "lkstats_journal_left_out_batches_total"), WINDOWS - WAIT);
    host_records_t taken = {0};
    host_drain(ctx, &taken);
    assert_int_equal(taken.count, WAIT);
    for (uint32_t i = 0; i < WAIT; ++i)
        assert_int_equal(taken.items[i].key.sequence, i + 1);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, WINDOWS + 1);
    host_drain(ctx, &taken);
    assert_int_equal(taken.count, WAIT + 1); /* and then it has the newest again */
    assert_int_equal(scrape(ctx, "lkstats_journal_left_out_batches_total"), WINDOWS - WAIT);
    assert_int_equal(scrape(ctx, "lkstats_journal_records_total"), WINDOWS + 1);
    estate_t estate = journal_of(&folder);
    assert_int_equal(estate.own.count, WINDOWS + 1);
    host_assert_gapless(&estate.own, track);
    estate_free(&estate);
    host_records_free(&taken);
    host_done(ctx);
}

/* ---- No room ------------------------------------------------------------------------------------ */

enum { TRACKS = 40, LONG_ENOUGH = 100 };

typedef struct full {
    folder_t folder;
    bool by_limit; /* of a file's size, which would send a signal to who exceeds it */
} full_t;

static void add_to_all(const lkstats_track_t *tracks, uint64_t bytes) {
    for (int i = 0; i < TRACKS; ++i)
        require_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], bytes + (uint64_t)i, i % 2));
}

/* Until there is no more room; what is owed then is owed for some windows. */
static void write_into_a_full_directory(void *argument) {
    const full_t *const full = argument;
    told_t told = {0};
    lkstats_track_t tracks[TRACKS];
    if (!full->by_limit && !folder_limit(&full->folder, 32 << 10))
        return; /* the other way has to do here */
    lkstats_options_t options = told_to(&told, to_journal(&full->folder));
    lkstats_t *const ctx = host_open_with(options);
    for (int i = 0; i < TRACKS; ++i)
        tracks[i] = host_track(ctx, "PA_with_a_name_that_takes_some_room_in_a_journal");
    uint64_t sent = 0;
    int64_t tick = 0;
    while (scrape(ctx, "lkstats_journal_failing") == 0) {
        if (full->by_limit && tick == 2)
            file_limit(10);
        add_to_all(tracks, 1000);
        ++sent;
        host_tick(ctx, ++tick);
        require(tick < LONG_ENOUGH * TRACKS);
    }
    require(told.count[LKSTATS_LOG_WARNING] == 1 && told.count[LKSTATS_LOG_INFO] == 0);
    estate_t before = journal_of(&full->folder); /* whole, however it ended */
    for (int i = 0; i < 5; ++i, ++sent) {
        add_to_all(tracks, 1000);
        host_tick(ctx, ++tick);
    }
    require(scrape(ctx, "lkstats_journal_failed_writes_total") > 3);
    require(told.count[LKSTATS_LOG_WARNING] == 1);
    require_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    require(host_totals(tracks[1]).traffic.send_bytes == sent * 1001);
    estate_t during = journal_of(&full->folder);
    require(during.own.count == before.own.count);

    if (full->by_limit)
        file_limit(UINT64_MAX);
    else
        folder_limit(&full->folder, 8 << 20);
    host_tick(ctx, ++tick);
    require(scrape(ctx, "lkstats_journal_failing") == 0);
    require(told.count[LKSTATS_LOG_WARNING] == 1 && told.count[LKSTATS_LOG_INFO] == 1);
    require_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, &residue));
    require(residue.tracks == 0);
    estate_t all = journal_of(&full->folder);
    assert_each_once(&all.own);
    for (int i = 0; i < TRACKS; ++i) {
        const lkstats_traffic_t sum = host_sum(&all.own, tracks[i]);
        host_assert_gapless(&all.own, tracks[i]);
        require((i % 2 ? sum.send_bytes : sum.recv_bytes) == sent * (1000 + (uint64_t)i));
    }
    estate_free(&before);
    estate_free(&during);
    estate_free(&all);
}

STORY(a_full_disk_makes_windows_longer_and_loses_nothing) {
    for (int by_limit = 0; by_limit < 2; ++by_limit) {
        full_t full = {folder_make(), by_limit};
        host_in_child(write_into_a_full_directory, &full);
    }
}

/* ---- After a kill ------------------------------------------------------------------------------- */

static lkstats_options_t both(const folder_t *slab, const folder_t *journal, const char *node) {
    lkstats_options_t options = to_journal(journal);
    options.slab_dir = host_string(slab->path);
    options.node = host_string(node);
    return options;
}

typedef struct folders {
    folder_t slab, journal;
} folders_t;

static void write_and_die(void *argument) {
    const folders_t *const folders = argument;
    lkstats_t *const ctx = host_open_with(both(&folders->slab, &folders->journal, DEAD_NODE));
    const lkstats_track_t track = host_track(ctx, "PA_journal");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(ctx, 1);
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 6, 0));
    host_run(ctx, HOST_TICK_NS + HOST_SECOND);
    die();
}

/* The two records of the dead one are in one segment each, whose names have no order. */
static void assert_both_hosts(const folder_t *journal, const char *own) {
    estate_t estate = journal_of(journal);
    assert_string_equal(host_told(&estate.own), own);
    assert_int_equal(estate.left.count, 2);
    const lkstats_record_t *const records = estate.left.items;
    const lkstats_record_t *const first = &records[records[0].key.sequence == 1 ? 0 : 1];
    const lkstats_record_t *const second = &records[first == records ? 1 : 0];
    assert_memory_equal(first->key.context, second->key.context, sizeof first->key.context);
    assert_int_equal(first->key.slot, second->key.slot);
    assert_int_equal(first->key.tag, second->key.tag);
    assert_int_equal(second->key.sequence, 2);
    assert_memory_equal(&first->end, &second->start, sizeof first->end);
    assert_traffic(first->window, 5, 1, 0, 0);
    assert_traffic(second->running, 5, 1, 6, 1);
    estate_free(&estate);
}

STORY(the_next_host_writes_down_what_the_dead_one_still_owed) {
    folders_t folders = {folder_make(), folder_make()};
    in_killed_child(write_and_die, &folders);
    lkstats_t *const heir = host_open_with(both(&folders.slab, &folders.journal, HEIR_NODE));
    assert_int_equal(folder_count(&folders.slab, "lkstats:"), 3);
    add_five(heir);
    host_tick(heir, 1);
    assert_both_hosts(&folders.journal, "1.1 5+0");
    estate_t beside = {0};
    estate_drain(&beside, heir);
    assert_string_equal(host_told(&beside.left), "1.2 0+6");
    assert_string_equal(host_told(&beside.own), "1.1 5+0");
    assert_int_equal(beside.left_after_own, 0);
    estate_free(&beside);
    assert_status(LKSTATS_OK, lkstats_close(heir, 0, NULL));
    assert_int_equal(folder_count(&folders.slab, ""), 0);
    assert_both_hosts(&folders.journal, "1.1 5+0");
}

static void find_no_room_and_die(void *argument) {
    const folders_t *const folders = argument;
    told_t told = {0};
    file_limit(10);
    lkstats_options_t options = both(&folders->slab, &folders->journal, HEIR_NODE);
    lkstats_t *ctx = NULL;
    options = told_to(&told, options);
    options.struct_size = sizeof options;
    options.max_tracks = 1;
    if (lkstats_open(&options, &ctx) == LKSTATS_OK)
        host_run(ctx, 0);
    die();
}

/* A file-size limit is in the way of its own slab as well; whatever comes of it, the next one has all. */
STORY(an_heir_that_can_not_write_leaves_it_to_the_next) {
    folders_t folders = {folder_make(), folder_make()};
    in_killed_child(write_and_die, &folders);
    in_killed_child(find_no_room_and_die, &folders);
    lkstats_t *const heir = host_open_with(both(&folders.slab, &folders.journal, HEIR_NODE));
    assert_both_hosts(&folders.journal, "");
    host_done(heir);
    assert_int_equal(folder_count(&folders.slab, ""), 0);
}

/* ---- Forks -------------------------------------------------------------------------------------- */

static void a_child_with_a_journal(void *argument) {
    const folder_t *const folder = argument;
    lkstats_t *const ctx = journal_open(folder);
    require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_child"), 7, 1));
    host_tick(ctx, 1);
    require_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    leave();
}

STORY(a_child_writes_to_a_segment_of_its_own) {
    folder_t folder = folder_make();
    lkstats_t *const ctx = journal_open(&folder);
    const lkstats_track_t track = host_track(ctx, "PA_parent");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(ctx, 1);
    host_in_child(a_child_with_a_journal, &folder);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 6, 1));
    host_tick(ctx, 2);
    assert_int_equal(folder_count(&folder, ""), 2);
    estate_t estate = journal_of(&folder);
    assert_int_equal(estate.own.count, 3);
    assert_each_once(&estate.own);
    estate_free(&estate);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_acknowledged),
        cmocka_unit_test(it_has_what_a_consumer_would_have_been_told),
        cmocka_unit_test(a_thread_writes_too_and_to_the_disk_where_that_is_wanted),
        cmocka_unit_test(several_contexts_share_a_directory),
        cmocka_unit_test(a_segment_that_somebody_removed_is_followed_by_another),
        cmocka_unit_test(a_directory_that_will_not_do_is_refused),
        cmocka_unit_test(options_of_a_journal_want_a_journal_and_their_range),
        cmocka_unit_test(who_takes_beside_it_gets_each_record_once_whatever_the_answer),
        cmocka_unit_test(who_is_called_beside_it_is_called_once_after_the_write_whatever_the_answer),
        cmocka_unit_test(who_takes_between_two_calls_misses_none),
        cmocka_unit_test(who_takes_too_slowly_misses_some_and_the_journal_none),
        cmocka_unit_test(a_full_disk_makes_windows_longer_and_loses_nothing),
        cmocka_unit_test(the_next_host_writes_down_what_the_dead_one_still_owed),
        cmocka_unit_test(an_heir_that_can_not_write_leaves_it_to_the_next),
        cmocka_unit_test(a_child_writes_to_a_segment_of_its_own),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, folders_teardown);
}
