// SPDX-License-Identifier: Apache-2.0
// What is const in lkstats.hpp is for several threads at once: no add is lost, none counts that was refused.
#include <atomic>
#include <thread>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

constexpr int threads_count = 4;

template <class Work> void in_threads(const Work &work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_count; ++i)
        threads.emplace_back([&work, i] { work(i); });
    for (std::thread &thread : threads)
        thread.join();
}

void several_threads_count_on_one_track(void **) {
    constexpr uint64_t adds = 20000;
    const Context context = host::open();
    const Track track = host::track(context, "PA_shared");
    const Signal signal = context.signal();
    in_threads([&](int i) {
        for (uint64_t n = 0; n < adds; ++n) {
            require_status(LKSTATS_OK, track.add_bytes(3, i % 2 == 0));
            require_status(LKSTATS_OK, signal.add_messages(50, 2, true));
        }
    });
    constexpr uint64_t half = adds * threads_count / 2;
    host::assert_traffic(host::totals(track), 3 * half, half, 3 * half, half);
    host::assert_traffic(host::totals(signal), 2 * 50 * half, 2 * 2 * half, 0, 0);
}

void a_stop_decides_which_adds_count(void **) {
    const Context context = host::open();
    for (int round = 0; round < 50; ++round) {
        const Track track = host::track(context, "PA_stopped");
        std::atomic<uint64_t> counted = 0, begun = 0;
        Totals last;
        in_threads([&](int i) {
            if (i == 0) {
                while (begun < threads_count - 1)
                    std::this_thread::yield();
                require_status(LKSTATS_OK, track.stop(&last));
                return;
            }
            Status status = track.add_bytes(7, true);
            ++begun;
            for (; status == LKSTATS_OK; status = track.add_bytes(7, true))
                ++counted;
            require_status(LKSTATS_ECLOSED, status);
        });
        host::assert_traffic(last.traffic, 7 * counted, counted, 0, 0);
    }
}

void contexts_open_count_and_end_in_several_threads(void **) {
    in_threads([](int i) {
        for (int round = 0; round < 20; ++round) {
            Options options;
            options.flags = LKSTATS_NO_THREAD;
            const Context context(options);
            require_status(LKSTATS_OK, context.status());
            const Track track = context.track();
            for (int n = 0; n <= i; ++n)
                require_status(LKSTATS_OK, track.add_bytes(5, true));
            Totals totals;
            require_status(LKSTATS_OK, track.totals(totals));
            require(totals.traffic.send_bytes == 5 * static_cast<uint64_t>(i + 1));
        }
    });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(contexts_open_count_and_end_in_several_threads),
        cmocka_unit_test(several_threads_count_on_one_track),
        cmocka_unit_test(a_stop_decides_which_adds_count),
    };
    return cmocka_run_group_tests_name("cpp_threads", tests, nullptr, nullptr);
}
