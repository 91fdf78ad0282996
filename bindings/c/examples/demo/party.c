/* SPDX-License-Identifier: Apache-2.0 */
#include "party.h"

#include <stdio.h>

/* The relay drops who lags too far behind. Here nobody shall be dropped, so the others wait before that. */
enum { LAG_BYTES = 1024 * 1024, LAG_MESSAGES = 500 };

/* Who moves leaves at least two behind, so that each message is seen to arrive. */
enum { SEATS_TO_MOVE = 3 };

static const struct {
    const char *room;
    const char *participant; /* one of them with two connections */
    int64_t interval_us;
} cast[SEATS] = {
    {"atrium", "ana", 10000},  {"atrium", "ben", 20000},   {"atrium", "chen", 40000},
    {"atrium", "dora", 80000}, {"garden", "eli", 10000},   {"garden", "fay", 20000},
    {"garden", "gus", 40000},  {"garden", "hana", 80000},  {"garden", "hana", 160000},
    {"library", "ivo", 10000}, {"library", "juno", 20000}, {"library", "kim", 40000},
    {"library", "leo", 80000}, {"library", "mia", 160000},
};

static int64_t later(struct parties *parties, int64_t now) {
    int64_t at = now + 500000 + (int64_t)crowd_random(parties->crowd, 1000000);

    return at < parties->end_us ? at : parties->end_us;
}

void parties_set_up(struct parties *parties, struct crowd *crowd, int64_t now, int64_t end_us) {
    static const char *const names[ROOMS] = {"atrium", "garden", "library"};

    parties->crowd = crowd;
    parties->end_us = end_us;
    parties->move_us = later(parties, now);
    for (size_t i = 0; i < ROOMS; i++)
        parties->rooms[i].name = names[i];
    for (size_t i = 0; i < SEATS; i++)
        parties->seats[i] = (struct seat){.crowd = crowd,
                                          .room = cast[i].room,
                                          .participant = cast[i].participant,
                                          .interval_us = cast[i].interval_us,
                                          .next_us = now};
    crowd->seats = parties->seats;
    crowd->seat_count = SEATS;
}

/* For each seat of a room: for (struct seat *seat = next_seat(..., NULL); seat; seat = next_seat(..., seat)) */
static struct seat *next_seat(struct parties *parties, const struct party *room, struct seat *seat) {
    for (seat = seat ? seat + 1 : parties->seats; seat < parties->seats + SEATS; seat++) {
        if (seat_belongs(seat, room->name))
            return seat;
    }
    return NULL;
}

static size_t count_seats(struct parties *parties, const struct party *room) {
    size_t count = 0;

    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat))
        count++;
    return count;
}

static struct seat *any_seat(struct parties *parties, const struct party *room) {
    uint64_t skip = crowd_random(parties->crowd, count_seats(parties, room));
    struct seat *seat = next_seat(parties, room, NULL);

    while (skip--)
        seat = next_seat(parties, room, seat);
    return seat;
}

/* Nobody is coming or going, and everybody who is there has heard from the relay how many they are. */
static bool settled(struct parties *parties, const struct party *room) {
    size_t taken = 0;

    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat)) {
        if (seat->state != SEAT_TAKEN && seat->state != SEAT_EMPTY)
            return false;
        taken += seat->state == SEAT_TAKEN;
    }
    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat)) {
        if (seat->state == SEAT_TAKEN && seat->told != taken)
            return false;
    }
    return true;
}

static bool quiet(struct parties *parties, const struct party *room) {
    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat)) {
        if (!seat_quiet(seat))
            return false;
    }
    return true;
}

static bool keeps_up(struct parties *parties, const struct party *room) {
    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat)) {
        if (seat->owed.bytes - seat->received.bytes > LAG_BYTES ||
            seat->owed.messages - seat->received.messages > LAG_MESSAGES)
            return false;
    }
    return true;
}

/* Lets in one at a time. */
static void fill(struct parties *parties, struct party *room, int64_t now) {
    if (!settled(parties, room))
        return;
    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat)) {
        if (seat->state == SEAT_EMPTY) {
            seat_connect(seat);
            return;
        }
    }
    room->state = PARTY_OPEN;
    room->break_us = later(parties, now);
}

static void talk(struct parties *parties, struct party *room, int64_t now) {
    if (now >= room->break_us) {
        room->state = PARTY_SILENT;
        room->last_round = now >= parties->end_us && room != parties->from && room != parties->to;
        return;
    }
    for (struct seat *seat = next_seat(parties, room, NULL); seat && keeps_up(parties, room);
         seat = next_seat(parties, room, seat)) {
        if (seat->sending || now < seat->next_us)
            continue;
        seat_send(seat);
        seat->next_us =
            now + seat->interval_us / 2 + (int64_t)crowd_random(parties->crowd, (uint64_t)seat->interval_us);
    }
}

/* A move needs two rooms that are open, and silences both. */
static void plan_move(struct parties *parties, int64_t now) {
    struct party *from = &parties->rooms[crowd_random(parties->crowd, ROOMS)];
    struct party *to = &parties->rooms[crowd_random(parties->crowd, ROOMS)];

    if (parties->from || now < parties->move_us || now >= parties->end_us || from == to ||
        from->state != PARTY_OPEN || to->state != PARTY_OPEN || count_seats(parties, from) < SEATS_TO_MOVE)
        return;
    parties->from = from;
    parties->to = to;
    from->break_us = to->break_us = now;
}

static void move_one(struct parties *parties, int64_t now) {
    struct party *from = parties->from, *to = parties->to;
    struct seat *seat;

    if (from->state != PARTY_SILENT || to->state != PARTY_SILENT || !quiet(parties, from) ||
        !quiet(parties, to))
        return;
    seat = any_seat(parties, from);
    printf("clients: %s moves from %s to %s\n", seat->participant, from->name, to->name);
    seat_move(seat, to->name);
    from->state = to->state = PARTY_FILLING;
    parties->from = parties->to = NULL;
    parties->moves++;
    parties->move_us = later(parties, now);
}

static void part_one(struct parties *parties, struct party *room) {
    static const char *const how[] = {"is cut off with a TCP reset", "hangs up without a word",
                                      "says goodbye"};
    struct seat *seat = any_seat(parties, room);
    enum parting parting = (enum parting)crowd_random(parties->crowd, PARTING_KINDS);

    printf("clients: %s in %s %s and comes back\n", seat->participant, room->name, how[parting]);
    parties->partings[parting]++;
    seat_part(seat, parting);
    room->state = PARTY_FILLING;
}

static void fall_silent(struct parties *parties, struct party *room) {
    if (room == parties->from || room == parties->to || !quiet(parties, room))
        return;
    if (room->last_round)
        room->state = PARTY_ENDING;
    else
        part_one(parties, room);
}

/* Lets out one at a time, so that the others hear of each. */
static void empty_out(struct parties *parties, struct party *room) {
    if (!settled(parties, room))
        return;
    for (struct seat *seat = next_seat(parties, room, NULL); seat; seat = next_seat(parties, room, seat)) {
        if (seat->state == SEAT_TAKEN) {
            seat_part(seat, PARTING_POLITE);
            return;
        }
    }
    room->state = PARTY_GONE;
}

bool parties_advance(struct parties *parties, int64_t now) {
    size_t gone = 0;

    plan_move(parties, now);
    if (parties->from)
        move_one(parties, now);
    for (size_t i = 0; i < ROOMS; i++) {
        struct party *room = &parties->rooms[i];

        if (room->state == PARTY_FILLING)
            fill(parties, room, now);
        else if (room->state == PARTY_OPEN)
            talk(parties, room, now);
        else if (room->state == PARTY_SILENT)
            fall_silent(parties, room);
        else if (room->state == PARTY_ENDING)
            empty_out(parties, room);
        gone += room->state == PARTY_GONE;
    }
    return gone == ROOMS;
}

void parties_blame(struct parties *parties) {
    for (size_t i = 0; i < SEATS; i++) {
        const struct seat *seat = &parties->seats[i];

        if (!seat_quiet(seat))
            crowd_fail(parties->crowd, seat->participant, seat->room,
                       "what the others sent never arrived; given up");
    }
    for (size_t i = 0; i < ROOMS; i++) {
        if (parties->rooms[i].state != PARTY_GONE)
            crowd_fail(parties->crowd, "somebody", parties->rooms[i].name,
                       "the relay never told of a member; given up");
    }
}
