/* SPDX-License-Identifier: Apache-2.0 */
/* What lkstats_metrics says, as a scraper reads it. A sample is known by all that stands before its value, as in
 * lkstats_tracks{channel="data",state="live"}. */
#ifndef SCRAPE_H
#define SCRAPE_H

#include "host.h"

/* With a terminator; the caller frees it. */
char *scrape_text(lkstats_t *ctx, uint32_t format);

/* Where there is no such sample the test fails. Of the one in seconds: nanoseconds. */
uint64_t scrape_in(const char *text, const char *sample);
uint64_t scrape(lkstats_t *ctx, const char *sample);

/* Lines that are samples, whole series that is. */
size_t scrape_series(const char *text);

/* lkstats_bytes_total and lkstats_messages_total of LKSTATS_CHANNEL_..., and the unattributed ones. */
lkstats_traffic_t scrape_counted_in(const char *text, int32_t channel);
lkstats_traffic_t scrape_counted(lkstats_t *ctx, int32_t channel);
lkstats_traffic_t scrape_unattributed(lkstats_t *ctx);

/* Fails when a sample that only grows is smaller in now than in before. */
void scrape_assert_grown(const char *before, const char *now);

#endif
