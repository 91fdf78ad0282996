// SPDX-License-Identifier: Apache-2.0
#include "fault.hpp"

#include "traces.hpp"

#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka.hpp"

namespace lkstats::fault {

namespace {

os::Plan told;         // what a failed check names
bool in_child = false; // there is no way back to cmocka
constexpr int ended_before = 100;

// Which lack it is decides what the library answers, not what its threads do.
#if defined(__SANITIZE_THREAD__)
constexpr int errors[] = {ENOMEM};
#else
constexpr int errors[] = {ENOMEM, EMFILE, ENOSPC};
#endif

// tell(plan): whether the story met its fault.
template <class Tell> void each_fault(Tell tell) {
    for (const int error : errors)
        for (const bool for_good : {false, true}) {
            told = {1, for_good, error};
            while (tell(told))
                ++told.nth;
            check(told.nth > 1);
        }
}

[[noreturn]] void be_child(Story story, os::Plan plan) {
    // cmocka's handlers would go on with the next test, in the child.
    for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS})
        std::signal(crash, SIG_DFL);
    in_child = true;
    Fault fault(plan);
    story(fault);
    _exit(fault.met() ? 0 : ended_before);
}

bool tell_in_a_fresh_process(Story story, os::Plan plan) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0)
        be_child(story, plan);
    int status = 0;
    check(waitpid(child, &status, 0) == child);
    check(WIFEXITED(status));
    check(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ended_before);
    return WEXITSTATUS(status) == 0;
}

} // namespace

void Fault::begin() {
    in_force_ = true;
    os::set_plan(plan_);
}

void Fault::lift() {
    if (!in_force_)
        return;
    calls_ = os::calls_since_plan();
    os::set_plan({});
    in_force_ = false;
}

uint64_t Fault::calls() const { return in_force_ ? os::calls_since_plan() : calls_; }

void check_at(bool holds, const char *what, const char *file, int line) {
    if (holds)
        return;
    os::set_plan({});
    print_error("%s does not hold\n", what);
    if (told.nth != 0)
        print_error("call %lu failed %s with error %d\n", told.nth, told.for_good ? "for good" : "once",
                    told.error);
    if (in_child) {
        print_error("%s:%d\n", file, line);
        _exit(1);
    }
    _fail(file, line);
}

void tell_with_every_fault(Story story) {
    told = {};
    Fault none(told);
    story(none); // what the process keeps for good is made here
    const Traces before = traces();
    each_fault([&](os::Plan plan) {
        Fault fault(plan);
        story(fault);
        expect_same_traces(before);
        return fault.met();
    });
}

void tell_with_every_fault_in_a_fresh_process(Story story) {
    each_fault([&](os::Plan plan) { return tell_in_a_fresh_process(story, plan); });
}

} // namespace lkstats::fault
