// SPDX-License-Identifier: Apache-2.0
// Kept faults. Each names a mistake in the protocol that a test of the same build must catch; a release has
// none of them, and the calls below cost it nothing.
#pragma once

namespace lkstats {

enum class Mutant {
    none,
    word,     // a window subtracts the fields one by one
    carry,    // the word is read before its carry
    close,    // the closed bit is set without looking whether the word moved since the final was read
    snapshot, // a report that is pending is frozen again
    ack,      // an acknowledgement is matched by slot alone
    free,     // a slot may be used again as soon as it is released
};

#ifdef LKSTATS_SEAMS
extern Mutant planted;
inline bool mutant(Mutant which) { return planted == which; }
#else
constexpr bool mutant(Mutant) { return false; }
#endif

} // namespace lkstats
