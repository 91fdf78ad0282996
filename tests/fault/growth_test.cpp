// SPDX-License-Identifier: Apache-2.0
// A context that needs more memory while there is none: new tracks are refused, those that are there count
// on, and when there is memory again it grows as if nothing had been.
#include "fault.hpp"
#include "host.hpp"

#include <algorithm>
#include <sched.h>

#include "cmocka.hpp"

namespace {

using lkstats::fault::Driver;
using lkstats::fault::Fault;
using lkstats::fault::Host;
using lkstats::fault::Identity;

// A lengthy identity takes five records of 512 bytes, a brief one a record; memory becomes ready in pieces of
// 512 records and of 4096 slots, and the first chunk has 2048 records.
constexpr size_t before_second_chunk = 378;
constexpr size_t near_second_chunk = 387; // less than a quarter of a piece is left: the reporter prepares
constexpr size_t past_second_chunk = 420;
constexpr size_t before_second_slots = 3000;
constexpr size_t past_second_slots = 4200;

void grow(Host &host, Fault &fault, size_t from, size_t to, Identity identity) {
    check(host.open() && host.tracks(from, identity));
    host.add();
    fault.begin();
    host.tracks(to, identity);
    host.add_to_newest();
    fault.lift();
    check(host.tracks(to, identity));
    host.add();
    host.expect_totals();
    host.settle();
}

void a_context_grows_by_chunks_as_soon_as_it_can(void **) {
    lkstats::fault::tell_with_every_fault([](Fault &fault) {
        Host host(Driver::host, past_second_chunk);
        grow(host, fault, before_second_chunk, past_second_chunk, Identity::lengthy);
    });
}

void a_context_grows_by_pieces_as_soon_as_it_can(void **) {
    lkstats::fault::tell_with_every_fault([](Fault &fault) {
        Host host(Driver::host, past_second_slots);
        grow(host, fault, before_second_slots, past_second_slots, Identity::brief);
    });
}

void finish_growing(Host &host, Fault &fault) {
    host.add();
    fault.lift();
    check(host.tracks(past_second_chunk, Identity::lengthy));
    host.add();
    host.expect_totals();
    host.settle();
}

void prepare_alone(Fault &fault) {
    Host host(Driver::host, past_second_chunk);
    check(host.open() && host.tracks(near_second_chunk, Identity::lengthy));
    host.add();
    fault.begin();
    host.run(1);
    host.run(1);
    finish_growing(host, fault);
}

void preparing_in_vain_is_nobodys_error(void **) { lkstats::fault::tell_with_every_fault(prepare_alone); }

// What the thread does next is to prepare, and again and again while it fails.
void prepare_on_the_thread(Fault &fault) {
    Host host(Driver::thread, past_second_chunk);
    check(host.open() && host.tracks(before_second_chunk, Identity::lengthy));
    fault.begin();
    check(host.tracks(near_second_chunk, Identity::lengthy));
    host.stop(0);
    constexpr uint64_t calls_to_prepare = 7;
    while (fault.calls() < std::min(fault.nth(), calls_to_prepare))
        sched_yield();
    finish_growing(host, fault);
}

void preparing_in_vain_does_not_end_the_thread(void **) {
    lkstats::fault::tell_with_every_fault(prepare_on_the_thread);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_context_grows_by_chunks_as_soon_as_it_can),
        cmocka_unit_test(a_context_grows_by_pieces_as_soon_as_it_can),
        cmocka_unit_test(preparing_in_vain_is_nobodys_error),
        cmocka_unit_test(preparing_in_vain_does_not_end_the_thread),
    };
    return cmocka_run_group_tests_name("fault_growth", tests, nullptr, nullptr);
}
