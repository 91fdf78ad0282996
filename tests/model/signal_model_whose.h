/* SPDX-License-Identifier: Apache-2.0 */
/* Whose traffic is: room and participant made at random, given to the library, expected in every record. */
#ifndef SIGNAL_MODEL_WHOSE_H
#define SIGNAL_MODEL_WHOSE_H

#include "lkstats.h"

typedef struct text {
    uint32_t size;
    char bytes[LKSTATS_STRING_MAX];
} text_t;

typedef struct whose {
    int32_t channel;
    text_t country, tenant; /* of the handle */
    int room_known;
    text_t room_sid, room_name, room_tenant;
    int participant_known;
    text_t participant_sid, participant_identity, participant_tenant;
    int32_t kind;
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    uint32_t details_count;
} whose_t;

/* Each fills its part with something new. */
void whose_draw_handle(whose_t *whose, int32_t channel);
void whose_draw_room(whose_t *whose);
void whose_draw_participant(whose_t *whose);

/* What the library is told points into whose. */
lkstats_signal_options_t whose_signal(const whose_t *whose);
lkstats_track_options_t whose_track(const whose_t *whose);
lkstats_room_t whose_room(const whose_t *whose);
lkstats_participant_t whose_participant(const whose_t *whose);

/* Together: an identity that needs more memory than its epoch has anyway. */
int whose_are_long(const whose_t *known, const whose_t *more);

/* As far as it is known. */
void whose_expect(const whose_t *whose, const lkstats_record_t *record);

#endif
