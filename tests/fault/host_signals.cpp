// SPDX-License-Identifier: Apache-2.0
// A host's signal connections: whose they are comes later, and may be refused like everything else.
#include "answer.hpp"
#include "fault.hpp"
#include "host.hpp"

namespace lkstats::fault {

namespace {

constexpr std::initializer_list<lkstats_status_t> granted_or_no_memory = {LKSTATS_OK, LKSTATS_ENOMEM,
                                                                          LKSTATS_ENOFILE, LKSTATS_ESYSTEM};

} // namespace

bool Host::signal(Identity identity) {
    check(count_ < tracks_max);
    lkstats_signal_options_t options = {};
    options.struct_size = sizeof options;
    options.country = letters('c', size_of(identity));
    options.tenant = letters('t', size_of(identity));
    Track fresh = {};
    fresh.handle = 1;
    fresh.signal = true;
    return keep(fresh, answer(granted_or_no_memory, "signal_new",
                              [&] { return lkstats_signal_new(ctx_, &options, &fresh.handle); }));
}

bool Host::signals(size_t count, Identity identity) {
    while (count_ < count)
        if (!signal(identity))
            return false;
    return true;
}

// What was refused is not known: it can be said again. What was not is known for good.
template <class Call> bool Host::resolve(size_t which, bool &known, Call call) {
    if (known) {
        const bool gone = ledger_[which].stopped;
        answer({LKSTATS_ERESOLVED, gone ? LKSTATS_ESTALE : LKSTATS_ERESOLVED}, "resolve", call);
        return true;
    }
    known = answer(granted_or_no_memory, "resolve", call) == LKSTATS_OK;
    return known;
}

bool Host::resolve_room(size_t which, Identity identity) {
    if (which >= count_ || !ledger_[which].signal)
        return true;
    Track &track = ledger_[which];
    lkstats_room_t room = {};
    room.struct_size = sizeof room;
    room.sid = letters('r', size_of(identity));
    room.name = letters('n', size_of(identity));
    room.tenant = letters('o', size_of(identity));
    return resolve(which, track.room, [&] { return lkstats_signal_resolve_room(track.handle, &room); });
}

bool Host::resolve_participant(size_t which, Identity identity) {
    if (which >= count_ || !ledger_[which].signal)
        return true;
    Track &track = ledger_[which];
    lkstats_participant_t participant = {};
    participant.struct_size = sizeof participant;
    participant.kind = static_cast<int32_t>(which);
    participant.sid = letters('p', size_of(identity));
    participant.identity = letters('i', size_of(identity));
    participant.tenant = letters('y', size_of(identity));
    return resolve(which, track.participant,
                   [&] { return lkstats_signal_resolve_participant(track.handle, &participant); });
}

bool Host::resolve(size_t which, Identity identity) {
    const bool room = resolve_room(which, identity), participant = resolve_participant(which, identity);
    return room && participant;
}

bool Host::reset(size_t which) {
    if (which >= count_ || !ledger_[which].signal || ledger_[which].stopped)
        return true;
    Track &track = ledger_[which];
    const bool cuts = track.room && track.participant;
    check(!cuts || track.epoch < epochs_max);
    const auto reset = [&] { return lkstats_signal_reset(track.handle); };
    // Forgetting needs nothing.
    const auto status =
        cuts ? answer(granted_or_no_memory, "reset", reset) : answer({LKSTATS_OK}, "reset", reset);
    if (status != LKSTATS_OK)
        return false;
    track.room = track.participant = false;
    std::lock_guard lock(telling_);
    track.epoch += cuts ? 1 : 0;
    return true;
}

} // namespace lkstats::fault
