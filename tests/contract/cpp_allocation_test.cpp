// SPDX-License-Identifier: Apache-2.0
// lkstats.hpp allocates nothing: the linker puts these in place of what allocates, for this file alone and not for the
// library's own.
#include <cstdlib>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {
int allocations; // by this file
}

extern "C" {
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real__Znwm(size_t);
void *__real__Znam(size_t);
void *__wrap_malloc(size_t size) { return ++allocations, __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return ++allocations, __real_calloc(count, size); }
void *__wrap_realloc(void *at, size_t size) { return ++allocations, __real_realloc(at, size); }
void *__wrap__Znwm(size_t size) { return ++allocations, __real__Znwm(size); } // operator new
void *__wrap__Znam(size_t size) { return ++allocations, __real__Znam(size); } // operator new[]
}

namespace {

Status take(uint64_t user_data, const lkstats_batch_t *batch) {
    std::string_view bytes;
    for (const Record &record : records(*batch))
        *reinterpret_cast<uint64_t *>(static_cast<uintptr_t>(user_data)) += record.window.send_bytes;
    return analytics_stats(*batch, bytes);
}

void an_allocation_would_be_seen(void **) {
    allocations = 0;
    // volatile: or the compiler sees that nobody needs them.
    void *volatile block = std::malloc(1);
    std::free(block);
    const int *volatile one = new int(1);
    delete one;
    const int *volatile some = new int[3]();
    delete[] some;
    assert_int_equal(allocations, 3);
}

// A life with reports that are taken, and one with reports that are pushed.
void a_whole_life_allocates_nothing(void **) {
    uint64_t bytes = 0, pulled = 0;
    allocations = 0;
    for (const bool pushes : {false, true}) {
        Options options;
        options.flags = LKSTATS_NO_THREAD;
        options.node = "a node whose name is too long for any small string to hold it";
        options.on_batch = pushes ? take : nullptr;
        options.user_data = reinterpret_cast<uintptr_t>(&bytes);
        Context opened(options);
        Context context(std::move(opened));
        TrackOptions of;
        of.participant_sid = "PA_whose_name_is_too_long_for_any_small_string_to_hold_it";
        Track made = context.track(of);
        Track track;
        track = std::move(made);
        Signal signal = context.signal();
        Totals totals;
        Residue residue;
        char text[64];
        uint64_t need = 0;
        for (int i = 0; i < 1000; ++i) {
            assert_status(LKSTATS_OK, track.add_bytes(1, true));
            assert_status(LKSTATS_OK, signal.add_messages(1, 1, false));
        }
        assert_status(LKSTATS_OK, signal.resolve_room({"RM_1", "atrium"}));
        assert_status(LKSTATS_OK, signal.resolve_participant({"PA_1", "ana"}));
        assert_status(LKSTATS_OK, signal.reset());
        assert_status(LKSTATS_OK, track.totals(totals));
        assert_status(LKSTATS_ERANGE, context.metrics(0, text, sizeof text, need));
        assert_status(LKSTATS_OK,
                      track_id_for_participant(LKSTATS_CHANNEL_DATA, "PA_1", text, sizeof text, need));
        assert_status(LKSTATS_OK, context.run_once(host::start, 0));
        assert_status(LKSTATS_OK, context.run_once(host::start + host::tick, 0));
        while (Batch taken = context.next()) {
            Batch batch = std::move(taken);
            std::string_view stats;
            for (const Record &record : batch)
                pulled += record.window.send_bytes;
            assert_status(LKSTATS_OK, batch.analytics_stats(stats));
            assert_status(LKSTATS_OK, batch.ack());
        }
        assert_status(LKSTATS_OK, track.stop(&totals));
        (void)context.close(0, &residue);
    }
    assert_int_equal(bytes, 1000);
    assert_int_equal(pulled, 1000);
    assert_int_equal(allocations, 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_would_be_seen),
        cmocka_unit_test(a_whole_life_allocates_nothing),
    };
    return cmocka_run_group_tests_name("cpp_allocation", tests, nullptr, nullptr);
}
