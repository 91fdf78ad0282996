// SPDX-License-Identifier: Apache-2.0
// A context's whole life, with every one of its system calls and allocations failing in turn: what is refused
// is said so, and what was counted comes out.
#include "fault.hpp"
#include "host.hpp"

#include "cmocka.hpp"

namespace {

using lkstats::fault::Driver;
using lkstats::fault::Fault;
using lkstats::fault::Host;
using lkstats::fault::Identity;

// Where the fault keeps the context from being opened, the same life without it.
void open_at_last(Host &host, Fault &fault) {
    if (host.open())
        return;
    fault.lift();
    check(host.open());
}

void make_tracks_and_count(Host &host) {
    host.run(1);
    for (int i = 0; i < 3; ++i) {
        host.track(Identity::brief);
        host.track(Identity::lengthy);
    }
    host.add();
    host.expect_totals();
}

void report_back_and_forth(Host &host) {
    host.run(6);
    host.flush();
    host.take();
    host.serialize();
    host.give_back();
    host.add();
    host.take();
    host.redeliver();
    host.take();
    host.acknowledge();
    host.acknowledge();
    host.flush(1);
    host.take();
    host.stop(0);
    host.add();
    host.flush();
    host.run(6);
    host.take();
    host.acknowledge();
    host.expect_totals();
}

void live(Fault &fault, Driver driver) {
    Host host(driver, 12);
    fault.begin();
    open_at_last(host, fault);
    make_tracks_and_count(host);
    report_back_and_forth(host);
    host.track(Identity::lengthy);
    host.add();
    if (!host.close(0))
        host.consume();
    fault.lift();
    if (host.is_open())
        host.settle();
}

void give_up(Fault &fault, Driver driver) {
    Host host(driver, 12);
    fault.begin();
    open_at_last(host, fault);
    make_tracks_and_count(host);
    host.flush();
    host.take();
    host.serialize();
    host.add();
    check(host.close(LKSTATS_ABANDON));
    fault.lift();
}

void every_byte_is_reported_once_whatever_fails(void **) {
    lkstats::fault::tell_with_every_fault([](Fault &fault) { live(fault, Driver::host); });
}

void every_byte_is_reported_once_whatever_fails_beside_a_thread(void **) {
    lkstats::fault::tell_with_every_fault([](Fault &fault) { live(fault, Driver::thread); });
}

void giving_up_needs_nothing_that_could_fail(void **) {
    lkstats::fault::tell_with_every_fault([](Fault &fault) { give_up(fault, Driver::host); });
    lkstats::fault::tell_with_every_fault([](Fault &fault) { give_up(fault, Driver::thread); });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_reported_once_whatever_fails),
        cmocka_unit_test(every_byte_is_reported_once_whatever_fails_beside_a_thread),
        cmocka_unit_test(giving_up_needs_nothing_that_could_fail),
    };
    return cmocka_run_group_tests_name("fault_life", tests, nullptr, nullptr);
}
