/* SPDX-License-Identifier: Apache-2.0 */
/* What a host may have been doing when it was killed. Each is a life_t; the argument is a ledger_t, which has what
 * was delivered and acknowledged before. */
#ifndef LIVES_H
#define LIVES_H

#include "dead.h"

typedef struct life {
    const char *name;
    life_t live;
    size_t delivered; /* records that were acknowledged before its end */
    const char *owed; /* what it owes then, as host_told says it */
} life_of_a_host_t;

extern const life_of_a_host_t lives[];
extern const size_t lives_count;

/* "PA_much" sends LIFE_ROUNDS / 2 + 1 times the most that an add takes, and receives the same. */
enum { LIFE_ROUNDS = 40 };
void life_of_much_traffic(lkstats_t *ctx, void *argument);

/* Three epochs of one signal connection, each of which owes all it has; and a data track beside it. */
void life_of_many_epochs(lkstats_t *ctx, void *argument);

#endif
