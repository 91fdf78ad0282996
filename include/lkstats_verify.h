/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof for whoever consumes reports, or has a store of them: takes records one after the other, in any order and as
 * often as they come, and says of each whether it is the next, came before, follows a gap or fills one, and of an
 * epoch what is missing. A header and nothing else: no library, no allocation, no system call; C99 and C++11 upwards.
 *
 *     lkstats_verify_t epoch = {0};                      // one for each (context, slot, tag, epoch) of the keys
 *     while ((record = next_of_that_epoch()) != NULL)
 *         if (lkstats_verify_take(&epoch, record) == LKSTATS_VERIFY_CONTRADICTION)
 *             complain(lkstats_verify_why(&epoch));
 *     if (!lkstats_verify_complete(&epoch))
 *         complain_that_missing(lkstats_verify_missing(&epoch).traffic);
 *
 * What it rests on, all of it said in lkstats.h:
 *   - An epoch's sequences are 1, 2, 3 ...; the same key always has the same content.
 *   - running is the sum of the windows from 1 on. So a single record says how much traffic came before it, and what is
 *     missing is known exactly without it: running less the windows that came. Each window has some traffic.
 *   - An epoch of a signal connection begins with joined, and left is its last; both have no traffic of their own. A
 *     left has the sequence of the traffic that came last, or the one after. An unattributed record is alone in its epoch.
 *   - A data track has epoch 1 only, and nothing says which record is its last.
 *
 * What nobody can see in the records: a handle of which none came, and what would follow the newest that came. That
 * nothing follows is what LKSTATS_OK of lkstats_close says, without LKSTATS_ABANDON; an epoch that has left is over.
 *
 * A store that is sorted by context, slot, tag, epoch, sequence and kind needs one lkstats_verify_t at a time. Whoever
 * takes records as they come keeps a map of them; it may forget what is complete and over, if it knows the keys that
 * may come again.
 */
#ifndef LKSTATS_VERIFY_H
#define LKSTATS_VERIFY_H

#include "lkstats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Verdicts ----------------------------------------------------------------------------------- */

/* X(name, value, word). */
#define LKSTATS_VERDICT_LIST(X)                                                                              \
    X(LKSTATS_VERIFY_NEXT, 0, "next")           /* follows the newest */                                     \
    X(LKSTATS_VERIFY_DUPLICATE, 1, "duplicate") /* this key came before */                                   \
    X(LKSTATS_VERIFY_GAP, 2, "gap")             /* is newer, and some before it did not come, so far */      \
    X(LKSTATS_VERIFY_LATE, 3, "late")           /* is one of those */                                        \
    X(LKSTATS_VERIFY_UNSURE, 4, "unsure")       /* late or duplicate: see LKSTATS_VERIFY_GAPS_MAX */         \
    X(LKSTATS_VERIFY_CONTRADICTION, 5, "contradiction") /* can't be true beside the others */

/* What a record is, seen beside those that came before it. */
typedef int32_t lkstats_verdict_t;

/* What contradicts. X(name, value, text). */
#define LKSTATS_VERIFY_WHY_LIST(X)                                                                           \
    X(LKSTATS_VERIFY_WHY_NOTHING, 0, "nothing contradicts")                                                  \
    X(LKSTATS_VERIFY_WHY_FORM, 1, "no record is like this, whatever came before")                            \
    X(LKSTATS_VERIFY_WHY_STATE, 2, "the record is of another epoch, or there is no record or no state")      \
    X(LKSTATS_VERIFY_WHY_CONTENT, 3, "the same key came before with another content")                        \
    X(LKSTATS_VERIFY_WHY_TOTALS, 4, "window and running totals do not fit those before and after it")        \
    X(LKSTATS_VERIFY_WHY_OVER, 5, "the epoch was over before it")

#define LKSTATS_VERIFY_CONSTANT(name, value, text) name = value,
enum { LKSTATS_VERDICT_LIST(LKSTATS_VERIFY_CONSTANT) LKSTATS_VERDICT_LIST_END = 6 };
enum { LKSTATS_VERIFY_WHY_LIST(LKSTATS_VERIFY_CONSTANT) LKSTATS_VERIFY_WHY_LIST_END = 6 };
#undef LKSTATS_VERIFY_CONSTANT

/* ---- State -------------------------------------------------------------------------------------- */

/* Gaps of an epoch that are told apart. One more, and the two with the fewest records between them become one,
 * LKSTATS_VERIFY_MERGED: which records of those came is forgotten. What comes in there later is LKSTATS_VERIFY_UNSURE,
 * which to a store with one row a key makes no difference, and what is missing is "at least" from then on. In the
 * order of their keys no record comes into a gap, so a second run over the store is exact. */
enum { LKSTATS_VERIFY_GAPS_MAX = 8 };

/* Flags of a gap. */
enum {
    LKSTATS_VERIFY_MERGED = 1,  /* of several: some sequences in it came */
    LKSTATS_VERIFY_TOUCHED = 2, /* and since then others that were LKSTATS_VERIFY_UNSURE */
    LKSTATS_VERIFY_OPEN = 4     /* it ends with a left; whether traffic goes with that is not known */
};

/* Sequences that did not come: from first to last. All sizes and offsets are the same everywhere. */
typedef struct lkstats_verify_gap {
    uint32_t first;
    uint32_t last;
    uint32_t missing; /* of these, at least; exactly, where it is neither touched nor open */
    uint32_t flags;
    lkstats_traffic_t before; /* running totals where it begins */
    lkstats_traffic_t after;  /* and ends: between them is its traffic, all missing unless it is merged */
} lkstats_verify_gap_t;

/* Flags of a state. */
enum {
    LKSTATS_VERIFY_SIGNAL = 1,       /* a signal connection's */
    LKSTATS_VERIFY_UNATTRIBUTED = 2, /* one that nobody resolved: a single record */
    LKSTATS_VERIFY_OVER = 4,         /* its last record came */
    LKSTATS_VERIFY_ALONE = 8         /* which is a left without traffic */
};

/* What came of one epoch. Zero at first; anybody may read it, only lkstats_verify_take writes it. It points to nothing, so
 * it may be copied and, on the same kind of machine, stored. */
typedef struct lkstats_verify {
    uint8_t context[16]; /* of the first record, like the next three */
    uint32_t slot;
    uint32_t tag;
    uint32_t epoch;
    uint32_t flags;
    uint32_t newest; /* the highest sequence, 0: nothing came yet */
    uint32_t gap_count;
    uint32_t contradictions;                            /* records that were one; stays at 2^32-1 */
    uint32_t why;                                       /* LKSTATS_VERIFY_WHY_... of the last one */
    lkstats_traffic_t running;                          /* of the newest */
    lkstats_traffic_t window;                           /* likewise */
    lkstats_traffic_t known;                            /* the sum of all windows that came */
    lkstats_verify_gap_t gaps[LKSTATS_VERIFY_GAPS_MAX]; /* the oldest first */
} lkstats_verify_t;

/* What did not come of an epoch, before its newest record. */
typedef struct lkstats_missing {
    uint32_t sequences;
    uint32_t exact; /* 0: it is at least that much */
    lkstats_traffic_t traffic;
} lkstats_missing_t;

/* ---- Not for hosts ------------------------------------------------------------------------------ */

LKSTATS_INLINE int32_t lkstats_verify_equal(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return a->send_bytes == b->send_bytes && a->send_messages == b->send_messages &&
           a->recv_bytes == b->recv_bytes && a->recv_messages == b->recv_messages;
}

LKSTATS_INLINE int32_t lkstats_verify_none(const lkstats_traffic_t *a) {
    return (a->send_bytes | a->send_messages | a->recv_bytes | a->recv_messages) == 0;
}

LKSTATS_INLINE int32_t lkstats_verify_at_most(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return a->send_bytes <= b->send_bytes && a->send_messages <= b->send_messages &&
           a->recv_bytes <= b->recv_bytes && a->recv_messages <= b->recv_messages;
}

LKSTATS_INLINE lkstats_traffic_t lkstats_verify_less(lkstats_traffic_t a, const lkstats_traffic_t *b) {
    a.send_bytes -= b->send_bytes;
    a.send_messages -= b->send_messages;
    a.recv_bytes -= b->recv_bytes;
    a.recv_messages -= b->recv_messages;
    return a;
}

LKSTATS_INLINE uint64_t lkstats_verify_add(uint64_t known, uint64_t window, uint64_t running) {
    return window < running - known ? known + window : running;
}

/* A window came. More than there is can come only where it is not known what came before. */
LKSTATS_INLINE void lkstats_verify_know(lkstats_verify_t *state, const lkstats_traffic_t *window) {
    lkstats_traffic_t *const known = &state->known;
    const lkstats_traffic_t *const most = &state->running;
    known->send_bytes = lkstats_verify_add(known->send_bytes, window->send_bytes, most->send_bytes);
    known->send_messages =
        lkstats_verify_add(known->send_messages, window->send_messages, most->send_messages);
    known->recv_bytes = lkstats_verify_add(known->recv_bytes, window->recv_bytes, most->recv_bytes);
    known->recv_messages =
        lkstats_verify_add(known->recv_messages, window->recv_messages, most->recv_messages);
}

LKSTATS_INLINE lkstats_verdict_t lkstats_verify_contradiction(lkstats_verify_t *state, uint32_t why) {
    state->why = why;
    if (why != LKSTATS_VERIFY_WHY_STATE && state->contradictions != UINT32_MAX)
        ++state->contradictions;
    return LKSTATS_VERIFY_CONTRADICTION;
}

LKSTATS_INLINE int32_t lkstats_verify_same_handle(const uint8_t *context, uint32_t slot, uint32_t tag,
                                                  const lkstats_verify_t *state) {
    uint32_t i;
    for (i = 0; i < 16; ++i)
        if (context[i] != state->context[i])
            return 0;
    return slot == state->slot && tag == state->tag;
}

/* The flags of an epoch that has such a record. */
LKSTATS_INLINE uint32_t lkstats_verify_flags(const lkstats_record_t *record) {
    return (record->channel == LKSTATS_CHANNEL_SIGNAL ? (uint32_t)LKSTATS_VERIFY_SIGNAL : 0U) |
           ((record->flags & LKSTATS_UNATTRIBUTED) != 0 ? (uint32_t)LKSTATS_VERIFY_UNATTRIBUTED : 0U);
}

/* Whether there can be such a record at all. */
LKSTATS_INLINE int32_t lkstats_verify_form(const lkstats_record_t *record) {
    const lkstats_key_t *const key = &record->key;
    const int32_t unattributed = (record->flags & LKSTATS_UNATTRIBUTED) != 0;

    if (key->epoch == 0 || key->sequence == 0 || !lkstats_verify_at_most(&record->window, &record->running))
        return 0;
    if (lkstats_verify_none(&record->window) != (key->kind != LKSTATS_RECORD_TRAFFIC))
        return 0;
    if (record->channel != LKSTATS_CHANNEL_SIGNAL)
        return key->kind == LKSTATS_RECORD_TRAFFIC && key->epoch == 1 && !unattributed;
    if (unattributed)
        return key->kind == LKSTATS_RECORD_TRAFFIC && key->sequence == 1;
    if (key->kind == LKSTATS_RECORD_JOINED)
        return key->sequence == 1 && lkstats_verify_none(&record->running);
    return (key->kind == LKSTATS_RECORD_TRAFFIC || key->kind == LKSTATS_RECORD_LEFT) && key->sequence >= 2;
}

/* How many of the sequences have traffic for certain. open: the last one may be a left alone. */
LKSTATS_INLINE uint64_t lkstats_verify_windows(uint32_t flags, uint64_t first, uint64_t last, uint32_t open) {
    const uint32_t joins =
        (flags & (LKSTATS_VERIFY_SIGNAL | LKSTATS_VERIFY_UNATTRIBUTED)) == LKSTATS_VERIFY_SIGNAL;
    return last - first + 1 - open - (joins && first == 1 ? 1U : 0U);
}

/* Whether running totals may be these two before and after the sequences from first to last, which may be none. */
LKSTATS_INLINE int32_t lkstats_verify_between(uint32_t flags, uint64_t first, uint64_t last, uint32_t open,
                                              const lkstats_traffic_t *before,
                                              const lkstats_traffic_t *after) {
    if (first > last)
        return lkstats_verify_equal(before, after);
    if (!lkstats_verify_at_most(before, after))
        return 0;
    if (lkstats_verify_windows(flags, first, last, open) != 0)
        return !lkstats_verify_equal(before, after);
    return open != 0 || lkstats_verify_equal(before, after);
}

/* Whether a window has its place among these sequences. */
LKSTATS_INLINE int32_t lkstats_verify_fits(uint32_t flags, const lkstats_verify_gap_t *among, uint32_t open,
                                           const lkstats_record_t *record) {
    const lkstats_traffic_t start = lkstats_verify_less(record->running, &record->window);
    const uint64_t sequence = record->key.sequence;
    return lkstats_verify_between(flags, among->first, sequence - 1, 0, &among->before, &start) &&
           lkstats_verify_between(flags, sequence + 1, among->last, open, &record->running, &among->after);
}

/* A gap is in its place in the list, of those that it replaces or comes in between. */
LKSTATS_INLINE void lkstats_verify_put(lkstats_verify_t *state, uint32_t at, uint32_t replaced,
                                       const lkstats_verify_gap_t *gaps, uint32_t count) {
    lkstats_verify_gap_t all[LKSTATS_VERIFY_GAPS_MAX + 1];
    uint32_t i;
    uint32_t n = 0;
    uint32_t least = 0;

    for (i = 0; i < at; ++i)
        all[n++] = state->gaps[i];
    for (i = 0; i < count; ++i)
        all[n++] = gaps[i];
    for (i = at + replaced; i < state->gap_count; ++i)
        all[n++] = state->gaps[i];
    if (n > LKSTATS_VERIFY_GAPS_MAX) {
        for (i = 1; i + 1 < n; ++i)
            if (all[i + 1].first - all[i].last < all[least + 1].first - all[least].last)
                least = i;
        all[least].last = all[least + 1].last;
        all[least].after = all[least + 1].after;
        all[least].missing += all[least + 1].missing;
        all[least].flags |= all[least + 1].flags | (uint32_t)LKSTATS_VERIFY_MERGED;
        for (--n, i = least + 1; i < n; ++i)
            all[i] = all[i + 1];
    }
    for (i = 0; i < n; ++i)
        state->gaps[i] = all[i];
    state->gap_count = n;
}

/* These sequences are missing. open: the last one is a left's, whose traffic, if there is any, is missing.
 * Returns: how many gaps it makes: none where there are none, or just that left. */
LKSTATS_INLINE uint32_t lkstats_verify_gap_of(lkstats_verify_t *state, uint64_t first, uint64_t last,
                                              uint32_t open, const lkstats_traffic_t *before,
                                              const lkstats_traffic_t *after, lkstats_verify_gap_t *gap) {
    if (first <= last && open != 0 && lkstats_verify_equal(before, after)) {
        state->flags |= LKSTATS_VERIFY_ALONE;
        open = 0;
        --last;
    }
    if (first > last)
        return 0;
    if (open != 0 && lkstats_verify_windows(state->flags, first, last, 1) == 0)
        open = 0; /* only that sequence can have had the traffic */
    gap->first = (uint32_t)first;
    gap->last = (uint32_t)last;
    gap->missing = (uint32_t)(last - first + 1 - open);
    gap->flags = open != 0 ? (uint32_t)LKSTATS_VERIFY_OPEN : 0U;
    gap->before = *before;
    gap->after = *after;
    return 1;
}

/* Whether a left came with that sequence, and its traffic did not. */
LKSTATS_INLINE uint32_t lkstats_verify_ends_open(const lkstats_verify_t *state, uint32_t last) {
    return (state->flags & LKSTATS_VERIFY_OVER) != 0 && last == state->newest;
}

/* One that is newer than all before it, whose sequence makes no gap itself unless it is a left. */
LKSTATS_INLINE lkstats_verdict_t lkstats_verify_newer(lkstats_verify_t *state,
                                                      const lkstats_record_t *record) {
    const uint32_t flags = lkstats_verify_flags(record);
    const uint32_t sequence = record->key.sequence;
    const uint32_t left = record->key.kind == LKSTATS_RECORD_LEFT;
    const uint64_t first = (uint64_t)state->newest + 1;
    const uint64_t last = left ? sequence : (uint64_t)sequence - 1;
    const lkstats_traffic_t start = lkstats_verify_less(record->running, &record->window);
    lkstats_verify_gap_t gap;
    uint32_t count;
    uint32_t i;

    if ((state->flags & LKSTATS_VERIFY_OVER) != 0)
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_OVER);
    if (!lkstats_verify_between(flags, first, last, left, &state->running, &start))
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_TOTALS);
    if (state->newest == 0) {
        for (i = 0; i < 16; ++i)
            state->context[i] = record->key.context[i];
        state->slot = record->key.slot;
        state->tag = record->key.tag;
        state->epoch = record->key.epoch;
        state->flags = flags;
    }
    count = lkstats_verify_gap_of(state, first, last, left, &state->running, &start, &gap);
    if (left || (flags & LKSTATS_VERIFY_UNATTRIBUTED) != 0)
        state->flags |= LKSTATS_VERIFY_OVER;
    state->newest = sequence;
    state->running = record->running;
    state->window = record->window;
    lkstats_verify_know(state, &record->window);
    if (count == 0)
        return LKSTATS_VERIFY_NEXT;
    lkstats_verify_put(state, state->gap_count, 0, &gap, 1);
    return LKSTATS_VERIFY_GAP;
}

/* A left that is not newer. */
LKSTATS_INLINE lkstats_verdict_t lkstats_verify_left(lkstats_verify_t *state,
                                                     const lkstats_record_t *record) {
    const int32_t agrees = lkstats_verify_equal(&record->running, &state->running);

    if ((state->flags & LKSTATS_VERIFY_OVER) != 0) {
        if (record->key.sequence == state->newest && agrees)
            return LKSTATS_VERIFY_DUPLICATE;
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_CONTENT);
    }
    if (record->key.sequence != state->newest)
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_OVER);
    if (!agrees)
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_TOTALS);
    state->flags |= LKSTATS_VERIFY_OVER;
    return LKSTATS_VERIFY_NEXT;
}

/* One whose sequence is in the gap of that number. */
LKSTATS_INLINE lkstats_verdict_t lkstats_verify_late(lkstats_verify_t *state, uint32_t number,
                                                     const lkstats_record_t *record) {
    lkstats_verify_gap_t *const gap = &state->gaps[number];
    const uint32_t open = lkstats_verify_ends_open(state, gap->last);
    const uint64_t sequence = record->key.sequence;
    lkstats_verify_gap_t rest[2];
    lkstats_traffic_t start;
    uint32_t count;

    if (!lkstats_verify_fits(state->flags, gap, open, record))
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_TOTALS);
    lkstats_verify_know(state, &record->window);
    if ((gap->flags & LKSTATS_VERIFY_MERGED) != 0) {
        gap->flags |= LKSTATS_VERIFY_TOUCHED;
        gap->missing -= gap->missing != 0;
        return LKSTATS_VERIFY_UNSURE;
    }
    if (sequence == state->newest)
        state->window = record->window;
    start = lkstats_verify_less(record->running, &record->window);
    count = lkstats_verify_gap_of(state, gap->first, sequence - 1, 0, &gap->before, &start, &rest[0]);
    count += lkstats_verify_gap_of(state, sequence + 1, gap->last, open, &record->running, &gap->after,
                                   &rest[count]);
    lkstats_verify_put(state, number, 1, rest, count);
    return LKSTATS_VERIFY_LATE;
}

/* One that came already, between the gap of that number and the one before it. */
LKSTATS_INLINE lkstats_verdict_t lkstats_verify_again(lkstats_verify_t *state, uint32_t number,
                                                      const lkstats_record_t *record) {
    const lkstats_traffic_t nothing = {0, 0, 0, 0};
    const uint32_t sequence = record->key.sequence;
    lkstats_verify_gap_t among;

    among.first = number == 0 ? 1 : state->gaps[number - 1].last + 1;
    among.before = number == 0 ? nothing : state->gaps[number - 1].after;
    if (number < state->gap_count) {
        among.last = state->gaps[number].first - 1;
        among.after = state->gaps[number].before;
    } else {
        among.last = state->newest - ((state->flags & LKSTATS_VERIFY_ALONE) != 0 ? 1U : 0U);
        among.after = state->running;
    }
    if (sequence > among.last || !lkstats_verify_fits(state->flags, &among, 0, record) ||
        (sequence == state->newest && !lkstats_verify_equal(&record->window, &state->window)))
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_CONTENT);
    return LKSTATS_VERIFY_DUPLICATE;
}

/* ---- For hosts ---------------------------------------------------------------------------------- */

/* Takes a record, of which it reads key, window, running, channel and flags. All records that are given to one state
 * are of one epoch; their order does not matter, nor how often each comes. That a key came before with another content
 * is seen of the newest record, and of others as far as their figures don't fit between their neighbours'. A kind of
 * record that this header does not know is a contradiction.
 * Returns: the verdict. LKSTATS_VERIFY_CONTRADICTION, the one for NULL too, changes nothing but why and, unless that is
 *          LKSTATS_VERIFY_WHY_STATE, contradictions.
 * Thread: one at a time for the same state.
 * Since: 0.1.0 */
LKSTATS_INLINE lkstats_verdict_t lkstats_verify_take(lkstats_verify_t *state,
                                                     const lkstats_record_t *record) {
    uint32_t number = 0;

    if (state == 0)
        return LKSTATS_VERIFY_CONTRADICTION;
    if (record == 0 || state->gap_count > LKSTATS_VERIFY_GAPS_MAX ||
        (state->newest != 0 &&
         (record->key.epoch != state->epoch ||
          !lkstats_verify_same_handle(record->key.context, record->key.slot, record->key.tag, state))))
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_STATE);
    if (!lkstats_verify_form(record))
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_FORM);
    if (state->newest != 0 && (state->flags & (LKSTATS_VERIFY_SIGNAL | LKSTATS_VERIFY_UNATTRIBUTED)) !=
                                  lkstats_verify_flags(record))
        return lkstats_verify_contradiction(state, LKSTATS_VERIFY_WHY_CONTENT);
    if (record->key.sequence > state->newest)
        return lkstats_verify_newer(state, record);
    if (record->key.kind == LKSTATS_RECORD_LEFT)
        return lkstats_verify_left(state, record);
    while (number < state->gap_count && state->gaps[number].last < record->key.sequence)
        ++number;
    if (number < state->gap_count && state->gaps[number].first <= record->key.sequence)
        return lkstats_verify_late(state, number, record);
    return lkstats_verify_again(state, number, record);
}

/* What is missing before the newest record that came, in sequences and in traffic. Nothing came: nothing is missing, as
 * far as one can see.
 * Since: 0.1.0 */
LKSTATS_INLINE lkstats_missing_t lkstats_verify_missing(const lkstats_verify_t *state) {
    lkstats_missing_t missing = {0, 1, {0, 0, 0, 0}};
    uint32_t i;

    if (state == 0 || state->gap_count > LKSTATS_VERIFY_GAPS_MAX)
        return missing;
    for (i = 0; i < state->gap_count; ++i) {
        missing.sequences += state->gaps[i].missing;
        if ((state->gaps[i].flags & (LKSTATS_VERIFY_TOUCHED | LKSTATS_VERIFY_OPEN)) != 0)
            missing.exact = 0;
    }
    missing.traffic = lkstats_verify_less(state->running, &state->known);
    return missing;
}

/* Whether something came, and everything before the newest of it did: nothing is missing so far.
 * Since: 0.1.0 */
LKSTATS_INLINE int32_t lkstats_verify_gapless(const lkstats_verify_t *state) {
    return state != 0 && state->newest != 0 && state->gap_count == 0;
}

/* Whether it is gapless, nothing contradicted, and, of a signal connection, its last record came. Of a data track,
 * whose records don't say which is the last, it means so far.
 * Since: 0.1.0 */
LKSTATS_INLINE int32_t lkstats_verify_complete(const lkstats_verify_t *state) {
    return lkstats_verify_gapless(state) && state->contradictions == 0 &&
           (state->flags & (LKSTATS_VERIFY_SIGNAL | LKSTATS_VERIFY_OVER)) != LKSTATS_VERIFY_SIGNAL;
}

/* Whether nothing is missing between two epochs: state is of the same handle as former, of the epoch after it, and
 * former is complete. former NULL: whether state is of epoch 1. Where this is so of all epochs of a handle, one after the
 * other, and the last is complete, every byte came that was reported of it.
 * Since: 0.1.0 */
LKSTATS_INLINE int32_t lkstats_verify_follows(const lkstats_verify_t *state, const lkstats_verify_t *former) {
    if (state == 0 || state->newest == 0)
        return 0;
    if (former == 0)
        return state->epoch == 1;
    return lkstats_verify_complete(former) && (former->flags & LKSTATS_VERIFY_UNATTRIBUTED) == 0 &&
           lkstats_verify_same_handle(former->context, former->slot, former->tag, state) &&
           state->epoch - 1 == former->epoch;
}

/* A word for a verdict ("duplicate"), and a sentence for what contradicted last. Never NULL; static.
 * Since: 0.1.0 */
LKSTATS_INLINE const char *lkstats_verify_name(lkstats_verdict_t verdict) {
#define LKSTATS_VERIFY_CASE(name, value, text)                                                               \
    case name:                                                                                               \
        return text;
    switch (verdict) { LKSTATS_VERDICT_LIST(LKSTATS_VERIFY_CASE) }
    return "unknown";
}
LKSTATS_INLINE const char *lkstats_verify_why(const lkstats_verify_t *state) {
    switch (state == 0 ? (uint32_t)LKSTATS_VERIFY_WHY_STATE : state->why) {
        LKSTATS_VERIFY_WHY_LIST(LKSTATS_VERIFY_CASE)
    }
#undef LKSTATS_VERIFY_CASE
    return "unknown";
}

#ifdef __cplusplus
}
#endif

#endif
