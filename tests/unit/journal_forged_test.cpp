// SPDX-License-Identifier: Apache-2.0
// A segment may have been made by anybody, with checksums that are right: it costs a reader nothing but the time, and
// what no writer writes is refused.
#include "journal/crc32c.hpp"
#include "journal_files.hpp"
#include "plant.hpp"

#include <algorithm>
#include <cstring>

#include "cmocka.hpp"

namespace {

using namespace lkstats::journal;

constexpr size_t header_size = sizeof(lkstats_journal_segment_t);

Bytes any_segment(uint64_t seed, int batches) {
    Rows rows;
    return segment_of(seed, batches, 6, rows);
}

void append(Bytes &to, std::span<const uint8_t> bytes) {
    for (const uint8_t byte : bytes)
        to.push_back(byte);
}

// With checksums that are right.
Bytes forge(const Bytes &header, const std::vector<Bytes> &payloads) {
    Bytes bytes(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(header_size));
    for (const Bytes &payload : payloads) {
        lkstats_journal_frame_t frame = {static_cast<uint32_t>(payload.size()), 0};
        const auto *const begin = reinterpret_cast<const uint8_t *>(&frame);
        frame.checksum = crc32c(payload, crc32c({begin, sizeof frame.size}));
        append(bytes, {begin, sizeof frame});
        append(bytes, payload);
    }
    return bytes;
}

std::vector<Bytes> payloads(const Bytes &segment) {
    std::vector<Bytes> all;
    for (size_t at = header_size; at < segment.size();) {
        lkstats_journal_frame_t frame;
        std::memcpy(&frame, segment.data() + at, sizeof frame);
        const auto begin = segment.begin() + static_cast<std::ptrdiff_t>(at + sizeof frame);
        all.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(frame.size));
        at += sizeof frame + frame.size;
    }
    return all;
}

bool within_bounds(const Row &row) {
    for (size_t i = 0; i < row.texts.size(); ++i)
        if (row.texts[i].size() > (i == 5 ? LKSTATS_JOURNAL_TRACK_ID_MAX : LKSTATS_STRING_MAX + 0))
            return false;
    return row.kind_details.size() <= LKSTATS_KIND_DETAILS_MAX && row.kind >= LKSTATS_RECORD_TRAFFIC &&
           row.kind <= LKSTATS_RECORD_LEFT;
}

void frames_that_somebody_made_do_no_harm(void **) {
    const Bytes whole = any_segment(5, 20);
    Random random(6);
    size_t records = 0, damaged = 0;
    for (int round = 0; round < 4'000; ++round) {
        std::vector<Bytes> made = payloads(whole);
        for (uint64_t changes = 1 + random() % 4; changes != 0; --changes) {
            Bytes &payload = made[random() % made.size()];
            const auto at = static_cast<std::ptrdiff_t>(random() % payload.size());
            switch (random() % 4) {
            case 0:
                payload[static_cast<size_t>(at)] = static_cast<uint8_t>(random());
                break;
            case 1:
                payload.insert(payload.begin() + at, 1 + random() % 12, static_cast<uint8_t>(random()));
                break;
            case 2:
                payload.erase(payload.begin() + at,
                              payload.end() - static_cast<std::ptrdiff_t>(random() % 2));
                payload.push_back(static_cast<uint8_t>(random()));
                break;
            default:
                std::swap(payload, made[random() % made.size()]);
                break;
            }
        }
        const Reading reading = read(forge(whole, made));
        assert_true(reading.header_ok && !reading.torn);
        assert_true(std::ranges::all_of(reading.rows, within_bounds));
        records += reading.rows.size();
        damaged += reading.damaged;
    }
    assert_true(records > 40'000 && damaged > 4'000);
}

// What a track's entry begins with: number 0, of the segment's own context, up to the kind details.
Bytes track(const Bytes &rest) {
    Bytes bytes = {LKSTATS_JOURNAL_TRACK, 0, 0, 1, 1, 1, 1, 0, 2, 0};
    append(bytes, rest);
    append(bytes, Bytes{LKSTATS_JOURNAL_WINDOW, 0});
    return bytes;
}
Bytes texts(size_t which, const Bytes &text) {
    Bytes bytes = {0};
    for (size_t i = 0; i < 7; ++i)
        if (i == which)
            append(bytes, text);
        else
            bytes.push_back(0);
    return bytes;
}
Bytes letters(size_t count) {
    Bytes text = {static_cast<uint8_t>(0x80 | (count & 0x7f)), static_cast<uint8_t>(count >> 7)};
    append(text, Bytes(count, 'x'));
    return text;
}

void what_no_writer_writes_is_refused(void **) {
    const Bytes whole = any_segment(7, 1);
    const auto reads = [&](const Bytes &payload) {
        const Reading reading = read(forge(whole, {payload}));
        assert_int_equal(reading.rows.size() + reading.damaged, 1);
        return reading.damaged == 0;
    };
    // Each of these is at its bound, and then past it.
    assert_true(reads(track(texts(0, {0}))));
    assert_true(reads(track(texts(0, letters(LKSTATS_STRING_MAX)))));
    assert_false(reads(track(texts(0, letters(LKSTATS_STRING_MAX + 1)))));
    assert_true(reads(track(texts(5, letters(LKSTATS_JOURNAL_TRACK_ID_MAX)))));
    assert_false(reads(track(texts(5, letters(LKSTATS_JOURNAL_TRACK_ID_MAX + 1)))));
    assert_true(reads(track(texts(6, {2, 0xc3, 0xa4}))));
    assert_false(reads(track(texts(6, {2, 0xc3, 0x28}))));       // no UTF-8
    assert_false(reads(track(texts(6, {1, 0}))));                // NUL
    assert_false(reads(track(texts(6, {0xff, 0xff, 0xff, 1})))); // more than there is
    Bytes details = {LKSTATS_KIND_DETAILS_MAX};
    details.resize(1 + LKSTATS_KIND_DETAILS_MAX + 7);
    assert_true(reads(track(details)));
    ++details[0];
    details.push_back(0);
    assert_false(reads(track(details)));
    // Numbers of more than 64, or than 32, bits; tags and kinds that there are not.
    const auto window = [](const Bytes &bytes) {
        Bytes payload = track(texts(0, {0}));
        payload.resize(payload.size() - 2);
        append(payload, bytes);
        return payload;
    };
    assert_true(reads(window({0x80 | 32, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0})));
    assert_false(reads(window({0x80 | 32, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0})));
    assert_false(
        reads(window({0x80 | 32, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0})));
    assert_true(reads(window({0x80, 0xff, 0xff, 0xff, 0xff, 0x0f})));
    assert_false(reads(window({0x80, 0x80, 0x80, 0x80, 0x80, 0x10})));
    assert_true(reads(window({0x82, 0, 3})));
    assert_false(reads(window({0x82, 0, 4})));
    assert_false(reads(window({0x82, 0, 0})));
    assert_false(reads(window({0})));
    assert_false(reads(window({3})));
    assert_false(reads({LKSTATS_JOURNAL_ORIGIN, 0}));
}

void what_was_never_said_is_not_made_up(void **) {
    const Bytes whole = any_segment(8, 1);
    // A window of a track that nobody told of, and one of a track whose context nobody told of.
    for (Bytes payload : {Bytes{0x81, 0, 20}, track(texts(0, {0}))}) {
        if (payload[0] == LKSTATS_JOURNAL_TRACK)
            payload[2] = 1;
        const Reading reading = read(forge(whole, {payload}));
        assert_int_equal(reading.lost, 1);
        assert_true(reading.rows.empty() && reading.damaged == 0);
    }
    // Where a joined without a start began, and the traffic that begins with it.
    Bytes payload = track(texts(0, {0}));
    payload.resize(payload.size() - 2);
    append(payload, Bytes{0x82, 0, LKSTATS_RECORD_JOINED, 0x81, 1, 1});
    const Reading joined = read(forge(whole, {payload}));
    assert_int_equal(joined.rows.size(), 2);
    for (const auto &place : joined.places)
        assert_true(place.start_unknown && place.running_unknown);
    // Twice the same number is one too many: whose are the records?
    const Reading reading = read(forge(whole, {track(texts(0, {0})), track(texts(1, {1, 'a'}))}));
    assert_int_equal(reading.rows.size(), 1);
    assert_int_equal(reading.damaged, 1);
}

void bytes_of_any_kind_do_no_harm(void **) {
    const Bytes whole = any_segment(9, 1);
    Random random(10);
    for (int round = 0; round < 10'000; ++round) {
        Bytes bytes(random() % 200);
        std::ranges::generate(bytes, [&] { return static_cast<uint8_t>(random()); });
        if (round % 2 == 0)
            bytes = forge(whole, {bytes});
        const Reading reading = read(bytes);
        assert_true(std::ranges::all_of(reading.rows, within_bounds));
    }
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_somebody_made_do_no_harm),
        cmocka_unit_test(what_no_writer_writes_is_refused),
        cmocka_unit_test(what_was_never_said_is_not_made_up),
        cmocka_unit_test(bytes_of_any_kind_do_no_harm),
    };
    return cmocka_run_group_tests_name("journal_forged", tests, nullptr, nullptr);
}
