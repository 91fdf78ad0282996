/* SPDX-License-Identifier: Apache-2.0 */
/* struct_size: shorter, longer, and from a newer header. */
#include "lkstats_slab.h"

#include "witness.h"

enum { STRUCT_MAX = 4096 };

/* A struct that is larger than the one the library knows, all of it set to one byte. */
typedef union oversized {
    uint64_t aligned;
    uint8_t bytes[2 * STRUCT_MAX];
} oversized_t;

static void *prepare(oversized_t *memory, uint8_t fill, const void *content, size_t size,
                     uint32_t struct_size) {
    memset(memory->bytes, fill, sizeof memory->bytes);
    if (size != 0)
        memcpy(memory->bytes, content, size);
    memcpy(memory->bytes, &struct_size, sizeof struct_size);
    return memory->bytes;
}

/* Calls one function of the library with that struct. */
typedef lkstats_status_t call_t(const witness_t *witness, void *argument);

static void assert_bad_sizes(const witness_t *witness, call_t *call, const void *content, uint32_t first) {
    const uint32_t bad[] = {0, 1, 4, first - 1, STRUCT_MAX + 1, 2 * STRUCT_MAX, UINT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        oversized_t memory, before;
        prepare(&memory, 0, content, content == NULL ? 0 : first, bad[i]);
        before = memory;
        assert_status(LKSTATS_EINVAL, call(witness, &memory));
        assert_memory_equal(&memory, &before, sizeof memory);
    }
}

/* An input struct: larger is taken as long as what the library does not know is zero. */
static void assert_input(const witness_t *witness, call_t *call, const void *content, uint32_t first) {
    const uint32_t larger[] = {first, first + 1, first + 8, STRUCT_MAX};
    assert_bad_sizes(witness, call, content, first);
    for (size_t i = 0; i < sizeof larger / sizeof larger[0]; ++i) {
        oversized_t memory;
        prepare(&memory, 0, content, first, larger[i]);
        memset(memory.bytes + larger[i], 0xaa, sizeof memory - larger[i]); /* not the struct's */
        assert_status(LKSTATS_OK, call(witness, &memory));
        if (larger[i] == first)
            continue;
        prepare(&memory, 0, content, first, larger[i]);
        memory.bytes[larger[i] - 1] = 1;
        assert_status(LKSTATS_EINVAL, call(witness, &memory));
        prepare(&memory, 0, content, first, larger[i]);
        memory.bytes[first] = 0x80;
        assert_status(LKSTATS_EINVAL, call(witness, &memory));
    }
}

/* An output struct: zero beyond what the library knows, untouched beyond its size. */
static void assert_output(const witness_t *witness, call_t *call, uint32_t first) {
    const uint32_t larger[] = {first, first + 1, first + 8, STRUCT_MAX};
    assert_bad_sizes(witness, call, NULL, first);
    for (size_t i = 0; i < sizeof larger / sizeof larger[0]; ++i) {
        oversized_t memory;
        prepare(&memory, 0xaa, NULL, 0, larger[i]);
        assert_status(LKSTATS_OK, call(witness, &memory));
        for (uint32_t at = first; at < larger[i]; ++at)
            assert_int_equal(memory.bytes[at], 0);
        for (uint32_t at = larger[i]; at < sizeof memory; ++at)
            assert_int_equal(memory.bytes[at], 0xaa);
    }
}

static lkstats_status_t open_and_close(const witness_t *witness, void *options) {
    lkstats_t *ctx = NULL;
    const lkstats_status_t status = lkstats_open(options, &ctx);
    (void)witness;
    if (status == LKSTATS_OK)
        assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    else
        assert_null(ctx);
    return status;
}

STORY(options_of_any_age) {
    const lkstats_options_t options = {.flags = LKSTATS_NO_THREAD, .max_tracks = 10};
    assert_input(*state, open_and_close, &options, sizeof options);
}

static lkstats_status_t new_and_stop(const witness_t *witness, void *options) {
    lkstats_track_t track = 1;
    const lkstats_status_t status = lkstats_track_new(witness->ctx, options, &track);
    if (status == LKSTATS_OK)
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    else
        assert_int_equal(track, 0);
    return status;
}

STORY(track_options_of_any_age) {
    lkstats_track_options_t options = host_track_options("PA_age");
    assert_input(*state, new_and_stop, &options, sizeof options);
}

/* A connection in a context of its own: what it is refused leaves it unresolved. */
static lkstats_status_t connect(const witness_t *witness, void *options) {
    lkstats_t *const ctx = host_open();
    lkstats_signal_t signal = 1;
    const lkstats_status_t status = lkstats_signal_new(ctx, options, &signal);
    (void)witness;
    if (status == LKSTATS_OK)
        assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    else
        assert_int_equal(signal, 0);
    host_done(ctx);
    return status;
}

STORY(signal_options_of_any_age) {
    const lkstats_signal_options_t options = {
        .struct_size = sizeof options, .country = host_string("NZ"), .tenant = host_string("acme")};
    assert_input(*state, connect, &options, sizeof options);
}

static lkstats_status_t resolve_room(const witness_t *witness, void *room) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    const lkstats_status_t status = lkstats_signal_resolve_room(signal, room);
    (void)witness;
    assert_status(status == LKSTATS_OK ? LKSTATS_ERESOLVED : LKSTATS_OK, host_resolve_room(signal, "RM_x"));
    host_done(ctx);
    return status;
}

STORY(rooms_of_any_age) {
    const lkstats_room_t room = {.struct_size = sizeof room,
                                 .sid = host_string("RM_age"),
                                 .name = host_string("age"),
                                 .tenant = host_string("ten")};
    assert_input(*state, resolve_room, &room, sizeof room);
}

static lkstats_status_t resolve_participant(const witness_t *witness, void *participant) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    const lkstats_status_t status = lkstats_signal_resolve_participant(signal, participant);
    (void)witness;
    assert_status(status == LKSTATS_OK ? LKSTATS_ERESOLVED : LKSTATS_OK,
                  host_resolve_participant(signal, "PA_x"));
    host_done(ctx);
    return status;
}

STORY(participants_of_any_age) {
    const int32_t details[] = {1};
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .kind = 4,
                                               .kind_details = details,
                                               .kind_details_count = 1,
                                               .sid = host_string("PA_age"),
                                               .identity = host_string("age"),
                                               .tenant = host_string("ten")};
    assert_input(*state, resolve_participant, &participant, sizeof participant);
}

static lkstats_status_t totals_of(const witness_t *witness, void *totals) {
    return lkstats_track_totals(witness->track, totals);
}

STORY(totals_of_any_age) { assert_output(*state, totals_of, sizeof(lkstats_totals_t)); }

static lkstats_status_t stop_brief(const witness_t *witness, void *totals) {
    const lkstats_track_t track = host_track(witness->ctx, "PA_brief");
    const lkstats_status_t status = lkstats_track_stop(track, totals);
    /* A refused stop has stopped nothing. */
    if (status != LKSTATS_OK) {
        assert_status(LKSTATS_OK, lkstats_add_messages(track, 0, 0, 1));
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    }
    assert_status(LKSTATS_ECLOSED, lkstats_add_messages(track, 0, 0, 1));
    return status;
}

STORY(final_totals_of_any_age) { assert_output(*state, stop_brief, sizeof(lkstats_totals_t)); }

static lkstats_status_t close_brief(const witness_t *witness, void *residue) {
    lkstats_t *const ctx = host_open();
    const lkstats_status_t status = lkstats_close(ctx, 0, residue);
    (void)witness;
    if (status != LKSTATS_OK) {
        host_track(ctx, "PA_open"); /* it is still open */
        assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
    }
    return status;
}

STORY(residue_of_any_age) { assert_output(*state, close_brief, sizeof(lkstats_residue_t)); }

static lkstats_status_t next_of_one(const witness_t *witness, void *batch) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    (void)witness;
    assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_next"), 1, 1));
    host_tick(ctx, 1);
    const lkstats_status_t status = lkstats_next(ctx, batch);
    if (status == LKSTATS_OK) {
        host_keep(&all, batch);
        assert_status(LKSTATS_OK, lkstats_ack(batch));
    }
    host_drain(ctx, &all); /* a refused call has taken nothing */
    assert_int_equal(all.count, 1);
    host_records_free(&all);
    host_done(ctx);
    return status;
}

STORY(batches_of_any_age) { assert_output(*state, next_of_one, sizeof(lkstats_batch_t)); }

static lkstats_status_t attach(const witness_t *witness, void *slab) {
    (void)witness;
    return lkstats_slab_attach(LKSTATS_SLAB_VERSION, slab);
}

STORY(slabs_of_any_age) { assert_output(*state, attach, sizeof(lkstats_slab_t)); }

int main(void) {
    const struct CMUnitTest tests[] = {
        witnessed(options_of_any_age),        witnessed(track_options_of_any_age),
        witnessed(signal_options_of_any_age), witnessed(rooms_of_any_age),
        witnessed(participants_of_any_age),   witnessed(totals_of_any_age),
        witnessed(final_totals_of_any_age),   witnessed(residue_of_any_age),
        witnessed(batches_of_any_age),        witnessed(slabs_of_any_age),
    };
    return cmocka_run_group_tests_name("bad_structs", tests, NULL, NULL);
}
