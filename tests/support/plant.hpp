// SPDX-License-Identifier: Apache-2.0
// Plants the kept fault that LKSTATS_MUTANT names, so that a whole test program can be seen to fail on it.
// A name that is not known ends the program: a misspelt fault must not look like one that was missed.
#pragma once

#include "slab/mutant.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lkstats {

inline void plant_from_environment() {
    struct Named {
        const char *name;
        Mutant mutant;
    };
    static constexpr Named kept[] = {
        {"word", Mutant::word},         {"carry", Mutant::carry}, {"close", Mutant::close},
        {"snapshot", Mutant::snapshot}, {"ack", Mutant::ack},     {"free", Mutant::free},
        {"resolve", Mutant::resolve},   {"cut", Mutant::cut},     {"link", Mutant::link},
        {"left", Mutant::left},         {"push", Mutant::push},   {"metrics", Mutant::metrics},
        {"last", Mutant::last},         {"whole", Mutant::whole}, {"final", Mutant::final},
        {"steal", Mutant::steal},       {"anew", Mutant::anew},   {"unwritten", Mutant::unwritten},
        {"twice", Mutant::twice},       {"alive", Mutant::alive}, {"early", Mutant::early},
        {"half", Mutant::half},         {"full", Mutant::full},   {"beside", Mutant::beside},
        {"child", Mutant::child},
    };
    const char *name = std::getenv("LKSTATS_MUTANT");
    if (name == nullptr || *name == '\0')
        return;
    for (const Named &each : kept) {
        if (std::strcmp(each.name, name) == 0) {
            planted = each.mutant;
            return;
        }
    }
    std::fprintf(stderr, "LKSTATS_MUTANT=%s: no such fault\n", name);
    std::exit(2);
}

} // namespace lkstats
