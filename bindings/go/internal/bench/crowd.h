/* SPDX-License-Identifier: Apache-2.0 */
/* What the library itself takes: the same participants as churn.go's and consume.go's, in C. */
#ifndef CROWD_H
#define CROWD_H

#include <lkstats.h>

/* Everything below is for one crowd, of that many. */
lkstats_status_t crowd_open(uint32_t count, uint32_t max_tracks);
void crowd_close(void);

/* Each gets a track, says something, and stops. */
lkstats_status_t crowd_come(void);
lkstats_status_t crowd_talk(void);
lkstats_status_t crowd_go(void);

/* Lets the clock move on, and freezes what is due. */
lkstats_status_t crowd_advance(int64_t ns);
/* Takes and acknowledges every batch there is, and looks at each record. */
lkstats_status_t crowd_consume(uint64_t *records, uint64_t *bytes);

#endif
