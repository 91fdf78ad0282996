// SPDX-License-Identifier: Apache-2.0
// The add that a host compiles into its own code, against the library's word: the same word and carry after
// every add that it takes, and nothing touched by one that it hands on.
#include "lkstats_slab.h"
#include "slab/word.hpp"

#include "plant.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <vector>

#include "cmocka.hpp"

namespace {

using W = lkstats::slab::Word<LKSTATS_SLAB_MESSAGE_BITS, LKSTATS_SLAB_BYTE_BITS>;
using Cell = std::atomic_ref<uint64_t>;

constexpr uint64_t byte_half = uint64_t{1} << (LKSTATS_SLAB_BYTE_BITS - 1);
constexpr uint64_t message_half = uint64_t{1} << (LKSTATS_SLAB_MESSAGE_BITS - 1);
constexpr uint32_t tag = 0x9abcdef1;
constexpr uint32_t slot_count = 4;
constexpr uint32_t used = 2;

struct Call {
    lkstats_track_t track;
    uint64_t bytes, messages;
    int32_t is_send;
    friend bool operator==(const Call &, const Call &) = default;
};
std::vector<Call> handed_on;

// No status of the library's own, so that it can only come from here.
constexpr lkstats_status_t from_the_library = -1234;

lkstats_status_t record(lkstats_track_t track, uint64_t bytes, uint64_t messages, int32_t is_send) {
    handed_on.push_back({track, bytes, messages, is_send});
    return from_the_library;
}

constexpr lkstats_track_t handle(uint32_t its_tag, uint64_t index) { return uint64_t{its_tag} << 32 | index; }

// A few slots, one of them live.
struct Host {
    std::array<lkstats_slab_slot_t, slot_count> slots = {};
    lkstats_slab_anchor_t anchor = {slot_count, slots.data()};
    lkstats_slab_t slab = {sizeof(lkstats_slab_t), LKSTATS_SLAB_VERSION, &anchor, record};

    Host() {
        slots[used].tag = tag;
        slots[used].state = LKSTATS_SLAB_LIVE + used;
        handed_on.clear();
    }
    bool looks_like(const std::array<lkstats_slab_slot_t, slot_count> &before) const {
        return std::memcmp(slots.data(), before.data(), sizeof slots) == 0;
    }
};

constexpr uint64_t of_fields(uint64_t messages, uint64_t bytes, uint64_t closed) {
    return messages << (LKSTATS_SLAB_BYTE_BITS + 1) | bytes << 1 | closed;
}

template <class Visit> void for_each_boundary(Visit visit) {
    constexpr uint64_t old_bytes[] = {
        0, 1, byte_half - 1, byte_half, byte_half + 1, 2 * byte_half - 2, 2 * byte_half - 1};
    constexpr uint64_t old_messages[] = {
        0, 1, message_half - 1, message_half, message_half + 1, 2 * message_half - 2, 2 * message_half - 1};
    constexpr uint64_t bytes[] = {0, 1, 2, byte_half / 2, byte_half - 2, byte_half - 1};
    constexpr uint64_t messages[] = {0, 1, 2, message_half / 2, message_half - 2, message_half - 1};
    for (const uint64_t b : old_bytes)
        for (const uint64_t m : old_messages)
            for (const uint64_t closed : {0U, 1U})
                for (const uint64_t more_b : bytes)
                    for (const uint64_t more_m : messages)
                        visit(b, m, closed, more_b, more_m);
}

void the_inline_add_leaves_the_word_that_the_library_leaves(void **) {
    constexpr uint64_t posted = 7 + (uint64_t{5} << 32);
    for_each_boundary([](uint64_t b, uint64_t m, uint64_t closed, uint64_t bytes, uint64_t messages) {
        for (const int32_t is_send : {0, 1, -1}) {
            Host host;
            const int direction = is_send ? LKSTATS_SLAB_SEND : LKSTATS_SLAB_RECV;
            host.slots[used].word[direction] = of_fields(m, b, closed);
            host.slots[used].carry[direction] = posted;
            auto expected = host.slots;
            Cell word(expected[used].word[direction]), carry(expected[used].carry[direction]);
            const bool counts = W::add(word, carry, W::increment(bytes, messages));

            const lkstats_status_t status =
                lkstats_slab_add(&host.slab, handle(tag, used), bytes, messages, is_send);

            assert_true(host.looks_like(expected));
            assert_int_equal(counts, closed == 0);
            assert_int_equal(status, counts ? LKSTATS_OK : from_the_library);
            assert_int_equal(handed_on.size(), counts ? 0 : 1);
            if (!counts)
                assert_true(handed_on[0] == (Call{handle(tag, used), bytes, messages, is_send}));
        }
    });
}

// Field by field, as on paper: the carry is what the two adds above might get wrong alike.
void a_carry_is_posted_exactly_where_a_field_overflows(void **) {
    for_each_boundary([](uint64_t b, uint64_t m, uint64_t closed, uint64_t bytes, uint64_t messages) {
        Host host;
        lkstats_slab_slot_t &slot = host.slots[used];
        slot.word[LKSTATS_SLAB_SEND] = of_fields(m, b, closed);

        lkstats_slab_add(&host.slab, handle(tag, used), bytes, messages, 1);

        const uint64_t byte_carry = (b + bytes) / (2 * byte_half);
        const uint64_t message_sum = m + messages + byte_carry;
        assert_int_equal(slot.word[LKSTATS_SLAB_SEND],
                         of_fields(message_sum % (2 * message_half), (b + bytes) % (2 * byte_half), closed));
        const uint64_t carry = closed ? 0 : byte_carry + (message_sum / (2 * message_half) << 32);
        assert_int_equal(slot.carry[LKSTATS_SLAB_SEND], carry);
    });
}

// The library's add answers, once, with the arguments of the host; no slot has changed.
void expect_handed_on(Host &host, Call call) {
    const auto before = host.slots;
    handed_on.clear();
    assert_int_equal(lkstats_slab_add(&host.slab, call.track, call.bytes, call.messages, call.is_send),
                     from_the_library);
    assert_int_equal(handed_on.size(), 1);
    assert_true(handed_on[0] == call);
    assert_true(host.looks_like(before));
}

void half_a_field_and_more_is_handed_on_untouched(void **) {
    Host host;
    const lkstats_track_t track = handle(tag, used);
    for (const uint64_t bytes : {byte_half, byte_half + 1, 2 * byte_half, uint64_t{1} << 63, ~uint64_t{0}})
        expect_handed_on(host, {track, bytes, 1, 1});
    for (const uint64_t messages :
         {message_half, message_half + 1, 2 * message_half, uint64_t{1} << 63, ~uint64_t{0}})
        expect_handed_on(host, {track, 1, messages, 0});
    expect_handed_on(host, {track, byte_half, message_half, 1});
}

void a_handle_that_is_not_the_slots_is_handed_on_untouched(void **) {
    Host host;
    for (const uint32_t other : {0U, 1U, tag - 1, tag + 1, tag ^ 0x80000000U})
        expect_handed_on(host, {handle(other, used), 10, 1, 1});
    expect_handed_on(host, {handle(tag, used - 1), 10, 1, 1});
    expect_handed_on(host, {0, 10, 1, 1});
    // Tag and state are compared together: one must not make up for the other.
    expect_handed_on(host, {handle(0, 0), 10, 1, 0});
}

void an_index_past_the_limit_is_handed_on_untouched(void **) {
    Host host;
    for (const uint64_t index : {uint64_t{slot_count}, uint64_t{0xffffff}, uint64_t{0xffffffff}})
        expect_handed_on(host, {handle(tag, index), 10, 1, 1});
    for (unsigned bit = LKSTATS_SLAB_INDEX_BITS; bit < 32; ++bit)
        expect_handed_on(host, {handle(tag, used | uint64_t{1} << bit), 10, 1, 1});
    host.anchor.limit = used;
    expect_handed_on(host, {handle(tag, used), 10, 1, 1});
    host.anchor = {0, nullptr}; // a forked child's
    expect_handed_on(host, {handle(tag, used), 10, 1, 1});
    expect_handed_on(host, {handle(tag, 0), 10, 1, 1});
}

void a_slot_that_is_not_live_is_handed_on_untouched(void **) {
    Host host;
    for (const uint32_t state :
         {uint32_t{LKSTATS_SLAB_FREE}, LKSTATS_SLAB_STOPPING + used, LKSTATS_SLAB_CLOSED + used,
          LKSTATS_SLAB_LIVE + used + 1, uint32_t{0x80000000} + used}) {
        host.slots[used].state = state;
        expect_handed_on(host, {handle(tag, used), 10, 1, 1});
        expect_handed_on(host, {handle(tag, used), 10, 1, 0});
    }
}

// At every limit, on the side where the add counts.
void all_else_is_taken_inline(void **) {
    Host host;
    host.anchor.limit = used + 1;
    for (const int32_t is_send : {0, 1})
        for (const uint64_t bytes : {uint64_t{0}, byte_half - 1})
            for (const uint64_t messages : {uint64_t{0}, message_half - 1})
                assert_int_equal(lkstats_slab_add(&host.slab, handle(tag, used), bytes, messages, is_send),
                                 LKSTATS_OK);
    assert_true(handed_on.empty());
    for (const int direction : {LKSTATS_SLAB_SEND, LKSTATS_SLAB_RECV}) {
        assert_int_equal(host.slots[used].word[direction],
                         of_fields(2 * (message_half - 1), 2 * (byte_half - 1), 0));
        assert_int_equal(host.slots[used].carry[direction], 0);
    }
}

void both_adds_agree_on_what_fits(void **) {
    for (const uint64_t bytes : {uint64_t{0}, byte_half - 1, byte_half, 2 * byte_half, ~uint64_t{0}}) {
        for (const uint64_t messages :
             {uint64_t{0}, message_half - 1, message_half, 2 * message_half, ~uint64_t{0}}) {
            Host host;
            lkstats_slab_add(&host.slab, handle(tag, used), bytes, messages, 1);
            assert_int_equal(W::fits(bytes, messages), handed_on.empty());
        }
    }
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_inline_add_leaves_the_word_that_the_library_leaves),
        cmocka_unit_test(a_carry_is_posted_exactly_where_a_field_overflows),
        cmocka_unit_test(half_a_field_and_more_is_handed_on_untouched),
        cmocka_unit_test(a_handle_that_is_not_the_slots_is_handed_on_untouched),
        cmocka_unit_test(an_index_past_the_limit_is_handed_on_untouched),
        cmocka_unit_test(a_slot_that_is_not_live_is_handed_on_untouched),
        cmocka_unit_test(all_else_is_taken_inline),
        cmocka_unit_test(both_adds_agree_on_what_fits),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
