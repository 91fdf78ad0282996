/* SPDX-License-Identifier: Apache-2.0 */
#include "account.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool good(const struct accounting *accounting, const char *what, lkstats_status_t status) {
    if (status != LKSTATS_OK)
        fprintf(stderr, "relay: %s: %s\n", what, accounting->api->strerror(status));
    return status == LKSTATS_OK;
}

static lkstats_string_t text(const char *string) { return (lkstats_string_t){string, strlen(string)}; }

void account_open(const struct accounting *accounting, struct account *account) {
    good(accounting, "a signal connection is not counted",
         accounting->api->signal_new(accounting->ctx, NULL, &account->signal));
}

/* A participant that comes back, comes twice, or moves, is another participant to LiveKit: the sid says which
 * stay it is, the identity who. */
static void enter(struct accounting *accounting, struct account *account, const char *room) {
    const lkstats_api_t *api = accounting->api;
    char room_sid[NAME_MAX_LENGTH + 8], participant_sid[NAME_MAX_LENGTH + 32];
    lkstats_room_t where = {.struct_size = sizeof where};
    lkstats_participant_t who = {.struct_size = sizeof who};
    lkstats_track_options_t data = {.struct_size = sizeof data, .channel = LKSTATS_CHANNEL_DATA};

    snprintf(room_sid, sizeof room_sid, "RM_%s", room);
    snprintf(participant_sid, sizeof participant_sid, "PA_%s_%" PRIu64, account->participant,
             ++accounting->stays);
    where.sid = data.room_sid = text(room_sid);
    where.name = data.room_name = text(room);
    who.sid = data.participant_sid = text(participant_sid);
    who.identity = data.participant_identity = text(account->participant);

    good(accounting, "a room is not resolved", api->signal_resolve_room(account->signal, &where));
    good(accounting, "a participant is not resolved", api->signal_resolve_participant(account->signal, &who));
    good(accounting, "a track is not counted", api->track_new(accounting->ctx, &data, &account->track));
}

static void stop(const struct accounting *accounting, lkstats_track_t *handle) {
    if (*handle)
        good(accounting, "something counted does not stop", accounting->api->track_stop(*handle, NULL));
    *handle = 0;
}

void account_join(struct accounting *accounting, struct account *account, const char *room,
                  const char *participant) {
    snprintf(account->participant, sizeof account->participant, "%s", participant);
    enter(accounting, account, room);
}

void account_move(struct accounting *accounting, struct account *account, const char *room) {
    good(accounting, "a move is not seen, the old room counts on",
         accounting->api->signal_reset(account->signal));
    stop(accounting, &account->track);
    enter(accounting, account, room);
}

void account_add(const struct accounting *accounting, const struct account *account, bool text_message,
                 size_t size, bool is_send) {
    good(accounting, "a message is not counted",
         accounting->api->add_bytes(text_message ? account->signal : account->track, size, is_send));
}

void account_close(const struct accounting *accounting, struct account *account) {
    stop(accounting, &account->track);
    stop(accounting, &account->signal);
}
