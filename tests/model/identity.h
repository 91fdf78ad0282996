/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever traffic belongs to: made at random, given to the library, expected in every record. */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "lkstats.h"

enum { IDENTITY_TEXTS = 7 };

typedef struct identity {
    char text[IDENTITY_TEXTS][LKSTATS_STRING_MAX];
    uint32_t size[IDENTITY_TEXTS];
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    uint32_t details_count;
    int32_t kind;
    int32_t channel;
} identity_t;

void identity_draw(identity_t *who);

/* The options point into who. */
void identity_give(const identity_t *who, lkstats_track_options_t *options);

/* Makes one mistake in the options, and says which. */
const char *identity_spoil(lkstats_track_options_t *options);

void identity_expect(const identity_t *who, const lkstats_record_t *record);

#endif
