// SPDX-License-Identifier: Apache-2.0
// Whose turn it is, and when: everybody's once a period, at instants that do not drift, however the caller's
// clock moves.
#include "report/schedule.hpp"

#include <random>
#include <vector>

#include "cmocka.hpp"

namespace {

using lkstats::report::Schedule;

constexpr int64_t ms = 1'000'000;
constexpr int64_t origin = 987'654'321'987;
constexpr int64_t periods_ms[] = {100, 101, 250, 499, 500, 501, 999, 1000, 5000, 60'000, 3'600'000};
constexpr uint32_t totals[] = {0, 1, 3, 50, 51, 1'000'000};

int64_t slices_of(const Schedule &schedule, int64_t period_ns) { return period_ns / schedule.tick_ns(); }

// Calls a schedule, and knows what it walked.
class Caller {
  public:
    explicit Caller(int64_t period)
        : schedule(period), period_ns(period), slices(slices_of(schedule, period)) {}

    Schedule schedule;
    const int64_t period_ns;
    const int64_t slices;
    int64_t now = origin;
    int64_t walked = 0; // slices
    uint32_t total = 0;

    template <class Walk> void call(Walk walk) {
        schedule.advance(
            now, [this] { return total; },
            [&](uint32_t from, uint32_t to) {
                ++walked;
                assert_true(from <= to);
                assert_true(to <= total);
                walk(from, to);
            });
    }
    void call() {
        call([](uint32_t, uint32_t) {});
    }
};

void a_period_is_cut_into_fifty_slices_or_into_ten_milliseconds(void **) {
    for (int64_t period = 100; period <= 3'600'000; period += period < 2000 ? 1 : 997) {
        const Schedule schedule(period * ms);
        const int64_t slices = slices_of(schedule, period * ms);
        assert_true(schedule.tick_ns() >= 10 * ms);
        assert_int_equal(slices, period < 500 ? period / 10 : 50);
        // A pass is a period, but for less than a slice.
        assert_true(period * ms - slices * schedule.tick_ns() < schedule.tick_ns());
    }
}

void due_times_do_not_drift(void **) {
    std::mt19937_64 random(30);
    Caller caller(5000 * ms);
    caller.total = 7;
    caller.call();
    const int64_t tick = caller.schedule.tick_ns();
    for (int i = 0; i < 100'000; ++i) {
        // Late by anything, early by anything, never by a whole period.
        caller.now +=
            static_cast<int64_t>(random() % static_cast<uint64_t>(i % 100 == 0 ? 40 * tick : 2 * tick));
        caller.call();
        const int64_t due = (caller.now - origin) / tick;
        assert_int_equal(caller.walked, due);
        assert_int_equal(caller.schedule.next_due_ns(), origin + (due + 1) * tick);
    }
}

void nothing_is_walked_before_it_is_due(void **) {
    Caller caller(1000 * ms);
    caller.total = 1000;
    caller.call();
    for (int64_t slice = 1; slice <= 200; ++slice) {
        caller.now = caller.schedule.next_due_ns() - 1;
        caller.call();
        assert_int_equal(caller.walked, slice - 1);
        caller.now += 1;
        caller.call();
        assert_int_equal(caller.walked, slice);
    }
}

// Each pass is a walk from 0 to the total without a gap: that is everybody once, and in the same order.
void assert_each_once_a_pass(Caller &caller, std::mt19937_64 &random, int64_t longest_step) {
    uint32_t expected_from = 0;
    const int64_t passes = 20;
    caller.call();
    while (caller.walked < passes * caller.slices) {
        caller.now += static_cast<int64_t>(random() % static_cast<uint64_t>(longest_step));
        caller.call([&](uint32_t from, uint32_t to) {
            assert_int_equal(from, expected_from);
            expected_from = to;
            if (caller.walked % caller.slices == 0) {
                assert_int_equal(to, caller.total);
                expected_from = 0;
            }
        });
        assert_int_equal(caller.schedule.passes(), caller.walked / caller.slices);
    }
}

void each_number_has_its_turn_once_a_period_whatever_the_steps(void **) {
    std::mt19937_64 random(31);
    for (int64_t period : periods_ms)
        for (uint32_t total : totals)
            for (int64_t share : {1, 3, 50, 100}) { // of the longest step in a period
                Caller caller(period * ms);
                caller.total = total;
                assert_each_once_a_pass(caller, random, caller.slices * caller.schedule.tick_ns() / share);
            }
}

// How often each number had its turn.
class Turns {
  public:
    void walk(uint32_t from, uint32_t to) {
        if (count_.size() < to)
            count_.resize(to);
        for (uint32_t number = from; number < to; ++number)
            ++count_[number];
    }
    uint32_t of(uint32_t number) const { return number < count_.size() ? count_[number] : 0; }

  private:
    std::vector<uint32_t> count_;
};

void after_a_pause_each_number_has_one_turn(void **) {
    std::mt19937_64 random(32);
    for (int64_t period : {100 * ms, 499 * ms, 5000 * ms}) {
        for (uint32_t total : {0U, 1U, 3U, 50U, 51U, 1000U}) {
            for (int64_t pause : {1, 2, 3, 1000, 1'000'000}) {
                Caller caller(period);
                caller.total = total;
                caller.call();
                for (auto slices = random() % 200; slices > 0; --slices) {
                    caller.now += caller.schedule.tick_ns();
                    caller.call();
                }
                Turns turns;
                const uint32_t passes = caller.schedule.passes();
                const auto odd = random() % static_cast<uint64_t>(period);
                caller.now += pause * period + static_cast<int64_t>(pause == 1 ? 0 : odd);
                caller.call([&](uint32_t from, uint32_t to) { turns.walk(from, to); });
                for (uint32_t number = 0; number < total; ++number)
                    assert_int_equal(turns.of(number), 1);
                assert_int_equal(caller.schedule.passes(), passes + 1);
                assert_true(caller.schedule.next_due_ns() > caller.now);
                assert_true(caller.schedule.next_due_ns() <= caller.now + caller.schedule.tick_ns());
            }
        }
    }
}

void what_was_added_in_a_pause_has_its_turn_after_it(void **) {
    std::mt19937_64 random(33);
    for (int round = 0; round < 300; ++round) {
        Caller caller(1000 * ms);
        caller.total = static_cast<uint32_t>(random() % 100);
        caller.call();
        caller.now += static_cast<int64_t>(random() % 4'000'000'000);
        caller.call();
        caller.total += static_cast<uint32_t>(random() % 100);
        Turns turns;
        caller.now += caller.period_ns + static_cast<int64_t>(random() % 4'000'000'000);
        caller.call([&](uint32_t from, uint32_t to) { turns.walk(from, to); });
        for (uint32_t number = 0; number < caller.total; ++number)
            assert_true(turns.of(number) >= 1);
    }
}

void what_is_added_in_mid_pass_has_its_turn_within_a_period_and_keeps_it(void **) {
    std::mt19937_64 random(34);
    for (int64_t period : {100 * ms, 499 * ms, 5000 * ms}) {
        for (uint32_t at_first : {0U, 1U, 49U, 300U}) {
            Caller caller(period);
            const int64_t pass = caller.slices * caller.schedule.tick_ns();
            std::vector<int64_t> since(at_first, origin); // added, or its last turn
            caller.total = at_first;
            caller.call();
            for (int slice = 0; slice < 400; ++slice) {
                if (random() % 5 == 0) {
                    caller.total += static_cast<uint32_t>(random() % 60);
                    since.resize(caller.total, caller.now);
                }
                caller.now = caller.schedule.next_due_ns();
                caller.call([&](uint32_t from, uint32_t to) {
                    for (uint32_t number = from; number < to; ++number) {
                        assert_true(caller.now - since[number] <= pass);
                        since[number] = caller.now;
                    }
                });
                for (int64_t then : since)
                    assert_true(caller.now - then <= pass);
            }
        }
    }
}

void a_pass_counts_when_everybody_had_a_turn_in_it(void **) {
    std::mt19937_64 random(35);
    for (int round = 0; round < 200; ++round) {
        Caller caller(round % 2 == 0 ? 1000 * ms : 170 * ms);
        caller.total = 100;
        caller.call();
        Turns turns;
        for (int step = 0; step < 100; ++step) {
            // Some walks of whatever length, then a pause.
            const auto ticks = static_cast<int64_t>(random() % 4 == 0 ? random() % 500 : 1 + random() % 49);
            caller.now += ticks * caller.schedule.tick_ns();
            caller.call([&](uint32_t from, uint32_t to) { turns.walk(from, to); });
            const uint32_t passes = caller.schedule.passes();
            assert_true(passes <= (caller.now - origin) / (caller.slices * caller.schedule.tick_ns()));
            for (uint32_t number = 0; number < caller.total; ++number)
                assert_true(turns.of(number) >= passes);
        }
    }
}

void the_first_call_starts_the_clock_and_walks_nothing(void **) {
    Caller caller(5000 * ms);
    caller.total = 10;
    caller.now = INT64_C(1) << 62;
    caller.call();
    assert_int_equal(caller.walked, 0);
    assert_int_equal(caller.schedule.passes(), 0);
    assert_int_equal(caller.schedule.next_due_ns(), caller.now + caller.schedule.tick_ns());
    caller.now += 2 * caller.period_ns;
    caller.call();
    assert_int_equal(caller.walked, caller.slices);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_period_is_cut_into_fifty_slices_or_into_ten_milliseconds),
        cmocka_unit_test(due_times_do_not_drift),
        cmocka_unit_test(nothing_is_walked_before_it_is_due),
        cmocka_unit_test(each_number_has_its_turn_once_a_period_whatever_the_steps),
        cmocka_unit_test(after_a_pause_each_number_has_one_turn),
        cmocka_unit_test(what_was_added_in_a_pause_has_its_turn_after_it),
        cmocka_unit_test(what_is_added_in_mid_pass_has_its_turn_within_a_period_and_keeps_it),
        cmocka_unit_test(a_pass_counts_when_everybody_had_a_turn_in_it),
        cmocka_unit_test(the_first_call_starts_the_clock_and_walks_nothing),
    };
    return cmocka_run_group_tests_name("schedule", tests, nullptr, nullptr);
}
