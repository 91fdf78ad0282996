// SPDX-License-Identifier: Apache-2.0
#include "expected.hpp"

#include "files.hpp"
#include "json.hpp"
#include "model.hpp"

#include <fstream>
#include <initializer_list>
#include <utility>

namespace golden {

namespace {

std::string number(uint64_t number) { return std::to_string(number); }

// Of values that are JSON already.
std::string object(std::initializer_list<std::pair<const char *, std::string>> fields) {
    std::string said;
    for (const auto &[name, value] : fields) {
        said += said.empty() ? "{" : ",";
        said += json_string(name);
        said += ":";
        said += value;
    }
    return said + "}";
}

template <class Items, class Said> std::string list(const Items &items, const Said &say) {
    std::string said;
    for (const auto &item : items) {
        said += said.empty() ? "[" : ",";
        said += say(item);
    }
    return said.empty() ? "[]" : said + "]";
}

std::string details(const Kind &kind) {
    return list(kind.details, [](int32_t detail) { return std::to_string(detail); });
}

std::string room(const Room &room) {
    return object({{"sid", json_string(room.sid)}, {"name", json_string(room.name)}});
}

std::string participant(const Participant &participant) {
    return object({{"sid", json_string(participant.sid)},
                   {"identity", json_string(participant.identity)},
                   {"kind", std::to_string(participant.kind.code)},
                   {"kind_details", details(participant.kind)}});
}

std::string totals(const Event &event) {
    const Count &received = event.totals.by[recv];
    const Count &sent = event.totals.by[send];
    return object({{"after_op", number(event.after_op)},
                   {"event", json_string("totals")},
                   {"send_bytes", number(sent.bytes)},
                   {"send_messages", number(sent.messages)},
                   {"recv_bytes", number(received.bytes)},
                   {"recv_messages", number(received.messages)}});
}

std::string presence(const Event &event) {
    return object({{"after_op", number(event.after_op)},
                   {"event", json_string(event.what == What::joined ? "joined" : "left")},
                   {"guard", number(event.epoch)},
                   {"room", room(event.room)},
                   {"participant", participant(event.participant)}});
}

std::string stats(const Event &event) {
    return object({{"after_op", number(event.after_op)},
                   {"event", json_string("track_stats")},
                   {"guard", number(event.epoch)},
                   {"unattributed", event.unattributed ? "true" : "false"},
                   {"stream_type", number(event.direction)},
                   {"bytes", number(event.count.bytes)},
                   {"packets", number(event.count.messages)},
                   {"country", json_string(event.country)},
                   {"track_id", json_string(event.track_id)},
                   {"room", room(event.room)},
                   {"participant", participant(event.participant)}});
}

std::string event(const Event &event) {
    switch (event.what) {
    case What::totals:
        return totals(event);
    case What::stats:
        return stats(event);
    case What::joined:
    case What::left:
        break;
    }
    return presence(event);
}

std::string counted(const std::pair<const Kind, Traffic> &counted) {
    const auto &[kind, traffic] = counted;
    return object({{"kind", std::to_string(kind.code)},
                   {"kind_details", details(kind)},
                   {"send_bytes", number(traffic.by[send].bytes)},
                   {"send_packets", number(traffic.by[send].messages)},
                   {"recv_bytes", number(traffic.by[recv].bytes)},
                   {"recv_packets", number(traffic.by[recv].messages)}});
}

std::string resolver_call(const ResolverCall &call) {
    return object({{"after_op", number(call.after_op)},
                   {"level", json_string(call.level)},
                   {"call", json_string(call.call)},
                   {"value", json_string(call.value)}});
}

std::string outcome(const Outcome &outcome) {
    return object({{"events", list(outcome.events, event)},
                   {"kinds", list(outcome.by_kind, counted)},
                   {"resolver", list(outcome.observed.resolver, resolver_call)}});
}

} // namespace

void write_expected(const std::filesystem::path &file, const std::filesystem::path &folder, Rules rules) {
    std::ofstream out(file, std::ios::trunc);
    for (const auto &traces : trace_files(folder))
        for (const Trace &trace : read_traces(traces))
            out << object({{"name", json_string(trace.name)},
                           {"livekit", outcome(golden::outcome(trace, Rules::none()))},
                           {"lkstats", outcome(golden::outcome(trace, rules))}})
                << '\n';
    out.close();
    if (!out)
        throw Mismatch(file.string() + " cannot be written");
}

} // namespace golden
