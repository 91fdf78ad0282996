// SPDX-License-Identifier: Apache-2.0
// Adds through lkstats.hpp: exact over every carry, and never anybody else's. Run with the library, whose slots they
// are made on, and with one whose slots look different, where each is a call.
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

void what_is_added_is_in_totals_and_reports(void **) {
    const Context context = host::open();
    const Track track = host::track(context, "PA_adds");
    assert_status(LKSTATS_OK, track.add_bytes(1200, true));
    assert_status(LKSTATS_OK, track.add_bytes(300, false));
    assert_status(LKSTATS_OK, track.add_messages(5000, 4, true));
    assert_status(LKSTATS_OK, track.add_messages(0, 0, false));
    assert_status(LKSTATS_OK, track.add_bytes(0, false));
    host::assert_traffic(host::totals(track), 6200, 5, 300, 2);
    host::run(context, host::tick);
    const auto reports = host::drain(context);
    assert_int_equal(reports.size(), 1);
    host::assert_traffic(reports[0].window, 6200, 5, 300, 2);
}

// The field of the bytes is full after two such adds, the field of the messages after two such.
void no_carry_is_lost(void **) {
    constexpr uint64_t bytes = (UINT64_C(1) << 35) - 1, messages = (UINT64_C(1) << 26) - 1;
    const Context context = host::open();
    const Track track = host::track(context, "PA_carries");
    uint64_t window_bytes = 0, window_messages = 0;
    for (int i = 1; i <= 40; ++i) {
        assert_status(LKSTATS_OK, track.add_messages(bytes, messages, true));
        assert_status(LKSTATS_OK, track.add_bytes(bytes, false));
        host::run(context, i * host::second);
        for (const host::Report &report : host::drain(context)) {
            window_bytes += report.window.send_bytes;
            window_messages += report.window.send_messages;
        }
    }
    host::assert_traffic(host::totals(track), 40 * bytes, 40 * messages, 40 * bytes, 40);
    assert_int_equal(window_bytes, 40 * bytes);
    assert_int_equal(window_messages, 40 * messages);

    // Past the bound, with no fold in between, totals are exact once the adds have returned.
    for (int i = 0; i < 40; ++i) {
        assert_status(LKSTATS_OK, track.add_messages(bytes, messages, true));
        assert_status(LKSTATS_OK, track.add_bytes(bytes, false));
    }
    host::assert_traffic(host::totals(track), 80 * bytes, 80 * messages, 80 * bytes, 80);
}

void what_does_not_fit_counts_nothing(void **) {
    const Context context = host::open();
    const Track track = host::track(context, "PA_too_much");
    assert_status(LKSTATS_EINVAL, track.add_bytes(UINT64_C(1) << 35, true));
    assert_status(LKSTATS_EINVAL, track.add_bytes(UINT64_MAX, true));
    assert_status(LKSTATS_EINVAL, track.add_messages(1, UINT64_C(1) << 26, true));
    assert_status(LKSTATS_EINVAL, track.add_messages(1, UINT64_MAX, false));
    host::assert_traffic(host::totals(track), 0, 0, 0, 0);
}

void assert_refused(Status status) { assert_true(status == LKSTATS_ECLOSED || status == LKSTATS_ESTALE); }

// Stops a track, has what it owes acknowledged, and lets its slot rest until the next track has it.
Track successor_of(const Context &context, const Track &former) {
    assert_status(LKSTATS_OK, former.stop());
    assert_refused(former.add_bytes(1000, true));
    for (int i = 1; i <= 20; ++i) {
        host::run(context, i * host::tick);
        host::drain(context);
        assert_refused(former.add_bytes(1000, true));
    }
    Track track = host::track(context, "PA_successor");
    assert_int_equal(static_cast<uint32_t>(track.handle()), static_cast<uint32_t>(former.handle()));
    assert_int_not_equal(track.handle(), former.handle());
    return track;
}

void a_former_owner_counts_on_no_stranger(void **) {
    Options options;
    options.max_tracks = 1;
    const Context context = host::open(options);
    const Track former = host::track(context, "PA_former");
    assert_status(LKSTATS_OK, former.add_bytes(5, true));
    {
        const Track track = successor_of(context, former);
        assert_status(LKSTATS_OK, track.add_bytes(70, true));
        assert_status(LKSTATS_ESTALE, former.add_bytes(1000, true));
        assert_status(LKSTATS_ESTALE, former.add_messages(1000, 10, false));
        assert_status(LKSTATS_ESTALE, former.stop());
        assert_status(LKSTATS_OK, track.add_bytes(1, false));
        host::assert_traffic(host::totals(track), 70, 1, 1, 1);
        host::run(context, 21 * host::tick);
        const auto reports = host::drain(context);
        assert_int_equal(reports.size(), 1);
        assert_string_equal(reports[0].participant_sid.c_str(), "PA_successor");
        host::assert_traffic(reports[0].window, 70, 1, 1, 1);
    }
    assert_status(LKSTATS_ESTALE, former.add_bytes(1000, true));
}

void a_former_owner_that_ends_stops_no_stranger(void **) {
    Options options;
    options.max_tracks = 1;
    const Context context = host::open(options);
    Track former = host::track(context, "PA_former");
    const Track track = successor_of(context, former);
    former = Track();
    assert_status(LKSTATS_OK, track.add_bytes(70, true));
}

void a_signal_connection_counts_through_its_epochs(void **) {
    const Context context = host::open();
    const Signal signal = context.signal();
    for (uint64_t epoch = 1; epoch <= 3; ++epoch) {
        assert_status(LKSTATS_OK, signal.add_bytes(epoch, false));
        assert_status(LKSTATS_OK, signal.resolve_room({"RM_1", "atrium"}));
        assert_status(LKSTATS_OK, signal.resolve_participant({"PA_1", "ana"}));
        assert_status(LKSTATS_OK, signal.add_bytes(10 * epoch, true));
        assert_status(LKSTATS_OK, signal.reset());
    }
    host::assert_traffic(host::totals(signal), 60, 3, 6, 3);
    uint32_t epoch = 0;
    for (int i = 1; i <= 10; ++i) {
        host::run(context, i * host::tick);
        for (const host::Report &report : host::drain(context)) {
            if (report.key.kind != LKSTATS_RECORD_TRAFFIC)
                continue;
            assert_int_equal(report.key.epoch, ++epoch);
            host::assert_traffic(report.window, 10 * epoch, 1, epoch, 1);
        }
    }
    assert_int_equal(epoch, 3);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_in_totals_and_reports),
        cmocka_unit_test(no_carry_is_lost),
        cmocka_unit_test(what_does_not_fit_counts_nothing),
        cmocka_unit_test(a_former_owner_counts_on_no_stranger),
        cmocka_unit_test(a_former_owner_that_ends_stops_no_stranger),
        cmocka_unit_test(a_signal_connection_counts_through_its_epochs),
    };
    return cmocka_run_group_tests_name("cpp_add", tests, nullptr, nullptr);
}
