// SPDX-License-Identifier: Apache-2.0
// A context dies; the next one takes over what it owed, with every one of the heir's system calls and allocations
// failing in turn, and from then on: whatever this one does not get, the one after it does, with the same keys.
#include "estate.hpp"
#include "fault.hpp"
#include "folder.hpp"
#include "host.hpp"

#include <cerrno>
#include <sched.h>

#include "cmocka.hpp"

namespace {

using lkstats::fault::Consumer;
using lkstats::fault::Driver;
using lkstats::fault::Estate;
using lkstats::fault::Fault;
using lkstats::fault::Folder;
using lkstats::fault::Host;
using lkstats::fault::Identity;
using lkstats::fault::Receipts;

const Estate *estate; // of all stories
Receipts inherited;   // so far

struct Kind {
    Driver driver = Driver::host;
    Consumer consumer = Consumer::pulls;
    bool journal = false;
};

// What the disk did not let anybody read is out of the library's hands: it says so, and keeps it for a person.
bool kept_aside(const Folder &folder, const Fault &fault, const Host &heir) {
    bool kept = false;
    for (const std::string &name : folder.names()) {
        check(name.starts_with("lkstats-damaged:"));
        kept = true;
    }
    check(!kept || (fault.plan().error == EIO && heir.lines(LKSTATS_LOG_ERROR) > 0));
    return kept;
}

// Somebody whom nothing fails finds the rest.
void expect_the_rest(const Folder &folder, const Fault &fault, const Host &before) {
    folder.age(); // one that is in the making is left alone for a minute
    Host last(Driver::host, 12);
    last.count_in(folder.path());
    last.inherit(inherited);
    check(last.open());
    last.run(1);
    last.consume();
    last.settle();
    check(inherited.within(estate->owed()));
    if (!kept_aside(folder, fault, before))
        check(inherited.same_as(estate->owed()));
}

// A host's own tracks go on beside it.
void inherit_and_count(Host &heir) {
    heir.run(1);
    heir.track(Identity::brief);
    heir.add();
    heir.take();
    heir.serialize();
    heir.give_back();
    heir.redeliver();
    heir.take();
    heir.acknowledge();
    heir.run(6);
    heir.consume();
    heir.run(6);
    heir.consume();
}

// Until the fault is met, or there is nothing left to meet it.
void wait_for_the_thread(Host &heir, const Fault &fault) {
    while (!fault.met() && heir.inherited() < estate->owed().count()) {
        heir.consume();
        sched_yield();
    }
    heir.consume();
}

template <Kind kind> void inherit(Fault &fault) {
    const Folder folder, journal;
    estate->lay_out(folder);
    inherited.clear();
    Host heir(kind.driver, 12, kind.consumer);
    heir.count_in(folder.path());
    heir.inherit(inherited);
    if (kind.journal)
        heir.write_to(journal.path());
    fault.begin();
    if (!heir.open()) {
        fault.lift();
        check(heir.open());
    }
    inherit_and_count(heir);
    // Taken over, or left for the next one, or damaged: it is said.
    check(kind.driver == Driver::thread ||
          heir.lines(LKSTATS_LOG_INFO) + heir.lines(LKSTATS_LOG_WARNING) + heir.lines(LKSTATS_LOG_ERROR) > 0);
    if (kind.driver == Driver::thread && !kind.journal)
        wait_for_the_thread(heir, fault);
    if (!heir.close(0))
        heir.consume();
    fault.lift();
    if (heir.is_open())
        heir.settle();
    if (kind.journal)
        heir.expect_journal(journal, fault.plan().for_good);
    expect_the_rest(folder, fault, heir);
}

// Its first turn is its last: what it wrote back is all that there is.
void leave_it_to_the_next(Fault &fault) {
    const Folder folder;
    estate->lay_out(folder);
    inherited.clear();
    Host heir(Driver::host, 12);
    heir.count_in(folder.path());
    check(heir.open());
    fault.begin();
    heir.run(1);
    fault.lift();
    check(heir.close(0));
    expect_the_rest(folder, fault, heir);
}

[[maybe_unused]] void one_who_takes_nothing_leaves_everything(void **) {
    lkstats::fault::tell_with_faults_in_turn(leave_it_to_the_next);
}

// What all have in common is tried with the first kind of heir.
constexpr uint64_t every = 3;

[[maybe_unused]] void what_one_heir_does_not_get_the_next_one_does(void **) {
    lkstats::fault::tell_with_faults_in_turn(inherit<Kind{}>);
}

[[maybe_unused]] void so_does_one_that_is_called(void **) {
    lkstats::fault::tell_with_faults_in_turn(inherit<Kind{.consumer = Consumer::called}>, every);
}

[[maybe_unused]] void so_does_one_with_a_journal(void **) {
    lkstats::fault::tell_with_faults_in_turn(inherit<Kind{.journal = true}>, every);
    lkstats::fault::tell_with_faults_in_turn(inherit<Kind{.consumer = Consumer::called, .journal = true}>,
                                             every);
}

void so_does_one_with_a_thread(void **) {
    lkstats::fault::tell_with_faults_in_turn(inherit<Kind{.driver = Driver::thread}>, every);
    lkstats::fault::tell_with_faults_in_turn(
        inherit<Kind{.driver = Driver::thread, .consumer = Consumer::called}>, every);
    lkstats::fault::tell_with_faults_in_turn(inherit<Kind{.driver = Driver::thread, .journal = true}>, every);
}

int make_estate(void **) {
    estate = new Estate; // dead before anything else happens
    return 0;
}

int forget_estate(void **) {
    delete estate;
    return 0;
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
#if !defined(__SANITIZE_THREAD__) // which has nothing to see in these
        cmocka_unit_test(one_who_takes_nothing_leaves_everything),
        cmocka_unit_test(what_one_heir_does_not_get_the_next_one_does),
        cmocka_unit_test(so_does_one_that_is_called),
        cmocka_unit_test(so_does_one_with_a_journal),
#endif
        cmocka_unit_test(so_does_one_with_a_thread),
    };
    return cmocka_run_group_tests_name("fault_recovery", tests, make_estate, forget_estate);
}
