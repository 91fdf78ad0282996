/* SPDX-License-Identifier: Apache-2.0 */
#include "signal_model_whose.h"

#include "story.h"

#include <stdio.h>
#include <string.h>

/* Identities past this need memory of their own; the header says some 150 bytes. */
enum { LONG = 80 };

/* Hardly two are the same, so that a part of another epoch's identity is not taken for its own. */
static void draw_text(text_t *text, const char *prefix) {
    const uint32_t size = (uint32_t)snprintf(text->bytes, sizeof text->bytes, "%s%llx", prefix,
                                             (unsigned long long)(draw() & 0xffffff));
    text->size = size;
    if (!one_in(10))
        return;
    text->size = one_in(2) ? LKSTATS_STRING_MAX : size + (uint32_t)below(LKSTATS_STRING_MAX - size);
    memset(text->bytes + size, 'a' + (int)below(26), text->size - size);
}

static void draw_text_or_none(text_t *text, const char *prefix) {
    text->size = 0;
    if (!one_in(6))
        draw_text(text, prefix);
}

/* Most say none: then another part's counts. */
static void draw_tenant(text_t *text, const char *prefix) {
    text->size = 0;
    if (one_in(3))
        draw_text(text, prefix);
}

void whose_draw_handle(whose_t *whose, int32_t channel) {
    *whose = (whose_t){.channel = channel};
    draw_text_or_none(&whose->country, "C");
    draw_text_or_none(&whose->tenant, "tenant ");
}

void whose_draw_room(whose_t *whose) {
    draw_text(&whose->room_sid, "RM_");
    draw_text_or_none(&whose->room_name, "room ");
    draw_tenant(&whose->room_tenant, "its ");
}

void whose_draw_participant(whose_t *whose) {
    draw_text(&whose->participant_sid, "PA_");
    draw_text_or_none(&whose->participant_identity, "who ");
    draw_tenant(&whose->participant_tenant, "theirs ");
    whose->kind = one_in(3) ? (int32_t)draw() : (int32_t)below(8);
    whose->details_count = (uint32_t)(one_in(2) ? 0 : below(LKSTATS_KIND_DETAILS_MAX + 1));
    for (uint32_t i = 0; i < whose->details_count; i++)
        whose->details[i] = one_in(4) ? (int32_t)draw() : (int32_t)below(5);
}

/* ---- Given ---- */

static lkstats_string_t string(const text_t *text) {
    return (lkstats_string_t){text->size ? text->bytes : NULL, text->size};
}

lkstats_signal_options_t whose_signal(const whose_t *whose) {
    return (lkstats_signal_options_t){.struct_size = sizeof(lkstats_signal_options_t),
                                      .country = string(&whose->country),
                                      .tenant = string(&whose->tenant)};
}

lkstats_track_options_t whose_track(const whose_t *whose) {
    return (lkstats_track_options_t){.struct_size = sizeof(lkstats_track_options_t),
                                     .channel = whose->channel,
                                     .participant_kind = whose->kind,
                                     .kind_details_count = whose->details_count,
                                     .kind_details = whose->details,
                                     .country = string(&whose->country),
                                     .room_sid = string(&whose->room_sid),
                                     .room_name = string(&whose->room_name),
                                     .participant_sid = string(&whose->participant_sid),
                                     .participant_identity = string(&whose->participant_identity),
                                     .tenant = string(&whose->tenant)};
}

lkstats_room_t whose_room(const whose_t *whose) {
    return (lkstats_room_t){.struct_size = sizeof(lkstats_room_t),
                            .sid = string(&whose->room_sid),
                            .name = string(&whose->room_name),
                            .tenant = string(&whose->room_tenant)};
}

lkstats_participant_t whose_participant(const whose_t *whose) {
    return (lkstats_participant_t){.struct_size = sizeof(lkstats_participant_t),
                                   .kind = whose->kind,
                                   .kind_details = whose->details,
                                   .kind_details_count = whose->details_count,
                                   .sid = string(&whose->participant_sid),
                                   .identity = string(&whose->participant_identity),
                                   .tenant = string(&whose->participant_tenant)};
}

static uint32_t weight(const whose_t *whose) {
    return whose->country.size + whose->tenant.size + whose->room_sid.size + whose->room_name.size +
           2 * whose->participant_sid.size + whose->participant_identity.size + whose->room_tenant.size +
           whose->participant_tenant.size + 10 * (whose->details_count + 1);
}

int whose_are_long(const whose_t *known, const whose_t *more) { return weight(known) + weight(more) > LONG; }

/* ---- Expected ---- */

static void expect_text(const char *name, lkstats_string_t found, const text_t *text, int known) {
    const uint32_t size = known ? text->size : 0;
    must(found.size == size && (size == 0 || memcmp(found.data, text->bytes, size) == 0),
         "%s is \"%.*s\" (%llu bytes), not \"%.*s\" (%u bytes)", name, (int)found.size,
         found.size ? found.data : "", (unsigned long long)found.size, (int)size, text->bytes, size);
}

static void expect_track_id(const whose_t *whose, lkstats_string_t found) {
    static const char *const prefixes[] = {"", "TR_DT", "TR_DT", "TR_SG"};
    const char *prefix = prefixes[whose->channel];
    const uint64_t sid = whose->participant_sid.size;
    const uint64_t size = whose->participant_known ? strlen(prefix) + sid : 0;
    must(found.size == size &&
             (size == 0 || (memcmp(found.data, prefix, strlen(prefix)) == 0 &&
                            memcmp(found.data + strlen(prefix), whose->participant_sid.bytes, sid) == 0)),
         "the track id is \"%.*s\"", (int)found.size, found.size ? found.data : "");
}

/* The nearest that is known and says one. A data track has it at the handle alone. */
static const text_t *tenant_of(const whose_t *whose) {
    if (whose->channel == LKSTATS_CHANNEL_SIGNAL && whose->participant_known &&
        whose->participant_tenant.size)
        return &whose->participant_tenant;
    if (whose->channel == LKSTATS_CHANNEL_SIGNAL && whose->room_known && whose->room_tenant.size)
        return &whose->room_tenant;
    return &whose->tenant;
}

void whose_expect(const whose_t *whose, const lkstats_record_t *record) {
    const uint32_t details = whose->participant_known ? whose->details_count : 0;
    const int32_t kind = whose->participant_known ? whose->kind : 0;
    expect_text("country", record->country, &whose->country, 1);
    expect_text("tenant", record->tenant, tenant_of(whose), 1);
    expect_text("room_sid", record->room_sid, &whose->room_sid, whose->room_known);
    expect_text("room_name", record->room_name, &whose->room_name, whose->room_known);
    expect_text("participant_sid", record->participant_sid, &whose->participant_sid,
                whose->participant_known);
    expect_text("participant_identity", record->participant_identity, &whose->participant_identity,
                whose->participant_known);
    expect_track_id(whose, record->track_id);
    must(record->channel == whose->channel, "the channel is %d, not %d", record->channel, whose->channel);
    must(record->participant_kind == kind, "the participant's kind is %d, not %d", record->participant_kind,
         kind);
    must(record->kind_details_count == details, "%u kind details, not %u", record->kind_details_count,
         details);
    must(details == 0 || memcmp(record->kind_details, whose->details, details * sizeof *whose->details) == 0,
         "the kind details are others");
}
