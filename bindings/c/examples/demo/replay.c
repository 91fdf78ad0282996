/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays a recorded session of a real LiveKit server through lkstats, in the session's own time and
 * without waiting for it, prints the reports, and holds them against the file, object by object.
 */
#include "load.h"
#include "reports.h"
#include "session.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* lkstats wants to be called once a second; a stopped track's report is then at most that late. */
enum { STEP_US = 1000000 };

struct replay {
    const lkstats_api_t *api;
    lkstats_t *ctx;
    struct session session;
    struct reports reports;
};

static bool good(const struct replay *replay, const char *what, lkstats_status_t status) {
    if (status != LKSTATS_OK)
        fprintf(stderr, "replay: %s: %s\n", what, replay->api->strerror(status));
    return status == LKSTATS_OK;
}

static void each_record(void *user, const lkstats_record_t *record) {
    struct session *session = user;
    lkstats_track_t track = (uint64_t)record->key.tag << 32 | record->key.slot;

    for (size_t i = 0; i < session->object_count; i++) {
        lkstats_traffic_t *reported = &session->objects[i].reported;

        if (session->objects[i].track != track)
            continue;
        reported->send_bytes += record->window.send_bytes;
        reported->send_messages += record->window.send_messages;
        reported->recv_bytes += record->window.recv_bytes;
        reported->recv_messages += record->window.recv_messages;
    }
}

/* Takes all there is; false when it ended in anything but "nothing now" or "nothing more". */
static bool drain(struct replay *replay) {
    lkstats_status_t status = LKSTATS_OK;

    while (status == LKSTATS_OK)
        status = reports_take(&replay->reports);
    return status == LKSTATS_EAGAIN || status == LKSTATS_EOF || good(replay, "the reports", status);
}

static bool step(struct replay *replay, int64_t us) {
    return good(replay, "run_once", replay->api->run_once(replay->ctx, us * 1000, us * 1000)) &&
           drain(replay);
}

static lkstats_string_t text(const char *string) { return (lkstats_string_t){string, strlen(string)}; }

static bool start(struct replay *replay, struct session_object *object) {
    lkstats_track_options_t options = {.struct_size = sizeof options};

    options.channel = strcmp(object->type, "track") == 0 ? LKSTATS_CHANNEL_DATA_TRACK : LKSTATS_CHANNEL_DATA;
    options.room_sid = text(object->room_sid);
    options.room_name = text(object->room);
    options.participant_sid = text(object->participant_sid);
    options.participant_identity = text(object->participant);
    options.track_id = text(object->track_id);
    object->started = true;
    return good(replay, "track_new", replay->api->track_new(replay->ctx, &options, &object->track));
}

static bool stop(struct replay *replay, struct session_object *object) {
    object->stopped = true;
    return good(replay, "track_stop", replay->api->track_stop(object->track, NULL));
}

static bool play(struct replay *replay, const struct session_call *call) {
    struct session_object *object = &replay->session.objects[call->object];

    switch (call->kind) {
    case SESSION_NEW:
        return start(replay, object);
    case SESSION_ADD:
        return good(replay, "add_bytes", replay->api->add_bytes(object->track, call->bytes, call->is_send));
    case SESSION_STOP:
        return stop(replay, object);
    }
    return false;
}

static bool play_all(struct replay *replay) {
    const struct session *session = &replay->session;
    int64_t now_us = 0;

    if (!step(replay, now_us))
        return false;
    for (size_t i = 0; i < session->call_count; i++) {
        while (now_us + STEP_US <= session->calls[i].us) {
            now_us += STEP_US;
            if (!step(replay, now_us))
                return false;
        }
        if (!play(replay, &session->calls[i]))
            return false;
    }
    for (size_t i = 0; i < session->object_count; i++) {
        struct session_object *object = &session->objects[i];

        if (object->started && !object->stopped && !stop(replay, object))
            return false;
    }
    return true;
}

/* The first close makes the last reports, the one after their acknowledgement finds nothing owed. */
static bool finish(struct replay *replay) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_status_t status = replay->api->close(replay->ctx, 0, &residue);

    if (status == LKSTATS_ETIMEDOUT) {
        if (!drain(replay))
            return false;
        status = replay->api->close(replay->ctx, 0, &residue);
    }
    return good(replay, "close", status);
}

static void enter(struct ledger *ledger, const struct session_object *object,
                  const lkstats_traffic_t *traffic) {
    char name[LEDGER_NAME_MAX + 1];
    struct ledger_row *row;

    snprintf(name, sizeof name, "%.20s %.20s %u", object->participant, object->type, object->number);
    row = ledger_row(ledger, object->room, name);
    row->up_bytes = traffic->recv_bytes;
    row->up_messages = traffic->recv_messages;
    row->down_bytes = traffic->send_bytes;
    row->down_messages = traffic->send_messages;
}

static bool compare(const struct replay *replay) {
    const struct session *session = &replay->session;
    struct ledger file = {0}, reported = {0};
    uint64_t adds = 0;
    bool equal;

    for (size_t i = 0; i < session->object_count; i++) {
        enter(&file, &session->objects[i], &session->objects[i].counted);
        enter(&reported, &session->objects[i], &session->objects[i].reported);
        adds += session->objects[i].counted.recv_messages + session->objects[i].counted.send_messages;
    }
    printf("\n%zu objects, %" PRIu64 " adds; %" PRIu64 " reports in %" PRIu64 " batches, %" PRIu64
           " of them given back and taken again\n\n",
           session->object_count, adds, replay->reports.records, replay->reports.batches,
           replay->reports.given_back);
    equal = ledger_compare(&file, "file", &reported, "reports", replay->reports.quiet);
    ledger_free(&file);
    ledger_free(&reported);
    return equal;
}

static bool run(struct replay *replay) {
    lkstats_options_t options = {
        .struct_size = sizeof options, .flags = LKSTATS_NO_THREAD, .node = {"replay", 6}};

    if (!good(replay, "open", replay->api->open(&options, &replay->ctx)))
        return false;
    replay->reports.api = replay->api;
    replay->reports.ctx = replay->ctx;
    replay->reports.each = each_record;
    replay->reports.user = &replay->session;
    reports_heading(&replay->reports);
    return play_all(replay) && finish(replay) && compare(replay);
}

int main(int argc, char **argv) {
    static const struct option known[] = {{"library", required_argument, NULL, 'l'},
                                          {"session", required_argument, NULL, 's'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {NULL, 0, NULL, 0}};
    struct replay replay = {0};
    const char *library = NULL, *session = NULL;
    bool equal;
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'l')
            library = optarg;
        else if (option == 's')
            session = optarg;
        else if (option == 'q')
            replay.reports.quiet = true;
    }
    if (!library || !session) {
        fprintf(stderr, "usage: replay --library LIBLKSTATS.SO --session FILE.tsv.gz [--quiet]\n");
        return 2;
    }
    replay.api = library_load(library);
    if (!replay.api)
        return 1;
    equal = session_read(&replay.session, session) && run(&replay);
    session_free(&replay.session);
    ledger_free(&replay.reports.sums);
    return equal ? 0 : 1;
}
