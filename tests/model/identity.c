/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include "story.h"

#include <stdio.h>
#include <string.h>

enum { COUNTRY, ROOM_SID, ROOM_NAME, PARTICIPANT_SID, PARTICIPANT_IDENTITY, TRACK_ID, TENANT };

static const char *const names[IDENTITY_TEXTS] = {
    "country", "room_sid", "room_name", "participant_sid", "participant_identity", "track_id", "tenant"};

/* Few are long, so that most runs spend their time elsewhere; the longest need more than one record. */
static uint32_t draw_text(char *text) {
    static const char *const pieces[] = {
        "a", "Z", "7", "_", " ", "\xc3\xa9", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80"};
    const uint64_t limit = one_in(12) ? LKSTATS_STRING_MAX : below(14);
    uint32_t size = 0;
    for (;;) {
        const char *piece = pieces[below(sizeof pieces / sizeof *pieces)];
        const uint32_t more = (uint32_t)strlen(piece);
        if (size + more > limit)
            return size;
        memcpy(text + size, piece, more);
        size += more;
    }
}

void identity_draw(identity_t *who) {
    static const int32_t channels[] = {0, LKSTATS_CHANNEL_DATA, LKSTATS_CHANNEL_DATA_TRACK};
    for (int i = 0; i < IDENTITY_TEXTS; i++)
        who->size[i] = one_in(6) ? 0 : draw_text(who->text[i]);
    who->kind = one_in(3) ? (int32_t)draw() : (int32_t)below(8);
    who->details_count = (uint32_t)(one_in(2) ? 0 : below(LKSTATS_KIND_DETAILS_MAX + 1));
    for (uint32_t i = 0; i < who->details_count; i++)
        who->details[i] = one_in(4) ? (int32_t)draw() : (int32_t)below(5);
    who->channel = channels[below(3)];
}

static lkstats_string_t *option_text(lkstats_track_options_t *options, int which) {
    lkstats_string_t *const texts[IDENTITY_TEXTS] = {&options->country,
                                                     &options->room_sid,
                                                     &options->room_name,
                                                     &options->participant_sid,
                                                     &options->participant_identity,
                                                     &options->track_id,
                                                     &options->tenant};
    return texts[which];
}

void identity_give(const identity_t *who, lkstats_track_options_t *options) {
    *options = (lkstats_track_options_t){.struct_size = sizeof *options,
                                         .channel = who->channel,
                                         .participant_kind = who->kind,
                                         .kind_details_count = who->details_count,
                                         .kind_details = who->details_count ? who->details : NULL};
    for (int i = 0; i < IDENTITY_TEXTS; i++)
        *option_text(options, i) = (lkstats_string_t){who->size[i] ? who->text[i] : NULL, who->size[i]};
}

static const char *spoil_text(lkstats_string_t *text) {
    static char longest[LKSTATS_STRING_MAX + 1];
    static const struct {
        lkstats_string_t text;
        const char *what;
    } bad[] = {
        {{"a\0b", 3}, "a NUL"},
        {{"\x80", 1}, "a continuation byte"},
        {{"ab\xc3", 3}, "a cut off character"},
        {{"\xc0\x80", 2}, "an overlong character"},
        {{"\xed\xa0\x80", 3}, "a surrogate"},
        {{"\xf4\x90\x80\x80", 4}, "a character past U+10FFFF"},
        {{"\xff", 1}, "a byte that is in no character"},
        {{NULL, 1}, "no bytes but a size"},
        {{longest, sizeof longest}, "257 bytes"},
    };
    memset(longest, 'x', sizeof longest);
    const uint64_t which = below(sizeof bad / sizeof *bad);
    *text = bad[which].text;
    return bad[which].what;
}

const char *identity_spoil(lkstats_track_options_t *options) {
    static const int32_t channels[] = {LKSTATS_CHANNEL_SIGNAL, -1, 4, INT32_MAX};
    static const uint32_t sizes[] = {0, 4, sizeof *options - 1, 4097, UINT32_MAX};
    static const int32_t details[LKSTATS_KIND_DETAILS_MAX + 1];
    switch (below(4)) {
    case 0:
        options->channel = channels[below(4)];
        return "the channel";
    case 1:
        options->struct_size = sizes[below(5)];
        return "the struct size";
    case 2:
        options->kind_details = details;
        options->kind_details_count = LKSTATS_KIND_DETAILS_MAX + 1;
        return "33 kind details";
    default:
        return spoil_text(option_text(options, (int)below(IDENTITY_TEXTS)));
    }
}

static void expect_text(const char *name, lkstats_string_t found, const char *text, uint64_t size) {
    must(found.size == size && (size == 0 || memcmp(found.data, text, size) == 0),
         "%s is \"%.*s\" (%llu bytes), not \"%.*s\" (%llu bytes)", name, (int)found.size,
         found.size ? found.data : "", (unsigned long long)found.size, (int)size, text,
         (unsigned long long)size);
}

static void expect_track_id(const identity_t *who, lkstats_string_t found) {
    char made[sizeof "TR_DT" + LKSTATS_STRING_MAX];
    const uint32_t sid = who->size[PARTICIPANT_SID];
    if (who->size[TRACK_ID] || !sid) {
        expect_text(names[TRACK_ID], found, who->text[TRACK_ID], who->size[TRACK_ID]);
        return;
    }
    snprintf(made, sizeof made, "TR_DT%.*s", (int)sid, who->text[PARTICIPANT_SID]);
    expect_text(names[TRACK_ID], found, made, strlen("TR_DT") + sid);
}

void identity_expect(const identity_t *who, const lkstats_record_t *record) {
    const lkstats_string_t found[IDENTITY_TEXTS] = {record->country,
                                                    record->room_sid,
                                                    record->room_name,
                                                    record->participant_sid,
                                                    record->participant_identity,
                                                    record->track_id,
                                                    record->tenant};
    for (int i = 0; i < IDENTITY_TEXTS; i++)
        if (i != TRACK_ID)
            expect_text(names[i], found[i], who->text[i], who->size[i]);
    expect_track_id(who, found[TRACK_ID]);

    const int32_t channel = who->channel ? who->channel : LKSTATS_CHANNEL_DATA;
    must(record->channel == channel, "the channel is %d, not %d", record->channel, channel);
    must(record->participant_kind == who->kind, "the participant's kind is %d, not %d",
         record->participant_kind, who->kind);
    must(record->kind_details_count == who->details_count, "%u kind details, not %u",
         record->kind_details_count, who->details_count);
    must(who->details_count == 0 ||
             memcmp(record->kind_details, who->details, who->details_count * sizeof *who->details) == 0,
         "the kind details are others");
}
