/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that need no context, and what the C compiler makes of the structs. */
#include "host.h"
#include "transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void track_id(struct host *host) {
    const int32_t channel = script_int32(host->script);
    const lkstats_string_t sid = script_string(host->script);
    uint64_t size = 0;
    script_end(host->script);
    lkstats_status_t status = host->lk->track_id_for_participant(channel, sid, NULL, 0, &size);
    char *id = status == LKSTATS_ERANGE ? malloc(size) : NULL;
    if (id)
        status = host->lk->track_id_for_participant(channel, sid, id, size, &size);
    if (answer(host, status)) {
        putchar(' ');
        tell_string(id, size);
    }
    putchar('\n');
    free(id);
}

static void statuses(struct host *host) {
    script_end(host->script);
    answer_line(host, LKSTATS_OK);
    for (lkstats_status_t status = 0; status >= -19; status--)
        printf("  %" PRId32 " %s\n", status, host->lk->status_name(status));
}

static void layout(struct host *host) {
    static const struct {
        const char *name;
        size_t offset;
    } places[] = {
        {"slot.size", sizeof(lkstats_slab_slot_t)},
        {"slot.state", offsetof(lkstats_slab_slot_t, state)},
        {"slot.tag", offsetof(lkstats_slab_slot_t, tag)},
        {"slot.word", offsetof(lkstats_slab_slot_t, word)},
        {"slot.carry", offsetof(lkstats_slab_slot_t, carry)},
        {"slot.last", offsetof(lkstats_slab_slot_t, last)},
        {"slot.record", offsetof(lkstats_slab_slot_t, record)},
        {"slot.epoch", offsetof(lkstats_slab_slot_t, epoch)},
        {"options.size", sizeof(lkstats_options_t)},
        {"track_options.size", sizeof(lkstats_track_options_t)},
        {"signal_options.size", sizeof(lkstats_signal_options_t)},
        {"room.size", sizeof(lkstats_room_t)},
        {"participant.size", sizeof(lkstats_participant_t)},
        {"totals.size", sizeof(lkstats_totals_t)},
        {"residue.size", sizeof(lkstats_residue_t)},
        {"batch.size", sizeof(lkstats_batch_t)},
        {"record.size", sizeof(lkstats_record_t)},
        {"record.window", offsetof(lkstats_record_t, window)},
        {"record.running", offsetof(lkstats_record_t, running)},
        {"record.country", offsetof(lkstats_record_t, country)},
        {"record.kind_details", offsetof(lkstats_record_t, kind_details)},
        {"record.flags", offsetof(lkstats_record_t, flags)},
        {"key.size", sizeof(lkstats_key_t)},
        {"key.kind", offsetof(lkstats_key_t, kind)},
        {"api.size", sizeof(lkstats_api_t)},
        {"slab.size", sizeof(lkstats_slab_t)},
        {"anchor.size", sizeof(lkstats_slab_anchor_t)},
    };
    script_end(host->script);
    answer_line(host, LKSTATS_OK);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        printf("  %s %zu\n", places[i].name, places[i].offset);
}

const struct command library_commands[] = {
    {"track_id", track_id}, {"statuses", statuses}, {"layout", layout}, {NULL, NULL}};
