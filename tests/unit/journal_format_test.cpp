// SPDX-License-Identifier: Apache-2.0
// The bytes of a journal are those that lkstats_journal.h says.
#include "journal/crc32c.hpp"
#include "journal_files.hpp"
#include "plant.hpp"

#include <cstring>
#include <sys/stat.h>

#include "cmocka.hpp"

namespace {

using namespace lkstats::journal;

// The same the slow way.
uint32_t plain_crc(const Bytes &bytes) {
    uint32_t value = 0xffffffff;
    for (const uint8_t byte : bytes) {
        value ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            value = value >> 1 ^ ((value & 1) != 0 ? 0x82f63b78 : 0);
    }
    return ~value;
}

Bytes number(uint64_t value, size_t size) {
    Bytes bytes;
    for (size_t i = 0; i < size; ++i)
        bytes.push_back(static_cast<uint8_t>(value >> 8 * i));
    return bytes;
}

Bytes text(std::string_view letters, size_t size) {
    Bytes bytes(letters.begin(), letters.end());
    bytes.resize(size);
    return bytes;
}

Bytes operator+(Bytes a, const Bytes &b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

void a_checksum_is_crc32c(void **) {
    const auto of = [](const Bytes &bytes) { return crc32c(bytes); };
    assert_int_equal(of(text("123456789", 9)), 0xe3069283); // RFC 3720's, as the next ones
    assert_int_equal(of(Bytes(32, 0)), 0x8a9136aa);
    assert_int_equal(of(Bytes(32, 0xff)), 0x62a8ab43);
    Random random(1);
    Bytes bytes;
    for (size_t size = 0; size < 100; ++size) {
        assert_int_equal(of(bytes), plain_crc(bytes));
        for (size_t part = 0; part <= size; ++part)
            assert_int_equal(crc32c(std::span(bytes).subspan(part), crc32c(std::span(bytes).first(part))),
                             of(bytes));
        bytes.push_back(static_cast<uint8_t>(random()));
    }
}

void the_offsets_are_the_documented_ones(void **) {
    using Header = lkstats_journal_segment_t;
    static_assert(offsetof(Header, magic) == 0 && offsetof(Header, version) == 8 &&
                  offsetof(Header, header_size) == 12 && offsetof(Header, context) == 16 &&
                  offsetof(Header, number) == 32 && offsetof(Header, node_size) == 36 &&
                  offsetof(Header, analytics_key_size) == 40 && offsetof(Header, reserved) == 44 &&
                  offsetof(Header, created) == 48 && offsetof(Header, node) == 64 &&
                  offsetof(Header, analytics_key) == 320 && offsetof(Header, reserved2) == 576 &&
                  offsetof(Header, checksum) == 580 && sizeof(Header) == 584);
    static_assert(offsetof(lkstats_journal_frame_t, size) == 0 &&
                  offsetof(lkstats_journal_frame_t, checksum) == 4 && sizeof(lkstats_journal_frame_t) == 8);
    static_assert(LKSTATS_JOURNAL_VERSION == 1);
}

// ---- A segment, counted out by hand ----

constexpr lkstats_time_t created = {1'000, 11'000};
const std::string name = "lkstats-00010203-0405-0607-0809-0a0b0c0d0e0f-00000001.journal";

Origin origin(uint8_t first, const char *node, const char *analytics_key) {
    Origin origin;
    for (uint8_t i = 0; i < 16; ++i)
        origin.context[i] = static_cast<uint8_t>(first + i);
    origin.node = node;
    origin.analytics_key = analytics_key;
    return origin;
}
const Origin own = origin(0, "NODE", "key"), dead = origin(0xf0, "OLD", "");

// A signal connection's third report.
Row third_report() {
    Row row;
    row.context = std::to_array(own.context);
    row.slot = 5;
    row.tag = 300;
    row.epoch = 1;
    row.sequence = 3;
    row.kind = LKSTATS_RECORD_TRAFFIC;
    row.channel = LKSTATS_CHANNEL_SIGNAL;
    row.participant_kind = -1;
    row.kind_details = {2};
    row.texts = {"de", "RM", "r", "PA", "p", "TR_SGPA", "acme"};
    row.start = {1'000, 11'000};
    row.end = {1'400, 11'399};
    row.window = {300, 1, 0, 0};
    row.running = {300, 2, 7, 1};
    return row;
}
const Bytes third_reports_track = Bytes{2, 0, 0, 5, 0xac, 2, 1, 3, 0, 6, 1, 1, 4} +
                                  text("\2de\2RM\1r\2PA\1p\7TR_SGPA", 21) + text("\4acme", 5);
// The end is 400 after created, and 399 by the other clock; so it is after the start.
const Bytes third_reports_window = {
    0x80 | 4 | 8 | 16 | 32, 0, 0xa0, 6, 1, 0xa0, 6, 1, 0xac, 2, 2, 7, 1, 0xac, 2, 1};

Bytes frame(const Bytes &payload) {
    const Bytes size = number(payload.size(), 4);
    return size + number(plain_crc(size + payload), 4) + payload;
}

// Behind the header, when each of these is a batch.
Bytes frames_of(const std::vector<Rows> &batches) {
    const Directory directory;
    Writer writer(directory.folder(), own, {});
    for (const Rows &rows : batches) {
        const bool ours = rows.front().context == std::to_array(own.context);
        assert_true(write(writer, rows, ours ? own : dead, created));
    }
    const Bytes file = directory.read(name);
    return Bytes(file.begin() + 584, file.end());
}

void a_segment_has_its_name_its_mode_and_its_header(void **) {
    const Directory directory;
    Writer writer(directory.folder(), own, {});
    assert_true(write(writer, {third_report()}, own, created));
    assert_true(directory.names() == std::vector{name});
    struct stat status;
    assert_int_equal(stat(directory.at(name).c_str(), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);

    Bytes header = text("lkstatsj", 8) + number(1, 4) + number(584, 4);
    for (uint8_t i = 0; i < 16; ++i)
        header.push_back(i);
    header = header + number(1, 4) + number(4, 4) + number(3, 4) + number(0, 4) + number(1'000, 8) +
             number(11'000, 8) + text("NODE", 256) + text("key", 256) + number(0, 4);
    header = header + number(plain_crc(header), 4);
    assert_true(directory.read(name) == header + frame(third_reports_track + third_reports_window));
}

void a_segment_is_locked_while_its_writer_lives(void **) {
    const Directory directory;
    const auto lockable = [&] {
        const auto file = directory.folder().open(name);
        return lkstats::os::lock(file, LKSTATS_JOURNAL_LOCK_WRITER);
    };
    {
        Writer writer(directory.folder(), own, {});
        assert_true(write(writer, {third_report()}, own, created));
        assert_false(lockable());
    }
    assert_true(lockable());
}

void what_follows_from_the_report_before_is_left_out(void **) {
    Row fourth = third_report();
    fourth.sequence = 4;
    fourth.start = fourth.end;
    fourth.end = {1'000, 11'000}; // that of created
    fourth.window = {0, 0, 1, 1};
    fourth.running = {300, 2, 8, 2};
    Row left = fourth;
    left.kind = LKSTATS_RECORD_LEFT;
    left.start = left.end;
    left.window = {};
    const Bytes second = {0x80 | 64, 1, 1, 1, 0x80 | 1 | 2, 1, 1, 0x83};
    assert_true(frames_of({{third_report()}, {fourth, left}}) ==
                frame(third_reports_track + third_reports_window) + frame(second));
}

void traffic_begins_where_its_joined_does(void **) {
    Row joined;
    joined.context = std::to_array(own.context);
    joined.slot = 5;
    joined.tag = 300;
    joined.epoch = 2;
    joined.sequence = 1;
    joined.kind = LKSTATS_RECORD_JOINED;
    joined.channel = LKSTATS_CHANNEL_SIGNAL;
    joined.start = {1'000, 11'000};
    joined.end = {1'010, 11'010};
    Row traffic = joined;
    traffic.sequence = 2;
    traffic.kind = LKSTATS_RECORD_TRAFFIC;
    traffic.window = traffic.running = {0, 0, 1, 1};
    const Bytes track = {2, 0, 0, 5, 0xac, 2, 2, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const Bytes windows = {0x80 | 2 | 4 | 16, 0, 2, 20, 20, 0, 0, 0, 0, 0, 0x80 | 1 | 64, 1, 1, 1, 1};
    assert_true(frames_of({{joined, traffic}}) == frame(track + windows));
}

void a_dead_contexts_reports_say_whose_they_are(void **) {
    Row theirs;
    theirs.context = std::to_array(dead.context);
    theirs.kind = LKSTATS_RECORD_TRAFFIC;
    theirs.sequence = 1;
    theirs.channel = LKSTATS_CHANNEL_DATA;
    theirs.flags = LKSTATS_UNATTRIBUTED;
    theirs.start = theirs.end = {900, 900};
    theirs.window = theirs.running = {0, 0, 128, 0};
    Bytes whose = {1, 1};
    for (unsigned i = 0xf0; i <= 0xff; ++i)
        whose.push_back(static_cast<uint8_t>(i));
    whose = whose + text("\3OLD", 5); // and an empty key
    const Bytes track = {2, 1, 1, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const Bytes window = {
        0x80 | 4 | 8 | 16 | 64, 0, 0xc7, 1, 0x9f, 0x9c, 1, 0, 0, 0, 0, 0x80, 1, 0, 0x80, 1, 0};
    assert_true(frames_of({{third_report()}, {theirs}}) ==
                frame(third_reports_track + third_reports_window) + frame(whose + track + window));
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_checksum_is_crc32c),
        cmocka_unit_test(the_offsets_are_the_documented_ones),
        cmocka_unit_test(a_segment_has_its_name_its_mode_and_its_header),
        cmocka_unit_test(a_segment_is_locked_while_its_writer_lives),
        cmocka_unit_test(what_follows_from_the_report_before_is_left_out),
        cmocka_unit_test(traffic_begins_where_its_joined_does),
        cmocka_unit_test(a_dead_contexts_reports_say_whose_they_are),
    };
    return cmocka_run_group_tests_name("journal_format", tests, nullptr, nullptr);
}
