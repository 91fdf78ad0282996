// SPDX-License-Identifier: Apache-2.0
// Opening that fails half-way: nothing stays behind, and the next attempt has all there is.
#include "fault.hpp"
#include "host.hpp"
#include "traces.hpp"

#include "lkstats.h"

#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "cmocka.hpp"

namespace {

using lkstats::fault::Consumer;
using lkstats::fault::Driver;
using lkstats::fault::Fault;
using lkstats::fault::Host;
using lkstats::fault::Identity;
using lkstats::fault::Traces;

void count_and_close(Host &host) {
    check(host.track(Identity::lengthy));
    host.add();
    host.settle();
}

// Whatever became of the first attempt, the second arranged that a child keeps nothing of it.
void expect_nothing_in_a_child(int descriptors) {
    const pid_t child = fork();
    if (child == 0)
        _exit(lkstats::fault::traces().descriptors == descriptors ? 0 : 1);
    int status = 0;
    check(waitpid(child, &status, 0) == child && status == 0);
}

template <Driver driver, Consumer consumer> void open_first(Fault &fault) {
    Host host(driver, 12, consumer);
    std::thread([] {}).join(); // with the first thread comes a sanitizer's own
    // libuv keeps a pipe for the process from its first loop on.
    Traces before = lkstats::fault::traces();
    before.descriptors += driver == Driver::thread ? 2 : 0;
    fault.begin();
    const bool opened = host.open();
    fault.lift();
    if (!opened)
        check(host.open());
    count_and_close(host);
    lkstats::fault::expect_same_traces(before);
    check(host.open());
    expect_nothing_in_a_child(before.descriptors);
    count_and_close(host);
}

void a_first_open_that_fails_leaves_the_process_as_it_was(void **) {
    lkstats::fault::tell_with_every_fault_in_a_fresh_process(open_first<Driver::host, Consumer::pulls>);
    lkstats::fault::tell_with_every_fault_in_a_fresh_process(open_first<Driver::thread, Consumer::pulls>);
}

void so_does_one_of_a_context_that_calls(void **) {
    lkstats::fault::tell_with_every_fault_in_a_fresh_process(open_first<Driver::host, Consumer::called>);
    lkstats::fault::tell_with_every_fault_in_a_fresh_process(open_first<Driver::thread, Consumer::called>);
}

template <Driver driver, Consumer consumer> void open_and_give_up(Fault &fault) {
    Host host(driver, 1, consumer);
    fault.begin();
    const bool opened = host.open();
    fault.lift();
    if (opened)
        check(host.close(LKSTATS_ABANDON));
}

void expect_every_seat_to_be_free() {
    lkstats_options_t options = {};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.max_tracks = 1;
    lkstats_t *open[LKSTATS_CONTEXTS_MAX];
    for (lkstats_t *&ctx : open)
        check(lkstats_open(&options, &ctx) == LKSTATS_OK);
    lkstats_t *surplus = nullptr;
    check(lkstats_open(&options, &surplus) == LKSTATS_EFULL);
    for (lkstats_t *ctx : open)
        check(lkstats_close(ctx, LKSTATS_ABANDON, nullptr) == LKSTATS_OK);
}

// More opens are refused here than there are seats.
void a_refused_open_keeps_no_seat(void **) {
    lkstats::fault::tell_with_every_fault(open_and_give_up<Driver::host, Consumer::pulls>);
    lkstats::fault::tell_with_every_fault(open_and_give_up<Driver::thread, Consumer::pulls>);
    lkstats::fault::tell_with_every_fault(open_and_give_up<Driver::host, Consumer::called>);
    lkstats::fault::tell_with_every_fault(open_and_give_up<Driver::thread, Consumer::called>);
    expect_every_seat_to_be_free();
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_first_open_that_fails_leaves_the_process_as_it_was), // before any other opens
        cmocka_unit_test(so_does_one_of_a_context_that_calls),
        cmocka_unit_test(a_refused_open_keeps_no_seat),
    };
    return cmocka_run_group_tests_name("fault_open", tests, nullptr, nullptr);
}
