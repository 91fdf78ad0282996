// SPDX-License-Identifier: Apache-2.0
// Objects that are not there, no longer there, or never were: each call on them is answered, and does nothing else.
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

// Every call on a handle answers the status, and writes nothing.
void assert_answers(Status status, const Counted &counted) {
    Totals totals;
    totals.traffic.send_bytes = 77;
    assert_status(status, counted.add_bytes(1, true));
    assert_status(status, counted.add_messages(1, 2, false));
    if (counted.handle() == 0) {
        assert_status(status, counted.add_bytes(UINT64_MAX, true));
        assert_status(status, counted.add_messages(1, UINT64_MAX, false));
    }
    assert_status(status, counted.totals(totals));
    assert_status(status, counted.stop());
    assert_status(status, counted.stop(&totals));
    assert_status(status, counted.flush(0));
    assert_int_equal(totals.traffic.send_bytes, 77);
}

void assert_answers(Status status, const Signal &signal) {
    assert_answers(status, static_cast<const Counted &>(signal));
    assert_status(status, signal.resolve_room({"RM_1", "atrium"}));
    assert_status(status, signal.resolve_participant({"PA_1", "ana"}));
    assert_status(status, signal.reset());
}

void assert_answers(Status status, const Context &context) {
    Residue residue;
    uint64_t need = 77;
    int fd = 77;
    char text[8] = "as was";
    residue.tracks = 77;
    assert_status(status, context.track().status());
    assert_int_equal(context.track().handle(), 0);
    assert_status(status, context.signal().status());
    assert_int_equal(context.signal().handle(), 0);
    assert_status(status, context.run_once(host::start, 0));
    assert_status(status, context.flush(0));
    assert_status(status == LKSTATS_ECLOSED ? LKSTATS_EOF : status, context.next().status());
    assert_status(status, context.redeliver());
    assert_status(status, context.event_fd(fd));
    assert_status(status, context.metrics(LKSTATS_METRICS_OPENMETRICS, text, sizeof text, need));
    assert_status(status, context.close(0));
    assert_status(status, context.close(host::patience_ms, &residue));
    assert_status(status, context.abandon());
    assert_status(status, context.abandon(&residue));
    assert_true(residue.tracks == 77 && need == 77 && fd == 77);
    assert_string_equal(text, "as was");
}

void assert_empty(Status status, Batch &batch) {
    std::string_view bytes = "untouched";
    assert_true(!batch && batch.size() == 0 && batch.begin() == batch.end());
    assert_status(status, batch.status());
    assert_true(batch.node().empty() && batch.analytics_key().empty());
    assert_status(LKSTATS_ESTALE, batch.analytics_stats(bytes));
    assert_status(LKSTATS_ESTALE, batch.ack());
    assert_status(LKSTATS_ESTALE, batch.nack());
    assert_true(bytes == "untouched");
}

void default_constructed_objects_are_harmless(void **) {
    const Track track;
    const Signal signal;
    Batch batch;
    assert_true(!track && !signal && track.handle() == 0 && signal.handle() == 0);
    assert_status(LKSTATS_ESTALE, track.status());
    assert_answers(LKSTATS_ESTALE, track);
    assert_answers(LKSTATS_ESTALE, signal);
    assert_empty(LKSTATS_ESTALE, batch);
}

// What a server has before it is configured: no thread, no memory, no place among the contexts.
void a_context_of_nobody_is_harmless(void **) {
    std::vector<Context> nobodys;
    for (int i = 0; i < 2 * LKSTATS_CONTEXTS_MAX; ++i)
        nobodys.push_back(Context::none());
    Context context = Context::none();
    assert_true(!context && context.get() == nullptr);
    assert_status(LKSTATS_ESTALE, context.status());
    assert_answers(LKSTATS_ESTALE, context);

    context = host::open();
    lkstats_t *const token = context.get();
    assert_status(LKSTATS_OK, host::track(context, "PA_later").add_bytes(1, true));
    context = Context::none();
    assert_status(LKSTATS_ECLOSED, lkstats_flush(token, 0));
}

void moved_from_objects_are_harmless(void **) {
    Context context = host::open();
    Track track = host::track(context, "PA_moved");
    Signal signal = context.signal();
    const Track kept_track(std::move(track));
    const Signal kept_signal(std::move(signal));
    assert_status(LKSTATS_ESTALE, track.status());
    assert_answers(LKSTATS_ESTALE, track);
    assert_answers(LKSTATS_ESTALE, signal);

    assert_status(LKSTATS_OK, kept_track.add_bytes(1, true));
    host::run(context, host::tick);
    Batch batch = context.next();
    Batch kept_batch(std::move(batch));
    assert_empty(LKSTATS_ESTALE, batch);
    assert_status(LKSTATS_OK, kept_batch.ack());

    const Context kept(std::move(context));
    assert_true(!context && context.get() == nullptr);
    assert_status(LKSTATS_ESTALE, context.status());
    assert_answers(LKSTATS_ESTALE, context);

    // And whoever has them now is as before.
    assert_status(LKSTATS_OK, kept_signal.add_bytes(1, true));
    host::assert_traffic(host::totals(kept_track), 1, 1, 0, 0);
    assert_status(LKSTATS_OK, kept.run_once(host::start + 2 * host::tick, 0));
}

void failed_objects_are_harmless(void **) {
    Options options;
    options.flags = LKSTATS_NO_THREAD;
    options.node = "\xff";
    const Context refused(options);
    assert_true(!refused && refused.get() == nullptr);
    assert_status(LKSTATS_EINVAL, refused.status());
    assert_answers(LKSTATS_ESTALE, refused);
    options.node = {};
    options.report_interval_ms = 1;
    assert_status(LKSTATS_EINVAL, Context(options).status());

    options.report_interval_ms = 0;
    options.max_tracks = 1;
    const Context context(options);
    const Track only = host::track(context, "PA_only");
    const Track one_more = context.track();
    assert_status(LKSTATS_EFULL, one_more.status());
    assert_answers(LKSTATS_ESTALE, one_more);
    TrackOptions bad;
    bad.channel = 7;
    assert_status(LKSTATS_EINVAL, context.track(bad).status());
    SignalOptions bad_signal;
    bad_signal.country = std::string_view("N\0L", 3);
    assert_status(LKSTATS_EINVAL, context.signal(bad_signal).status());
    assert_answers(LKSTATS_ESTALE, context.signal());
    assert_status(LKSTATS_OK, only.add_bytes(1, true));
    host::assert_traffic(host::totals(only), 1, 1, 0, 0);
}

void after_close_everything_says_so(void **) {
    const Context context = host::open();
    const Track track = host::track(context, "PA_closed");
    const Signal signal = context.signal();
    assert_status(LKSTATS_OK, context.close(0));
    assert_true(context && track && signal); // what they were made with
    assert_answers(LKSTATS_ECLOSED, context);
    assert_answers(LKSTATS_ECLOSED, track);
    assert_answers(LKSTATS_ECLOSED, signal);
}

void a_second_stop_is_the_same_stop(void **) {
    const Context context = host::open();
    const Track track = host::track(context, "PA_stopped");
    Totals first, second;
    assert_status(LKSTATS_OK, track.add_bytes(5, true));
    assert_status(LKSTATS_OK, track.stop(&first));
    assert_status(LKSTATS_ECLOSED, track.add_bytes(1, true));
    assert_status(LKSTATS_OK, track.stop(&second));
    host::assert_traffic(first.traffic, 5, 1, 0, 0);
    host::assert_traffic(second.traffic, 5, 1, 0, 0);
    assert_memory_equal(&first.traffic, &second.traffic, sizeof first.traffic);
    host::assert_traffic(host::totals(track), 5, 1, 0, 0);
    assert_status(LKSTATS_OK, track.status()); // of its making

    host::run(context, host::tick);
    assert_int_equal(host::drain(context).size(), 1);
    assert_status(LKSTATS_ESTALE, track.stop(&second)); // nothing of it is left
    assert_status(LKSTATS_ESTALE, track.totals(second));
    assert_status(LKSTATS_ESTALE, track.flush(0));
    assert_status(LKSTATS_ECLOSED, track.add_bytes(1, true));
    host::assert_traffic(second.traffic, 5, 1, 0, 0);
}

void a_resolution_counts_once(void **) {
    const Context context = host::open();
    const Signal signal = context.signal();
    assert_status(LKSTATS_EINVAL, signal.resolve_room({}));
    assert_status(LKSTATS_EINVAL, signal.resolve_participant({}));
    assert_status(LKSTATS_OK, signal.resolve_room({"RM_1", "atrium"}));
    assert_status(LKSTATS_ERESOLVED, signal.resolve_room({"RM_2", "library"}));
    assert_status(LKSTATS_OK, signal.resolve_participant({"PA_1", "ana"}));
    assert_status(LKSTATS_ERESOLVED, signal.resolve_participant({"PA_2", "ivo"}));
    assert_status(LKSTATS_OK, signal.reset());
    assert_status(LKSTATS_OK, signal.resolve_room({"RM_2", "library"}));
}

void too_many_kind_details_are_refused(void **) {
    static const int32_t details[LKSTATS_KIND_DETAILS_MAX + 1] = {};
    const Context context = host::open();
    TrackOptions options;
    Participant participant{"PA_1", "ana"};
    options.kind_details = participant.kind_details = details;
    options.kind_details_count = participant.kind_details_count = LKSTATS_KIND_DETAILS_MAX + 1;
    assert_status(LKSTATS_EINVAL, context.track(options).status());
    assert_status(LKSTATS_EINVAL, context.signal().resolve_participant(participant));
    options.kind_details = nullptr;
    options.kind_details_count = 1;
    assert_status(LKSTATS_EINVAL, context.track(options).status());
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(default_constructed_objects_are_harmless),
        cmocka_unit_test(a_context_of_nobody_is_harmless),
        cmocka_unit_test(moved_from_objects_are_harmless),
        cmocka_unit_test(failed_objects_are_harmless),
        cmocka_unit_test(after_close_everything_says_so),
        cmocka_unit_test(a_second_stop_is_the_same_stop),
        cmocka_unit_test(a_resolution_counts_once),
        cmocka_unit_test(too_many_kind_details_are_refused),
    };
    return cmocka_run_group_tests_name("cpp_misuse", tests, nullptr, nullptr);
}
