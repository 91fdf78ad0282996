// SPDX-License-Identifier: Apache-2.0
// lkstats.hpp with LKSTATS_LOADED: the program is not linked with the library, and has it once lkstats::load says so.
// The stories follow each other.
#include <cstring>
#include <thread>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

void a_library_that_is_refused_is_not_used(void **) {
    static const char *const fakes[] = {"/no/such/liblkstats.so.0", FAKES "/stranger.so", FAKES "/older.so",
                                        FAKES "/newer.so"};
    for (const char *fake : fakes) {
        char error[4096] = "";
        assert_false(load(fake, error, sizeof error));
        assert_non_null(std::strstr(error, fake));
        assert_false(load(fake, nullptr, 0));
        assert_null(api());
        assert_status(LKSTATS_ELAYOUT, Context().status());
    }
}

void whoever_loads_first_all_have_the_same(void **) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([] {
            require(load(LIBRARY, nullptr, 0));
            require(api() != nullptr);
        });
    for (std::thread &thread : threads)
        thread.join();
    char error[64] = "as it was";
    assert_true(load(LIBRARY, error, sizeof error));
    assert_string_equal(error, "as it was");
}

void there_is_one_library_in_a_program(void **) {
    const lkstats_api_t *const before = api();
    char error[512] = "";
    assert_false(load(FAKES "/layout.so", error, sizeof error));
    assert_non_null(std::strstr(error, "another lkstats is in use"));
    assert_false(load("/no/such/liblkstats.so.0", error, sizeof error));
    assert_ptr_equal(api(), before);
}

void what_is_loaded_counts_and_reports(void **) {
    const Context context = host::open();
    const Signal signal = context.signal();
    {
        const Track track = host::track(context, "PA_loaded");
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        assert_status(LKSTATS_OK, signal.add_bytes(70, false));
        host::assert_traffic(host::totals(track), 5, 1, 0, 0);
    }
    host::run(context, host::tick);
    const auto reports = host::drain(context);
    assert_int_equal(reports.size(), 1);
    assert_string_equal(reports[0].participant_sid.c_str(), "PA_loaded");
    host::assert_traffic(host::totals(signal), 0, 0, 70, 1);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_library_that_is_refused_is_not_used),
        cmocka_unit_test(whoever_loads_first_all_have_the_same),
        cmocka_unit_test(there_is_one_library_in_a_program),
        cmocka_unit_test(what_is_loaded_counts_and_reports),
    };
    return cmocka_run_group_tests_name("cpp_loaded", tests, nullptr, nullptr);
}
