/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on tracks and signal connections. A name that is none's answers LKSTATS_ESTALE. */
#include "host.h"
#include "transcript.h"

#include <stdio.h>
#include <string.h>

static const struct named_handle *handle_word(struct host *host) {
    return names_handle(&host->names, script_word(host->script));
}

static void answer_made(struct host *host, const char *name, lkstats_status_t status, lkstats_track_t track) {
    if (status == LKSTATS_OK)
        names_add_handle(&host->names, name, track);
    answer_line(host, status);
}

static void track(struct host *host) {
    struct script *script = host->script;
    const char *name = script_word(script);
    lkstats_track_options_t options = {.struct_size = sizeof options};
    lkstats_track_t made = 0;
    options.channel = script_int32(script);
    options.participant_kind = script_int32(script);
    options.kind_details = script_details(script, &options.kind_details_count);
    options.country = script_string(script);
    options.room_sid = script_string(script);
    options.room_name = script_string(script);
    options.participant_sid = script_string(script);
    options.participant_identity = script_string(script);
    options.track_id = script_string(script);
    options.tenant = script_string(script);
    script_end(script);
    const lkstats_status_t status =
        host->ctx ? host->lk->track_new(host->ctx, &options, &made) : LKSTATS_ESTALE;
    answer_made(host, name, status, made);
}

static void signal(struct host *host) {
    struct script *script = host->script;
    const char *name = script_word(script);
    lkstats_signal_options_t options = {.struct_size = sizeof options};
    lkstats_signal_t made = 0;
    options.country = script_string(script);
    options.tenant = script_string(script);
    script_end(script);
    const lkstats_status_t status =
        host->ctx ? host->lk->signal_new(host->ctx, &options, &made) : LKSTATS_ESTALE;
    answer_made(host, name, status, made);
}

static void room(struct host *host) {
    const struct named_handle *handle = handle_word(host);
    lkstats_room_t room = {.struct_size = sizeof room};
    room.sid = script_string(host->script);
    room.name = script_string(host->script);
    room.tenant = script_string(host->script);
    script_end(host->script);
    answer_line(host, handle ? host->lk->signal_resolve_room(handle->track, &room) : LKSTATS_ESTALE);
}

static void participant(struct host *host) {
    const struct named_handle *handle = handle_word(host);
    lkstats_participant_t who = {.struct_size = sizeof who};
    who.sid = script_string(host->script);
    who.identity = script_string(host->script);
    who.kind = script_int32(host->script);
    who.kind_details = script_details(host->script, &who.kind_details_count);
    who.tenant = script_string(host->script);
    script_end(host->script);
    answer_line(host, handle ? host->lk->signal_resolve_participant(handle->track, &who) : LKSTATS_ESTALE);
}

static void reset(struct host *host) {
    const struct named_handle *handle = handle_word(host);
    script_end(host->script);
    answer_line(host, handle ? host->lk->signal_reset(handle->track) : LKSTATS_ESTALE);
}

static void add_bytes(struct host *host) {
    const struct named_handle *handle = handle_word(host);
    const uint64_t bytes = script_number(host->script, UINT64_MAX);
    const int32_t is_send = (int32_t)script_number(host->script, 1);
    script_end(host->script);
    answer_line(host, !handle             ? LKSTATS_ESTALE
                      : host->inline_adds ? lkstats_slab_add(&host->slab, handle->track, bytes, 1, is_send)
                                          : host->lk->add_bytes(handle->track, bytes, is_send));
}

static void add_messages(struct host *host) {
    const struct named_handle *handle = handle_word(host);
    const uint64_t bytes = script_number(host->script, UINT64_MAX);
    const uint64_t messages = script_number(host->script, UINT64_MAX);
    const int32_t is_send = (int32_t)script_number(host->script, 1);
    script_end(host->script);
    answer_line(host, !handle ? LKSTATS_ESTALE
                      : host->inline_adds
                          ? lkstats_slab_add(&host->slab, handle->track, bytes, messages, is_send)
                          : host->lk->add_messages(handle->track, bytes, messages, is_send));
}

static void tell_totals(struct host *host, lkstats_status_t (*call)(lkstats_track_t, lkstats_totals_t *)) {
    const struct named_handle *handle = handle_word(host);
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    script_end(host->script);
    if (answer(host, handle ? call(handle->track, &totals) : LKSTATS_ESTALE)) {
        putchar(' ');
        tell_traffic(&totals.traffic);
        printf(" at=");
        tell_time(&totals.at);
    }
    putchar('\n');
}

static void totals(struct host *host) { tell_totals(host, host->lk->track_totals); }

static void stop(struct host *host) { tell_totals(host, host->lk->track_stop); }

static void flush(struct host *host) {
    const char *name = script_word(host->script);
    script_end(host->script);
    if (strcmp(name, "*") == 0) {
        answer_line(host, host->ctx ? host->lk->flush(host->ctx, 0) : LKSTATS_ESTALE);
        return;
    }
    const struct named_handle *handle = names_handle(&host->names, name);
    answer_line(host, handle ? host->lk->track_flush(handle->track, 0) : LKSTATS_ESTALE);
}

const struct command handle_commands[] = {
    {"track", track}, {"signal", signal},   {"room", room},        {"participant", participant},
    {"reset", reset}, {"bytes", add_bytes}, {"add", add_messages}, {"totals", totals},
    {"stop", stop},   {"flush", flush},     {NULL, NULL}};
