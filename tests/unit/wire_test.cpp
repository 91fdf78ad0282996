// SPDX-License-Identifier: Apache-2.0
// What goes on the wire: protobuf-c, with LiveKit's field numbers, is the judge of every byte.
#include "wire/analytics.pb-c.h"
#include "wire/identity.hpp"
#include "wire/stat.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cmocka.hpp"

using namespace lkstats::wire;

namespace {

using Bytes = std::vector<uint8_t>;
using Stat = Lkstats__Wire__AnalyticsStat;
using Stats = Lkstats__Wire__AnalyticsStats;

struct FreeStats {
    void operator()(Stats *stats) const { lkstats__wire__analytics_stats__free_unpacked(stats, nullptr); }
};
using OwnedStats = std::unique_ptr<Stats, FreeStats>;

OwnedStats unpack(const Bytes &bytes) {
    OwnedStats stats(lkstats__wire__analytics_stats__unpack(nullptr, bytes.size(), bytes.data()));
    assert_non_null(stats.get());
    return stats;
}

Bytes pack(const Stats &stats) {
    Bytes bytes(lkstats__wire__analytics_stats__get_packed_size(&stats));
    lkstats__wire__analytics_stats__pack(&stats, bytes.data());
    return bytes;
}

std::string hex(std::span<const uint8_t> bytes) {
    std::string text;
    for (uint8_t byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

Bytes from_hex(std::string_view text) {
    Bytes bytes;
    for (size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

std::string_view view(lkstats_string_t text) { return {text.data, text.size}; }

void assert_text(std::string_view is, std::string_view expected) { assert_true(is == expected); }

class Random {
  public:
    uint64_t below(uint64_t end) { return bits_() % end; }
    template <typename T> T one_of(std::initializer_list<T> values) {
        return values.begin()[below(values.size())];
    }

    // Any number of bits is as likely as any other.
    uint64_t count() { return below(4) == 0 ? 0 : bits_() >> below(64); }
    int64_t wall_ns() {
        return one_of<int64_t>({0, 1, -1, 999999999, -1000000000, -1000000001, INT64_MIN, INT64_MAX,
                                std::bit_cast<int64_t>(bits_()), static_cast<int64_t>(below(1ull << 61))});
    }
    // UTF-8 of every length in bytes, at most size_max of them.
    std::string text(size_t size_max = LKSTATS_STRING_MAX) {
        const size_t size = one_of<size_t>({0, 1, below(20), below(size_max + 1), size_max});
        std::string text;
        while (text.size() < size) {
            const std::string_view letter = one_of<std::string_view>({"a", "Z", "ä", "–", "😀"});
            text += letter.size() <= size - text.size() ? letter : "x";
        }
        return text;
    }
    uint8_t byte() { return static_cast<uint8_t>(bits_()); }
    uint32_t word() { return static_cast<uint32_t>(bits_()); }

  private:
    std::mt19937_64 bits_{20260731};
};

// Whoever traffic belongs to, and the three parts that are made of it.
struct Identity {
    std::string sid, name, tenant, country, participant_sid, participant, track_id;
    std::string room_tenant, participant_tenant;
    int32_t kind = 0;
    std::vector<int32_t> details;
    std::array<uint8_t, part_max> connection_buffer, room_buffer, participant_buffer;

    Part connection() {
        return encode(Connection{country, tenant}, std::span<uint8_t, part_max>(connection_buffer));
    }
    Part room() { return encode(Room{sid, name, room_tenant}, std::span<uint8_t, part_max>(room_buffer)); }
    Part person() {
        return encode(Participant{participant_sid, participant, track_id, kind, details, participant_tenant},
                      std::span<uint8_t, part_max>(participant_buffer));
    }
};

Identity any_identity(Random &random) {
    Identity is{random.text(),
                random.text(),
                random.text(),
                random.text(),
                random.text(),
                random.text(),
                random.text(LKSTATS_STRING_MAX + 5),
                random.text(),
                random.text()};
    is.kind = random.one_of<int32_t>({0, 4, -1, INT32_MIN, INT32_MAX});
    is.details.resize(random.one_of<size_t>({0, 1, 2, LKSTATS_KIND_DETAILS_MAX}));
    for (int32_t &detail : is.details)
        detail = static_cast<int32_t>(random.word());
    return is;
}

Identity longest_identity() {
    const std::string text(LKSTATS_STRING_MAX, 'x');
    Identity is{text, text, text, text, text, text, "TR_DT" + text, text, text};
    is.kind = -1;
    is.details.assign(LKSTATS_KIND_DETAILS_MAX, -1);
    return is;
}

struct Source {
    std::string node, analytics_key;
    Origin origin() const { return encode_origin(node, analytics_key); }
};

lkstats_record_t any_record(Random &random) {
    lkstats_record_t record{};
    for (uint8_t &byte : record.key.context)
        byte = random.byte();
    record.key.slot = random.word();
    record.key.tag = random.word();
    record.key.epoch = random.word();
    record.key.sequence = random.word();
    record.key.kind = LKSTATS_RECORD_TRAFFIC;
    record.start.wall_ns = random.wall_ns();
    record.end.wall_ns = random.wall_ns();
    // Few enough splits to walk through.
    record.window = {random.count(), random.count() % (1ull << 36), random.count(),
                     random.count() % (1ull << 36)};
    return record;
}

// In a block of exactly its size, so that a sanitizer sees a byte too many.
Bytes written(const Origin &origin, const Report &report) {
    Bytes bytes(stats_size(origin, report));
    bytes.shrink_to_fit();
    assert_ptr_equal(write_stats(origin, report, bytes.data()), bytes.data() + bytes.size());
    return bytes;
}

Bytes written(const lkstats_record_t &record) { return written({}, {record, {}, {}}); }

lkstats_record_t with_window(lkstats_traffic_t window) {
    lkstats_record_t record{};
    record.window = window;
    return record;
}

int64_t wall_ns_modulo(const Lkstats__Wire__Timestamp *time) {
    assert_non_null(time);
    assert_in_range(time->nanos, 0, 999999999);
    return std::bit_cast<int64_t>(static_cast<uint64_t>(time->seconds) * 1000000000 +
                                  static_cast<uint64_t>(time->nanos));
}

void assert_stat(const Stat &stat, const Source &source, const Identity &is, const lkstats_record_t &record) {
    assert_text(stat.analytics_key, source.analytics_key);
    assert_text(stat.node, source.node);
    assert_text(stat.room_id, is.sid);
    assert_text(stat.room_name, is.name);
    assert_text(stat.participant_id, is.participant_sid);
    assert_text(stat.track_id, is.track_id);
    assert_true(wall_ns_modulo(stat.time_stamp) == record.end.wall_ns);
    assert_int_equal(stat.n_streams, 1);
    assert_true(wall_ns_modulo(stat.streams[0]->start_time) == record.start.wall_ns);
    assert_true(wall_ns_modulo(stat.streams[0]->end_time) == record.end.wall_ns);
    assert_int_equal(strlen(stat.id), 15);
}

// Adds up what the stats of each direction say, as the consumer does.
lkstats_traffic_t sum(const Stats &stats) {
    lkstats_traffic_t sum{};
    for (size_t i = 0; i < stats.n_stats; ++i) {
        const bool sent = stats.stats[i]->kind == LKSTATS__WIRE__STREAM_TYPE__DOWNSTREAM;
        const Lkstats__Wire__AnalyticsStream &stream = *stats.stats[i]->streams[0];
        assert_true(stream.primary_packets <= INT32_MAX && stream.primary_bytes <= INT64_MAX);
        (sent ? sum.send_messages : sum.recv_messages) += stream.primary_packets;
        (sent ? sum.send_bytes : sum.recv_bytes) += stream.primary_bytes;
    }
    return sum;
}

void livekits_own_batches_come_back_as_the_same_bytes(void **) {
    std::ifstream file(TEST_DATA "/analytics_stats.jsonl");
    const std::string field = "\"hex\":\"";
    int batches = 0;
    for (std::string line; std::getline(file, line); ++batches) {
        const size_t start = line.find(field) + field.size();
        const std::string golden = line.substr(start, line.find('"', start) - start);
        assert_string_equal(hex(pack(*unpack(from_hex(golden)))).c_str(), golden.c_str());
    }
    assert_int_equal(batches, 40);
}

void a_report_reads_back_as_its_record(void **) {
    Random random;
    for (int i = 0; i < 20000; ++i) {
        const Source source{random.text(), random.text()};
        Identity is = any_identity(random);
        // Of a signal connection whose room or participant nobody ever said.
        if (random.below(8) == 0)
            is.sid = is.name = "";
        if (random.below(8) == 0)
            is.participant_sid = is.track_id = "";
        const bool in = !is.sid.empty() || !is.name.empty();
        const bool who = !is.participant_sid.empty() || !is.track_id.empty();
        const lkstats_record_t record = any_record(random);
        const Bytes bytes = written(source.origin(), {record, in ? is.room().stat() : Part().stat(),
                                                      who ? is.person().stat() : Part().stat()});
        if (bytes.empty())
            continue;
        const OwnedStats stats = unpack(bytes);
        for (size_t n = 0; n < stats->n_stats; ++n)
            assert_stat(*stats->stats[n], source, is, record);
        const lkstats_traffic_t traffic = sum(*stats);
        assert_memory_equal(&traffic, &record.window, sizeof traffic);
        assert_true(pack(*stats) == bytes);
    }
}

// A stored report is known by its bytes, ids included: no later version may write others.
void a_report_is_these_bytes(void **) {
    Identity is{"RM_a", "lobby", "acme", "DE", "PA_a", "alice", "TR_DTPA_a"};
    lkstats_record_t record = with_window({300, 2, 0, 1});
    record.key = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 7, 0x80000001, 1, 3, 1, 0};
    record.start.wall_ns = 1785494505000000000;
    record.end.wall_ns = 1785494510000000001;
    const Bytes bytes = written(encode_origin("ND_a", "key"), {record, is.room().stat(), is.person().stat()});
    assert_string_equal(hex(bytes).c_str(),
                        "0a5c0a036b65791a0808eef7b1d306100122044e445f612a04524d5f6132056c6f6262793a04"
                        "50415f61420954525f445450415f61521610018a010608e9f7b1d30692010808eef7b1d30610"
                        "01720f41535f376179466954745847595967"
                        "0a610a036b657910011a0808eef7b1d306100122044e445f612a04524d5f6132056c6f626279"
                        "3a0450415f61420954525f445450415f615219100218ac028a010608e9f7b1d30692010808ee"
                        "f7b1d3061001720f41535f476d6149347a6b5479556467");
}

void received_comes_first_and_what_did_not_move_is_left_out(void **) {
    assert_true(written(with_window({})).empty());

    const OwnedStats both = unpack(written(with_window({.send_bytes = 5, .recv_messages = 1})));
    assert_int_equal(both->n_stats, 2);
    assert_int_equal(both->stats[0]->kind, LKSTATS__WIRE__STREAM_TYPE__UPSTREAM);
    assert_int_equal(both->stats[0]->streams[0]->primary_packets, 1);
    assert_int_equal(both->stats[1]->kind, LKSTATS__WIRE__STREAM_TYPE__DOWNSTREAM);
    assert_int_equal(both->stats[1]->streams[0]->primary_bytes, 5);

    const OwnedStats sent = unpack(written(with_window({.send_messages = 1})));
    assert_int_equal(sent->n_stats, 1);
    assert_int_equal(sent->stats[0]->kind, LKSTATS__WIRE__STREAM_TYPE__DOWNSTREAM);
}

void a_split_loses_nothing_and_fills_each_stat(void **) {
    struct Case {
        uint64_t messages, bytes;
        size_t stats;
    };
    const uint64_t packets = INT32_MAX, bytes = INT64_MAX;
    for (const Case &each : {Case{packets, 0, 1}, Case{packets + 1, 7, 2}, Case{1ull << 33, 1, 5},
                             Case{0, bytes, 1}, Case{0, bytes + 1, 2}, Case{1, UINT64_MAX, 3},
                             Case{4 * packets, UINT64_MAX, 4}, Case{packets + 1, bytes + 1, 2}}) {
        const lkstats_record_t record = with_window({each.bytes, each.messages, each.bytes, each.messages});
        const OwnedStats stats = unpack(written(record));
        assert_int_equal(stats->n_stats, 2 * each.stats);
        const lkstats_traffic_t traffic = sum(*stats);
        assert_memory_equal(&traffic, &record.window, sizeof traffic);
        for (size_t i = 0; i + 1 < each.stats; ++i) {
            const Lkstats__Wire__AnalyticsStream &now = *stats->stats[i]->streams[0];
            const Lkstats__Wire__AnalyticsStream &next = *stats->stats[i + 1]->streams[0];
            assert_true(now.primary_packets == packets || next.primary_packets == 0);
            assert_true(now.primary_bytes == bytes || next.primary_bytes == 0);
        }
    }
}

void the_size_of_a_window_too_long_to_write_is_known(void **) {
    const auto size = [](uint64_t messages, uint64_t bytes) {
        const lkstats_record_t record = with_window({bytes, messages, 0, 0});
        return stats_size({}, {record, {}, {}});
    };
    const uint64_t full = INT32_MAX;
    assert_int_equal(size(UINT64_MAX, 0), UINT64_MAX / full * size(full, 0) + size(UINT64_MAX % full, 0));
    assert_int_equal(size(UINT64_MAX, 1), size(UINT64_MAX, 0) - size(full, 0) + size(full, 1));
}

void the_same_record_gives_the_same_bytes(void **) {
    Random random;
    const Source source{random.text(), random.text()};
    Identity is = any_identity(random), copy = is;
    const lkstats_record_t record = any_record(random);
    lkstats_record_t again = record;
    again.running = {1, 2, 3, 4};
    again.channel = LKSTATS_CHANNEL_SIGNAL;
    assert_true(written(source.origin(), {record, is.room().stat(), is.person().stat()}) ==
                written(source.origin(), {again, copy.room().stat(), copy.person().stat()}));
}

using Id = std::array<char, 12>;

void collect_ids(const lkstats_key_t &key, std::vector<Id> &ids) {
    // Three stats a direction.
    lkstats_record_t record = with_window({UINT64_MAX, 1, UINT64_MAX, 1});
    record.key = key;
    const Bytes bytes = written(record);
    for (size_t at = 0; at < bytes.size(); at += 2u + bytes[at + 1]) {
        const uint8_t *end = bytes.data() + at + 2 + bytes[at + 1];
        assert_memory_equal(end - 17,
                            "r\x0f"
                            "AS_",
                            5);
        std::copy(end - 12, end, ids.emplace_back().begin());
    }
}

// Neighbours in every field of the key, as real ones are.
std::vector<Id> ids_of_many_keys() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    const uint32_t side = 7;
#else
    const uint32_t side = 13;
#endif
    std::vector<Id> ids;
    for (uint8_t context = 0; context < 3; ++context)
        for (uint32_t n = 0; n < side * side * side * side * 2; ++n) {
            lkstats_key_t key{};
            key.context[context * 7] = context;
            key.slot = n % side;
            key.tag = n / side % side;
            key.epoch = n / side / side % side;
            key.sequence = n / side / side / side % side;
            key.kind = n / side / side / side / side;
            collect_ids(key, ids);
        }
    return ids;
}

void no_two_stats_share_an_id(void **) {
    std::vector<Id> ids = ids_of_many_keys();
    std::sort(ids.begin(), ids.end());
    assert_true(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

void ids_use_every_letter_alike(void **) {
    const std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const std::vector<Id> ids = ids_of_many_keys();
    const size_t expected = ids.size() / letters.size();
    for (size_t place = 0; place < Id{}.size(); ++place) {
        std::array<size_t, 256> seen{};
        for (const Id &id : ids)
            ++seen[static_cast<uint8_t>(id[place])];
        size_t known = 0;
        for (char letter : letters) {
            const size_t times = seen[static_cast<uint8_t>(letter)];
            assert_in_range(times, expected * 3 / 4, expected * 5 / 4);
            known += times;
        }
        assert_int_equal(known, ids.size());
    }
}

// Of a field: nothing where there is nothing to say.
size_t encoded_size(const std::string &text) {
    return text.empty() ? 0 : 1 + (text.size() < 0x80 ? 1 : 2) + text.size();
}

const std::string &nearest_tenant(const Identity &is) {
    return !is.participant_tenant.empty() ? is.participant_tenant
           : !is.room_tenant.empty()      ? is.room_tenant
                                          : is.tenant;
}

void assert_comes_back(Identity is) {
    lkstats_record_t record{};
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    const Part connection = is.connection(), room = is.room(), person = is.person();
    const size_t all = connection.bytes.size() + room.bytes.size() + person.bytes.size();
    assert_true(person.bytes.size() <= part_max && all <= parts_max);
    assert_int_equal(connection.stat_size, 0);                                          // a stat has neither
    assert_int_equal(room.bytes.size() - room.stat_size, encoded_size(is.room_tenant)); // nor that
    assert_true(decode_connection(connection, record));
    assert_true(decode_room(room, record));
    assert_true(decode_participant(person, record, details));
    assert_text(view(record.room_sid), is.sid);
    assert_text(view(record.room_name), is.name);
    assert_text(view(record.tenant), nearest_tenant(is));
    assert_text(view(record.country), is.country);
    assert_text(view(record.participant_sid), is.participant_sid);
    assert_text(view(record.participant_identity), is.participant);
    assert_text(view(record.track_id), is.track_id);
    assert_int_equal(record.participant_kind, is.kind);
    assert_true(std::equal(is.details.begin(), is.details.end(), record.kind_details,
                           record.kind_details + record.kind_details_count));
}

void an_identity_comes_back_as_it_was_given(void **) {
    Random random;
    assert_comes_back({});
    assert_comes_back(longest_identity());
    for (int i = 0; i < 20000; ++i)
        assert_comes_back(any_identity(random));
}

// Of the parts that are known, in every combination.
void the_nearest_part_with_a_tenant_says_it(void **) {
    const std::string letters[] = {"", "c", "r", "p"};
    for (unsigned said = 0; said < 8; ++said)
        for (unsigned known = 0; known < 4; ++known) {
            Identity is{.sid = "RM", .tenant = letters[said & 1], .participant_sid = "PA"};
            is.room_tenant = letters[said & 2];
            is.participant_tenant = letters[said & 4 ? 3 : 0];
            lkstats_record_t record{};
            int32_t details[LKSTATS_KIND_DETAILS_MAX];
            assert_true(decode_connection(is.connection(), record));
            assert_true(decode_room(known & 1 ? is.room() : Part{}, record));
            assert_true(decode_participant(known & 2 ? is.person() : Part{}, record, details));
            assert_text(view(record.tenant), (said & 4) && (known & 2)   ? "p"
                                             : (said & 2) && (known & 1) ? "r"
                                                                         : letters[said & 1]);
        }
}

// As slabs have them where no room and no participant says a tenant: nothing is written for it.
void a_part_without_a_tenant_is_these_bytes(void **) {
    using namespace std::string_view_literals;
    Identity is{.sid = "RM", .name = "n", .participant_sid = "PA", .participant = "i", .track_id = "t"};
    const auto text = [](const Part &part) {
        return std::string_view(reinterpret_cast<const char *>(part.bytes.data()), part.bytes.size());
    };
    assert_text(text(is.room()), "\x2a\x02RM\x32\x01n"sv);
    assert_text(text(is.person()), "\x3a\x02PA\x42\x01t\x0a\x01i"sv);
    is.room_tenant = is.participant_tenant = "y";
    assert_text(text(is.room()), "\x2a\x02RM\x32\x01n\x2a\x01y"sv);
    assert_text(text(is.person()), "\x3a\x02PA\x42\x01t\x0a\x01i\x2a\x01y"sv);
    assert_int_equal(is.room().stat_size, 7);
    assert_int_equal(is.person().stat_size, 7);
}

void assert_within(lkstats_string_t text, std::span<const uint8_t> bytes, size_t size_max) {
    if (text.size == 0)
        return;
    const auto *start = reinterpret_cast<const uint8_t *>(text.data);
    assert_true(text.size <= size_max && start >= bytes.data() &&
                start + text.size <= bytes.data() + bytes.size());
}

// Decodes bytes that nobody vouches for, in a block of exactly their size.
void decode_hostile(std::span<const uint8_t> given, size_t stat_size) {
    Bytes bytes(given.begin(), given.end());
    bytes.shrink_to_fit();
    lkstats_record_t record{};
    const std::unique_ptr<int32_t[]> details(new int32_t[LKSTATS_KIND_DETAILS_MAX]);
    if (decode_connection({bytes, stat_size}, record))
        for (lkstats_string_t text : {record.country, record.tenant})
            assert_within(text, bytes, LKSTATS_STRING_MAX);
    record = {};
    if (decode_room({bytes, stat_size}, record))
        for (lkstats_string_t text : {record.room_sid, record.room_name, record.tenant})
            assert_within(text, bytes, LKSTATS_STRING_MAX);
    record = {};
    if (!decode_participant({bytes, stat_size}, record, details.get()))
        return;
    for (lkstats_string_t text : {record.participant_sid, record.participant_identity, record.tenant})
        assert_within(text, bytes, LKSTATS_STRING_MAX);
    assert_within(record.track_id, bytes, LKSTATS_STRING_MAX + 5);
    assert_in_range(record.kind_details_count, 0, LKSTATS_KIND_DETAILS_MAX);
}

void a_damaged_part_is_never_read_beyond_its_end(void **) {
    Random random;
    for (int i = 0; i < 100; ++i) {
        Identity is = any_identity(random);
        for (const Part &part : {is.connection(), is.room(), is.person()}) {
            for (size_t size = 0; size <= part.bytes.size(); ++size)
                decode_hostile(part.bytes.first(size), part.stat_size);
            Bytes bytes(part.bytes.begin(), part.bytes.end());
            for (uint8_t &byte : bytes) {
                const uint8_t was = std::exchange(byte, random.byte());
                decode_hostile(bytes, part.stat_size);
                byte = was;
            }
        }
    }
}

void random_bytes_are_never_read_beyond_their_end(void **) {
    Random random;
    for (int i = 0; i < 300000; ++i) {
        Bytes bytes(random.below(40));
        for (uint8_t &byte : bytes)
            byte = random.one_of<uint8_t>({0x0a, 0x10, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0xff,
                                           static_cast<uint8_t>(random.below(8)), random.byte()});
        decode_hostile(bytes, random.below(bytes.size() + 2));
    }
}

bool room_decodes(std::string_view stat, std::string_view rest) {
    const std::string both = std::string(stat) + std::string(rest);
    lkstats_record_t record{};
    return decode_room({{reinterpret_cast<const uint8_t *>(both.data()), both.size()}, stat.size()}, record);
}

bool connection_decodes(std::string_view stat, std::string_view rest) {
    const std::string both = std::string(stat) + std::string(rest);
    lkstats_record_t record{};
    return decode_connection({{reinterpret_cast<const uint8_t *>(both.data()), both.size()}, stat.size()},
                             record);
}

bool participant_decodes(std::string_view rest) {
    lkstats_record_t record{};
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    return decode_participant({{reinterpret_cast<const uint8_t *>(rest.data()), rest.size()}, 0}, record,
                              details);
}

void what_the_encoder_does_not_write_is_refused(void **) {
    using namespace std::string_literals;
    const std::string sid = "*\x01x", name = "2\x01y";
    const std::string too_long = "*\x81\x02" + std::string(257, 'x');
    assert_true(room_decodes(sid + name, ""));
    assert_true(room_decodes(sid, "") && room_decodes(name, ""));
    assert_false(room_decodes(name + sid, "")); // order
    assert_false(room_decodes(sid + sid, ""));  // twice
    assert_false(room_decodes("r\x01x", ""));   // a stat's id
    assert_false(room_decodes(sid, name));      // all of it goes into a stat
    assert_false(room_decodes(too_long, ""));
    const std::string tenant = "*\x01y";
    assert_true(room_decodes(sid + name, tenant));
    assert_true(room_decodes("", tenant));
    assert_false(room_decodes(sid + name, tenant + tenant));
    assert_false(room_decodes(sid + name, "\"\x01x")); // a country
    assert_false(room_decodes(sid, "\n\x01x" + tenant));
    assert_false(room_decodes(sid, tenant + name));
    assert_false(room_decodes("", sid + name)); // a sid is not behind a stat's end
    assert_false(room_decodes(sid, too_long));
    assert_false(room_decodes(sid, "*\x02y"));

    const std::string country = "\"\x01x";
    assert_true(connection_decodes("", country + tenant));
    assert_true(connection_decodes("", country) && connection_decodes("", tenant));
    assert_false(connection_decodes("", tenant + country));
    assert_false(connection_decodes("", country + country));
    assert_false(connection_decodes("", country + name));
    assert_false(connection_decodes("", too_long));
    assert_false(connection_decodes(country, tenant)); // none of it goes into a stat
    assert_false(connection_decodes(country + tenant, ""));

    assert_true(participant_decodes("\x1a\x20"s + std::string(32, '\x01')));
    assert_false(participant_decodes("\x1a\x21"s + std::string(33, '\x01')));
    assert_false(participant_decodes("\x10\x80\x80\x80\x80\x10")); // 2^32 is no kind
    assert_false(participant_decodes(country));                    // the connection's
    assert_true(participant_decodes("\n\x01x\x10\x01\x1a\x01\x01" + tenant));
    assert_true(participant_decodes(tenant));
    assert_false(participant_decodes(tenant + tenant));
    assert_false(participant_decodes(tenant + "\n\x01x"));
    assert_false(participant_decodes(country + tenant));
    assert_false(participant_decodes(too_long));
    assert_false(participant_decodes("*\x02y"));
    lkstats_record_t record{};
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    assert_false(decode_room({{}, 1}, record));
    assert_false(decode_connection({{}, 1}, record));
    assert_false(decode_participant({{}, 1}, record, details));
}

// As of a signal connection, before anybody knows.
void a_part_that_is_not_there_leaves_its_fields_alone(void **) {
    Identity is = longest_identity();
    lkstats_record_t record{}, before;
    int32_t details[LKSTATS_KIND_DETAILS_MAX], none[LKSTATS_KIND_DETAILS_MAX];
    assert_true(decode_connection(is.connection(), record) && decode_room(is.room(), record) &&
                decode_participant(is.person(), record, details));
    std::memcpy(&before, &record, sizeof before);
    assert_true(decode_connection({}, record) && decode_room({}, record) &&
                decode_participant({}, record, none));
    assert_memory_equal(&record, &before, sizeof before);

    record = {};
    before = {};
    assert_true(decode_connection({}, record) && decode_room({}, record) &&
                decode_participant({}, record, none));
    assert_memory_equal(&record, &before, sizeof before);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(livekits_own_batches_come_back_as_the_same_bytes),
        cmocka_unit_test(a_report_reads_back_as_its_record),
        cmocka_unit_test(a_report_is_these_bytes),
        cmocka_unit_test(received_comes_first_and_what_did_not_move_is_left_out),
        cmocka_unit_test(a_split_loses_nothing_and_fills_each_stat),
        cmocka_unit_test(the_size_of_a_window_too_long_to_write_is_known),
        cmocka_unit_test(the_same_record_gives_the_same_bytes),
        cmocka_unit_test(no_two_stats_share_an_id),
        cmocka_unit_test(ids_use_every_letter_alike),
        cmocka_unit_test(an_identity_comes_back_as_it_was_given),
        cmocka_unit_test(the_nearest_part_with_a_tenant_says_it),
        cmocka_unit_test(a_part_without_a_tenant_is_these_bytes),
        cmocka_unit_test(a_damaged_part_is_never_read_beyond_its_end),
        cmocka_unit_test(random_bytes_are_never_read_beyond_their_end),
        cmocka_unit_test(what_the_encoder_does_not_write_is_refused),
        cmocka_unit_test(a_part_that_is_not_there_leaves_its_fields_alone),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
