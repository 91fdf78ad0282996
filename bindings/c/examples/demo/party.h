/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clients' three rooms: they fill, talk, and now and then somebody goes and comes back or moves to another
 * room.
 *
 * Nobody can know what became of a message that was on its way when its connection broke or its receiver moved.
 * So that both sides' counts are certain, a room falls silent and everything due has arrived before.
 */
#ifndef PARTY_H
#define PARTY_H

#include "seat.h"

enum { ROOMS = 3, SEATS = 14 };

enum party_state { PARTY_FILLING, PARTY_OPEN, PARTY_SILENT, PARTY_ENDING, PARTY_GONE };

struct party {
    const char *name;
    enum party_state state;
    int64_t break_us; /* when somebody goes next */
    bool last_round;
};

struct parties {
    struct crowd *crowd;
    struct seat seats[SEATS];
    struct party rooms[ROOMS];
    struct party *from, *to; /* of the move that is to come; NULL: none is */
    int64_t move_us;         /* when the next one is planned */
    int64_t end_us;
    uint64_t moves;
    uint64_t partings[PARTING_KINDS];
};

void parties_set_up(struct parties *parties, struct crowd *crowd, int64_t now, int64_t end_us);

/* One step of every room; true: all are gone. */
bool parties_advance(struct parties *parties, int64_t now);

/* Says what never came to its end. */
void parties_blame(struct parties *parties);

#endif
