// SPDX-License-Identifier: Apache-2.0
#include "fault.hpp"

#include "traces.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <iterator>
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

// Where files are at stake. An interrupted call is made again, which for good would be for ever.
struct Way {
    int error;
    bool for_good;
};
#if defined(__SANITIZE_THREAD__)
constexpr Way ways[] = {{ENOMEM, false}, {ENOMEM, true}};
#else
constexpr Way ways[] = {{ENOMEM, false}, {EMFILE, true},  {EIO, false},   {ENOMEM, true}, {ENOSPC, false},
                        {EIO, true},     {EMFILE, false}, {ENOSPC, true}, {EINTR, false}};
#endif

// tell(plan): whether the story met its fault.
template <class Tell> void each_fault_in_turn(Tell tell, uint64_t every) {
    const char *const wanted = std::getenv("LKSTATS_FAULTS");
    const bool all = wanted != nullptr && std::strcmp(wanted, "all") == 0;
    const uint64_t step = all ? 1 : every;
    bool met = true;
    for (uint64_t nth = 1; met; nth += step) {
        met = false;
        for (size_t way = 0; way < std::size(ways); ++way) {
            if (!all && way != nth / step % std::size(ways))
                continue;
            told = {nth, ways[way].for_good, ways[way].error};
            met = tell(told) || met;
        }
        check(met || nth > 1);
    }
}

template <class Tell> void each_fault(Tell tell) {
    for (const int error : errors)
        for (const bool for_good : {false, true}) {
            told = {1, for_good, error};
            while (tell(told))
                ++told.nth;
            check(told.nth > 1);
        }
}

// life() is the status that the child exits with.
template <class Life> int in_a_child(Life life) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        // cmocka's handlers would go on with the next test, in the child.
        for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS})
            std::signal(crash, SIG_DFL);
        in_child = true;
        _exit(life());
    }
    int status = 0;
    check(waitpid(child, &status, 0) == child);
    check(WIFEXITED(status));
    return WEXITSTATUS(status);
}

bool tell_in_a_fresh_process(Story story, os::Plan plan) {
    const int status = in_a_child([&] {
        Fault fault(plan);
        story(fault);
        return fault.met() ? 0 : ended_before;
    });
    check(status == 0 || status == ended_before);
    return status == 0;
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

void tell_with_faults_in_turn(Story story, uint64_t every) {
    told = {};
    Fault none(told);
    story(none);
    const Traces before = traces();
    each_fault_in_turn(
        [&](os::Plan plan) {
            Fault fault(plan);
            story(fault);
            expect_same_traces(before);
            return fault.met();
        },
        every);
}

void live_in_a_child(void (*life)(void *), void *argument) {
    check(in_a_child([&] {
              life(argument);
              return 0;
          }) == 0);
}

void tell_with_every_fault_in_a_fresh_process(Story story) {
    each_fault([&](os::Plan plan) { return tell_in_a_fresh_process(story, plan); });
}

} // namespace lkstats::fault
