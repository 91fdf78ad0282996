/* SPDX-License-Identifier: Apache-2.0 */
#include "reports.h"

#include <inttypes.h>
#include <stdio.h>

/* A consumer that fails now and then gets the same reports again and counts them once: every so many
 * batches one is given back unread. */
enum { GIVE_BACK_EVERY = 5 };

void reports_heading(const struct reports *reports) {
    if (!reports->quiet)
        printf("%-10s %-12s %-7s %-9s %12s %9s %13s   %s\n", "room", "participant", "channel", "direction",
               "bytes", "messages", "rate", "track");
}

static const char *channel_text(int32_t channel) {
    switch (channel) {
    case LKSTATS_CHANNEL_SIGNAL:
        return "signal";
    case LKSTATS_CHANNEL_DATA_TRACK:
        return "track";
    default:
        return "data";
    }
}

static void name_text(char *text, const lkstats_record_t *record, lkstats_string_t name) {
    if (!name.size && record->flags & LKSTATS_UNATTRIBUTED)
        snprintf(text, LEDGER_NAME_MAX + 1, LEDGER_UNKNOWN);
    else
        snprintf(text, LEDGER_NAME_MAX + 1, "%.*s", (int)name.size, name.data);
}

static void rate_text(char *text, size_t size, uint64_t bytes, int64_t window_ns) {
    static const char *const units[] = {"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
    double rate = window_ns > 0 ? (double)bytes * 1e9 / (double)window_ns : 0;
    size_t unit = 0;

    for (; rate >= 999.95 && unit + 1 < sizeof units / sizeof *units; unit++)
        rate /= 1000;
    snprintf(text, size, "%.1f %s", rate, units[unit]);
}

static void print_event(const struct ledger_row *row, const lkstats_record_t *record, const char *event) {
    printf("%-10s %-12s %-7s %-9s %12s %9s %13s   %.*s\n", row->room, row->participant, row->channel, event,
           "", "", "", (int)record->track_id.size, record->track_id.data);
}

static void print_window(const struct ledger_row *row, const lkstats_record_t *record, const char *direction,
                         uint64_t bytes, uint64_t messages) {
    char rate[32];

    if (!messages && !bytes)
        return;
    rate_text(rate, sizeof rate, bytes, record->end.monotonic_ns - record->start.monotonic_ns);
    printf("%-10s %-12s %-7s %-9s %12" PRIu64 " %9" PRIu64 " %13s   %.*s\n", row->room, row->participant,
           row->channel, direction, bytes, messages, rate, (int)record->track_id.size, record->track_id.data);
}

static void print(const struct ledger_row *row, const lkstats_record_t *record) {
    switch (record->key.kind) {
    case LKSTATS_RECORD_JOINED:
        print_event(row, record, "joined");
        break;
    case LKSTATS_RECORD_LEFT:
        print_event(row, record, "left");
        break;
    default:
        print_window(row, record, "up", record->window.recv_bytes, record->window.recv_messages);
        print_window(row, record, "down", record->window.send_bytes, record->window.send_messages);
    }
}

/* The window of a joined and of a left is empty. */
void reports_sum(struct ledger_row *row, const lkstats_record_t *record) {
    row->up_bytes += record->window.recv_bytes;
    row->up_messages += record->window.recv_messages;
    row->down_bytes += record->window.send_bytes;
    row->down_messages += record->window.send_messages;
    row->joined += record->key.kind == LKSTATS_RECORD_JOINED;
    row->left += record->key.kind == LKSTATS_RECORD_LEFT;
}

static void read_record(struct reports *reports, const lkstats_record_t *record) {
    char room[LEDGER_NAME_MAX + 1], participant[LEDGER_NAME_MAX + 1];
    struct ledger_row *row;

    name_text(room, record, record->room_name);
    name_text(participant, record, record->participant_identity);
    row = ledger_row(&reports->sums, room, participant, channel_text(record->channel));
    reports_sum(row, record);
    if (!reports->quiet)
        print(row, record);
    if (reports->each)
        reports->each(reports->user, record);
    reports->records++;
}

lkstats_status_t reports_take(struct reports *reports) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    lkstats_status_t status = reports->api->next(reports->ctx, &batch);

    if (status != LKSTATS_OK)
        return status;
    if (++reports->batches % GIVE_BACK_EVERY == 0) {
        reports->given_back++;
        return reports->api->nack(&batch);
    }
    for (uint32_t i = 0; i < batch.record_count; i++) {
        const char *at = (const char *)batch.records + (uint64_t)i * batch.record_size;

        read_record(reports, (const lkstats_record_t *)(const void *)at);
    }
    return reports->api->ack(&batch);
}
