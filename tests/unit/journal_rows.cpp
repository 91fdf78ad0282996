// SPDX-License-Identifier: Apache-2.0
#include "journal_rows.hpp"

#include <algorithm>
#include <bit>

namespace lkstats::journal {

namespace {

constexpr lkstats_string_t lkstats_record_t::*texts_of[] = {&lkstats_record_t::country,
                                                            &lkstats_record_t::room_sid,
                                                            &lkstats_record_t::room_name,
                                                            &lkstats_record_t::participant_sid,
                                                            &lkstats_record_t::participant_identity,
                                                            &lkstats_record_t::track_id,
                                                            &lkstats_record_t::tenant};

uint64_t below(Random &random, uint64_t bound) { return random() % bound; }
// Of any size, small ones as likely as large ones.
uint64_t any_number(Random &random) { return random() >> below(random, 65) % 64; }
int32_t any_int(Random &random) { return static_cast<int32_t>(random() >> below(random, 32)); }

std::string any_text(Random &random, size_t most) {
    static constexpr std::string_view letters[] = {"a", "Z", "7", "_", "ä", "€", "😀", "\x01"};
    std::string text;
    const size_t size = below(random, 4) == 0 ? below(random, most + 1) : below(random, 20);
    for (;;) {
        const std::string_view letter = letters[below(random, std::size(letters))];
        if (text.size() + letter.size() > size)
            return text;
        text += letter;
    }
}

std::array<uint64_t, 4> figures(const lkstats_traffic_t &of) {
    return {of.send_bytes, of.send_messages, of.recv_bytes, of.recv_messages};
}
lkstats_traffic_t traffic(const std::array<uint64_t, 4> &of) { return {of[0], of[1], of[2], of[3]}; }

} // namespace

Row::Row(const lkstats_record_t &record, std::string_view of_node, std::string_view of_key)
    : context(std::to_array(record.key.context)), slot(record.key.slot), tag(record.key.tag),
      epoch(record.key.epoch), sequence(record.key.sequence),
      kind(record.key.kind), start{record.start.monotonic_ns, record.start.wall_ns},
      end{record.end.monotonic_ns, record.end.wall_ns}, window(figures(record.window)),
      running(figures(record.running)),
      kind_details(record.kind_details, record.kind_details + record.kind_details_count),
      participant_kind(record.participant_kind), channel(record.channel), flags(record.flags), node(of_node),
      analytics_key(of_key) {
    for (size_t i = 0; i < texts.size(); ++i)
        texts[i].assign((record.*texts_of[i]).data, (record.*texts_of[i]).size);
}

lkstats_record_t Row::record() const {
    lkstats_record_t record = {};
    std::ranges::copy(context, record.key.context);
    record.key.slot = slot;
    record.key.tag = tag;
    record.key.epoch = epoch;
    record.key.sequence = sequence;
    record.key.kind = kind;
    record.start = {start[0], start[1]};
    record.end = {end[0], end[1]};
    record.window = traffic(window);
    record.running = traffic(running);
    for (size_t i = 0; i < texts.size(); ++i)
        record.*texts_of[i] = {texts[i].empty() ? nullptr : texts[i].data(), texts[i].size()};
    record.kind_details = kind_details.empty() ? nullptr : kind_details.data();
    record.kind_details_count = static_cast<uint32_t>(kind_details.size());
    record.participant_kind = participant_kind;
    record.channel = channel;
    record.flags = flags;
    return record;
}

std::vector<lkstats_record_t> records(const Rows &rows) {
    std::vector<lkstats_record_t> all;
    for (const Row &row : rows)
        all.push_back(row.record());
    return all;
}

Origin any_origin(Random &random) {
    Origin origin;
    std::ranges::generate(origin.context, [&] { return static_cast<uint8_t>(random()); });
    origin.node = any_text(random, LKSTATS_STRING_MAX);
    origin.analytics_key = any_text(random, LKSTATS_STRING_MAX);
    return origin;
}

Epoch::Epoch(Random &random, const Origin &origin, uint32_t slot, uint32_t epoch, int32_t channel,
             lkstats_time_t start)
    : from{start.monotonic_ns, start.wall_ns} {
    who.context = std::to_array(origin.context);
    who.node = origin.node;
    who.analytics_key = origin.analytics_key;
    who.slot = slot;
    who.tag = slot * 7 + 1;
    who.epoch = epoch;
    who.channel = channel;
    who.participant_kind = any_int(random);
    who.flags = below(random, 8) == 0 ? LKSTATS_UNATTRIBUTED : 0;
    for (std::string &text : who.texts)
        text = any_text(random, LKSTATS_STRING_MAX + (&text == &who.texts[5] ? 5 : 0));
    who.kind_details.resize(below(random, 3) == 0 ? below(random, LKSTATS_KIND_DETAILS_MAX + 1) : 0);
    std::ranges::generate(who.kind_details, [&] { return any_int(random); });
}

Row Epoch::joined(lkstats_time_t end) {
    Row row = who;
    row.kind = LKSTATS_RECORD_JOINED;
    row.sequence = ++sequence;
    row.start = from;
    row.end = {end.monotonic_ns, end.wall_ns};
    return row;
}

Row Epoch::traffic(lkstats_time_t end, const std::array<uint64_t, 4> &window) {
    Row row = who;
    row.kind = LKSTATS_RECORD_TRAFFIC;
    row.sequence = ++sequence;
    row.start = from;
    row.end = from = {end.monotonic_ns, end.wall_ns};
    row.window = window;
    for (size_t i = 0; i < running.size(); ++i)
        row.running[i] = running[i] += window[i];
    return row;
}

Row Epoch::left(lkstats_time_t end, bool with_traffic) {
    Row row = who;
    row.kind = LKSTATS_RECORD_LEFT;
    row.sequence = with_traffic ? sequence : ++sequence;
    row.start = row.end = {end.monotonic_ns, end.wall_ns};
    row.running = running;
    return row;
}

Story::Story(uint64_t seed, uint32_t contexts, uint32_t handles) : random_(seed) {
    for (uint32_t i = 0; i < contexts; ++i)
        origins_.push_back(any_origin(random_));
    for (uint32_t i = 0; i < handles; ++i)
        handles_.push_back(begin(i % contexts));
}

Story::Handle Story::begin(size_t origin) {
    const int32_t channel = 1 + static_cast<int32_t>(below(random_, 3));
    return {origin, ++slot_, {Epoch(random_, origins_[origin], slot_, 1, channel, now_)}, false};
}

void Story::tell(Handle &handle, Rows &rows) {
    Epoch &epoch = handle.epochs.back();
    const bool signal = epoch.who.channel == LKSTATS_CHANNEL_SIGNAL;
    if (signal && epoch.sequence == 0) {
        rows.push_back(epoch.joined(now_));
        return;
    }
    const bool last = below(random_, 8) == 0;
    const bool moved = !last || below(random_, 2) == 0;
    if (moved) {
        std::array<uint64_t, 4> window = {};
        for (uint64_t &figure : window)
            figure = below(random_, 3) == 0 ? 0 : any_number(random_) >> 16;
        rows.push_back(epoch.traffic(now_, window));
    }
    if (!last)
        return;
    if (signal) {
        rows.push_back(epoch.left(now_, moved));
        const uint32_t next = epoch.who.epoch + 1;
        handle.epochs.emplace_back(random_, origins_[handle.origin], handle.slot, next,
                                   LKSTATS_CHANNEL_SIGNAL, now_);
    } else {
        handle = begin(handle.origin);
    }
}

Rows Story::batch(size_t most, const Origin **origin) {
    const size_t of = below(random_, origins_.size());
    *origin = &origins_[of];
    Rows rows;
    while (rows.empty())
        for (Handle &handle : handles_) {
            if (handle.origin != of || rows.size() + 2 > most || below(random_, 3) == 0)
                continue;
            if (below(random_, 2) == 0) {
                const auto passed = static_cast<int64_t>(any_number(random_) >> 30);
                now_.monotonic_ns += passed;
                now_.wall_ns += passed + (below(random_, 4) == 0 ? any_int(random_) : 0);
            }
            tell(handle, rows);
        }
    return rows;
}

} // namespace lkstats::journal
