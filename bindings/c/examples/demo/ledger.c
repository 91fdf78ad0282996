/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ledger_row *ledger_row(struct ledger *ledger, const char *room, const char *participant,
                              const char *channel) {
    struct ledger_row *row;

    for (size_t i = 0; i < ledger->count; i++) {
        row = &ledger->rows[i];
        if (strncmp(row->room, room, LEDGER_NAME_MAX) == 0 &&
            strncmp(row->participant, participant, LEDGER_NAME_MAX) == 0 &&
            strncmp(row->channel, channel, LEDGER_CHANNEL_MAX) == 0)
            return row;
    }
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity ? 2 * ledger->capacity : 16;
        ledger->rows = realloc(ledger->rows, ledger->capacity * sizeof *ledger->rows);
        if (!ledger->rows)
            abort();
    }
    row = &ledger->rows[ledger->count++];
    memset(row, 0, sizeof *row);
    snprintf(row->room, sizeof row->room, "%s", room);
    snprintf(row->participant, sizeof row->participant, "%s", participant);
    snprintf(row->channel, sizeof row->channel, "%s", channel);
    return row;
}

void ledger_free(struct ledger *ledger) {
    free(ledger->rows);
    memset(ledger, 0, sizeof *ledger);
}

static bool complain(const char *path, const char *why) {
    fprintf(stderr, "%s: %s\n", path, why);
    return false;
}

bool ledger_write(const struct ledger *ledger, const char *path) {
    FILE *file = fopen(path, "w");

    if (!file)
        return complain(path, strerror(errno));
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_row *row = &ledger->rows[i];

        fprintf(file,
                "%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
                row->room, row->participant, row->channel, row->up_bytes, row->up_messages, row->down_bytes,
                row->down_messages, row->joined, row->left);
    }
    if (fclose(file) != 0)
        return complain(path, strerror(errno));
    return true;
}

bool ledger_read(struct ledger *ledger, const char *path) {
    FILE *file = fopen(path, "r");
    char line[512];
    bool good = true;

    if (!file)
        return complain(path, strerror(errno));
    while (good && fgets(line, sizeof line, file)) {
        struct ledger_row row;

        good = sscanf(line,
                      "%64[^\t]\t%64[^\t]\t%15[^\t]\t%" SCNu64 "\t%" SCNu64 "\t%" SCNu64 "\t%" SCNu64
                      "\t%" SCNu64 "\t%" SCNu64,
                      row.room, row.participant, row.channel, &row.up_bytes, &row.up_messages,
                      &row.down_bytes, &row.down_messages, &row.joined, &row.left) == 9;
        if (good)
            *ledger_row(ledger, row.room, row.participant, row.channel) = row;
    }
    fclose(file);
    return good ? true : complain(path, "a line is not a row of a ledger");
}
