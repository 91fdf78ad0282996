// SPDX-License-Identifier: Apache-2.0
// What owns something in lkstats.hpp lets go of it when it ends: tracks and connections are stopped, contexts closed.
#include <optional>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

void what_counts_is_stopped_when_it_ends(void **) {
    const Context context = host::open();
    lkstats_track_t data, signal;
    {
        const Track track = host::track(context, "PA_short");
        const Signal connection = context.signal();
        data = track.handle();
        signal = connection.handle();
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        assert_status(LKSTATS_OK, connection.resolve_room({"RM_1", "atrium"}));
        assert_status(LKSTATS_OK, connection.resolve_participant({"PA_1", "ana"}));
    }
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(data, 1, 1));
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(signal, 1, 1));

    // The last report comes by itself, long before the interval is over.
    host::run(context, host::second / 10);
    const auto reports = host::drain(context);
    assert_int_equal(reports.size(), 3);
    for (const host::Report &report : reports)
        if (report.is_of(data))
            host::assert_traffic(report.window, 5, 1, 0, 0);
        else
            assert_true(report.is_of(signal));
    assert_int_equal(reports.back().key.kind, LKSTATS_RECORD_LEFT);
}

void a_track_that_moves_goes_on_counting(void **) {
    const Context context = host::open();
    Track first = host::track(context, "PA_moves");
    const lkstats_track_t handle = first.handle();
    assert_status(LKSTATS_OK, first.add_bytes(1, true));
    Track second(std::move(first));
    assert_status(LKSTATS_OK, second.add_bytes(20, true));
    assert_int_equal(second.handle(), handle);
    assert_int_equal(first.handle(), 0);

    // One after the other finds itself in larger memory.
    std::vector<Track> many;
    for (int i = 0; i < 20; ++i)
        many.push_back(host::track(context, "PA_many"));
    many.push_back(std::move(second));
    for (const Track &each : many)
        assert_status(LKSTATS_OK, each.add_bytes(300, true));
    host::assert_traffic(host::totals(many.back()), 321, 3, 0, 0);
    many.clear();
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(handle, 1, 1));
}

template <class Handle> void assert_replaced(Handle (*make)(const Context &)) {
    const Context context = host::open();
    Handle kept = make(context);
    const lkstats_track_t former = kept.handle();
    assert_status(LKSTATS_OK, kept.add_bytes(1, true));
    Handle other = make(context);
    const lkstats_track_t later = other.handle();
    kept = std::move(other);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(former, 1, 1));
    assert_int_equal(kept.handle(), later);
    assert_status(LKSTATS_OK, kept.status());
    assert_status(LKSTATS_OK, kept.add_bytes(1, true));
    assert_status(LKSTATS_ESTALE, other.status());

    Handle &same = kept;
    kept = std::move(same);
    assert_status(LKSTATS_OK, kept.add_bytes(1, true));

    kept = Handle();
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(later, 1, 1));
}

void what_is_assigned_over_is_stopped(void **) {
    assert_replaced<Track>([](const Context &context) { return host::track(context, "PA_replaced"); });
    assert_replaced<Signal>([](const Context &context) { return context.signal(); });
}

void a_context_closes_when_it_ends(void **) {
    lkstats_t *token;
    Track track; // outlives it
    Batch batch;
    {
        const Context context = host::open();
        token = context.get();
        track = host::track(context, "PA_outlives");
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        assert_status(LKSTATS_ETIMEDOUT, context.flush(0));
        batch = context.next();
        assert_status(LKSTATS_OK, batch.status());
    }
    assert_status(LKSTATS_ECLOSED, lkstats_flush(token, 0));
    assert_status(LKSTATS_ECLOSED, track.add_bytes(1, true));
    assert_status(LKSTATS_ECLOSED, batch.ack());
}

void a_context_that_moves_stays_open(void **) {
    Context first = host::open();
    lkstats_t *const token = first.get();
    const Track track = host::track(first, "PA_moves");
    Context second(std::move(first));
    assert_ptr_equal(second.get(), token);
    assert_null(first.get());
    assert_status(LKSTATS_OK, track.add_bytes(1, true));

    Context third = host::open();
    lkstats_t *const closed = third.get();
    third = std::move(second);
    assert_status(LKSTATS_ECLOSED, lkstats_flush(closed, 0));
    assert_ptr_equal(third.get(), token);
    Context &same = third;
    third = std::move(same);
    assert_status(LKSTATS_OK, track.add_bytes(1, true));

    std::optional<Context> optional(std::move(third));
    host::run(*optional, host::tick);
    assert_int_equal(host::drain(*optional).size(), 1);
    optional.reset();
    assert_status(LKSTATS_ECLOSED, lkstats_flush(token, 0));
}

void a_closed_context_that_ends_closes_no_other(void **) {
    std::optional<Context> closed(host::open());
    assert_status(LKSTATS_OK, closed->close(0));
    const Context later = host::open();
    const Track track = host::track(later, "PA_later");
    closed.reset();
    assert_status(LKSTATS_OK, track.add_bytes(1, true));
    assert_status(LKSTATS_OK, later.run_once(host::start + 1, 1));
}

void more_contexts_than_there_is_place_for_may_come_and_go(void **) {
    for (int i = 0; i < 2 * LKSTATS_CONTEXTS_MAX; ++i) {
        const Context context = host::open();
        assert_status(LKSTATS_OK, host::track(context, "PA_guest").add_bytes(1, true));
    }
}

void closing_says_what_is_owed(void **) {
    const Context context = host::open();
    const Track track = host::track(context, "PA_owes");
    assert_status(LKSTATS_OK, track.add_messages(500, 3, false));
    Residue residue;
    assert_status(LKSTATS_ETIMEDOUT, context.close(0, &residue));
    assert_int_equal(residue.tracks, 1);
    host::assert_traffic(residue.traffic, 0, 0, 500, 3);
    residue = {};
    assert_status(LKSTATS_OK, context.abandon(&residue));
    assert_int_equal(residue.tracks, 1);
    host::assert_traffic(residue.traffic, 0, 0, 500, 3);
    residue.tracks = 77;
    assert_status(LKSTATS_ECLOSED, context.close(0, &residue));
    assert_int_equal(residue.tracks, 77);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_counts_is_stopped_when_it_ends),
        cmocka_unit_test(a_track_that_moves_goes_on_counting),
        cmocka_unit_test(what_is_assigned_over_is_stopped),
        cmocka_unit_test(a_context_closes_when_it_ends),
        cmocka_unit_test(a_context_that_moves_stays_open),
        cmocka_unit_test(a_closed_context_that_ends_closes_no_other),
        cmocka_unit_test(more_contexts_than_there_is_place_for_may_come_and_go),
        cmocka_unit_test(closing_says_what_is_owed),
    };
    return cmocka_run_group_tests_name("cpp_owners", tests, nullptr, nullptr);
}
