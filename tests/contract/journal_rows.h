/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a segment of a journal, for a test in C. */
#ifndef JOURNAL_ROWS_H
#define JOURNAL_ROWS_H

#include "lkstats.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What record points to is there until it returns. */
typedef void (*journal_row_t)(void *argument, const lkstats_record_t *record, lkstats_string_t node);

/* Calls row for each, in their order. False: the segment is not whole. */
bool journal_rows(const void *segment, uint64_t size, journal_row_t row, void *argument);

#ifdef __cplusplus
}
#endif

#endif
