/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real clients for the relay, in a process that knows nothing of lkstats: they fill three rooms, send
 * messages of all sizes, are cut off and come back, and write down what they sent and received.
 *
 * Nobody can know what became of a message that was on its way when its connection broke. So that both
 * sides' counts are certain, a room falls silent and everything due has arrived before somebody goes.
 */
#include "ledger.h"
#include "seat.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOMS = 3, SEATS_MAX = 5, TICK_US = 5000, GRACE_S = 30 };

/* The relay drops who lags too far behind. Here nobody shall be dropped, so the others wait before that. */
enum { LAG_BYTES = 1024 * 1024, LAG_MESSAGES = 500 };

enum room_state { ROOM_FILLING, ROOM_OPEN, ROOM_SILENT, ROOM_ENDING, ROOM_GONE };

struct party {
    const char *name;
    const char *participants[SEATS_MAX]; /* one of them with two connections */
    struct seat seats[SEATS_MAX];
    size_t count;
    enum room_state state;
    int64_t break_us; /* when somebody goes next */
    bool last_round;
};

struct clients {
    struct crowd crowd;
    struct party rooms[ROOMS];
    uint64_t partings[PARTING_KINDS];
    lws_sorted_usec_list_t tick;
    int64_t end_us, deadline_us;
};

static const struct {
    const char *name;
    const char *participants[SEATS_MAX];
} cast[ROOMS] = {{"atrium", {"ana", "ben", "chen", "dora", NULL}},
                 {"garden", {"eli", "fay", "gus", "hana", "hana"}},
                 {"library", {"ivo", "juno", "kim", "leo", "mia"}}};

static void plan_break(struct clients *clients, struct party *room, int64_t now) {
    room->break_us = now + 500000 + (int64_t)crowd_random(&clients->crowd, 1000000);
    if (room->break_us > clients->end_us)
        room->break_us = clients->end_us;
}

static void set_up(struct clients *clients, int64_t now) {
    static const int64_t intervals_us[SEATS_MAX] = {10000, 20000, 40000, 80000, 160000};

    for (size_t r = 0; r < ROOMS; r++) {
        struct party *room = &clients->rooms[r];

        room->name = cast[r].name;
        while (room->count < SEATS_MAX && cast[r].participants[room->count])
            room->count++;
        for (size_t i = 0; i < room->count; i++)
            room->seats[i] = (struct seat){.crowd = &clients->crowd,
                                           .room = room->name,
                                           .participant = cast[r].participants[i],
                                           .others = room->seats,
                                           .others_count = room->count,
                                           .interval_us = intervals_us[i],
                                           .next_us = now};
    }
}

/* Lets in one at a time, each after everybody who is there has heard from the relay who else is. */
static void fill(struct clients *clients, struct party *room, int64_t now) {
    size_t taken = 0;
    struct seat *empty = NULL;

    for (size_t i = 0; i < room->count; i++) {
        taken += room->seats[i].state == SEAT_TAKEN;
        if (room->seats[i].state == SEAT_EMPTY)
            empty = &room->seats[i];
        else if (room->seats[i].state != SEAT_TAKEN)
            return;
    }
    for (size_t i = 0; i < room->count; i++) {
        if (room->seats[i].state == SEAT_TAKEN && room->seats[i].told != taken)
            return;
    }
    if (empty) {
        seat_connect(empty);
        return;
    }
    room->state = ROOM_OPEN;
    plan_break(clients, room, now);
}

static bool keeps_up(const struct party *room) {
    for (size_t i = 0; i < room->count; i++) {
        const struct seat *seat = &room->seats[i];

        if (seat->owed.bytes - seat->received.bytes > LAG_BYTES ||
            seat->owed.messages - seat->received.messages > LAG_MESSAGES)
            return false;
    }
    return true;
}

static void talk(struct clients *clients, struct party *room, int64_t now) {
    if (now >= room->break_us) {
        room->state = ROOM_SILENT;
        room->last_round = now >= clients->end_us;
        return;
    }
    for (size_t i = 0; i < room->count && keeps_up(room); i++) {
        struct seat *seat = &room->seats[i];

        if (seat->sending || now < seat->next_us)
            continue;
        seat_send(seat);
        seat->next_us =
            now + seat->interval_us / 2 + (int64_t)crowd_random(&clients->crowd, (uint64_t)seat->interval_us);
    }
}

static void part_one(struct clients *clients, struct party *room) {
    static const char *const how[] = {"is cut off with a TCP reset", "hangs up without a word",
                                      "says goodbye"};
    struct seat *seat = &room->seats[crowd_random(&clients->crowd, room->count)];
    enum parting parting = (enum parting)crowd_random(&clients->crowd, PARTING_KINDS);

    printf("clients: %s in %s %s and comes back\n", seat->participant, room->name, how[parting]);
    clients->partings[parting]++;
    seat_part(seat, parting);
    room->state = ROOM_FILLING;
}

static void fall_silent(struct clients *clients, struct party *room) {
    for (size_t i = 0; i < room->count; i++) {
        if (!seat_quiet(&room->seats[i]))
            return;
    }
    if (!room->last_round) {
        part_one(clients, room);
        return;
    }
    for (size_t i = 0; i < room->count; i++)
        seat_part(&room->seats[i], PARTING_POLITE);
    room->state = ROOM_ENDING;
}

static void empty_out(struct party *room) {
    for (size_t i = 0; i < room->count; i++) {
        if (room->seats[i].state != SEAT_EMPTY)
            return;
    }
    room->state = ROOM_GONE;
}

/* One step of every room; true: all are gone. */
static bool advance(struct clients *clients, int64_t now) {
    size_t gone = 0;

    for (size_t r = 0; r < ROOMS; r++) {
        struct party *room = &clients->rooms[r];

        if (room->state == ROOM_FILLING)
            fill(clients, room, now);
        else if (room->state == ROOM_OPEN)
            talk(clients, room, now);
        else if (room->state == ROOM_SILENT)
            fall_silent(clients, room);
        else if (room->state == ROOM_ENDING)
            empty_out(room);
        gone += room->state == ROOM_GONE;
    }
    return gone == ROOMS;
}

static void on_tick(lws_sorted_usec_list_t *tick) {
    struct clients *clients = lws_container_of(tick, struct clients, tick);

    lws_sul_schedule(clients->crowd.sockets, 0, tick, on_tick, TICK_US);
}

static void give_up(struct clients *clients) {
    for (size_t r = 0; r < ROOMS; r++) {
        const struct party *room = &clients->rooms[r];

        for (size_t i = 0; i < room->count; i++) {
            if (room->state != ROOM_GONE && !seat_quiet(&room->seats[i]))
                crowd_fail(&clients->crowd, &room->seats[i], "what the others sent never arrived; given up");
        }
        if (room->state != ROOM_GONE)
            crowd_fail(&clients->crowd, &room->seats[0], "the relay never told of a member; given up");
    }
}

static bool run(struct clients *clients) {
    on_tick(&clients->tick);
    while (!clients->crowd.failed && !advance(clients, lws_now_usecs())) {
        if (lws_now_usecs() > clients->deadline_us)
            give_up(clients);
        if (lws_service(clients->crowd.sockets, 0) < 0)
            return false;
    }
    return !clients->crowd.failed;
}

static bool write_down(const struct clients *clients, const char *path) {
    struct ledger ledger = {0};
    struct count sent = {0}, received = {0};
    bool good;

    for (size_t r = 0; r < ROOMS; r++) {
        for (size_t i = 0; i < clients->rooms[r].count; i++) {
            const struct seat *seat = &clients->rooms[r].seats[i];
            struct ledger_row *row = ledger_row(&ledger, seat->room, seat->participant);

            row->up_bytes += seat->sent.bytes;
            row->up_messages += seat->sent.messages;
            row->down_bytes += seat->received.bytes;
            row->down_messages += seat->received.messages;
            sent.messages += seat->sent.messages;
            received.messages += seat->received.messages;
        }
    }
    printf("clients: %" PRIu64 " messages sent, %" PRIu64 " received; %" PRIu64 " TCP resets, %" PRIu64
           " hang-ups, %" PRIu64 " goodbyes\n",
           sent.messages, received.messages, clients->partings[PARTING_RESET],
           clients->partings[PARTING_HANGUP], clients->partings[PARTING_POLITE]);
    good = ledger_write(&ledger, path);
    ledger_free(&ledger);
    return good;
}

static struct lws_context *open_sockets(void) {
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = seat_protocols};

    /* libwebsockets would send even loopback connections through a proxy that is named here. */
    unsetenv("http_proxy");
    lws_set_log_level(LLL_ERR, NULL);
    info.fd_limit_per_thread = 256;
    return lws_create_context(&info);
}

int main(int argc, char **argv) {
    static const struct option known[] = {{"port", required_argument, NULL, 'p'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {"ledger", required_argument, NULL, 'f'},
                                          {NULL, 0, NULL, 0}};
    static struct clients clients = {.crowd = {.random = 88172645463325252u}};
    const char *ledger = NULL;
    int64_t seconds = 15, now;
    int option, result;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'p')
            clients.crowd.port = atoi(optarg);
        else if (option == 's')
            seconds = atoi(optarg);
        else if (option == 'f')
            ledger = optarg;
    }
    if (clients.crowd.port <= 0 || seconds <= 0 || !ledger) {
        fprintf(stderr, "usage: clients --port N --ledger FILE [--seconds N]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    clients.crowd.sockets = open_sockets();
    if (!clients.crowd.sockets)
        return 1;
    now = lws_now_usecs();
    clients.end_us = now + seconds * 1000000;
    clients.deadline_us = clients.end_us + (int64_t)GRACE_S * 1000000;
    set_up(&clients, now);
    result = run(&clients) && write_down(&clients, ledger) ? 0 : 1;
    /* What is still connected after a failure is not an event any more. */
    clients.crowd.failed = true;
    lws_context_destroy(clients.crowd.sockets);
    return result;
}
