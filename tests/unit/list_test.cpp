// SPDX-License-Identifier: Apache-2.0
// Lists that are linked through memory which is there anyway, and indexes that are handed out once: both
// against the containers that everybody knows.
#include "slab/arena.hpp"
#include "slab/list.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>
#include <vector>

#include "cmocka.hpp"

namespace {

using lkstats::slab::Arena;
using lkstats::slab::none;

struct Next {
    std::vector<uint32_t> *links;
    uint32_t &operator()(uint32_t slot) const { return (*links)[slot]; }
};
using List = lkstats::slab::List<Next>;
using Model = std::deque<uint32_t>;

// Two lists over the same links, and the slots that are in neither.
class Pair {
  public:
    static constexpr uint32_t slots = 24;

    Pair() : outside_(slots) { std::iota(outside_.begin(), outside_.end(), 0U); }

    List &list(int which) { return which == 0 ? a_ : b_; }
    Model &model(int which) { return which == 0 ? model_a_ : model_b_; }

    bool any_outside() const { return !outside_.empty(); }
    // What links to nobody may link to anybody: a list goes by its own ends.
    uint32_t bring(std::mt19937_64 &random) {
        const size_t place = random() % outside_.size();
        const uint32_t slot = outside_[place];
        outside_.erase(outside_.begin() + static_cast<ptrdiff_t>(place));
        links_[slot] = static_cast<uint32_t>(random() % slots);
        return slot;
    }
    void send_away(uint32_t slot, std::mt19937_64 &random) {
        links_[slot] = static_cast<uint32_t>(random() % slots);
        outside_.push_back(slot);
    }

    void assert_alike() {
        for (int which : {0, 1}) {
            const List &one = list(which);
            assert_int_equal(one.empty(), model(which).empty());
            uint32_t at = one.front();
            for (uint32_t slot : model(which)) {
                assert_int_equal(at, slot);
                at = one.after(at);
            }
            assert_int_equal(at, none);
            assert_int_equal(one.after(none), none);
        }
    }

  private:
    std::vector<uint32_t> links_ = std::vector<uint32_t>(slots, none);
    std::vector<uint32_t> outside_;
    List a_{Next{&links_}}, b_{Next{&links_}};
    Model model_a_, model_b_;
};

void push_or_pop(Pair &pair, int which, std::mt19937_64 &random) {
    List &list = pair.list(which);
    Model &model = pair.model(which);
    const auto kind = random() % 3;
    if (kind == 2 || !pair.any_outside()) {
        const uint32_t slot = list.pop_front();
        if (model.empty()) {
            assert_int_equal(slot, none);
            return;
        }
        assert_int_equal(slot, model.front());
        model.pop_front();
        pair.send_away(slot, random);
    } else if (const uint32_t slot = pair.bring(random); kind == 0) {
        list.push_back(slot);
        model.push_back(slot);
    } else {
        list.push_front(slot);
        model.push_front(slot);
    }
}

void take_all(Pair &pair, int which, bool in_front) {
    Model &to = pair.model(which), &from = pair.model(1 - which);
    to.insert(in_front ? to.begin() : to.end(), from.begin(), from.end());
    from.clear();
    if (in_front)
        pair.list(which).take_in_front(pair.list(1 - which));
    else
        pair.list(which).take(pair.list(1 - which));
}

// To an empty list only, which is what it asks for.
void split(Pair &pair, int which, uint32_t most) {
    Model &from = pair.model(which), &to = pair.model(1 - which);
    if (!to.empty())
        return;
    const auto count = static_cast<ptrdiff_t>(std::min<size_t>(most, from.size()));
    to.assign(from.begin(), from.begin() + count);
    from.erase(from.begin(), from.begin() + count);
    pair.list(which).split_front(most, pair.list(1 - which));
}

void a_list_does_what_a_deque_does(void **) {
    std::mt19937_64 random(20);
    for (int round = 0; round < 200; ++round) {
        Pair pair;
        for (int step = 0; step < 300; ++step) {
            const auto which = static_cast<int>(random() % 2);
            switch (random() % 10) {
            case 0:
                take_all(pair, which, false);
                break;
            case 1:
                take_all(pair, which, true);
                break;
            case 2:
                split(pair, which, static_cast<uint32_t>(random() % (Pair::slots + 2)));
                break;
            default:
                push_or_pop(pair, which, random);
            }
            pair.assert_alike();
        }
    }
}

void a_split_takes_none_some_or_all(void **) {
    for (uint32_t count = 0; count <= 5; ++count) {
        for (uint32_t most : {0U, 1U, 4U, 5U, 6U, none}) {
            std::vector<uint32_t> links(16);
            List from(Next{&links}), to(Next{&links});
            for (uint32_t slot = 0; slot < count; ++slot)
                from.push_back(slot);
            from.split_front(most, to);
            // Both go on as lists.
            from.push_back(10);
            to.push_back(11);
            uint32_t slot = 0;
            for (; slot < std::min(count, most); ++slot)
                assert_int_equal(to.pop_front(), slot);
            assert_int_equal(to.pop_front(), 11);
            assert_true(to.empty());
            for (; slot < count; ++slot)
                assert_int_equal(from.pop_front(), slot);
            assert_int_equal(from.pop_front(), 10);
            assert_true(from.empty());
        }
    }
}

// An arena that grows in pieces of random size, in chunks that lie anywhere.
class Growing {
  public:
    explicit Growing(uint64_t seed) : random_(seed) {}

    Arena arena;
    std::vector<uint32_t> all; // the indexes there is place for, in the order of their numbers

    void add_chunk() {
        const uint32_t count = 1 + static_cast<uint32_t>(random_() % 40);
        // Each in an address range of its own, later ones below earlier ones as often as not.
        const auto place = static_cast<uint32_t>(arena.chunk_count() * 7919U % 503U);
        arena.add_chunk({place * 1000, count});
        for (uint32_t i = 0; i < count; ++i)
            all.push_back(place * 1000 + i);
    }
    // The whole of a chunk is ready before the next one comes.
    void make_more_ready() {
        if (arena.ready() == arena.capacity())
            add_chunk();
        const uint32_t rest = arena.capacity() - arena.ready();
        arena.make_ready(1 + static_cast<uint32_t>(random_() % rest));
    }
    uint64_t random() { return random_(); }

  private:
    std::mt19937_64 random_;
};

void each_index_is_handed_out_once_and_in_order(void **) {
    Growing growing(21);
    size_t taken = 0;
    for (int step = 0; step < 3000; ++step) {
        if (growing.random() % 8 == 0 && !growing.arena.full())
            growing.make_more_ready();
        const uint32_t ready = growing.arena.ready();
        const uint32_t index = growing.arena.take();
        if (taken == ready) {
            assert_int_equal(index, none);
        } else {
            assert_int_equal(index, growing.all[taken]);
            ++taken;
        }
        assert_int_equal(growing.arena.taken(), taken);
        assert_int_equal(growing.arena.ready(), ready);
        assert_int_equal(growing.arena.capacity(), growing.all.size());
    }
    assert_true(growing.arena.chunk_count() > 10);
}

void a_walk_meets_each_index_of_its_range_once_and_in_order(void **) {
    Growing growing(22);
    while (growing.arena.chunk_count() < 12)
        growing.make_more_ready();
    const auto count = static_cast<uint32_t>(growing.all.size());
    for (int walk = 0; walk < 2000; ++walk) {
        const auto from = static_cast<uint32_t>(growing.random() % (count + 1));
        const auto to = static_cast<uint32_t>(growing.random() % (count + 1));
        std::vector<uint32_t> met;
        growing.arena.stretches(from, to, [&](uint32_t first, uint32_t length) {
            assert_true(length > 0);
            for (uint32_t i = 0; i < length; ++i)
                met.push_back(first + i);
        });
        const size_t expected = from < to ? to - from : 0;
        assert_int_equal(met.size(), expected);
        assert_true(std::equal(met.begin(), met.end(), growing.all.begin() + from));
    }
}

void a_walk_may_end_beyond_what_there_is(void **) {
    Growing growing(23);
    uint32_t met = 0;
    const auto count = [&](uint32_t, uint32_t length) { met += length; };
    growing.arena.stretches(0, none, count);
    assert_int_equal(met, 0);
    growing.add_chunk();
    growing.arena.stretches(0, none, count);
    assert_int_equal(met, growing.all.size());
}

void the_last_chunk_says_how_much_of_it_is_ready(void **) {
    Growing growing(24);
    assert_int_equal(growing.arena.ready_in_last(), 0);
    while (!growing.arena.full()) {
        assert_true(growing.arena.chunk_count() < LKSTATS_SLAB_CHUNKS_MAX);
        growing.make_more_ready();
        const lkstats_slab_chunk_t &last = growing.arena.chunk(growing.arena.chunk_count() - 1);
        const uint32_t before = growing.arena.capacity() - last.count;
        assert_int_equal(growing.arena.ready_in_last(), growing.arena.ready() - before);
    }
    assert_int_equal(growing.arena.chunk_count(), LKSTATS_SLAB_CHUNKS_MAX);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_list_does_what_a_deque_does),
        cmocka_unit_test(a_split_takes_none_some_or_all),
        cmocka_unit_test(each_index_is_handed_out_once_and_in_order),
        cmocka_unit_test(a_walk_meets_each_index_of_its_range_once_and_in_order),
        cmocka_unit_test(a_walk_may_end_beyond_what_there_is),
        cmocka_unit_test(the_last_chunk_says_how_much_of_it_is_ready),
    };
    return cmocka_run_group_tests_name("list", tests, nullptr, nullptr);
}
