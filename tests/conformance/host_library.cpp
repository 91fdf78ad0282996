// SPDX-License-Identifier: Apache-2.0
// Calls that need no context, and what the C++ compiler makes of the structs.
#include "host.hpp"
#include "transcript.h"

#include <cinttypes>

using lkstats::Status;

void Host::track_id() {
    const int32_t channel = script_int32(script_);
    const std::string_view sid = string();
    end();
    std::string id;
    uint64_t need = 0;
    const auto ask = [&] {
        return lkstats::track_id_for_participant(channel, sid, id.data(), id.size(), need);
    };
    Status status = ask();
    if (status == LKSTATS_ERANGE) {
        id.resize(need);
        status = ask();
    }
    if (answer(status)) {
        std::putchar(' ');
        tell_string(id.data(), need);
    }
    std::putchar('\n');
}

void Host::statuses() {
    end();
    answer_line(LKSTATS_OK);
    for (Status status = 0; status >= -19; --status)
        std::printf("  %" PRId32 " %s\n", status, lkstats::name(status));
}

void Host::layout() {
    static constexpr std::pair<const char *, size_t> places[] = {
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
    end();
    answer_line(LKSTATS_OK);
    for (const auto &[name, offset] : places)
        std::printf("  %s %zu\n", name, offset);
}
