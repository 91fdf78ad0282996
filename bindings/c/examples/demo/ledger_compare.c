/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b) {
    const struct ledger_row *left = a, *right = b;
    int order = strcmp(left->room, right->room);

    order = order ? order : strcmp(left->participant, right->participant);
    return order ? order : strcmp(left->channel, right->channel);
}

/* Gives each ledger the rows that only the other one has. */
static void align(struct ledger *left, struct ledger *right) {
    for (size_t i = 0; i < left->count; i++)
        ledger_row(right, left->rows[i].room, left->rows[i].participant, left->rows[i].channel);
    for (size_t i = 0; i < right->count; i++)
        ledger_row(left, right->rows[i].room, right->rows[i].participant, right->rows[i].channel);
    if (left->count) {
        qsort(left->rows, left->count, sizeof *left->rows, by_name);
        qsort(right->rows, right->count, sizeof *right->rows, by_name);
    }
}

static bool same(const struct ledger_row *a, const struct ledger_row *b) {
    return a->up_bytes == b->up_bytes && a->up_messages == b->up_messages && a->down_bytes == b->down_bytes &&
           a->down_messages == b->down_messages && a->joined == b->joined && a->left == b->left;
}

static void add(struct ledger_row *sum, const struct ledger_row *row) {
    sum->up_bytes += row->up_bytes;
    sum->up_messages += row->up_messages;
    sum->down_bytes += row->down_bytes;
    sum->down_messages += row->down_messages;
    sum->joined += row->joined;
    sum->left += row->left;
}

static void print(const struct ledger_row *row, const char *whose, const char *verdict) {
    printf("%-10s %-12s %-7s %-10s %12" PRIu64 " %9" PRIu64 " %12" PRIu64 " %9" PRIu64, row->room,
           row->participant, row->channel, whose, row->up_bytes, row->up_messages, row->down_bytes,
           row->down_messages);
    if (row->joined || row->left)
        printf(" %7" PRIu64 " %5" PRIu64, row->joined, row->left);
    printf("%s\n", verdict);
}

bool ledger_compare(struct ledger *left, const char *left_name, struct ledger *right, const char *right_name,
                    bool quiet) {
    struct ledger_row left_sum = {.room = "all"}, right_sum = {.room = "all"};
    size_t differ = 0;

    align(left, right);
    printf("%-10s %-12s %-7s %-10s %12s %9s %12s %9s %7s %5s\n", "room", "participant", "channel",
           "counted by", "up bytes", "messages", "down bytes", "messages", "joined", "left");
    for (size_t i = 0; i < left->count; i++) {
        const struct ledger_row *a = &left->rows[i], *b = &right->rows[i];
        bool equal = same(a, b);

        differ += !equal;
        add(&left_sum, a);
        add(&right_sum, b);
        if (!quiet || !equal) {
            print(a, left_name, "");
            print(b, right_name, equal ? "" : "  <- differs");
        }
    }
    print(&left_sum, left_name, "");
    print(&right_sum, right_name, same(&left_sum, &right_sum) ? "" : "  <- differs");
    if (left_sum.up_messages + left_sum.down_messages == 0)
        printf("%s counted nothing, so nothing is proved.\n", left_name);
    else
        printf("%zu of %zu rows agree to the byte.\n", left->count - differ, left->count);

    differ += left_sum.up_messages + left_sum.down_messages == 0;
    printf(differ ? "not equal\n" : "equal\n");
    return !differ;
}
