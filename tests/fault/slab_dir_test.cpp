// SPDX-License-Identifier: Apache-2.0
// Counters in files: whatever fails there, nothing is lost, and no file stays that nobody would remove.
#include "fault.hpp"
#include "folder.hpp"
#include "host.hpp"

#include "cmocka.hpp"

namespace {

using lkstats::fault::Consumer;
using lkstats::fault::Driver;
using lkstats::fault::Fault;
using lkstats::fault::Folder;
using lkstats::fault::Host;
using lkstats::fault::Identity;

// What one call that failed kept from being removed is removed by the next context.
void expect_removed(const Folder &folder) {
    folder.age(); // one that is in the making is left alone for a minute
    Host next(Driver::host, 12);
    next.count_in(folder.path());
    check(next.open());
    next.run(1);
    check(!next.take());
    next.settle();
    check(folder.names().empty());
}

template <Driver driver> void open_and_give_up(Fault &fault) {
    const Folder folder;
    Host host(driver, 12);
    host.count_in(folder.path());
    fault.begin();
    const bool opened = host.open();
    fault.lift();
    check(opened || fault.plan().for_good || folder.names().empty());
    if (opened)
        check(host.close(LKSTATS_ABANDON));
    expect_removed(folder);
}

void a_refused_open_leaves_no_file(void **) {
    lkstats::fault::tell_with_faults_in_turn(open_and_give_up<Driver::host>);
    lkstats::fault::tell_with_faults_in_turn(open_and_give_up<Driver::thread>);
}

void count_and_report(Host &host) {
    host.run(1);
    for (int i = 0; i < 3; ++i)
        host.track(Identity::lengthy);
    host.signal(Identity::brief);
    host.resolve(3, Identity::lengthy);
    host.add();
    host.run(6);
    host.take();
    host.acknowledge();
    host.reset(3);
    host.add();
    host.stop(0);
    host.flush();
    host.take();
    host.give_back();
    host.run(6);
    host.take();
    host.acknowledge();
    host.expect_totals();
}

template <Driver driver, Consumer consumer> void live(Fault &fault) {
    const Folder folder;
    Host host(driver, 12, consumer);
    host.count_in(folder.path());
    host.live(fault, count_and_report);
    expect_removed(folder);
}

void every_byte_is_reported_once_whatever_fails(void **) {
    lkstats::fault::tell_with_faults_in_turn(live<Driver::host, Consumer::pulls>);
    lkstats::fault::tell_with_faults_in_turn(live<Driver::thread, Consumer::called>);
}

template <Driver driver> void give_up(Fault &fault) {
    const Folder folder;
    Host host(driver, 12);
    host.count_in(folder.path());
    check(host.open() && host.track(Identity::lengthy));
    host.add();
    fault.begin();
    check(host.close(LKSTATS_ABANDON));
    fault.lift();
    expect_removed(folder);
}

void a_file_that_can_not_be_removed_is_removed_by_the_next_one(void **) {
    lkstats::fault::tell_with_every_fault(give_up<Driver::host>);
    lkstats::fault::tell_with_every_fault(give_up<Driver::thread>);
}

// A lengthy identity takes five records, and the first chunk of them has 2048.
constexpr size_t before_second_chunk = 378, past_second_chunk = 420;

void grow(Fault &fault) {
    const Folder folder;
    Host host(Driver::host, past_second_chunk);
    host.count_in(folder.path());
    check(host.open() && host.tracks(before_second_chunk, Identity::lengthy));
    host.add();
    fault.begin();
    host.tracks(past_second_chunk, Identity::lengthy);
    host.add_to_newest();
    fault.lift();
    check(host.tracks(past_second_chunk, Identity::lengthy));
    host.add();
    host.expect_totals();
    host.settle();
    expect_removed(folder);
}

void counters_get_another_file_as_soon_as_there_can_be_one(void **) {
    lkstats::fault::tell_with_every_fault(grow);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_open_leaves_no_file),
        cmocka_unit_test(every_byte_is_reported_once_whatever_fails),
        cmocka_unit_test(a_file_that_can_not_be_removed_is_removed_by_the_next_one),
        cmocka_unit_test(counters_get_another_file_as_soon_as_there_can_be_one),
    };
    return cmocka_run_group_tests_name("fault_slab_dir", tests, nullptr, nullptr);
}
