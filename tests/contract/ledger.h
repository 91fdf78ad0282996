/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that outlives the process that wrote to it: what a host saw before it was killed. */
#ifndef LEDGER_H
#define LEDGER_H

#include "host.h"

/* Zeros, shared with the children that are forked from here on, at the same address. Never given back. */
void *shared_memory(size_t size);

enum { LEDGER_RECORDS = 256, LEDGER_BYTES = 1 << 17 };

/* Copies of records; all is as if they were kept by host_keep, but not to be freed. In shared_memory. */
typedef struct ledger {
    host_records_t all;
    size_t used;
    lkstats_record_t records[LEDGER_RECORDS];
    char bytes[LEDGER_BYTES];
} ledger_t;

ledger_t *ledger_make(void);
void ledger_keep(ledger_t *ledger, const lkstats_batch_t *batch);
/* Keeps the next batch, which there has to be, and leaves it out. */
lkstats_batch_t ledger_take(ledger_t *ledger, lkstats_t *ctx);
/* Takes, keeps and acknowledges until there is nothing. */
void ledger_drain(ledger_t *ledger, lkstats_t *ctx);

/* Copies of all of one behind the other. */
void records_append(host_records_t *to, const host_records_t *from);
/* Those of a context's only. */
host_records_t records_of(const host_records_t *all, const uint8_t *context);
/* Slot by slot the same, but for the numbers of context, slot and tag. */
void assert_alike(const host_records_t *one, const host_records_t *other);
/* Each key once. */
void assert_each_once(const host_records_t *all);

#endif
