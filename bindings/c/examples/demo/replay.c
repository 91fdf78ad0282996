/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays a recorded session of a real LiveKit server through lkstats, in the session's own time and
 * without waiting for it, prints the reports, and holds them against the file, object by object. Its signal
 * connections learn who they count when the recording says so.
 */
#include "reports.h"
#include "session.h"

#include <lkstats_load.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* lkstats wants to be called once a second; a stopped track's report is then at most that late. */
enum { STEP_US = 1000000, ERROR_SIZE = 512 };

struct replay {
    const lkstats_api_t *api;
    lkstats_t *ctx;
    struct session session;
    struct reports reports;
    struct ledger file, reported; /* a row per object */
    uint64_t known_already;       /* resolutions that said once more what was known */
};

static bool good(const struct replay *replay, const char *what, lkstats_status_t status) {
    if (status != LKSTATS_OK)
        fprintf(stderr, "replay: %s: %s\n", what, replay->api->strerror(status));
    return status == LKSTATS_OK;
}

static struct ledger_row *row(struct ledger *ledger, const struct session_object *object, const char *room,
                              const char *participant) {
    char name[2 * SESSION_TEXT_MAX];

    snprintf(name, sizeof name, "%s %u", participant, object->number);
    return ledger_row(ledger, room, name, object->type);
}

/* Whoever the report says it is of has the row: one that is credited to somebody else would show as such. */
static void each_record(void *user, const lkstats_record_t *record) {
    struct replay *replay = user;
    const struct session *session = &replay->session;
    lkstats_track_t handle = (uint64_t)record->key.tag << 32 | record->key.slot;
    char room[SESSION_TEXT_MAX + 1], participant[SESSION_TEXT_MAX + 1];

    snprintf(room, sizeof room, "%.*s", (int)record->room_name.size, record->room_name.data);
    snprintf(participant, sizeof participant, "%.*s", (int)record->participant_identity.size,
             record->participant_identity.data);
    for (size_t i = 0; i < session->object_count; i++) {
        if (session->objects[i].handle == handle)
            reports_sum(row(&replay->reported, &session->objects[i], room, participant), record);
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

    if (session_is_signal(object))
        return good(replay, "signal_new", replay->api->signal_new(replay->ctx, NULL, &object->handle));
    options.channel = strcmp(object->type, "track") == 0 ? LKSTATS_CHANNEL_DATA_TRACK : LKSTATS_CHANNEL_DATA;
    options.room_sid = text(object->room.sid);
    options.room_name = text(object->room.name);
    options.participant_sid = text(object->participant.sid);
    options.participant_identity = text(object->participant.name);
    options.track_id = text(object->track_id);
    return good(replay, "track_new", replay->api->track_new(replay->ctx, &options, &object->handle));
}

/* A server says again and again which room it is. */
static bool resolved(struct replay *replay, const char *what, lkstats_status_t status) {
    replay->known_already += status == LKSTATS_ERESOLVED;
    return status == LKSTATS_ERESOLVED || good(replay, what, status);
}

static bool resolve_room(struct replay *replay, lkstats_signal_t signal, const struct session_name *name) {
    lkstats_room_t room = {.struct_size = sizeof room, .sid = text(name->sid), .name = text(name->name)};

    return resolved(replay, "signal_resolve_room", replay->api->signal_resolve_room(signal, &room));
}

static bool resolve_participant(struct replay *replay, lkstats_signal_t signal,
                                const struct session_name *name) {
    lkstats_participant_t participant = {
        .struct_size = sizeof participant, .sid = text(name->sid), .identity = text(name->name)};

    return resolved(replay, "signal_resolve_participant",
                    replay->api->signal_resolve_participant(signal, &participant));
}

static bool play(struct replay *replay, const struct session_call *call) {
    const lkstats_api_t *api = replay->api;
    struct session_object *object = &replay->session.objects[call->object];

    switch (call->kind) {
    case SESSION_NEW:
        return start(replay, object);
    case SESSION_ADD:
        return good(replay, "add_bytes", api->add_bytes(object->handle, call->bytes, call->is_send));
    case SESSION_RESOLVE_ROOM:
        return resolve_room(replay, object->handle, &replay->session.names[call->name]);
    case SESSION_RESOLVE_PARTICIPANT:
        return resolve_participant(replay, object->handle, &replay->session.names[call->name]);
    case SESSION_STOP:
        return good(replay, "track_stop", api->track_stop(object->handle, NULL));
    default:
        return false;
    }
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
    return true;
}

/* A close makes the reports that are due, the one after the last acknowledgement finds nothing owed. */
static bool finish(struct replay *replay) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_status_t status;
    uint64_t before;

    do {
        before = replay->reports.batches;
        status = replay->api->close(replay->ctx, 0, &residue);
        if (status == LKSTATS_ETIMEDOUT && !drain(replay))
            return false;
    } while (status == LKSTATS_ETIMEDOUT && replay->reports.batches != before);
    return good(replay, "close", status);
}

static void enter(struct ledger *ledger, const struct session_object *object) {
    struct ledger_row *counted = row(ledger, object, object->room.name, object->participant.name);
    bool joins = session_is_signal(object) && object->room.sid[0] && object->participant.sid[0];

    counted->up_bytes = object->counted.recv_bytes;
    counted->up_messages = object->counted.recv_messages;
    counted->down_bytes = object->counted.send_bytes;
    counted->down_messages = object->counted.send_messages;
    counted->joined = counted->left = joins;
}

static bool compare(struct replay *replay) {
    const struct session *session = &replay->session;
    const struct reports *reports = &replay->reports;
    uint64_t adds = 0;

    for (size_t i = 0; i < session->object_count; i++) {
        enter(&replay->file, &session->objects[i]);
        adds += session->objects[i].counted.recv_messages + session->objects[i].counted.send_messages;
    }
    printf("\n%zu objects, %" PRIu64 " adds, %zu resolutions, of which %" PRIu64
           " say what is known already\n",
           session->object_count, adds, session->name_count, replay->known_already);
    printf("%" PRIu64 " records in %" PRIu64 " batches, %" PRIu64 " of them given back and taken again\n\n",
           reports->records, reports->batches, reports->given_back);
    return ledger_compare(&replay->file, "file", &replay->reported, "reports", reports->quiet);
}

static bool run(struct replay *replay) {
    lkstats_options_t options = {
        .struct_size = sizeof options, .flags = LKSTATS_NO_THREAD, .node = {"replay", 6}};

    if (!good(replay, "open", replay->api->open(&options, &replay->ctx)))
        return false;
    replay->reports.api = replay->api;
    replay->reports.ctx = replay->ctx;
    replay->reports.each = each_record;
    replay->reports.user = replay;
    reports_heading(&replay->reports);
    return play_all(replay) && finish(replay) && compare(replay);
}

int main(int argc, char **argv) {
    static const struct option known[] = {{"library", required_argument, NULL, 'l'},
                                          {"session", required_argument, NULL, 's'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {NULL, 0, NULL, 0}};
    struct replay replay = {0};
    char error[ERROR_SIZE];
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
    replay.api = lkstats_load(library, error, sizeof error);
    if (!replay.api) {
        fprintf(stderr, "replay: %s; --library says where it is\n", error);
        return 1;
    }
    equal = session_read(&replay.session, session) && run(&replay);
    session_free(&replay.session);
    ledger_free(&replay.reports.sums);
    ledger_free(&replay.file);
    ledger_free(&replay.reported);
    return equal ? 0 : 1;
}
