// SPDX-License-Identifier: Apache-2.0
#include "points.hpp"

#include "slab/mutant.hpp"

extern "C" {
#include "host_c.h"
}

#include <csignal>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soak {

namespace {

// In the child alone: steps until the kill, 0: there is none.
uint64_t steps_left;

void count_step() {
    if (--steps_left == 0)
        raise(SIGKILL);
}

[[noreturn]] void be_host(const soak_point_host &host) {
    const int log = open(host.log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log >= 0)
        dup2(log, 2);
    soak_be_host(&host);
}

// Lets it run until it is about to make that system call, and kills it there.
void kill_at_call(pid_t pid, uint64_t call) {
    int status;
    bool entered = false;
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        give_up("ptrace");
    ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    for (int signal = 0;;) {
        if (ptrace(PTRACE_SYSCALL, pid, nullptr, signal) != 0)
            return;
        // It stays to be waited for: whoever asked wants to know how it ended.
        siginfo_t about = {};
        if (waitid(P_PID, static_cast<id_t>(pid), &about, WEXITED | WSTOPPED | WNOWAIT) != 0 ||
            about.si_code == CLD_EXITED || about.si_code == CLD_KILLED || about.si_code == CLD_DUMPED)
            return;
        waitpid(pid, &status, 0);
        signal = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
        if (signal != 0)
            continue;
        entered = !entered;
        if (entered && --call == 0)
            kill(pid, SIGKILL);
    }
}

} // namespace

std::string Points::name() const {
    static const char *const consumers[] = {"pull", "push", "journal"};
    return std::string(what_ == What::step ? "steps" : "calls") + " " +
           consumers[static_cast<int>(consumer_)];
}

Points::End Points::live(Place &place, uint32_t life, uint64_t point, bool drains) const {
    const std::string slab = place.slab(), journal = place.journal(), rows = place.rows(life),
                      log = place.path() + "/log", ledger = place.ledger_path();
    const soak_point_host host = {
        .ledger = ledger.c_str(),
        .slab_dir = slab.c_str(),
        .journal_dir = consumer_ == Consumer::journal ? journal.c_str() : nullptr,
        .rows_path = consumer_ == Consumer::journal ? nullptr : rows.c_str(),
        .log = log.c_str(),
        .life = life,
        .push = consumer_ == Consumer::push,
        .drains = drains,
    };
    const pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid == 0) {
        if (point != 0 && what_ == What::step) {
            steps_left = point;
            lkstats::at_step = count_step;
        } else if (point != 0) {
            ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            raise(SIGSTOP);
        }
        be_host(host);
    }
    if (point != 0 && what_ == What::call)
        kill_at_call(pid, point);
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return End::killed;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? End::well : End::bad;
}

PointOutcome Points::run(Point point, const std::string &below) const {
    PointOutcome outcome;
    Place place(below, Small::nothing);
    const auto ended_badly = [&](const char *who) {
        outcome.wrong.push_back(std::string(who) + ": " + place.ledger().message);
        return outcome;
    };
    End end = live(place, 1, point.first, false);
    if (end == End::bad)
        return ended_badly("the scenario");
    outcome.kills = end == End::killed;
    place.age_unfinished();
    end = live(place, 2, point.second, true);
    if (end == End::bad)
        return ended_badly("the recovery that is killed");
    // A scenario that came to its end has left nothing: whoever looks for it may be killed all the same.
    outcome.kills += outcome.kills != 0 && end == End::killed;
    place.age_unfinished();
    if (live(place, 3, 0, true) != End::well)
        return ended_badly("the recovery");
    std::vector<soak_row> rows;
    std::string bad = read_journal(place.journal(), rows);
    for (uint32_t life = 1; life <= 3 && bad.empty(); ++life)
        bad = read_rows(place.rows(life), life, rows);
    if (bad.empty() && !place.left_over().empty())
        bad = "left in slab_dir: " + place.left_over();
    if (!bad.empty())
        outcome.wrong.push_back(bad);
    else
        outcome.wrong = compare(place.ledger(), std::move(rows), outcome.figures);
    return outcome;
}

std::vector<Points> all_points() {
    using enum Points::What;
    using enum Points::Consumer;
    return {{step, pull}, {step, push}, {step, journal}, {call, pull}, {call, journal}};
}

} // namespace soak
