// SPDX-License-Identifier: Apache-2.0
// Calls on tracks and signal connections.
#include "host.hpp"
#include "transcript.h"

using lkstats::Context;
using lkstats::Counted;
using lkstats::Signal;
using lkstats::Status;
using lkstats::Track;

void Host::track() {
    const std::string name = word();
    lkstats::TrackOptions options;
    options.channel = script_int32(script_);
    options.participant_kind = script_int32(script_);
    options.kind_details = script_details(script_, &options.kind_details_count);
    options.country = string();
    options.room_sid = string();
    options.room_name = string();
    options.participant_sid = string();
    options.participant_identity = string();
    options.track_id = string();
    options.tenant = string();
    end();
    made(name, context_ ? context_->track(options) : Track());
}

void Host::signal() {
    const std::string name = word();
    lkstats::SignalOptions options;
    options.country = string();
    options.tenant = string();
    end();
    made(name, context_ ? context_->signal(options) : Signal());
}

void Host::room() {
    const std::string name = word();
    lkstats::Room room;
    room.sid = string();
    room.name = string();
    room.tenant = string();
    end();
    answer_line(of_signal(name, [&](const Signal &signal) { return signal.resolve_room(room); }));
}

void Host::participant() {
    const std::string name = word();
    lkstats::Participant who;
    who.sid = string();
    who.identity = string();
    who.kind = script_int32(script_);
    who.kind_details = script_details(script_, &who.kind_details_count);
    who.tenant = string();
    end();
    answer_line(of_signal(name, [&](const Signal &signal) { return signal.resolve_participant(who); }));
}

void Host::reset() {
    const std::string name = word();
    end();
    answer_line(of_signal(name, [](const Signal &signal) { return signal.reset(); }));
}

void Host::bytes() {
    const std::string name = word();
    const uint64_t bytes = script_number(script_, UINT64_MAX);
    const bool is_send = script_number(script_, 1) != 0;
    end();
    answer_line(of_counted(name, [&](const Counted &handle) { return handle.add_bytes(bytes, is_send); }));
}

void Host::add() {
    const std::string name = word();
    const uint64_t bytes = script_number(script_, UINT64_MAX);
    const uint64_t messages = script_number(script_, UINT64_MAX);
    const bool is_send = script_number(script_, 1) != 0;
    end();
    answer_line(of_counted(
        name, [&](const Counted &handle) { return handle.add_messages(bytes, messages, is_send); }));
}

void Host::totals() {
    const std::string name = word();
    lkstats::Totals totals;
    end();
    tell_totals(of_counted(name, [&](const Counted &handle) { return handle.totals(totals); }), totals);
}

void Host::stop() {
    const std::string name = word();
    lkstats::Totals totals;
    end();
    tell_totals(of_counted(name, [&](const Counted &handle) { return handle.stop(&totals); }), totals);
}

void Host::tell_totals(Status status, const lkstats::Totals &totals) {
    if (answer(status)) {
        std::putchar(' ');
        tell_traffic(&totals.traffic);
        std::printf(" at=");
        tell_time(&totals.at);
    }
    std::putchar('\n');
}

void Host::flush() {
    const std::string name = word();
    end();
    answer_line(name == "*" ? of_context([](Context &context) { return context.flush(0); })
                            : of_counted(name, [](const Counted &handle) { return handle.flush(0); }));
}
