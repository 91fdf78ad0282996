// SPDX-License-Identifier: Apache-2.0
// lkstats.hpp where there is no library that it can use: one that is older, too new or says nonsense is linked in its
// place, or none is loaded. Everything says so, and nothing of the wrong one is called.
#include "cpp_host.hpp"

using namespace lkstats;

namespace {

void assert_counts_nothing(const Counted &counted) {
    Totals totals;
    assert_true(!counted);
    assert_int_equal(counted.handle(), 0);
    assert_status(LKSTATS_ESTALE, counted.add_bytes(1, true));
    assert_status(LKSTATS_ESTALE, counted.add_messages(1, 1, false));
    assert_status(LKSTATS_ESTALE, counted.add_bytes(UINT64_MAX, true));
    assert_status(LKSTATS_ELAYOUT, counted.totals(totals));
    assert_status(LKSTATS_ELAYOUT, counted.stop(&totals));
    assert_status(LKSTATS_ELAYOUT, counted.flush(0));
}

void there_is_no_table(void **) { assert_null(api()); }

void a_context_says_that_it_cannot_be(void **) {
    Options options;
    options.on_batch = [](uint64_t, const lkstats_batch_t *) -> Status { return LKSTATS_OK; };
    const Context context(options), pulled;
    int fd;
    uint64_t need;
    assert_true(!context && context.get() == nullptr);
    assert_status(LKSTATS_ELAYOUT, context.status());
    assert_status(LKSTATS_ELAYOUT, pulled.status());
    assert_status(LKSTATS_ELAYOUT, context.run_once(1, 1));
    assert_status(LKSTATS_ELAYOUT, context.flush(0));
    assert_status(LKSTATS_ELAYOUT, context.redeliver());
    assert_status(LKSTATS_ELAYOUT, context.event_fd(fd));
    assert_status(LKSTATS_ELAYOUT, context.metrics(0, nullptr, 0, need));
    assert_status(LKSTATS_ELAYOUT, context.close(0));
    assert_status(LKSTATS_ELAYOUT, context.abandon());
    Batch batch = context.next();
    assert_status(LKSTATS_ELAYOUT, batch.status());
    assert_int_equal(batch.size(), 0);
    std::string_view bytes;
    assert_status(LKSTATS_ESTALE, batch.analytics_stats(bytes));
    assert_status(LKSTATS_ESTALE, batch.ack());
    assert_status(LKSTATS_ESTALE, batch.nack());
    assert_status(LKSTATS_ELAYOUT, Context::none().flush(0));
}

void a_server_runs_on_without_counting(void **) {
    const Context context;
    const Track track = context.track();
    const Signal signal = context.signal();
    assert_status(LKSTATS_ELAYOUT, track.status());
    assert_status(LKSTATS_ELAYOUT, signal.status());
    assert_counts_nothing(track);
    assert_counts_nothing(signal);
    assert_counts_nothing(Track());
    assert_status(LKSTATS_ELAYOUT, signal.resolve_room({"RM_1", "atrium"}));
    assert_status(LKSTATS_ELAYOUT, signal.resolve_participant({"PA_1", "ana"}));
    assert_status(LKSTATS_ELAYOUT, signal.reset());
}

void what_has_no_owner_says_so_too(void **) {
    char id[32];
    uint64_t need;
    std::string_view bytes;
    const lkstats_batch_t batch = {};
    assert_status(LKSTATS_ELAYOUT,
                  track_id_for_participant(LKSTATS_CHANNEL_DATA, "PA_1", id, sizeof id, need));
    assert_status(LKSTATS_ELAYOUT, analytics_stats(batch, bytes));
    assert_true(records(batch).empty());
}

void statuses_have_their_names_and_sentences(void **) {
#define SAYS(status, value, sentence)                                                                        \
    assert_string_equal(name(status), #status);                                                              \
    assert_string_equal(text(status), sentence);
    LKSTATS_STATUS_LIST(SAYS)
#undef SAYS
    for (const Status unknown : {1, -18, INT32_MIN, INT32_MAX}) {
        assert_non_null(name(unknown));
        assert_non_null(text(unknown));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_table),
        cmocka_unit_test(a_context_says_that_it_cannot_be),
        cmocka_unit_test(a_server_runs_on_without_counting),
        cmocka_unit_test(what_has_no_owner_says_so_too),
        cmocka_unit_test(statuses_have_their_names_and_sentences),
    };
    return cmocka_run_group_tests_name("cpp_absent", tests, nullptr, nullptr);
}
