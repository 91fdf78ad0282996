// SPDX-License-Identifier: Apache-2.0
// soak_points --place DIR [--seed N] [--every N] [--only N] [--pairs]: one scenario, killed at each of its steps (stores to shared
// memory, in a build with seams) and at each of its system calls, one run for each; then whoever recovers is killed at
// some step, with --pairs at each; then another one recovers, and the ledger is compared. --every N: only each Nth point.
#include "points.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

struct Command {
    std::string place;
    uint64_t seed = 1, every = 1, only = 0;
    bool pairs = false;
};

bool understand(Command &command, int count, char **words) {
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--pairs") {
            command.pairs = true;
            continue;
        }
        if (++i == count)
            return false;
        if (word == "--place")
            command.place = words[i];
        else if (word == "--seed")
            command.seed = std::strtoull(words[i], nullptr, 0);
        else if (word == "--every")
            command.every = std::strtoull(words[i], nullptr, 0);
        else if (word == "--only")
            command.only = std::strtoull(words[i], nullptr, 0);
        else
            return false;
    }
    return !command.place.empty() && command.every > 0;
}

struct Count {
    uint64_t points = 0, kills = 0;
    soak::Figures figures;
};

// Whether the scenario was over before that point.
bool one_point(const Command &command, const soak::Points &points, uint64_t number, Count &count) {
    soak_random random = soak_seeded(command.seed, number);
    for (uint64_t second = 1;; ++second) {
        // Most recoveries have some hundred points; past the last one there is no second kill.
        const soak::Point point = {number, command.pairs ? second : 1 + soak_below(&random, 400)};
        const soak::PointOutcome outcome = points.run(point, command.place);
        if (!outcome.wrong.empty()) {
            std::printf("not ok points: %s, point %llu, then %llu\n", points.name().c_str(),
                        static_cast<unsigned long long>(point.first),
                        static_cast<unsigned long long>(point.second));
            for (const std::string &line : outcome.wrong)
                std::printf("  %s\n", line.c_str());
            std::fflush(stdout);
            std::_Exit(1); // what it left is there to be looked at
        }
        if (outcome.kills == 0)
            return true;
        count.kills += outcome.kills;
        count.figures += outcome.figures;
        if (!command.pairs || outcome.kills == 1)
            return false;
    }
}

} // namespace

int main(int count, char **words) {
    Command command;
    if (!understand(command, count, words)) {
        std::fprintf(stderr, "usage: %s --place DIR [--seed N] [--every N] [--only N] [--pairs]\n", words[0]);
        return 2;
    }
    for (const soak::Points &points : soak::all_points()) {
        Count all;
        // Each run of a test begins elsewhere, so that in time all of them are seen.
        uint64_t number = command.only != 0 ? command.only : 1 + command.seed % command.every;
        for (; !one_point(command, points, number, all); number += command.every) {
            ++all.points;
            if (command.only != 0)
                break;
        }
        std::printf(
            "ok points: %s, %llu of %llu, %llu kills, %llu in doubt (%llu counted), %llu records, 0 lost\n",
            points.name().c_str(), static_cast<unsigned long long>(all.points),
            static_cast<unsigned long long>(number - 1), static_cast<unsigned long long>(all.kills),
            static_cast<unsigned long long>(all.figures.doubts),
            static_cast<unsigned long long>(all.figures.counted),
            static_cast<unsigned long long>(all.figures.records));
    }
    return 0;
}
