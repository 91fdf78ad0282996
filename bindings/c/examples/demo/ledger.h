/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who moved how much: one row per room, participant and channel, seen from the server. Up is what it received,
 * down what it sent. As a file: one row a line, tab-separated, in the order of the fields.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_NAME_MAX = 64, LEDGER_CHANNEL_MAX = 15 };

/* Room and participant of those who never said who they are. */
#define LEDGER_UNKNOWN "(unknown)"

struct ledger_row {
    char room[LEDGER_NAME_MAX + 1];
    char participant[LEDGER_NAME_MAX + 1];
    char channel[LEDGER_CHANNEL_MAX + 1];
    uint64_t up_bytes;
    uint64_t up_messages;
    uint64_t down_bytes;
    uint64_t down_messages;
    uint64_t joined;
    uint64_t left;
};

struct ledger {
    struct ledger_row *rows;
    size_t count;
    size_t capacity;
};

/* Finds the row or makes it; the pointer is good until the next call. Longer names are cut. */
struct ledger_row *ledger_row(struct ledger *ledger, const char *room, const char *participant,
                              const char *channel);
void ledger_free(struct ledger *ledger);

/* Both say on stderr what went wrong. */
bool ledger_write(const struct ledger *ledger, const char *path);
bool ledger_read(struct ledger *ledger, const char *path);

/* Prints the rows of both side by side (quiet: only those that differ) and then "equal" or "not equal". A
 * row that one of them lacks is a row of zeros; two empty ledgers prove nothing and are not equal. */
bool ledger_compare(struct ledger *left, const char *left_name, struct ledger *right, const char *right_name,
                    bool quiet);

#endif
