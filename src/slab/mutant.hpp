// SPDX-License-Identifier: Apache-2.0
// Kept faults. Each names a mistake in the protocol that a test of the same build must catch; a release has
// none of them, and the calls below cost it nothing.
#pragma once

namespace lkstats {

enum class Mutant {
    none,
    word,      // a window subtracts the fields one by one
    carry,     // the word is read before its carry
    close,     // the closed bit is set without looking whether the word moved since the final was read
    snapshot,  // a report that is pending is frozen again
    ack,       // an acknowledgement is matched by slot alone
    free,      // a slot may be used again as soon as it is released
    resolve,   // the known bit is set before the identity is written
    cut,       // a reset reads the words once for the old epoch and once more for the new one
    link,      // a reset links the new record before it is written
    left,      // left is said while the epoch goes on
    push,      // whatever on_batch answers is an acknowledgement
    metrics,   // what a track counts between its last fold and its stop is in no sum
    last,      // a fold says where it came to before it writes down what was counted until there
    whole,     // recovery takes running totals that a kill left half written
    final,     // a stop that was cut short is done over, with words that refused adds have moved
    steal,     // a damaged slot keeps others from the records that it wrongly leads to
    anew,      // recovery freezes once more what was frozen
    unwritten, // an acknowledgement of what was recovered is not written back
    twice,     // two may recover the same context
    alive,     // a context whose process lives is recovered
    early,     // a dead context's files go before all of it is acknowledged
    half,      // what was written of a batch before the disk was full stays in the journal
    full,      // a batch counts as written whatever the disk says
    beside,    // what on_batch answers beside a journal counts
    child,     // a forked child keeps the parent's slots and descriptors
};

#ifdef LKSTATS_SEAMS
extern Mutant planted;
inline bool mutant(Mutant which) { return planted == which; }
// Called between two stores to shared memory where a kill may fall: a test looks at the memory there, or adds.
extern void (*at_step)();
inline void step() {
    if (at_step != nullptr)
        at_step();
}
#else
constexpr bool mutant(Mutant) { return false; }
constexpr void step() {}
#endif

} // namespace lkstats
