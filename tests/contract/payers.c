/* SPDX-License-Identifier: Apache-2.0 */
#include "payers.h"

static lkstats_string_t if_said(unsigned said, unsigned place, const char *tenant) {
    return host_string(said & place ? tenant : "");
}

lkstats_signal_t payers_signal(lkstats_t *ctx, unsigned said) {
    const lkstats_signal_options_t options = {.struct_size = sizeof options,
                                              .tenant = if_said(said, PAYERS_CONNECTION, "connection")};
    lkstats_signal_t signal = 0;
    require_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    return signal;
}

lkstats_status_t payers_resolve_room(lkstats_signal_t signal, const char *sid, unsigned said) {
    const lkstats_room_t room = {
        .struct_size = sizeof room, .sid = host_string(sid), .tenant = if_said(said, PAYERS_ROOM, "room")};
    return lkstats_signal_resolve_room(signal, &room);
}

lkstats_status_t payers_resolve_participant(lkstats_signal_t signal, const char *sid, unsigned said) {
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .sid = host_string(sid),
                                               .tenant = if_said(said, PAYERS_PARTICIPANT, "participant")};
    return lkstats_signal_resolve_participant(signal, &participant);
}

const char *payers_nearest(unsigned said) {
    if (said & PAYERS_PARTICIPANT)
        return "participant";
    if (said & PAYERS_ROOM)
        return "room";
    return said & PAYERS_CONNECTION ? "connection" : "";
}
