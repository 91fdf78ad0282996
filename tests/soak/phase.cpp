// SPDX-License-Identifier: Apache-2.0
#include "phase.hpp"

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soak {

namespace {

constexpr int patience_s = 60;

Small which_small(soak_random &random) {
    switch (soak_below(&random, 5)) {
    case 0:
        return Small::slab;
    case 1:
        return Small::journal;
    default:
        return Small::nothing;
    }
}

// Each order of magnitude as often as the next.
uint64_t some(soak_random &random, unsigned bits) {
    return soak_below(&random, uint64_t{2} << soak_below(&random, bits));
}

void look_away(long ns) {
    const timespec moment = {0, ns};
    nanosleep(&moment, nullptr);
}

double seconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

} // namespace

Phase::Phase(const Program &program, const std::string &drainer, const std::string &below, uint64_t seed)
    : program_(program), drainer_(drainer), seed_(seed), random_(soak_seeded(seed, 1)),
      place_(below, which_small(random_)) {
    journal_ = place_.small() == Small::journal || soak_one_in(&random_, 2);
    push_ = soak_one_in(&random_, 2) && program.everything;
    virtual_time_ = soak_one_in(&random_, 2) && program.everything;
    child_ = soak_one_in(&random_, 4) && program.everything;
    if (child_ && pipe2(childs_end_, O_CLOEXEC) != 0)
        give_up("pipe");
    outcome_.story = describe();
}

std::string Phase::describe() const {
    std::string text = program_.name + (journal_ ? ", journal beside" : ",") + (push_ ? " push" : " pull");
    if (virtual_time_)
        text += ", virtual time";
    if (child_)
        text += ", a child without fork";
    if (place_.small() == Small::slab)
        text += ", slab_dir is full now and then";
    if (place_.small() == Small::journal)
        text += ", journal_dir is full now and then";
    return text + ", seed " + std::to_string(seed_);
}

uint64_t Phase::adds() const {
    uint64_t sum = 0;
    for (const soak_lane &lane : const_cast<Place &>(place_).ledger().lane)
        sum += __atomic_load_n(&lane.adds, __ATOMIC_RELAXED);
    return sum;
}

bool Phase::well() {
    const soak_ledger &ledger = place_.ledger();
    if (outcome_.wrong.empty() && __atomic_load_n(&ledger.failed, __ATOMIC_ACQUIRE) != 0)
        outcome_.wrong.push_back(ledger.message);
    return outcome_.wrong.empty();
}

std::vector<std::string> Phase::words(const std::string &path, bool drains) {
    const uint32_t life = ++lives_;
    std::vector<std::string> all = {path,
                                    "--ledger",
                                    place_.ledger_path(),
                                    "--slab",
                                    place_.slab(),
                                    "--seed",
                                    std::to_string(soak_next(&random_)),
                                    "--life",
                                    std::to_string(life)};
    if (journal_)
        all.insert(all.end(), {"--journal", place_.journal()});
    else
        all.insert(all.end(), {"--rows", place_.rows(life)});
    if (push_)
        all.push_back("--push");
    if (drains) {
        all.push_back("--drain");
        return all;
    }
    if (virtual_time_)
        all.push_back("--virtual-time");
    if (place_.small() == Small::slab)
        all.push_back("--small");
    if (child_)
        all.insert(all.end(), {"--child-fd", std::to_string(childs_end_[0])});
    return all;
}

// Until so many more adds were made. With a small tmpfs there may be none: then it is a while.
void Phase::await_adds(std::vector<Life> &lives, uint64_t more) {
    const uint64_t until = adds() + more;
    const double start = seconds();
    const double least = place_.small() == Small::slab ? 0.1 : patience_s;
    while (adds() < until && well()) {
        for (Life &life : lives) {
            if (!life.lives() && well()) {
                outcome_.wrong.push_back("a host has ended by itself");
                return;
            }
        }
        if (seconds() - start > least) {
            if (place_.small() != Small::slab)
                outcome_.wrong.push_back("the hosts make no adds");
            return;
        }
        if (soak_one_in(&random_, 20))
            place_.fill();
        else if (soak_one_in(&random_, 10))
            place_.make_room();
        look_away(100000);
    }
}

void Phase::live_and_be_killed() {
    std::vector<Life> lives;
    const bool two = soak_one_in(&random_, 5);
    for (int i = 0; i < 1 + two; ++i)
        lives.emplace_back(words(program_.path, false), place_.path() + "/log", childs_end_[0]);
    // Some die before they have opened, or while they recover what the one before left.
    if (soak_one_in(&random_, 5))
        look_away(static_cast<long>(some(random_, 24)));
    else
        await_adds(lives, some(random_, 22));
    while (!lives.empty() && well()) {
        lives.back().kill();
        lives.pop_back();
        ++outcome_.kills;
        if (!lives.empty())
            await_adds(lives, some(random_, 16));
    }
}

void Phase::drain() {
    place_.make_room();
    place_.age_unfinished();
    // What recovers is killed, too.
    while (well() && soak_one_in(&random_, 2)) {
        Life life(words(drainer_, true), place_.path() + "/log");
        look_away(static_cast<long>(some(random_, 24)));
        if (life.lives()) {
            life.kill();
            ++outcome_.kills;
        }
        place_.age_unfinished();
    }
    if (!well())
        return;
    // Two at once may each find some of it, but nothing twice.
    std::vector<Life> last;
    for (uint64_t more = 1 + soak_one_in(&random_, 2); more > 0; --more)
        last.emplace_back(words(drainer_, true), place_.path() + "/log");
    for (Life &each : last) {
        const int status = each.wait_for_end(patience_s);
        if (well() && status != 0)
            outcome_.wrong.push_back("a last host ended with " + std::to_string(status));
    }
    if (well() && !place_.left_over().empty())
        outcome_.wrong.push_back("left in slab_dir: " + place_.left_over());
}

void Phase::collect() {
    std::vector<soak_row> rows;
    std::string bad;
    if (journal_)
        bad = read_journal(place_.journal(), rows);
    for (uint32_t life = 1; life <= lives_ && bad.empty() && !journal_; ++life)
        bad = read_rows(place_.rows(life), life, rows);
    if (!bad.empty()) {
        outcome_.wrong.push_back(bad);
        return;
    }
    outcome_.wrong = compare(place_.ledger(), std::move(rows), outcome_.figures);
}

Outcome Phase::run(uint64_t kills) {
    while (outcome_.kills < kills && well())
        live_and_be_killed();
    if (well())
        drain();
    if (well())
        collect();
    if (child_) { // those that outlived their parents
        close(childs_end_[1]);
        close(childs_end_[0]);
        while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
        }
    }
    return outcome_;
}

} // namespace soak
