// SPDX-License-Identifier: Apache-2.0
#include "flush.hpp"

#include "host.hpp"

#include <algorithm>

namespace golden {

namespace {

constexpr uint64_t messages_end = uint64_t{1} << 26;
constexpr uint64_t bytes_end = uint64_t{1} << 35;

// The participant's data channels; where LiveKit has a worker, a signal connection has joined.
class FlushReplay {
  public:
    explicit FlushReplay(const Flush &flush) : flush_(flush), host_(LKSTATS_REPORT_INTERVAL_MAX_MS) {
        if (flush.joined)
            join();
        begin_track();
    }

    Flushed run() {
        begun_ = host_.now();
        for (const Flush::Window &window : flush_.windows) {
            if (window.after_left && signal_ != 0)
                leave();
            add(window);
        }
        lkstats_totals_t totals{.struct_size = sizeof totals};
        must_be_ok(lkstats_track_stop(track_, &totals), "lkstats_track_stop");
        keep(host_.settle());
        if (traffic(totals.traffic) != added_)
            throw Mismatch("the final totals are " + text(traffic(totals.traffic)) + ", added was " +
                           text(added_));
        keep(host_.close());
        return std::move(flushed_);
    }

  private:
    void join() {
        lkstats_room_t room{.struct_size = sizeof room, .sid = string(room_sid_)};
        room.name = string(room_name_);
        lkstats_participant_t participant{.struct_size = sizeof participant};
        participant.sid = string(participant_sid_);
        must_be_ok(lkstats_signal_new(host_.context(), nullptr, &signal_), "lkstats_signal_new");
        must_be_ok(lkstats_signal_resolve_room(signal_, &room), "lkstats_signal_resolve_room");
        must_be_ok(lkstats_signal_resolve_participant(signal_, &participant),
                   "lkstats_signal_resolve_participant");
        keep(host_.settle());
    }

    void leave() {
        must_be_ok(lkstats_track_stop(signal_, nullptr), "lkstats_track_stop");
        keep(host_.settle());
        signal_ = 0;
    }

    void begin_track() {
        lkstats_track_options_t options{.struct_size = sizeof options, .channel = LKSTATS_CHANNEL_DATA};
        options.room_sid = string(room_sid_);
        options.room_name = string(room_name_);
        options.participant_sid = string(participant_sid_);
        options.track_id = string(track_id_);
        must_be_ok(lkstats_track_new(host_.context(), &options, &track_), "lkstats_track_new");
    }

    // In as few calls as their limits allow, with a fold between them.
    void add(const Flush::Window &window) {
        Count left = window.count;
        uint64_t calls = std::max(left.messages / (messages_end - 1) + 1, left.bytes / (bytes_end - 1) + 1);
        calls = std::clamp<uint64_t>(calls, 1, std::max<uint64_t>(left.messages, 1));
        for (; calls > 0; --calls) {
            const Count part{left.bytes / calls, left.messages / calls};
            left.bytes -= part.bytes;
            left.messages -= part.messages;
            const lkstats_status_t status =
                lkstats_add_messages(track_, part.bytes, part.messages, window.direction == send);
            if (status == LKSTATS_OK) {
                added_.by[window.direction].bytes += part.bytes;
                added_.by[window.direction].messages += part.messages;
            } else if (status != LKSTATS_EINVAL || part.bytes < bytes_end) {
                must_be_ok(status, "lkstats_add_messages");
            }
            host_.advance(second_ns);
            keep(host_.settle());
        }
    }

    // Sums the stats of each direction; how their figures are spread over them is lkstats' affair.
    void keep(const std::vector<Record> &records) {
        for (const Record &record : records) {
            for (const Stat &stat : record.stats)
                keep(stat);
            if (record.kind == LKSTATS_RECORD_TRAFFIC) {
                flushed_.start = seconds(begun_);
                flushed_.end = seconds(host_.now());
            }
        }
    }

    void keep(const Stat &stat) {
        Stat bare = stat;
        bare.analytics_key = bare.node = bare.id = "";
        bare.time.reset();
        std::vector<Line> &lines = flushed_.lines;
        if (lines.empty() || lines.back().stat.kind != bare.kind) {
            lines.push_back({bare});
            return;
        }
        Stream &sum = lines.back().stat.streams[0];
        sum.packets += bare.streams[0].packets;
        sum.bytes += bare.streams[0].bytes;
        ++lines.back().stats;
    }

    static Timestamp seconds(const lkstats_time_t &time) {
        return {time.wall_ns / second_ns, time.wall_ns % second_ns};
    }

    const std::string room_sid_ = "RM_a";
    const std::string room_name_ = "lobby";
    const std::string participant_sid_ = "PA_a";
    const std::string track_id_ = "TR_SGPA_a";
    const Flush &flush_;
    Host host_;
    lkstats_signal_t signal_ = 0;
    lkstats_track_t track_ = 0;
    lkstats_time_t begun_{};
    Traffic added_;
    Flushed flushed_;
};

} // namespace

Flushed replay(const Flush &flush) { return FlushReplay(flush).run(); }

} // namespace golden
