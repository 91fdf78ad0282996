// SPDX-License-Identifier: Apache-2.0
#include "replay.hpp"

#include "host.hpp"

namespace golden {

namespace {

constexpr uint32_t interval_ms = LKSTATS_REPORT_INTERVAL_DEFAULT_MS;
constexpr int64_t interval_ns = interval_ms * (second_ns / 1000);

class Replay {
  public:
    explicit Replay(const Trace &trace) : trace_(trace), host_(interval_ms) { replayed_.made = make(); }

    Replayed run() {
        for (; at_ < trace_.ops.size(); ++at_)
            replayed_.statuses.push_back(call(trace_.ops[at_]));
        keep(host_.close());
        return std::move(replayed_);
    }

  private:
    lkstats_status_t make() {
        if (trace_.is_signal)
            return lkstats_signal_new(host_.context(), nullptr, &handle_);
        const Config &config = trace_.config;
        lkstats_track_options_t options{.struct_size = sizeof options};
        channel_ = config.track_id.starts_with("DTR_") ? LKSTATS_CHANNEL_DATA_TRACK : LKSTATS_CHANNEL_DATA;
        options.channel = channel_;
        options.participant_kind = config.kind.code;
        options.kind_details_count = static_cast<uint32_t>(config.kind.details.size());
        options.kind_details = config.kind.details.data();
        options.country = string(config.country);
        options.participant_sid = string(config.participant_sid);
        options.track_id = string(config.track_id);
        return lkstats_track_new(host_.context(), &options, &handle_);
    }

    // Only what asks for a report has the loop run; nothing else may bring one.
    lkstats_status_t call(const Op &op) {
        const lkstats_status_t status = make_call(op);
        keep(asks_for_a_report(op.call) ? host_.settle() : host_.take());
        return status;
    }

    static bool asks_for_a_report(Call call) {
        return call == Call::tick || call == Call::stop || call == Call::reset ||
               call == Call::resolve_room || call == Call::resolve_participant;
    }

    lkstats_status_t make_call(const Op &op) {
        switch (op.call) {
        case Call::add:
            return lkstats_add_bytes(handle_, op.bytes, op.is_send);
        case Call::totals:
            return totals();
        case Call::tick:
            host_.advance(interval_ns);
            return LKSTATS_OK;
        case Call::stop:
            return stop();
        case Call::resolve_room:
            return resolve(op.room);
        case Call::resolve_room_nil:
            return lkstats_signal_resolve_room(handle_, nullptr);
        case Call::resolve_participant:
            return resolve(op.participant);
        case Call::resolve_participant_nil:
            return lkstats_signal_resolve_participant(handle_, nullptr);
        case Call::reset:
            return lkstats_signal_reset(handle_);
        }
        throw Mismatch("an unknown call");
    }

    // Of a handle that is gone the host has what its stop handed out.
    lkstats_status_t totals() {
        lkstats_totals_t totals{.struct_size = sizeof totals};
        const lkstats_status_t status = lkstats_track_totals(handle_, &totals);
        if (status == LKSTATS_OK)
            last_totals_ = traffic(totals.traffic);
        replayed_.events.push_back({.what = What::totals, .after_op = at_, .totals = last_totals_});
        return status;
    }

    lkstats_status_t stop() {
        lkstats_totals_t totals{.struct_size = sizeof totals};
        const lkstats_status_t status = lkstats_track_stop(handle_, &totals);
        if (status == LKSTATS_OK)
            last_totals_ = traffic(totals.traffic);
        return status;
    }

    lkstats_status_t resolve(const Room &room) {
        lkstats_room_t given{.struct_size = sizeof given, .sid = string(room.sid)};
        given.name = string(room.name);
        return lkstats_signal_resolve_room(handle_, &given);
    }

    lkstats_status_t resolve(const Participant &participant) {
        lkstats_participant_t given{.struct_size = sizeof given, .kind = participant.kind.code};
        given.kind_details = participant.kind.details.data();
        given.kind_details_count = static_cast<uint32_t>(participant.kind.details.size());
        given.sid = string(participant.sid);
        given.identity = string(participant.identity);
        return lkstats_signal_resolve_participant(handle_, &given);
    }

    void keep(const std::vector<Record> &records) {
        uint32_t windows = 0;
        for (const Record &record : records) {
            if (record.channel != channel_)
                throw Mismatch("a record has channel " + std::to_string(record.channel));
            keep(record);
            windows += record.kind == LKSTATS_RECORD_TRAFFIC;
        }
        if (windows > 1)
            throw Mismatch("op " + std::to_string(at_) + " brought more than one window");
    }

    void keep(const Record &record) {
        Event event{.after_op = at_, .epoch = record.epoch};
        event.unattributed = (record.flags & LKSTATS_UNATTRIBUTED) != 0;
        event.country = record.country;
        event.room = record.room;
        event.participant = record.participant;
        event.track_id = record.track_id;
        if (record.kind != LKSTATS_RECORD_TRAFFIC) {
            event.what = record.kind == LKSTATS_RECORD_JOINED ? What::joined : What::left;
            if (record.window != Traffic{})
                throw Mismatch("a joined or left has traffic: " + text(event));
            replayed_.events.push_back(event);
            return;
        }
        event.what = What::stats;
        for (size_t direction : {recv, send}) {
            event.direction = direction;
            event.count = record.window.by[direction];
            if (event.count != Count{})
                replayed_.events.push_back(event);
            Count &sum = replayed_.by_kind[record.participant.kind].by[direction];
            sum.bytes += event.count.bytes;
            sum.messages += event.count.messages;
        }
        if (record.window == Traffic{})
            throw Mismatch("a window is empty: " + text(event));
    }

    const Trace &trace_;
    Host host_;
    Replayed replayed_;
    lkstats_track_t handle_ = 0;
    int32_t channel_ = LKSTATS_CHANNEL_SIGNAL;
    size_t at_ = 0;
    Traffic last_totals_;
};

} // namespace

Replayed replay(const Trace &trace) { return Replay(trace).run(); }

std::string made_track_id(const TrackId &id) {
    const int32_t channel = id.is_signal ? LKSTATS_CHANNEL_SIGNAL : LKSTATS_CHANNEL_DATA;
    const lkstats_string_t sid = string(id.participant_sid);
    uint64_t size = 0;
    const lkstats_status_t status = lkstats_track_id_for_participant(channel, sid, nullptr, 0, &size);
    if (status != LKSTATS_ERANGE)
        throw Mismatch(std::string("asked for the size, it answered ") + lkstats_status_name(status));
    std::string made(size, '\0');
    must_be_ok(lkstats_track_id_for_participant(channel, sid, made.data(), size, &size),
               "lkstats_track_id_for_participant");
    return made;
}

} // namespace golden
