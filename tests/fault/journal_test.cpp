// SPDX-License-Identifier: Apache-2.0
// The consumer is a file: whatever fails, what was counted is in it, once, and nobody beside it is told anything else.
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

struct Kind {
    Driver driver = Driver::host;
    Consumer beside = Consumer::pulls;
    bool sync = false;
    uint32_t keep_segments = 0;
};

// Longer than a segment lives between any two reports.
void count_and_report(Host &host) {
    host.run(1);
    host.track(Identity::lengthy);
    host.track(Identity::brief);
    host.signal(Identity::brief);
    host.resolve(2, Identity::brief);
    for (int i = 0; i < 3; ++i) {
        host.add();
        host.run(6);
        host.take();
        host.serialize();
        host.acknowledge();
    }
    host.reset(2);
    host.stop(0);
    host.add();
    host.flush();
    host.take();
    host.give_back();
    host.add();
    host.expect_totals();
}

template <Kind kind> void live(Fault &fault) {
    const Folder folder;
    Host host(kind.driver, 12, kind.beside);
    host.write_to(folder.path(), kind.sync, kind.keep_segments);
    host.live(fault, count_and_report);
    host.expect_journal(folder, fault.plan().for_good);
    // One that could not be removed goes with the next.
    check(kind.keep_segments == 0 || folder.names().size() <= kind.keep_segments + 1);
}

void every_byte_is_written_once_whatever_fails(void **) {
    lkstats::fault::tell_with_faults_in_turn(live<Kind{}>);
}

void a_thread_writes_every_byte_once_whatever_fails(void **) {
    lkstats::fault::tell_with_faults_in_turn(live<Kind{.driver = Driver::thread}>);
}

void with_sync_every_byte_is_written_whatever_fails(void **) {
    lkstats::fault::tell_with_faults_in_turn(live<Kind{.sync = true}>);
}

void only_the_oldest_go_whatever_fails(void **) {
    lkstats::fault::tell_with_faults_in_turn(live<Kind{.keep_segments = 2}>);
}

void whoever_is_called_beside_a_journal_is_told_what_it_has(void **) {
    lkstats::fault::tell_with_faults_in_turn(live<Kind{.beside = Consumer::called}>);
    lkstats::fault::tell_with_faults_in_turn(
        live<Kind{.driver = Driver::thread, .beside = Consumer::called}>);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_written_once_whatever_fails),
        cmocka_unit_test(a_thread_writes_every_byte_once_whatever_fails),
        cmocka_unit_test(with_sync_every_byte_is_written_whatever_fails),
        cmocka_unit_test(only_the_oldest_go_whatever_fails),
        cmocka_unit_test(whoever_is_called_beside_a_journal_is_told_what_it_has),
    };
    return cmocka_run_group_tests_name("fault_journal", tests, nullptr, nullptr);
}
