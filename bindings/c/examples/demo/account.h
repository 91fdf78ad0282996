/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one connection is counted: its text messages are a signal connection of lkstats, its binary messages are
 * the participant's data channel.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "command.h"
#include "lkstats.h"

#include <stdbool.h>
#include <stdint.h>

struct accounting {
    const lkstats_api_t *api;
    lkstats_t *ctx;
    uint64_t stays; /* of somebody in a room, so far */
};

struct account {
    lkstats_signal_t signal;
    lkstats_track_t track; /* 0 until it is known who this is */
    char participant[NAME_MAX_LENGTH + 1];
};

/* A failure to count is said on stderr and survived: people go on talking. */
void account_open(const struct accounting *accounting, struct account *account);
void account_join(struct accounting *accounting, struct account *account, const char *room,
                  const char *participant);
/* What was counted so far stays with the old room. */
void account_move(struct accounting *accounting, struct account *account, const char *room);
void account_add(const struct accounting *accounting, const struct account *account, bool text_message,
                 size_t size, bool is_send);
void account_close(const struct accounting *accounting, struct account *account);

#endif
