// SPDX-License-Identifier: Apache-2.0
// Where an identity lies: its parts are one stream of bytes through the record and its overflow blocks, which
// come back with the record. A part that is not known says nothing, whatever its bytes are.
#include "report/batch.hpp"

#include "plant.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "heap_table.hpp"

namespace {

using namespace lkstats;
using lkstats::track::append;
using lkstats::track::slot_of;

using Bytes = std::vector<uint8_t>;

constexpr size_t in_record = LKSTATS_SLAB_IDENTITY_SIZE, in_block = LKSTATS_SLAB_OVERFLOW_SIZE;
constexpr uint64_t room = LKSTATS_SLAB_ROOM_KNOWN, participant = LKSTATS_SLAB_PARTICIPANT_KNOWN;

// Where a stretch of memory ends within the stream.
constexpr size_t edges[] = {in_record, in_record + in_block, in_record + 2 * in_block,
                            in_record + 3 * in_block, in_record + 4 * in_block};

Bytes any_bytes(std::mt19937_64 &random, size_t size) {
    Bytes bytes(size);
    std::ranges::generate(bytes, [&] { return static_cast<uint8_t>(random()); });
    return bytes;
}

// A record and its blocks, scattered among others' that nobody may touch.
class Memory {
  public:
    explicit Memory(size_t stream_size) {
        std::memset(records.data(), 0xa5, sizeof records);
        slab::Record(records[at]).begin(1, 2, 1, LKSTATS_CHANNEL_SIGNAL, {}, {}, 0);
        for (uint32_t i = 0; i < track::blocks_for(stream_size); ++i)
            track::add_block(records.data(), at, blocks[i]);
        before_ = records;
    }

    // As a handle learns them one after the other: the connection, and then in either order.
    void append(uint64_t bit, const Bytes &bytes) {
        lkstats_slab_record_t &r = records[at];
        const size_t begin = track::stream_size(r), stat_size = bytes.size() / 2;
        auto &place = bit == room ? r.room : bit == participant ? r.participant : r.connection;
        track::append(records.data(), at, place, {bytes, stat_size});
        assert_int_equal(place.at, begin);
        assert_int_equal(place.size, bytes.size());
        assert_int_equal(place.stat_size, stat_size);
        slab::Record(r).know(bit);
        assert_int_equal(track::stream_size(r), begin + bytes.size());
    }
    // The first bytes of the stream, in memory of exactly the size that this needs.
    Bytes load(size_t size) {
        Bytes out(track::load_size(size));
        out.shrink_to_fit();
        track::load(records.data(), at, size, out.data());
        out.resize(size);
        return out;
    }
    // Nothing but the bytes of the stream and what says where they are has changed.
    void expect_the_rest_untouched(size_t stream_size) {
        for (size_t byte = 0; byte < stream_size; ++byte)
            *place_of(records.data(), byte) = *place_of(before_.data(), byte);
        lkstats_slab_record_t &now = records[at];
        const lkstats_slab_record_t &then = before_[at];
        now.control = then.control;
        now.connection = then.connection;
        now.room = then.room;
        now.participant = then.participant;
        now.identity_sum = then.identity_sum;
        assert_memory_equal(records.data(), before_.data(), sizeof records);
    }

  private:
    static constexpr uint32_t at = 5;
    static constexpr uint32_t blocks[] = {9, 2, 12, 7, 14};
    using Records = std::array<lkstats_slab_record_t, 16>;
    Records records, before_;

    // Counted out once more: a block's bytes come after its next and reserved.
    static uint8_t *place_of(lkstats_slab_record_t *of, size_t byte) {
        if (byte < in_record)
            return of[at].identity + byte;
        const size_t block = (byte - in_record) / in_block, within = (byte - in_record) % in_block;
        return reinterpret_cast<uint8_t *>(&of[blocks[block]]) + 8 + within;
    }
};

// ---- The stream ----

void there_are_as_many_blocks_as_a_stream_needs(void **) {
    for (size_t size = 0; size <= wire::parts_max; ++size) {
        const size_t blocks = track::blocks_for(size);
        assert_true(in_record + blocks * in_block >= size);
        assert_true(blocks == 0 || in_record + (blocks - 1) * in_block < size);
        assert_true(blocks <= track::blocks_max);
    }
}

void a_stream_of_any_size_comes_back(void **) {
    std::mt19937_64 random(60);
    for (size_t size = 0; size <= wire::part_max; ++size) {
        Memory memory(size);
        const Bytes given = any_bytes(random, size);
        memory.append(0, given);
        assert_true(memory.load(size) == given);
        memory.expect_the_rest_untouched(size);
    }
}

void tell_of_three_parts(std::mt19937_64 &random, size_t first_end, size_t second_end, size_t end) {
    const Bytes stream = any_bytes(random, end);
    const auto part = [&](size_t from, size_t to) {
        return Bytes(stream.begin() + static_cast<ptrdiff_t>(from),
                     stream.begin() + static_cast<ptrdiff_t>(to));
    };
    const bool room_first = random() % 2 == 0;
    Memory memory(end);
    memory.append(0, part(0, first_end));
    memory.append(room_first ? room : participant, part(first_end, second_end));
    assert_true(memory.load(second_end) == part(0, second_end));
    memory.append(room_first ? participant : room, part(second_end, end));
    assert_true(memory.load(end) == stream);
    assert_true(memory.load(first_end) == part(0, first_end));
    memory.expect_the_rest_untouched(end);
}

// A part may end, and the next one begin, right at an edge, or some bytes to either side of it.
void parts_may_meet_anywhere(void **) {
    std::mt19937_64 random(61);
    std::vector<size_t> ends;
    for (size_t edge : edges)
        for (size_t near = edge - 2; near <= edge + 2; ++near)
            ends.push_back(near);
    ends.insert(ends.begin(), {0, 1});
    for (size_t first : ends)
        for (size_t second : ends)
            for (size_t third : ends)
                if (first <= second && second <= third)
                    tell_of_three_parts(random, first, second, third);
}

// ---- Of a handle ----

void expect_part(HeapTable &heap, uint32_t record, const lkstats_slab_part_t &place,
                 const wire::Part &given) {
    const size_t size = track::stream_size(heap.records()[record]);
    Bytes stream(track::load_size(size));
    track::load(heap.records(), record, size, stream.data());
    assert_true(size_t{place.at} + place.size <= size);
    const wire::Part found = track::part_of(place, stream.data());
    assert_int_equal(found.stat_size, given.stat_size);
    assert_true(std::ranges::equal(found.bytes, given.bytes));
}

// Of an epoch, what is known, and that there are blocks for it.
void expect_known(HeapTable &heap, uint32_t record, const Somebody &is, uint64_t known) {
    const lkstats_slab_record_t &r = heap.records()[record];
    assert_int_equal(r.control & slab::Record::identity_bits, known);
    expect_part(heap, record, r.connection, is.connection.connection.part());
    size_t size = is.connection.size();
    for (uint64_t bit : {room, participant}) {
        if ((known & bit) == 0)
            continue;
        expect_part(heap, record, bit == room ? r.room : r.participant, is.part(bit));
        size += is.part(bit).bytes.size();
    }
    assert_int_equal(track::stream_size(r), size);
    assert_true(track::block_count(heap.records(), record) >= track::blocks_for(size));
}

void names_of_every_length_come_back_in_either_order(void **) {
    for (size_t length = 0; length <= LKSTATS_STRING_MAX; ++length)
        for (uint64_t first : {room, participant}) {
            HeapTable heap({1, 1, 1 + track::blocks_max, 3});
            const Somebody is(length);
            const lkstats_signal_t signal = heap.create(is);
            const uint32_t record = heap.newest(signal);
            expect_known(heap, record, is, 0);
            assert_int_equal(heap.resolve(signal, first, is), LKSTATS_OK);
            expect_known(heap, record, is, first);
            assert_int_equal(heap.resolve(signal, first ^ (room | participant), is), LKSTATS_OK);
            expect_known(heap, record, is, room | participant);
        }
}

// Whoever is forgotten leaves no byte behind that would be in the next one's way.
void another_name_takes_the_place_of_one_that_is_forgotten(void **) {
    std::mt19937_64 random(62);
    HeapTable heap({1, 1, 1 + track::blocks_max, 2});
    const Somebody first(200);
    const lkstats_signal_t signal = heap.create(first);
    const uint32_t record = heap.newest(signal);
    for (int round = 0; round < 300; ++round) {
        const Somebody next(random() % 200, static_cast<char>('a' + round % 26));
        const uint64_t bit = random() % 2 == 0 ? room : participant;
        assert_int_equal(heap.resolve(signal, bit, next), LKSTATS_OK);
        expect_part(heap, record,
                    bit == room ? heap.records()[record].room : heap.records()[record].participant,
                    next.part(bit));
        expect_part(heap, record, heap.records()[record].connection, first.connection.connection.part());
        assert_int_equal(heap.reset(signal), LKSTATS_OK);
        expect_known(heap, record, first, 0);
        assert_int_equal(heap.newest(signal), record);
    }
    heap.end(signal);
    heap.expect_no_record_lost();
}

void every_block_comes_back_with_its_epoch(void **) {
    std::mt19937_64 random(63);
    HeapTable heap({4, 4, 60, 7});
    for (int round = 0; round < 300; ++round) {
        const Somebody is(random() % (LKSTATS_STRING_MAX + 1));
        const lkstats_signal_t signal = heap.create(is);
        uint64_t epochs = 1;
        for (auto resets = random() % 6; resets > 0; --resets) {
            heap.resolve(signal, is);
            assert_int_equal(heap.reset(signal), LKSTATS_OK);
            expect_known(heap, heap.newest(signal), is, 0); // its connection went along
            expect_known(heap, heap.oldest(signal), is, room | participant);
            if (++epochs > 2 && random() % 2 == 0) {
                heap.release_epoch(signal);
                --epochs;
                expect_known(heap, heap.oldest(signal), is, epochs > 1 ? room | participant : 0);
            }
        }
        heap.stop(signal);
        for (; epochs > 1; --epochs)
            heap.release_epoch(signal);
        assert_int_equal(heap.oldest(signal), heap.newest(signal));
        heap.release(signal);
        heap.let_rest();
    }
    heap.expect_no_record_lost();
}

// ---- What a report says ----

lkstats_record_t report_of(HeapTable &heap, lkstats_signal_t signal, report::Batch &batch) {
    const uint8_t context[16] = {};
    slab::Record record = heap.table.record(heap.newest(signal));
    record.freeze(record.acknowledged(), 0, heap.now());
    batch.begin(1);
    assert_true(batch.add(heap.table, slot_of(signal), heap.newest(signal), context, {}));
    assert_true(record.acknowledge(record.sequence()));
    return batch.records()[0];
}

bool says(const lkstats_string_t &string, size_t size, char letter) {
    return string.size == size && std::ranges::all_of(std::string_view(string.data, string.size),
                                                      [&](char each) { return each == letter; });
}

void expect_said(const lkstats_record_t &report, size_t length, char letter, uint64_t known) {
    const char payer = (known & participant) != 0 ? Somebody::participant_payer
                       : (known & room) != 0      ? Somebody::room_payer
                                                  : letter;
    assert_true(says(report.country, length, letter) && says(report.tenant, length, payer));
    const size_t of_room = (known & room) != 0 ? length : 0;
    const size_t of_participant = (known & participant) != 0 ? length : 0;
    assert_true(says(report.room_sid, of_room, letter) && says(report.room_name, of_room, letter));
    assert_true(says(report.participant_sid, of_participant, letter));
    assert_true(says(report.participant_identity, of_participant, letter));
    assert_int_equal(report.track_id.size, of_participant == 0 ? 0 : 5 + of_participant);
    assert_int_equal(report.participant_kind, of_participant == 0 ? 0 : letter);
}

void what_is_not_known_says_nothing(void **) {
    for (size_t length : {1U, 10U, 30U, 100U, 256U}) {
        HeapTable heap({1, 1, 1 + track::blocks_max, 2});
        const Somebody is(length, 'y');
        const lkstats_signal_t signal = heap.create(is);
        report::Batch batch;
        expect_said(report_of(heap, signal, batch), length, 'y', 0);
        for (uint64_t bit : {room, participant}) {
            assert_int_equal(heap.resolve(signal, bit, is), LKSTATS_OK);
            expect_said(report_of(heap, signal, batch), length, 'y', bit);
            assert_int_equal(heap.reset(signal), LKSTATS_OK); // its bytes are still there
            expect_said(report_of(heap, signal, batch), length, 'y', 0);
        }
        heap.resolve(signal, is);
        expect_said(report_of(heap, signal, batch), length, 'y', room | participant);
    }
}

// As after a kill within a resolution: what is there is half written, and nothing says that it counts.
void a_part_without_its_bit_may_be_anything(void **) {
    for (size_t length : {10U, 256U})
        for (uint64_t known : {uint64_t{0}, room, participant}) {
            HeapTable heap({1, 1, 1 + track::blocks_max, 2});
            const Somebody is(length, 'y');
            const lkstats_signal_t signal = heap.create(is);
            heap.resolve(signal, is);
            lkstats_slab_record_t &record = heap.records()[heap.newest(signal)];
            record.control = (record.control & ~(room | participant)) | known;
            if (known != room)
                std::memset(&record.room, 0xff, sizeof record.room);
            if (known != participant)
                std::memset(&record.participant, 0xff, sizeof record.participant);
            report::Batch batch;
            expect_said(report_of(heap, signal, batch), length, 'y', known);
        }
}

} // namespace

int main() {
    plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(there_are_as_many_blocks_as_a_stream_needs),
        cmocka_unit_test(a_stream_of_any_size_comes_back),
        cmocka_unit_test(parts_may_meet_anywhere),
        cmocka_unit_test(names_of_every_length_come_back_in_either_order),
        cmocka_unit_test(another_name_takes_the_place_of_one_that_is_forgotten),
        cmocka_unit_test(every_block_comes_back_with_its_epoch),
        cmocka_unit_test(what_is_not_known_says_nothing),
        cmocka_unit_test(a_part_without_its_bit_may_be_anything),
    };
    return cmocka_run_group_tests_name("identity", tests, nullptr, nullptr);
}
