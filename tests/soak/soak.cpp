// SPDX-License-Identifier: Apache-2.0
// soak --place DIR --kills N --seed N [--only PHASE] --host NAME=PATH...: kills hosts, and holds what their receivers have
// against the ledger. The first host is the one in C. soak.sh runs it where it may mount.
#include "phase.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/prctl.h>

namespace {

struct Command {
    std::string place;
    uint64_t kills = 0;
    uint64_t seed = 1;
    uint64_t only = UINT64_MAX;
    std::vector<soak::Program> programs;
};

constexpr uint64_t kills_of_a_phase = 5;

bool understand(Command &command, int count, char **words) {
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string word = words[i], value = words[i + 1];
        if (word == "--place")
            command.place = value;
        else if (word == "--kills")
            command.kills = std::strtoull(value.c_str(), nullptr, 0);
        else if (word == "--seed")
            command.seed = std::strtoull(value.c_str(), nullptr, 0);
        else if (word == "--only")
            command.only = std::strtoull(value.c_str(), nullptr, 0);
        else if (const size_t at = value.find('='); word == "--host" && at != std::string::npos)
            command.programs.push_back({value.substr(0, at), value.substr(at + 1), command.programs.empty()});
        else
            return false;
    }
    return count % 2 == 1 && !command.place.empty() && command.kills > 0 && !command.programs.empty();
}

void complain(const soak::Outcome &outcome, uint64_t number) {
    std::printf("not ok soak: phase %llu (%s)\n", static_cast<unsigned long long>(number),
                outcome.story.c_str());
    for (const std::string &line : outcome.wrong)
        std::printf("  %s\n", line.c_str());
}

} // namespace

int main(int count, char **words) {
    Command command;
    if (!understand(command, count, words)) {
        std::fprintf(stderr,
                     "usage: %s --place DIR --kills N [--seed N] [--only PHASE] --host NAME=PATH...\n",
                     words[0]);
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::map<std::string, soak::Outcome> of_program;
    uint64_t kills = 0;
    for (uint64_t number = 0; kills < command.kills; ++number) {
        const soak::Program &program = command.programs[number % command.programs.size()];
        soak_random random = soak_seeded(command.seed, number + 1);
        const uint64_t seed = soak_next(&random);
        if (command.only != UINT64_MAX) {
            if (number != command.only)
                continue;
            command.kills = 0; // this one, and no more
        }
        soak::Phase phase(program, command.programs.front().path, command.place, seed);
        const soak::Outcome outcome = phase.run(kills_of_a_phase);
        kills += outcome.kills;
        if (!outcome.wrong.empty()) {
            complain(outcome, number);
            std::fflush(stdout);
            _Exit(1); // what it left is there to be looked at
        }
        soak::Outcome &sum = of_program[program.name];
        sum.figures += outcome.figures;
        sum.kills += outcome.kills;
    }
    for (const auto &[name, sum] : of_program) {
        const auto number = [](uint64_t n) { return static_cast<unsigned long long>(n); };
        std::printf(
            "ok soak: %s, %llu kills, %llu adds, %llu in doubt (%llu counted), %llu records, %llu of them "
            "more than once, 0 lost\n",
            name.c_str(), number(sum.kills), number(sum.figures.adds), number(sum.figures.doubts),
            number(sum.figures.counted), number(sum.figures.records), number(sum.figures.repeated));
    }
    return 0;
}
