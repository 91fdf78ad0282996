// SPDX-License-Identifier: Apache-2.0
// A C++ server that forks: what the child still has of the parent's is the parent's, and answers so.
#include <csignal>
#include <optional>
#include <sys/syscall.h>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

// What a parent has when it forks: 5 bytes are out in a batch, 70 are not reported.
struct Parent {
    std::optional<Context> context = host::open();
    Track track = host::track(*context, "PA_parent");
    Signal signal = context->signal();
    Batch batch;

    Parent() {
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        assert_status(LKSTATS_ETIMEDOUT, context->flush(0));
        batch = context->next();
        assert_status(LKSTATS_OK, batch.status());
        assert_status(LKSTATS_OK, track.add_bytes(70, false));
    }

    void assert_undisturbed() {
        assert_status(LKSTATS_OK, track.add_bytes(1, true));
        host::assert_traffic(host::totals(track), 6, 2, 70, 1);
        assert_status(LKSTATS_OK, signal.add_bytes(1, true));
        host::assert_traffic(host::totals(signal), 1, 1, 0, 0);
        assert_int_equal(batch.begin()->window.send_bytes, 5);
        assert_status(LKSTATS_OK, batch.ack());
        host::run(*context, host::tick);
        const auto reports = host::drain(*context);
        assert_int_equal(reports.size(), 1);
        host::assert_traffic(reports[0].window, 1, 1, 70, 1);
    }
};

void call_on_the_parents(const Parent &parent) {
    Totals totals;
    int fd;
    uint64_t need;
    require_status(LKSTATS_EFORKED, parent.track.add_bytes(1000, true));
    require_status(LKSTATS_EFORKED, parent.track.add_messages(1000, 10, false));
    require_status(LKSTATS_EFORKED, parent.signal.add_bytes(1000, false));
    require_status(LKSTATS_EFORKED, parent.track.totals(totals));
    require_status(LKSTATS_EFORKED, parent.track.stop());
    require_status(LKSTATS_EFORKED, parent.track.flush(0));
    require_status(LKSTATS_EFORKED, parent.signal.resolve_room({"RM_child", ""}));
    require_status(LKSTATS_EFORKED, parent.signal.resolve_participant({"PA_child", ""}));
    require_status(LKSTATS_EFORKED, parent.signal.reset());
    require_status(LKSTATS_EFORKED, parent.context->track().status());
    require_status(LKSTATS_EFORKED, parent.context->signal().status());
    require_status(LKSTATS_EFORKED, parent.context->run_once(INT64_MAX, 0));
    require_status(LKSTATS_EFORKED, parent.context->flush(0));
    require_status(LKSTATS_EFORKED, parent.context->next().status());
    require_status(LKSTATS_EFORKED, parent.context->redeliver());
    require_status(LKSTATS_EFORKED, parent.context->event_fd(fd));
    require_status(LKSTATS_EFORKED, parent.context->metrics(0, nullptr, 0, need));
    require_status(LKSTATS_EFORKED, parent.context->close(0));
    require_status(LKSTATS_EFORKED, parent.context->abandon());
    // What was nobody's is nobody's here too.
    require_status(LKSTATS_ESTALE, Track().add_bytes(1000, true));
    require_status(LKSTATS_ESTALE, Track().stop());
}

// A track of its own has the index of the parent's, is stopped, and its slot is used again; a second context follows.
void live_a_life_of_its_own(const Parent &parent) {
    Options options;
    options.flags = LKSTATS_NO_THREAD;
    options.max_tracks = 1;
    for (int contexts = 0; contexts < 2; ++contexts) {
        const Context context(options);
        require_status(LKSTATS_OK, context.run_once(1, 1));
        for (int64_t life = 0; life < 3; ++life) {
            TrackOptions track_options;
            track_options.participant_sid = "PA_child";
            const Track track = context.track(track_options);
            require_status(LKSTATS_OK, track.status());
            require_status(LKSTATS_OK, track.add_bytes(300, true));
            call_on_the_parents(parent);
            require_status(LKSTATS_OK, track.add_bytes(40, false));
            Totals totals;
            require_status(LKSTATS_OK, track.stop(&totals));
            require(totals.traffic.send_bytes == 300 && totals.traffic.recv_bytes == 40);
            for (int64_t i = 1; i <= 20; ++i) {
                require_status(LKSTATS_OK, context.run_once((20 * life + i) * host::tick, 1));
                while (Batch batch = context.next())
                    require_status(LKSTATS_OK, batch.ack());
            }
        }
        call_on_the_parents(parent);
    }
    call_on_the_parents(parent);
}

void let_the_parents_end(Parent &parent) {
    require_status(LKSTATS_EFORKED, parent.batch.ack());
    require(parent.batch.size() == 0);
    parent.batch = Batch();
    parent.track = Track();
    parent.signal = Signal();
    parent.context.reset();
}

void a_child_reaches_nothing_of_the_parents(void **) {
    Parent parent;
    host::in_child([&] { call_on_the_parents(parent); });
    parent.assert_undisturbed();
}

void the_parents_objects_may_end_in_the_child(void **) {
    Parent parent;
    host::in_child([&] { let_the_parents_end(parent); });
    host::in_child([&] {
        live_a_life_of_its_own(parent);
        let_the_parents_end(parent);
    });
    parent.assert_undisturbed();
}

// In a process that has opened nothing before, so that its slots are the first, as the child's are.
void a_child_with_tracks_of_its_own_is_told_that_the_parents_are_the_parents(void **) {
    host::in_child([] {
        Parent parent;
        host::in_child([&] { live_a_life_of_its_own(parent); });
        host::in_child([&] { live_a_life_of_its_own(parent); });
        parent.assert_undisturbed();
    });
    Parent parent;
    host::in_child([&] { live_a_life_of_its_own(parent); });
    parent.assert_undisturbed();
}

// A child that no handler of the C library's saw.
void a_raw_clone_reaches_nothing_either(void **) {
    Parent parent;
    host::in_child_of([] { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); },
                      [&] { call_on_the_parents(parent); });
    parent.assert_undisturbed();
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_child_with_tracks_of_its_own_is_told_that_the_parents_are_the_parents),
        cmocka_unit_test(a_child_reaches_nothing_of_the_parents),
        cmocka_unit_test(the_parents_objects_may_end_in_the_child),
        cmocka_unit_test(a_raw_clone_reaches_nothing_either),
    };
    return cmocka_run_group_tests_name("cpp_fork", tests, nullptr, nullptr);
}
