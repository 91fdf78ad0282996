// SPDX-License-Identifier: Apache-2.0
// For test programs of cmocka's: the fault is there before main, and only the test that has to see it is run.
#include "plant.hpp"

#include "cmocka.hpp"

namespace {

bool prepare() {
    lkstats::plant_from_environment();
    if (const char *test = std::getenv("LKSTATS_MUTANT_TEST"))
        cmocka_set_test_filter(test);
    return true;
}
[[maybe_unused]] const bool prepared_before_main = prepare();

} // namespace
