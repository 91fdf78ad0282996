// SPDX-License-Identifier: Apache-2.0
// A signal connection whose call is refused for lack of something is what it was before: the call can be made
// again, and each byte comes out of the epoch into which it went.
#include "fault.hpp"
#include "host.hpp"

#include "cmocka.hpp"

namespace {

using lkstats::fault::Consumer;
using lkstats::fault::Driver;
using lkstats::fault::Fault;
using lkstats::fault::Host;
using lkstats::fault::Identity;

// A lengthy one takes two records of 512 bytes when it is made, two more for its room and two for its participant,
// and two for its next epoch; the first chunk has 2048 of them, which become ready in pieces of 512.
constexpr size_t signals = 350;
constexpr size_t before_second_piece = 250, past_second_piece = 260;
constexpr size_t made_before_second_chunk = 1015, made_past_second_chunk = 1035;
constexpr size_t known_before_second_chunk = 310;
constexpr size_t resets = 300, before_second_chunk = 110;
constexpr size_t resets_max = 1000; // a backlog of epochs gets what the tracks that may come will not need

template <class Call> bool each(size_t from, size_t to, Call call) {
    bool granted = true;
    for (size_t which = from; which < to; ++which)
        granted = call(which) && granted;
    return granted;
}

// With the fault, and once more without it: whatever was refused is granted then.
template <class Call> void twice(Host &host, Fault &fault, Call call) {
    fault.begin();
    call();
    host.add();
    fault.lift();
    check(call());
    host.add();
    host.expect_totals();
}

void new_ones(Fault &fault, size_t before, size_t past) {
    Host host(Driver::host, static_cast<uint32_t>(past));
    check(host.open() && host.signals(before, Identity::lengthy));
    host.add();
    twice(host, fault, [&] { return host.signals(past, Identity::lengthy); });
    host.settle();
}

void a_new_one_is_made_as_soon_as_it_can_be(void **) {
    lkstats::fault::tell_with_every_fault(
        [](Fault &fault) { new_ones(fault, before_second_piece, past_second_piece); });
    lkstats::fault::tell_with_every_fault(
        [](Fault &fault) { new_ones(fault, made_before_second_chunk, made_past_second_chunk); });
}

void resolutions(Fault &fault) {
    Host host(Driver::host, signals);
    const auto room = [&](size_t which) { return host.resolve_room(which, Identity::lengthy); };
    const auto participant = [&](size_t which) { return host.resolve_participant(which, Identity::lengthy); };
    check(host.open() && host.signals(signals, Identity::lengthy));
    check(each(0, signals, room) && each(0, known_before_second_chunk, participant));
    host.add();
    twice(host, fault, [&] { return each(known_before_second_chunk, signals, participant); });
    host.settle();
}

void a_resolution_that_is_refused_can_be_said_again(void **) {
    lkstats::fault::tell_with_every_fault(resolutions);
}

void room_moves(Fault &fault) {
    Host host(Driver::host, resets_max);
    const auto resolve = [&](size_t which) { return host.resolve(which, Identity::lengthy); };
    const auto resolve_anew = [&](size_t which) { return host.resolve(which, Identity::brief); };
    const auto reset = [&](size_t which) { return host.reset(which); };
    check(host.open() && host.signals(resets, Identity::lengthy) && each(0, resets, resolve));
    host.add();
    check(each(0, before_second_chunk, reset));
    host.add();
    fault.begin();
    size_t moved = before_second_chunk;
    while (moved < resets && reset(moved))
        ++moved;
    host.add();
    fault.lift();
    check(each(moved, resets, reset));
    host.add();
    check(each(0, resets, resolve_anew));
    host.add();
    host.expect_totals();
    host.settle();
}

void a_reset_that_is_refused_cuts_nothing(void **) { lkstats::fault::tell_with_every_fault(room_moves); }

// ---- A whole life ----

// Resolved in every order, moved twice, stopped known and unknown; whatever is refused is left at that.
void live_through_epochs(Host &host) {
    host.run(1);
    for (int i = 0; i < 2; ++i) {
        host.signal(Identity::brief);
        host.signal(Identity::lengthy);
    }
    host.add();
    host.resolve_room(0, Identity::brief);
    host.resolve_participant(1, Identity::lengthy);
    host.reset(1); // forgets
    host.resolve(0, Identity::lengthy);
    host.resolve(1, Identity::lengthy);
    host.resolve_room(2, Identity::brief);
    host.add();
    host.flush();
    host.take();
    host.reset(0);
    host.add();
    host.resolve(0, Identity::lengthy);
    host.reset(0);
    host.reset(1);
    host.add();
    host.give_back();
    host.run(6);
    host.take();
    host.serialize();
    host.acknowledge();
    host.flush(0);
    host.take();
    host.redeliver();
    host.take();
    host.acknowledge();
    host.acknowledge();
    host.resolve(1, Identity::brief);
    host.stop(1);
    host.stop(2);
    host.resolve(2, Identity::brief);
    host.add();
    host.run(6);
    host.take();
    host.acknowledge();
    host.expect_totals();
}

template <Driver driver, Consumer consumer> void live(Fault &fault) {
    Host host(driver, 12, consumer);
    host.live(fault, live_through_epochs);
    check(consumer == Consumer::pulls || host.calls() > 0);
}

void every_byte_is_in_its_epochs_reports_whatever_fails(void **) {
    lkstats::fault::tell_with_every_fault(live<Driver::host, Consumer::pulls>);
    lkstats::fault::tell_with_every_fault(live<Driver::thread, Consumer::pulls>);
}

void a_consumer_that_is_called_gets_every_byte_whatever_fails(void **) {
    lkstats::fault::tell_with_every_fault(live<Driver::host, Consumer::called>);
    lkstats::fault::tell_with_every_fault(live<Driver::thread, Consumer::called>);
}

// Nobody flushes or closes: it is the reporter that comes again.
void deliver_in_vain(Fault &fault) {
    Host host(Driver::host, 12, Consumer::called);
    check(host.open() && host.signals(3, Identity::lengthy) && host.tracks(6, Identity::lengthy));
    check(host.resolve(0, Identity::lengthy) && host.resolve(1, Identity::lengthy) &&
          host.resolve(2, Identity::brief));
    host.run(1);
    host.add();
    fault.begin();
    host.run(6);
    host.run(6);
    fault.lift();
    for (int i = 0; i < 8; ++i)
        host.run(6);
    host.expect_all_reported();
    host.settle();
}

void what_could_not_be_delivered_comes_again_by_itself(void **) {
    lkstats::fault::tell_with_every_fault(deliver_in_vain);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_new_one_is_made_as_soon_as_it_can_be),
        cmocka_unit_test(a_resolution_that_is_refused_can_be_said_again),
        cmocka_unit_test(a_reset_that_is_refused_cuts_nothing),
        cmocka_unit_test(every_byte_is_in_its_epochs_reports_whatever_fails),
        cmocka_unit_test(what_could_not_be_delivered_comes_again_by_itself),
        cmocka_unit_test(a_consumer_that_is_called_gets_every_byte_whatever_fails),
    };
    return cmocka_run_group_tests_name("fault_signals", tests, nullptr, nullptr);
}
