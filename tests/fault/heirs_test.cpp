// SPDX-License-Identifier: Apache-2.0
// Who gets what a dead context owed, and when, where nothing fails.
#include "estate.hpp"
#include "fault.hpp"
#include "folder.hpp"
#include "host.hpp"
#include "traces.hpp"

#include "cmocka.hpp"

namespace {

using lkstats::fault::Driver;
using lkstats::fault::Estate;
using lkstats::fault::Folder;
using lkstats::fault::Host;
using lkstats::fault::Identity;
using lkstats::fault::live_in_a_child;
using lkstats::fault::Receipts;
using lkstats::fault::traces;

constexpr uint32_t tracks = 12;

// What it owed is what it had not been acknowledged, and what was out has the content that it had: see there.
void the_next_context_hands_out_all_that_was_owed_as_it_was(void **) {
    const Estate estate;
    assert_true(estate.owed().count() > 5);
}

void what_an_heir_acknowledged_does_not_come_again(void **) {
    const Estate estate;
    const Folder folder;
    estate.lay_out(folder);
    Receipts inherited;
    // Each takes one batch, and what that brought about is the next one's.
    for (int heirs = 0; !folder.names().empty(); ++heirs) {
        check(heirs < 20);
        Host heir(Driver::host, tracks);
        heir.count_in(folder.path());
        heir.inherit(inherited);
        check(heir.open());
        heir.run(1);
        check(heir.take());
        heir.acknowledge();
        check(heir.close(0));
    }
    check(inherited.again() == 0);
    check(inherited.same_as(estate.owed()));
}

void the_files_stay_until_all_is_acknowledged(void **) {
    const Estate estate;
    const Folder folder;
    estate.lay_out(folder);
    const size_t files = folder.names().size();
    Receipts inherited;
    for (int i = 0; i < 3; ++i) {
        Host heir(Driver::host, tracks);
        heir.count_in(folder.path());
        heir.inherit(inherited);
        check(heir.open());
        heir.run(1);
        check(heir.take());
        heir.give_back();
        heir.run(6);
        check(heir.close(0));
        check(folder.names().size() == files);
    }
    Host last(Driver::host, tracks);
    last.count_in(folder.path());
    last.inherit(inherited);
    check(last.open());
    last.run(1);
    last.consume();
    check(last.close(0));
    check(folder.names().empty() && inherited.same_as(estate.owed()));
}

// In a process of its own: finds nobody who left anything.
void inherit_nothing(void *folder) {
    Receipts inherited;
    Host heir(Driver::host, tracks);
    heir.count_in(static_cast<const Folder *>(folder)->path());
    heir.inherit(inherited);
    check(heir.open());
    heir.run(1);
    check(!heir.take());
    check(heir.close(0));
}

void what_one_has_taken_over_nobody_else_does(void **) {
    const Estate estate;
    Folder folder;
    estate.lay_out(folder);
    Receipts inherited;
    Host heir(Driver::host, tracks);
    heir.count_in(folder.path());
    heir.inherit(inherited);
    check(heir.open());
    heir.run(1);
    live_in_a_child(inherit_nothing, &folder);
    heir.consume();
    check(heir.close(0));
    check(inherited.same_as(estate.owed()));
}

void whoever_lives_is_no_estate(void **) {
    Folder folder;
    Host host(Driver::host, tracks);
    host.count_in(folder.path());
    check(host.open() && host.track(Identity::brief));
    host.run(1);
    host.add();
    host.run(6); // waits for its acknowledgement
    live_in_a_child(inherit_nothing, &folder);
    host.add();
    host.expect_totals();
    host.settle();
    check(folder.names().empty());
}

void expect_as_many_descriptors(void *before) { check(traces().descriptors == *static_cast<int *>(before)); }

void a_forked_child_has_none_of_its_parents_files(void **) {
    const Folder folder, journal;
    int before = traces().descriptors;
    Host host(Driver::host, tracks);
    host.count_in(folder.path());
    host.write_to(journal.path());
    check(host.open() && host.track(Identity::brief));
    host.run(1);
    host.add();
    host.run(6); // there is a segment
    check(traces().descriptors > before + 5);
    live_in_a_child(expect_as_many_descriptors, &before);
    check(host.close(0));
    host.expect_journal(journal, false);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_next_context_hands_out_all_that_was_owed_as_it_was),
        cmocka_unit_test(what_an_heir_acknowledged_does_not_come_again),
        cmocka_unit_test(the_files_stay_until_all_is_acknowledged),
        cmocka_unit_test(what_one_has_taken_over_nobody_else_does),
        cmocka_unit_test(whoever_lives_is_no_estate),
        cmocka_unit_test(a_forked_child_has_none_of_its_parents_files),
    };
    return cmocka_run_group_tests_name("fault_heirs", tests, nullptr, nullptr);
}
