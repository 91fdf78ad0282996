/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host in a soak writes to its receiver's file of each record that it takes, before it acknowledges it: rows
 * of 256 bytes, all those of a batch in one write. A kill can cut the last one short; then its batch was not
 * acknowledged. A row more says that it was, once it was. And who an account's identity is: both sides say the same from its number.
 */
#ifndef SOAK_ROW_H
#define SOAK_ROW_H

#include "lkstats.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    SOAK_NAME_SIZE = 24,
    SOAK_ROW_END = 0x21776f72, /* "row!" */
    SOAK_ROW_ACK = 0x216b6361  /* "ack!": not a record: the batch of that number was acknowledged */
};

struct soak_row {
    lkstats_key_t key;
    lkstats_time_t start;
    lkstats_time_t end;
    lkstats_traffic_t window;
    lkstats_traffic_t running;
    uint32_t flags;
    int32_t channel;
    uint64_t identity_sum; /* of all strings, see soak_identity_sum */
    char identity
        [SOAK_NAME_SIZE];      /* the participant's; like the following the beginning only, zeros behind it */
    char room[SOAK_NAME_SIZE]; /* its name */
    char tenant[SOAK_NAME_SIZE];
    char node[SOAK_NAME_SIZE]; /* the batch's */
    uint32_t last;             /* SOAK_ROW_END */
    uint32_t batch;            /* 1, 2, 3 ... in the file */
};

static_assert(offsetof(struct soak_row, start) == 40, "start");
static_assert(offsetof(struct soak_row, window) == 72, "window");
static_assert(offsetof(struct soak_row, flags) == 136, "flags");
static_assert(offsetof(struct soak_row, identity_sum) == 144, "identity_sum");
static_assert(offsetof(struct soak_row, identity) == 152, "identity");
static_assert(offsetof(struct soak_row, last) == 248, "last");
static_assert(sizeof(struct soak_row) == 256, "a row");

/* "a<account>", of a shared connection "a<account>e<epoch>", and behind a dash as many x as account says: so that some
 * identities need more than a record's own room. */
struct soak_name {
    char text[LKSTATS_STRING_MAX + 1];
};

static inline struct soak_name soak_name_of(const char *prefix, uint32_t account, uint32_t epoch) {
    struct soak_name name;
    const size_t more = account % 5 == 0 ? 150 : account % 16;
    size_t size;
    if (epoch != 0)
        snprintf(name.text, sizeof name.text, "%sa%ue%u-", prefix, account, epoch);
    else
        snprintf(name.text, sizeof name.text, "%sa%u-", prefix, account);
    size = strlen(name.text);
    memset(name.text + size, 'x', more);
    name.text[size + more] = 0;
    return name;
}

static inline uint64_t soak_sum_string(uint64_t sum, const char *data, uint64_t size) {
    for (uint64_t i = 0; i <= size; i++) /* a zero behind each */
        sum = (sum ^ (i < size ? (uint8_t)data[i] : 0)) * UINT64_C(0x100000001b3);
    return sum;
}

#define SOAK_SUM_START UINT64_C(0xcbf29ce484222325)

/* Room sid, room name, participant sid, identity: FNV-1a over each and a zero. */
static inline uint64_t soak_identity_sum(const lkstats_record_t *record) {
    uint64_t sum = soak_sum_string(SOAK_SUM_START, record->room_sid.data, record->room_sid.size);
    sum = soak_sum_string(sum, record->room_name.data, record->room_name.size);
    sum = soak_sum_string(sum, record->participant_sid.data, record->participant_sid.size);
    return soak_sum_string(sum, record->participant_identity.data, record->participant_identity.size);
}

/* What it has to be of that account. */
static inline uint64_t soak_expected_sum(uint32_t account, uint32_t epoch) {
    static const char *const prefixes[4] = {"RM_", "", "PA_", ""};
    uint64_t sum = SOAK_SUM_START;
    for (int i = 0; i < 4; i++) {
        const struct soak_name name = soak_name_of(prefixes[i], account, epoch);
        sum = soak_sum_string(sum, name.text, strlen(name.text));
    }
    return sum;
}

static inline void soak_row_text(char *to, lkstats_string_t from) {
    memset(to, 0, SOAK_NAME_SIZE);
    if (from.size != 0)
        memcpy(to, from.data, from.size < SOAK_NAME_SIZE ? from.size : SOAK_NAME_SIZE - 1);
}

static inline void soak_row_fill(struct soak_row *row, const lkstats_record_t *record,
                                 lkstats_string_t node) {
    row->key = record->key;
    row->start = record->start;
    row->end = record->end;
    row->window = record->window;
    row->running = record->running;
    row->flags = record->flags;
    row->channel = record->channel;
    row->identity_sum = soak_identity_sum(record);
    soak_row_text(row->identity, record->participant_identity);
    soak_row_text(row->room, record->room_name);
    soak_row_text(row->tenant, record->tenant);
    soak_row_text(row->node, node);
    row->last = SOAK_ROW_END;
    row->batch = 0;
}

#endif
