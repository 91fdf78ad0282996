// SPDX-License-Identifier: Apache-2.0
// The promises of the counting word, in every interleaving of a few threads with fields of a few bits.
#include "word_check.hpp"

#include "plant.hpp"

#include "cmocka.hpp"

namespace {

using lkstats::Mutant;
using lkstats::check::Explorer;
using lkstats::check::Outcome;
using lkstats::check::Plan;
using lkstats::check::Tally;

using Adds = std::vector<Tally>;

// A sanitizer or a debug build makes a step many times dearer, and sees nothing new in the larger plans.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr bool thorough = false;
#elif defined(__has_feature)
constexpr bool thorough = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool thorough = true;
#endif

template <unsigned MessageBits, unsigned ByteBits> void expect_kept(const Plan &plan) {
    const Outcome outcome = Explorer<MessageBits, ByteBits>(plan).run();
    print_message("  %s: %lu states\n", plan.name, outcome.states);
    if (!outcome.fault.empty())
        fail_msg("%s: %s", plan.name, outcome.fault.c_str());
}

void within_the_bound_every_window_is_exact(void **) {
    expect_kept<2, 2>({.name = "three adders, two bits",
                       .adders = {Adds(4, {1, 1}), Adds(4, {1, 1}), Adds(4, {1, 1})},
                       .folds = 9});
    expect_kept<3, 3>({.name = "three adders, three bits, from the brim",
                       .adders = {Adds(4, {3, 3}), Adds(4, {2, 1}), Adds(4, {1, 3})},
                       .folds = 8,
                       .start = {7, 6}});
    expect_kept<3, 4>({.name = "three adders, mixed sizes",
                       .adders = {{{7, 1}, {0, 3}, {5, 1}, {7, 0}},
                                  {{7, 3}, {7, 0}, {1, 1}, {3, 3}},
                                  {{6, 2}, {2, 2}, {7, 1}, {7, 1}}},
                       .folds = thorough ? 12U : 6U,
                       .start = {9, 5}});
}

void a_stop_decides_which_adds_count(void **) {
    expect_kept<3, 3>({.name = "two adders and a stop",
                       .adders = {{{3, 1}, {2, 3}, {3, 2}}, {{3, 1}, {1, 3}, {3, 2}}},
                       .folds = 3,
                       .stops = true,
                       .start = {5, 7}});
    if (!thorough)
        return;
    expect_kept<3, 3>({.name = "three adders and a stop",
                       .adders = {{{3, 1}, {2, 3}}, {{3, 1}, {1, 3}}, {{3, 1}, {0, 3}}},
                       .folds = 3,
                       .stops = true,
                       .start = {3, 3}});
    expect_kept<2, 3>({.name = "three adders, a stop and a viewer",
                       .adders = {Adds(2, {3, 1}), Adds(2, {3, 1}), Adds(2, {3, 1})},
                       .folds = 2,
                       .looks = 2,
                       .stops = true,
                       .start = {5, 3}});
}

void a_viewer_that_comes_late_never_goes_back(void **) {
    expect_kept<3, 3>({.name = "two adders and a viewer",
                       .adders = {{{3, 1}, {2, 3}, {3, 3}}, {{3, 1}, {1, 3}, {3, 3}}},
                       .folds = 4,
                       .looks = 4,
                       .start = {6, 6}});
    expect_kept<2, 3>({.name = "three adders and a viewer",
                       .adders = {Adds(2, {3, 1}), Adds(2, {2, 1}), Adds(2, {3, 1})},
                       .folds = 3,
                       .looks = thorough ? 4U : 2U,
                       .start = {6, 3}});
}

void past_the_bound_totals_are_exact_once_the_adds_returned(void **) {
    expect_kept<3, 3>(
        {.name = "no pace, three bits",
         .adders = {{{3, 1}, {2, 3}, {3, 3}}, {{3, 1}, {1, 3}, {3, 3}}, {{3, 1}, {3, 1}, {3, 1}}},
         .folds = thorough ? 4U : 1U,
         .paced = false});
    expect_kept<2, 2>({.name = "no pace, many rounds of two bits",
                       .adders = {Adds(6, {1, 1}), Adds(6, {1, 1}), Adds(6, {1, 1})},
                       .folds = thorough ? 2U : 1U,
                       .paced = false});
    expect_kept<3, 3>({.name = "no pace, a viewer",
                       .adders = {{{3, 1}, {2, 3}, {3, 3}}, {{3, 1}, {1, 3}, {3, 3}}},
                       .folds = 1,
                       .looks = thorough ? 4U : 2U,
                       .paced = false});
}

// Every mix of three adds that fit, from every word, with a fold and a stop anywhere among them.
void any_three_adds_are_counted_together_from_any_word(void **) {
    using Narrow = Explorer<2, 3>;
    constexpr int64_t byte_range = 8, message_range = 4;
    constexpr int64_t sizes = byte_range / 2 * (message_range / 2);
    const auto size = [](int64_t number) {
        return Adds{{number % (byte_range / 2), number / (byte_range / 2)}};
    };
    uint64_t states = 0;
    for (int64_t start = 0; start < byte_range * message_range; start += thorough ? 1 : 9) {
        for (int64_t mix = 0; mix < sizes * sizes * sizes; ++mix) {
            const int64_t a = mix % sizes, b = mix / sizes % sizes, c = mix / sizes / sizes;
            if (a > b || b > c)
                continue;
            const Plan plan{.name = "any",
                            .adders = {size(a), size(b), size(c)},
                            .folds = 1,
                            .stops = true,
                            .start = {start % byte_range, start / byte_range}};
            const Outcome outcome = Narrow(plan).run();
            states += outcome.states;
            if (!outcome.fault.empty())
                fail_msg("start %ld, adds %ld %ld %ld: %s", start, a, b, c, outcome.fault.c_str());
        }
    }
    print_message("  any three adds: %lu states\n", states);
}

void each_kept_fault_is_caught(void **) {
    const Plan plan{.name = "faults",
                    .adders = {{{3, 1}, {2, 3}}, {{3, 1}, {1, 3}}},
                    .folds = 2,
                    .stops = true,
                    .start = {5, 7}};
    const Mutant before = lkstats::planted;
    for (const Mutant each : {Mutant::word, Mutant::carry, Mutant::close}) {
        lkstats::planted = each;
        const Outcome outcome = Explorer<3, 3>(plan).run();
        lkstats::planted = before;
        assert_false(outcome.fault.empty());
        print_message("  caught: %s\n", outcome.fault.c_str());
    }
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(within_the_bound_every_window_is_exact),
        cmocka_unit_test(a_stop_decides_which_adds_count),
        cmocka_unit_test(a_viewer_that_comes_late_never_goes_back),
        cmocka_unit_test(past_the_bound_totals_are_exact_once_the_adds_returned),
        cmocka_unit_test(any_three_adds_are_counted_together_from_any_word),
        cmocka_unit_test(each_kept_fault_is_caught),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
