/* SPDX-License-Identifier: Apache-2.0 */
/* A consumer of lkstats' reports: prints each as it comes, sums them up, acknowledges them. */
#ifndef REPORTS_H
#define REPORTS_H

#include "ledger.h"
#include "lkstats.h"

struct reports {
    const lkstats_api_t *api;
    lkstats_t *ctx;
    bool quiet;
    struct ledger sums;                                       /* per room, participant and channel */
    void (*each)(void *user, const lkstats_record_t *record); /* may be NULL */
    void *user;
    uint64_t batches;
    uint64_t records;
    uint64_t given_back;
};

/* Prints the heading of the table. */
void reports_heading(const struct reports *reports);

/* Adds what a record says to a row. */
void reports_sum(struct ledger_row *row, const lkstats_record_t *record);

/* Takes a batch and answers it. Returns what lkstats_next or the answer returned. */
lkstats_status_t reports_take(struct reports *reports);

#endif
