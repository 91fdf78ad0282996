/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody sees who has nothing but a context's shared memory and lkstats_slab.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "viewer.h"

#include "host.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

static const uint64_t largest_add = (UINT64_C(1) << 35) - 1;
static const uint64_t most_messages = (UINT64_C(1) << 26) - 1;

static viewer_t own_viewer(void) {
    viewer_t viewer;
    viewer_start(&viewer, getpid());
    return viewer;
}

static const lkstats_slab_record_t *record_of(viewer_t *viewer, lkstats_track_t track) {
    const lkstats_slab_record_t *const record = viewer_record(viewer, viewer_slot(viewer, track)->record);
    require(record != NULL);
    return record;
}

static bool is_pending(const lkstats_slab_record_t *record) {
    return viewer_has(record, LKSTATS_SLAB_PENDING);
}

/* ---- The directory ------------------------------------------------------------------------------ */

static void uuid_text(const uint8_t *uuid, char *text) {
    for (int i = 0; i < 16; ++i)
        text += sprintf(text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
}

STORY(the_directory_says_whose_context_it_is) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){
        .report_interval_ms = 700, .node = host_string("node-7"), .analytics_key = host_string("a key")});
    viewer_t viewer = own_viewer();
    const lkstats_slab_directory_t *const d = viewer.directory;
    char uuid[VIEWER_UUID_SIZE + 1];
    uuid_text(d->context, uuid);
    assert_string_equal(uuid, viewer.uuid);
    assert_memory_equal(d->magic, "lkstats", 8);
    assert_int_equal(d->version, LKSTATS_SLAB_VERSION);
    assert_int_equal(d->size, sizeof *d);
    assert_int_equal(d->owner_pid, getpid());
    assert_int_equal(d->report_interval_ms, 700);
    assert_int_equal(d->node_size, 6);
    assert_memory_equal(d->node, "node-7", 6);
    assert_int_equal(d->analytics_key_size, 5);
    assert_memory_equal(d->analytics_key, "a key", 5);
    assert_int_equal(d->slot_chunks, 1);
    assert_int_equal(d->record_chunks, 1);

    const lkstats_track_t track = host_track(ctx, "PA_key");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    assert_memory_equal(batch.records[0].key.context, d->context, sizeof d->context);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    viewer_stop(&viewer);
    host_done(ctx);
}

STORY(chunks_appear_as_they_are_needed) {
    enum { TRACKS = 17000 };
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    lkstats_track_t *const tracks = malloc(TRACKS * sizeof *tracks);
    assert_non_null(tracks);
    const lkstats_slab_directory_t *const d = viewer.directory;
    for (int i = 0; i < TRACKS; ++i) {
        tracks[i] = host_track(ctx, "PA_many");
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], (uint64_t)i, i % 2));
    }
    assert_true(d->slot_chunks > 1);
    assert_true(d->record_chunks > 2);
    assert_int_equal(viewer_files(getpid()).count, 1 + d->slot_chunks + d->record_chunks);
    for (int i = 0; i < TRACKS; ++i) {
        const lkstats_slab_slot_t *const slot = viewer_slot(&viewer, tracks[i]);
        assert_int_equal(slot->tag, tracks[i] >> 32);
        const lkstats_traffic_t seen = viewer_glance(slot);
        assert_int_equal(i % 2 != 0 ? seen.send_bytes : seen.recv_bytes, i);
        const lkstats_slab_record_t *const record = viewer_record(&viewer, slot->record);
        assert_int_equal(record->slot, tracks[i] & 0xffffff);
        assert_int_equal(record->tag, slot->tag);
    }
    free(tracks);
    viewer_stop(&viewer);
    host_done(ctx);
}

/* Of the file's start: pages are filled in order. */
static uint64_t filled(int fd) {
    struct stat about;
    require(fstat(fd, &about) == 0);
    return (uint64_t)about.st_blocks * 512;
}

STORY(a_track_never_meets_a_page_that_is_not_there) {
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    const int slots = viewer_open(&viewer, "slots0", O_RDONLY);
    const int records = viewer_open(&viewer, "records0", O_RDONLY);
    assert_true(slots >= 0 && records >= 0);
    const lkstats_slab_directory_t *const d = viewer.directory;
    const uint64_t at_first = filled(records);
    while (d->record_chunks == 1) {
        host_tick(ctx, 1); /* prepares what comes next */
        const uint64_t slots_filled = filled(slots), records_filled = filled(records);
        const lkstats_track_t track = host_track(ctx, "PA_page");
        const uint32_t index = (uint32_t)(track & 0xffffff) - d->slots[0].first;
        const uint32_t record = viewer_slot(&viewer, track)->record - d->records[0].first;
        assert_true((index + 1) * sizeof(lkstats_slab_slot_t) <= slots_filled);
        assert_true((record + 1) * sizeof(lkstats_slab_record_t) <= records_filled);
    }
    assert_true(filled(records) > at_first);
    close(slots);
    close(records);
    viewer_stop(&viewer);
    host_done(ctx);
}

/* ---- A track ------------------------------------------------------------------------------------ */

STORY(a_viewer_counts_what_the_host_counts) {
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    const lkstats_track_t track = host_track(ctx, "PA_count");
    const lkstats_slab_slot_t *const slot = viewer_slot(&viewer, track);
    assert_int_equal(slot->tag, track >> 32);
    assert_int_equal(slot->state, LKSTATS_SLAB_LIVE + (track & 0xffffff));
    assert_int_equal(slot->epoch, 1);
    for (int i = 0; i < 200; ++i) {
        assert_status(LKSTATS_OK,
                      lkstats_add_messages(track, largest_add - (uint64_t)i, most_messages, i % 3));
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1200, 1));
        viewer_assert_same(viewer_glance(slot), host_totals(track).traffic);
        host_run(ctx, i * HOST_SECOND / 10);
    }
    assert_true(slot->carry[LKSTATS_SLAB_SEND] > (UINT64_C(1) << 32));
    viewer_stop(&viewer);
    host_done(ctx);
}

STORY(a_viewer_reads_who_it_is_however_long_the_names) {
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    char text[LKSTATS_STRING_MAX];
    for (size_t size = 1; size <= sizeof text; size += 5) {
        memset(text, 'a' + (int)(size % 26), size);
        const lkstats_string_t string = {text, size};
        const lkstats_track_options_t options = {.struct_size = sizeof options,
                                                 .channel = LKSTATS_CHANNEL_DATA_TRACK,
                                                 .participant_kind = 3,
                                                 .country = string,
                                                 .room_sid = string,
                                                 .room_name = string,
                                                 .participant_sid = string,
                                                 .participant_identity = string,
                                                 .track_id = string,
                                                 .tenant = string};
        lkstats_track_t track = 0;
        assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        static viewer_epoch_t epoch;
        assert_int_equal(viewer_epochs(&viewer, track, &epoch, 1), 1);
        viewer_assert_connection(&epoch, string, string);
        viewer_assert_room(&epoch, string, string);
        viewer_assert_participant(&epoch, string, string, string);
        assert_int_equal(viewer_channel(&epoch.record), LKSTATS_CHANNEL_DATA_TRACK);
    }
    viewer_stop(&viewer);
    host_done(ctx);
}

STORY(a_viewer_sees_a_report_on_its_way_until_it_is_acknowledged) {
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    const lkstats_track_t track = host_track(ctx, "PA_report");
    const lkstats_slab_record_t *const record = record_of(&viewer, track);
    assert_true(record->control & LKSTATS_SLAB_FIRST);
    assert_int_equal(viewer_sequence(record), 0);
    assert_int_equal(record->previous, 0);
    assert_traffic(record->base, 0, 0, 0, 0);
    assert_int_equal(record->start.monotonic_ns, HOST_START_NS);
    assert_int_equal(record->start.wall_ns, HOST_START_WALL_NS);
    for (int round = 1; round <= 20; ++round) {
        assert_false(is_pending(record));
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, largest_add - (uint64_t)round, round % 2));
        host_tick(ctx, round);
        assert_int_equal(viewer_sequence(record), round);

        lkstats_batch_t batch = host_take(ctx);
        viewer_assert_report(record, &batch.records[0]);
        const lkstats_slab_snapshot_t frozen = *viewer_pending(record);
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 999, 0));
        assert_status(LKSTATS_OK, lkstats_nack(&batch));
        batch = host_take(ctx);
        viewer_assert_report(record, &batch.records[0]);
        assert_memory_equal(viewer_pending(record), &frozen, sizeof frozen);

        assert_status(LKSTATS_OK, lkstats_ack(&batch));
        assert_false(is_pending(record));
        assert_false(record->control & LKSTATS_SLAB_FIRST);
        assert_memory_equal(viewer_acknowledged(record), &frozen, sizeof frozen);
        assert_int_equal(viewer_sequence(record), round);
    }
    viewer_stop(&viewer);
    host_done(ctx);
}

STORY(a_viewer_sees_the_end_of_a_track) {
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    const lkstats_track_t track = host_track(ctx, "PA_end");
    const lkstats_slab_slot_t *const slot = viewer_slot(&viewer, track);
    const lkstats_slab_record_t *const record = record_of(&viewer, track);
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 5000, 7, 1));
    host_tick(ctx, 1);
    host_records_t all = {0};
    host_drain(ctx, &all);
    host_records_free(&all);
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 100, 1, 0));
    lkstats_totals_t final = {.struct_size = sizeof final};
    assert_status(LKSTATS_OK, lkstats_track_stop(track, &final));

    assert_int_equal(slot->state, LKSTATS_SLAB_CLOSED + (track & 0xffffff));
    assert_int_equal(slot->tag, track >> 32);
    assert_true(slot->word[LKSTATS_SLAB_SEND] & slot->word[LKSTATS_SLAB_RECV] & 1);
    assert_memory_equal(&record->end, &final.at, sizeof final.at);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(track, 1, 1));
    viewer_assert_same(viewer_written(record), final.traffic);
    assert_traffic(final.traffic, 5000, 7, 100, 1);

    host_tick(ctx, 2);
    const lkstats_batch_t batch = host_take(ctx);
    viewer_assert_report(record, &batch.records[0]);
    viewer_assert_same(viewer_written(record), final.traffic);
    assert_true(slot->record != 0);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_int_equal(slot->record, 0);
    assert_int_equal(slot->tag, track >> 32);
    viewer_stop(&viewer);
    host_done(ctx);
}

/* ---- Another process ---------------------------------------------------------------------------- */

typedef struct sight {
    viewer_files_t inherited;
    uint8_t context[16];
    lkstats_traffic_t counted;
    lkstats_slab_slot_t slot;
    viewer_epoch_t epoch;
} sight_t;

static int look(long pid, lkstats_track_t track) {
    static sight_t sight;
    viewer_t viewer;
    viewer_start(&viewer, pid);
    const lkstats_slab_slot_t *const slot = viewer_slot(&viewer, track);
    require(viewer_epochs(&viewer, track, &sight.epoch, 1) == 1);
    sight.inherited = viewer_files(getpid());
    memcpy(sight.context, viewer.directory->context, sizeof sight.context);
    sight.counted = viewer_glance(slot);
    sight.slot = *slot;
    viewer_stop(&viewer);
    return viewer_tell(&sight, sizeof sight);
}

STORY(another_process_sees_the_same) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_other");
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 123456, 78, 1));
    host_tick(ctx, 1);
    lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 9, 0));

    sight_t sight;
    viewer_elsewhere(track, &sight, sizeof sight);
    assert_int_equal(sight.inherited.count, 0);
    assert_memory_equal(sight.context, batch.records[0].key.context, sizeof sight.context);
    assert_traffic(sight.counted, 123456, 78, 9, 1);
    viewer_assert_report(&sight.epoch.record, &batch.records[0]);
    viewer_assert_room(&sight.epoch, host_string("RM_lobby"), host_string("lobby"));

    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    viewer_elsewhere(track, &sight, sizeof sight);
    assert_false(is_pending(&sight.epoch.record));
    assert_int_equal(sight.slot.state, LKSTATS_SLAB_CLOSED + (track & 0xffffff));
    const lkstats_traffic_t final = viewer_written(&sight.epoch.record);
    assert_traffic(final, 123456, 78, 9, 1);
    host_done(ctx);
}

STORY(no_memory_file_outlives_an_exec_or_its_context) {
    lkstats_t *const ctx = host_open();
    const viewer_files_t files = viewer_files(getpid());
    assert_int_equal(files.count, 3);
    assert_int_equal(files.kept_by_exec, 0);
    host_done(ctx);
    assert_int_equal(viewer_files(getpid()).count, 0);
}

/* ---- What a viewer can't do --------------------------------------------------------------------- */

static void assert_refused(int result, int error) {
    assert_int_equal(result, -1);
    assert_int_equal(errno, error);
}

static void assert_size_sealed(int fd) {
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    assert_refused(ftruncate(fd, 0), EPERM);
    assert_refused(ftruncate(fd, about.st_size - 4096), EPERM);
    assert_refused(ftruncate(fd, about.st_size + 4096), EPERM);
    assert_refused(fallocate(fd, 0, about.st_size, 4096), EPERM);
    assert_refused(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
}

/* A kernel before 5.1 does not. */
static bool kernel_seals_content(void) {
    const int fd = memfd_create("probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const bool sealed = fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0;
    close(fd);
    return sealed;
}

static void assert_content_sealed(int fd) {
    const uint64_t damage = ~UINT64_C(0);
    assert_refused((int)pwrite(fd, &damage, sizeof damage, 0), EPERM);
    assert_refused(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), EPERM);
    assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    assert_int_equal(errno, EPERM);
    void *const readable = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(readable != MAP_FAILED);
    assert_refused(mprotect(readable, 4096, PROT_READ | PROT_WRITE), EACCES);
    munmap(readable, 4096);
}

STORY(a_viewer_can_neither_resize_nor_write) {
    lkstats_t *const ctx = host_open();
    viewer_t viewer = own_viewer();
    const lkstats_track_t track = host_track(ctx, "PA_sealed");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    const char *const files[] = {"dir", "slots0", "records0"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
        const int fd = viewer_open(&viewer, files[i], O_RDWR);
        assert_true(fd >= 0);
        assert_size_sealed(fd);
        if (kernel_seals_content())
            assert_content_sealed(fd);
        close(fd);
    }
    /* And the host goes on. */
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    const lkstats_traffic_t seen = viewer_glance(viewer_slot(&viewer, track));
    assert_traffic(seen, 2, 2, 0, 0);
    viewer_stop(&viewer);
    host_done(ctx);
}

int main(int argc, char **argv) {
    if (argc == 3)
        return look(atol(argv[1]), strtoull(argv[2], NULL, 10));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_directory_says_whose_context_it_is),
        cmocka_unit_test(chunks_appear_as_they_are_needed),
        cmocka_unit_test(a_track_never_meets_a_page_that_is_not_there),
        cmocka_unit_test(a_viewer_counts_what_the_host_counts),
        cmocka_unit_test(a_viewer_reads_who_it_is_however_long_the_names),
        cmocka_unit_test(a_viewer_sees_a_report_on_its_way_until_it_is_acknowledged),
        cmocka_unit_test(a_viewer_sees_the_end_of_a_track),
        cmocka_unit_test(another_process_sees_the_same),
        cmocka_unit_test(no_memory_file_outlives_an_exec_or_its_context),
        cmocka_unit_test(a_viewer_can_neither_resize_nor_write),
    };
    return cmocka_run_group_tests_name("shared_memory", tests, NULL, NULL);
}
