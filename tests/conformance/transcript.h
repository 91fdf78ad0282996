/* SPDX-License-Identifier: Apache-2.0 */
/* How a transcript writes what a call handed out; README.md has the format. All of it goes to standard output. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "lkstats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As the script writes it: '=' and the bytes. */
void tell_string(const char *data, uint64_t size);
void tell_traffic(const lkstats_traffic_t *traffic);
void tell_time(const lkstats_time_t *time);
void tell_details(const int32_t *details, uint32_t count);
void tell_stats(const uint8_t *data, uint64_t size);
/* Of a metrics text: the lines of bytes and messages. */
void tell_metrics(const char *text, uint64_t size);

#ifdef __cplusplus
}
#endif

#endif
