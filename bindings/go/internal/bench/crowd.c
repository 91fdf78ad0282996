/* SPDX-License-Identifier: Apache-2.0 */
//go:build cgo && linux && !lkstats_dlopen
#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>

enum { PARTICIPANTS_PER_ROOM = 10, REPORT_INTERVAL_MS = 1000, NAME_SIZE = 16 };

struct person {
    lkstats_track_options_t options;
    lkstats_track_t track;
    char room_sid[NAME_SIZE], room_name[NAME_SIZE], sid[NAME_SIZE], identity[NAME_SIZE];
};

static struct {
    lkstats_t *ctx;
    int64_t now_ns;
    struct person *people;
    uint32_t count;
} crowd;

/* All names are as long as their place but for the terminator. */
static void name(lkstats_string_t *string, char *place, const char *format, uint32_t number) {
    string->data = place;
    string->size = (uint64_t)snprintf(place, NAME_SIZE, format, number);
}

static void set_up(struct person *person, uint32_t number) {
    lkstats_track_options_t *options = &person->options;
    const uint32_t room = number / PARTICIPANTS_PER_ROOM;

    options->struct_size = sizeof *options;
    name(&options->room_sid, person->room_sid, "RM_%012u", room);
    name(&options->room_name, person->room_name, "lk-room-%07u", room);
    name(&options->participant_sid, person->sid, "PA_%012u", number);
    name(&options->participant_identity, person->identity, "user-%010u", number);
}

lkstats_status_t crowd_open(uint32_t count, uint32_t max_tracks) {
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .flags = LKSTATS_NO_THREAD,
                                       .report_interval_ms = REPORT_INTERVAL_MS,
                                       .max_tracks = max_tracks,
                                       .node = {"ND_bench4mT7qLw", 15},
                                       .analytics_key = {"bench", 5}};

    crowd.people = calloc(count, sizeof *crowd.people);
    if (!crowd.people)
        return LKSTATS_ENOMEM;
    crowd.count = count;
    for (uint32_t i = 0; i < count; i++)
        set_up(&crowd.people[i], i);
    crowd.now_ns = 0;
    const lkstats_status_t status = lkstats_open(&options, &crowd.ctx);
    /* The first instant starts the first interval. */
    return status == LKSTATS_OK ? crowd_advance(0) : status;
}

void crowd_close(void) {
    lkstats_close(crowd.ctx, LKSTATS_ABANDON, NULL);
    free(crowd.people);
}

lkstats_status_t crowd_come(void) {
    lkstats_status_t status = LKSTATS_OK;

    for (uint32_t i = 0; i < crowd.count && status == LKSTATS_OK; i++)
        status = lkstats_track_new(crowd.ctx, &crowd.people[i].options, &crowd.people[i].track);
    return status;
}

lkstats_status_t crowd_talk(void) {
    lkstats_status_t status = LKSTATS_OK;

    for (uint32_t i = 0; i < crowd.count && status == LKSTATS_OK; i++)
        status = lkstats_add_bytes(crowd.people[i].track, 1200, 1);
    return status;
}

/* With totals, as Go's Stop has them. */
lkstats_status_t crowd_go(void) {
    lkstats_status_t status = LKSTATS_OK;

    for (uint32_t i = 0; i < crowd.count && status == LKSTATS_OK; i++) {
        lkstats_totals_t totals = {.struct_size = sizeof totals};

        status = lkstats_track_stop(crowd.people[i].track, &totals);
    }
    return status;
}

lkstats_status_t crowd_advance(int64_t ns) {
    crowd.now_ns += ns;
    return lkstats_run_once(crowd.ctx, crowd.now_ns, 1785500000000000000 + crowd.now_ns);
}

lkstats_status_t crowd_consume(uint64_t *records, uint64_t *bytes) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    lkstats_status_t status = LKSTATS_OK;

    while (status == LKSTATS_OK && (status = lkstats_next(crowd.ctx, &batch)) == LKSTATS_OK) {
        *records += batch.record_count;
        for (uint32_t i = 0; i < batch.record_count; i++)
            *bytes += lkstats_batch_record(&batch, i)->window.send_bytes;
        status = lkstats_ack(&batch);
    }
    return status == LKSTATS_EAGAIN ? LKSTATS_OK : status;
}
