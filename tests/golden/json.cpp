// SPDX-License-Identifier: Apache-2.0
// The one file that includes the JSON library: it takes seconds to compile.
#include "json.hpp"

#include "wire.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace golden {

namespace {

using Json = nlohmann::json;

void must(bool holds, const std::string &what) {
    if (!holds)
        throw Mismatch(what);
}

// nlohmann would turn a fraction, or what is past 2^64, into a whole number.
template <class Number> Number whole(const Json &json) {
    must(json.is_number_integer(), "a number is not whole: " + json.dump());
    const bool fits = json.is_number_unsigned() ? std::in_range<Number>(json.get<uint64_t>())
                                                : std::in_range<Number>(json.get<int64_t>());
    must(fits, "a number is out of range: " + json.dump());
    return json.get<Number>();
}

std::string string(const Json &json, const char *name) { return json.at(name).get<std::string>(); }
uint64_t figure(const Json &json, const char *name) { return whole<uint64_t>(json.at(name)); }

std::vector<uint8_t> from_hex(const std::string &hex) {
    must(hex.size() % 2 == 0, "hex of odd length");
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < hex.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

Kind parse_kind(const Json &json) {
    Kind kind{whole<int32_t>(json.at("kind")), {}};
    for (const Json &detail : json.at("kind_details"))
        kind.details.push_back(whole<int32_t>(detail));
    return kind;
}

Room parse_room(const Json &json) { return {string(json, "sid"), string(json, "name")}; }
Participant parse_participant(const Json &json) {
    return {string(json, "sid"), string(json, "identity"), parse_kind(json)};
}

Op parse_op(const Json &json) {
    static constexpr std::pair<const char *, Call> calls[] = {
        {"add", Call::add},
        {"totals", Call::totals},
        {"tick", Call::tick},
        {"stop", Call::stop},
        {"resolve_room", Call::resolve_room},
        {"resolve_room_nil", Call::resolve_room_nil},
        {"resolve_participant", Call::resolve_participant},
        {"resolve_participant_nil", Call::resolve_participant_nil},
        {"reset", Call::reset},
    };
    const std::string name = string(json, "op");
    Op op;
    const auto *call = calls;
    while (call != std::end(calls) && call->first != name)
        ++call;
    must(call != std::end(calls), "an unknown op: " + name);
    op.call = call->second;
    if (op.call == Call::add) {
        op.bytes = figure(json, "bytes");
        op.is_send = json.at("is_send").get<bool>();
    }
    if (op.call == Call::resolve_room)
        op.room = parse_room(json);
    if (op.call == Call::resolve_participant)
        op.participant = parse_participant(json);
    return op;
}

bool is_of_tracks(Call call) {
    return call == Call::add || call == Call::totals || call == Call::tick || call == Call::stop;
}

Traffic parse_traffic(const Json &json, const char *messages) {
    const auto count = [&](const std::string &direction) {
        return Count{figure(json, (direction + "_bytes").c_str()),
                     figure(json, (direction + "_" + messages).c_str())};
    };
    return {{count("recv"), count("send")}};
}

// A stats event says whose it is by its key; the rest of the identity is that of the joined before it.
Event parse_stats(const Json &json, const Trace &trace, const Event &joined) {
    Event event = joined;
    event.what = What::stats;
    const Json &key = json.at("key");
    event.country = string(key, "country");
    event.participant.sid = string(key, "participant_id");
    event.track_id = string(key, "track_id");
    event.direction = whole<size_t>(key.at("stream_type"));
    must(event.direction < directions, "an unknown stream type");
    must(figure(key, "track_source") == 0 && figure(key, "track_type") == 0 && !key.at("track").get<bool>(),
         "the key of data has a track's source or type");

    const Stat stat = read_stat(from_hex(string(json, "stat_hex")));
    must(stat.streams.size() == 1, "a stat has not one stream");
    event.count = {stat.streams[0].bytes, stat.streams[0].packets};
    Stat expected{.room_sid = event.room.sid, .room_name = event.room.name};
    expected.streams = {{.packets = event.count.messages, .bytes = event.count.bytes}};
    must(stat == expected, "a stat has more than its room and one stream's figures: " + text(stat));
    must(!trace.is_signal || parse_room(json.at("room")) == event.room,
         "a stat has another room than its joined");
    return event;
}

Event parse_presence(const Json &json, What what) {
    Event event{.what = what, .epoch = whole<uint32_t>(json.at("guard"))};
    event.room = parse_room(json.at("room"));
    event.participant = parse_participant(json.at("participant"));
    event.track_id = "TR_SG" + event.participant.sid;
    must(!json.at("send_event").get<bool>(), "a send event is asked for");
    return event;
}

void parse_events(const Json &json, Trace &trace) {
    Event joined{.epoch = 1};
    if (!trace.is_signal)
        joined.participant.kind = trace.config.kind;
    for (const Json &item : json) {
        const std::string name = string(item, "event");
        Event event;
        if (name == "joined")
            event = joined = parse_presence(item, What::joined);
        else if (name == "left")
            event = parse_presence(item, What::left);
        else if (name == "track_stats")
            event = parse_stats(item, trace, joined);
        else if (name == "totals")
            event = {.what = What::totals, .totals = parse_traffic(item, "messages")};
        else
            throw Mismatch("an unknown event: " + name);
        event.after_op = whole<size_t>(item.at("after_op"));
        trace.events.push_back(event);
    }
}

Observed parse_observed(const Json &json, bool is_signal) {
    Observed observed{.transactions = figure(json, "tx"), .sums = parse_traffic(json, "packets")};
    observed.type = string(json, "type");
    if (!is_signal)
        observed.with_track = string(json, "with_track");
    for (const Json &run : json.at("kinds"))
        observed.runs.push_back({parse_kind(run), figure(run, "tx")});
    for (const Json &call : json.at("resolver"))
        observed.resolver.push_back({whole<size_t>(call.at("after_op")), string(call, "level"),
                                     string(call, "call"), call.value("value", "")});
    return observed;
}

} // namespace

Trace parse_trace(std::string_view text) {
    const Json json = Json::parse(text);
    Trace trace{.name = string(json, "name")};
    const std::string kind = string(json, "kind");
    must(kind == "track" || kind == "signal", "an unknown kind of trace: " + kind);
    trace.is_signal = kind == "signal";
    const Json &config = json.at("config");
    trace.config = {string(config, "country"), string(config, "track_id"), string(config, "participant_id"),
                    parse_kind(config)};
    for (const Json &op : json.at("ops")) {
        trace.ops.push_back(parse_op(op));
        must(trace.is_signal || is_of_tracks(trace.ops.back().call),
             "a track object has no " + string(op, "op"));
    }
    if (!json.contains("events"))
        return trace;
    trace.recorded = true;
    parse_events(json.at("events"), trace);
    trace.observed = parse_observed(json.at("obs"), trace.is_signal);
    trace.tags = json.at("tags").get<std::set<std::string>>();
    return trace;
}

Flush parse_flush(std::string_view text) {
    const Json json = Json::parse(text);
    Flush flush{.name = string(json, "name"), .joined = json.at("joined").get<bool>()};
    for (const Json &window : json.at("windows"))
        flush.windows.push_back({whole<size_t>(window.at("stream_type")),
                                 {figure(window, "bytes"), figure(window, "packets")},
                                 window.at("after_left").get<bool>()});
    for (const Json &batch : json.at("batches"))
        for (const Json &stat : batch)
            flush.stats.push_back(from_hex(string(stat, "hex")));
    return flush;
}

std::vector<TrackId> parse_track_ids(std::string_view text) {
    std::vector<TrackId> ids;
    for (const Json &json : Json::parse(text)) {
        const std::string type = string(json, "type");
        must(type == "DT" || type == "SG", "an unknown type of track id: " + type);
        ids.push_back({type == "SG", string(json, "participant_id"), string(json, "track_id")});
    }
    return ids;
}

std::string json_string(std::string_view text) { return Json(text).dump(); }

} // namespace golden
