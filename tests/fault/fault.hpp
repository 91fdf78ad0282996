// SPDX-License-Identifier: Apache-2.0
// A story is told again and again, each time with another system call or allocation of the library's failing.
// While a fault is in force the test itself must not use operator new: it counts too.
#pragma once

#include "os/seam.hpp"

namespace lkstats::fault {

class Fault {
  public:
    explicit Fault(os::Plan plan) : plan_(plan) {}
    // From here on calls are counted, and the planned one fails.
    void begin();
    // Nothing fails any more. A second time does nothing.
    void lift();

    // How many were counted so far, at the latest when the fault was lifted.
    uint64_t calls() const;
    bool met() const { return calls() >= plan_.nth; }
    const os::Plan &plan() const { return plan_; }
    uint64_t nth() const { return plan_.nth; }

  private:
    os::Plan plan_;
    uint64_t calls_ = 0;
    bool in_force_ = false;
};

using Story = void (*)(Fault &);

// With the first call failing, then the second, until the story ends before it meets its fault: each failing
// once, and from then on, for lack of memory, of descriptors and of space. Descriptors and threads have to be
// the same after every story.
void tell_with_every_fault(Story story);
// The same in a forked child each time: a process that has not opened a context yet.
void tell_with_every_fault_in_a_fresh_process(Story story);

// The same with each call failing in one of the ways, in turn, and in two more: input and output errors, and a signal
// that interrupts. every: or only each so many-th. With LKSTATS_FAULTS=all in the environment each call, in each way.
void tell_with_faults_in_turn(Story story, uint64_t every = 1);
// Lives and ends without an exit handler, in a forked child, which has to come to its end.
void live_in_a_child(void (*life)(void *), void *argument);

// Asserts, naming the fault too; they end the process in a forked child.
void check_at(bool holds, const char *what, const char *file, int line);
#define check(condition) ::lkstats::fault::check_at((condition), #condition, __FILE__, __LINE__)

} // namespace lkstats::fault
