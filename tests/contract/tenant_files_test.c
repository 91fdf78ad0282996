/* SPDX-License-Identifier: Apache-2.0 */
/* Who pays is in what is written: the counters' files, which outlive a kill, and the journal. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "dead.h"
#include "journal_rows.h"
#include "payers.h"

/* ---- A life in which everybody pays somewhere --------------------------------------------------- */

static const char *room_of(unsigned said) {
    static char sid[16];
    snprintf(sid, sizeof sid, "RM_%u", said);
    return sid;
}

/* Connections of every way, resolved; each owes joined and traffic, and after a second epoch of another way more. */
static void life_of_all_ways(lkstats_t *ctx, void *argument) {
    (void)argument;
    for (unsigned said = 0; said <= PAYERS_ALL; ++said) {
        const lkstats_signal_t signal = payers_signal(ctx, said);
        require_status(LKSTATS_OK, payers_resolve_room(signal, room_of(said), said));
        require_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", said));
        require_status(LKSTATS_OK, lkstats_add_bytes(signal, 1 + said, 1));
        require_status(LKSTATS_OK, lkstats_signal_reset(signal));
        /* The same room and connection, and who is there says nothing. */
        require_status(LKSTATS_OK, payers_resolve_participant(signal, "PA_silent", 0));
        require_status(LKSTATS_OK, payers_resolve_room(signal, room_of(said), said));
        require_status(LKSTATS_OK, lkstats_add_bytes(signal, 100, 0));
    }
    const lkstats_signal_t nobodys = payers_signal(ctx, PAYERS_CONNECTION);
    require_status(LKSTATS_OK, lkstats_add_bytes(nobodys, 1000, 1));
    const lkstats_signal_t in_a_room = payers_signal(ctx, PAYERS_CONNECTION);
    require_status(LKSTATS_OK, payers_resolve_room(in_a_room, "RM_only", PAYERS_ROOM));
    require_status(LKSTATS_OK, lkstats_add_bytes(in_a_room, 2000, 1));
    const lkstats_signal_t forgotten = payers_signal(ctx, 0);
    require_status(LKSTATS_OK, payers_resolve_participant(forgotten, "PA", PAYERS_ALL));
    require_status(LKSTATS_OK, lkstats_signal_reset(forgotten));
    require_status(LKSTATS_OK, lkstats_add_bytes(forgotten, 3000, 1));
    host_tick(ctx, 1);
}

static const char *payer_of(const lkstats_record_t *record) {
    if (record->flags & LKSTATS_UNATTRIBUTED)
        return record->window.send_bytes == 1000   ? "connection"
               : record->window.send_bytes == 2000 ? "room"
                                                   : "";
    const unsigned said = (unsigned)(record->room_sid.data[3] - '0');
    return payers_nearest(record->key.epoch == 1 ? said : said & ~(unsigned)PAYERS_PARTICIPANT);
}

/* Joined, traffic and left of two epochs each, and the three that were never resolved. */
static void assert_paid(const host_records_t *all) {
    assert_int_equal(all->count, 6 * (PAYERS_ALL + 1) + 3);
    for (size_t i = 0; i < all->count; ++i) {
        const lkstats_record_t *const record = &all->items[i];
        if (!host_string_is(record->tenant, payer_of(record)))
            fail_msg("epoch %u in %.*s: %.*s pays, not %s", record->key.epoch, (int)record->room_sid.size,
                     record->room_sid.data, (int)record->tenant.size, record->tenant.data, payer_of(record));
    }
}

/* ---- What a journal has ------------------------------------------------------------------------- */

static void keep_row(void *argument, const lkstats_record_t *record, lkstats_string_t node) {
    const lkstats_batch_t batch = {
        .record_count = 1, .record_size = sizeof *record, .records = record, .node = node};
    estate_keep(argument, &batch);
}

static int is_segment(const struct dirent *entry) { return strstr(entry->d_name, ".journal") != NULL; }

static estate_t journal_of(const folder_t *folder) {
    estate_t estate = {0};
    struct dirent **names = NULL;
    const int count = scandir(folder->path, &names, is_segment, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; ++i) {
        size_t size = 0;
        char *const bytes = file_read(folder_at(folder, names[i]->d_name).path, &size);
        assert_true(journal_rows(bytes, size, keep_row, &estate));
        free(bytes);
        free(names[i]);
    }
    free(names);
    return estate;
}

/* ---- Stories ------------------------------------------------------------------------------------ */

STORY(a_consumer_is_told_who_pays) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    life_of_all_ways(ctx, NULL);
    host_close(ctx, &all);
    assert_paid(&all);
    host_records_free(&all);
}

STORY(a_journal_says_who_pays) {
    const folder_t folder = folder_make();
    lkstats_t *const ctx = host_open_with(
        (lkstats_options_t){.node = host_string(HEIR_NODE), .journal_dir = host_string(folder.path)});
    life_of_all_ways(ctx, NULL);
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    estate_t written = journal_of(&folder);
    assert_paid(&written.own);
    estate_free(&written);
}

STORY(after_a_kill_the_same_pay) {
    const folder_t folder = folder_make();
    dead_make(&folder, life_of_all_ways, NULL);
    estate_t estate = {0};
    estate_settle(&estate, &folder);
    assert_paid(&estate.left);
    assert_int_equal(estate.own.count, 0);
    estate_free(&estate);
}

STORY(an_heirs_journal_says_who_paid) {
    const folder_t folder = folder_make(), journal = folder_make();
    dead_make(&folder, life_of_all_ways, NULL);
    lkstats_t *const heir =
        heir_open_with(&folder, (lkstats_options_t){.journal_dir = host_string(journal.path)});
    for (int tick = 1; folder_count(&folder, "lkstats:") > 3; ++tick) { /* its own only */
        assert_true(tick < 100);
        host_tick(heir, tick);
    }
    assert_status(LKSTATS_OK, lkstats_close(heir, HOST_PATIENCE_MS, NULL));
    estate_t written = journal_of(&journal);
    assert_paid(&written.left);
    estate_free(&written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consumer_is_told_who_pays),
        cmocka_unit_test(a_journal_says_who_pays),
        cmocka_unit_test(after_a_kill_the_same_pay),
        cmocka_unit_test(an_heirs_journal_says_who_paid),
    };
    return cmocka_run_group_tests_name("tenant_files", tests, NULL, folders_teardown);
}
