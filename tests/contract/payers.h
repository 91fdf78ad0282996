/* SPDX-License-Identifier: Apache-2.0 */
/* Signal connections whose tenant is said in any of the three places where it can be; each place's is its name. */
#ifndef PAYERS_H
#define PAYERS_H

#include "host.h"

/* Where it is said: any of them together. */
enum { PAYERS_CONNECTION = 1, PAYERS_ROOM = 2, PAYERS_PARTICIPANT = 4, PAYERS_ALL = 7 };

lkstats_signal_t payers_signal(lkstats_t *ctx, unsigned said);
lkstats_status_t payers_resolve_room(lkstats_signal_t signal, const char *sid, unsigned said);
lkstats_status_t payers_resolve_participant(lkstats_signal_t signal, const char *sid, unsigned said);
/* Whoever has to pay when both are known: "" where nobody is said. */
const char *payers_nearest(unsigned said);

#endif
