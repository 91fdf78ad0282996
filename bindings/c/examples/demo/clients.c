/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real clients for the relay, in a process that knows nothing of lkstats: they fill three rooms, send
 * messages of all sizes, move, are cut off and come back, and write down what they sent and received.
 */
#include "party.h"
#include "stranger.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TICK_US = 5000, GRACE_S = 30, RECEIVE_SIZE = 4096 };

struct clients {
    struct crowd crowd;
    struct parties parties;
    struct stranger stranger;
    lws_sorted_usec_list_t tick;
    int64_t deadline_us;
};

static const struct lws_protocols protocols[] = {{"lkstats-demo", seat_callback, 0, RECEIVE_SIZE, 0, NULL, 0},
                                                 {"stranger", stranger_callback, 0, RECEIVE_SIZE, 0, NULL, 0},
                                                 {NULL, NULL, 0, 0, 0, NULL, 0}};

static void on_tick(lws_sorted_usec_list_t *tick) {
    struct clients *clients = lws_container_of(tick, struct clients, tick);

    lws_sul_schedule(clients->crowd.sockets, 0, tick, on_tick, TICK_US);
}

static void give_up(struct clients *clients) {
    parties_blame(&clients->parties);
    if (!clients->stranger.done)
        crowd_fail(&clients->crowd, "a stranger", "no room", "is not turned away; given up");
}

static bool run(struct clients *clients) {
    on_tick(&clients->tick);
    stranger_start(&clients->stranger, &clients->crowd);
    while (!clients->crowd.failed) {
        if (parties_advance(&clients->parties, lws_now_usecs()) && clients->stranger.done)
            return true;
        if (lws_now_usecs() > clients->deadline_us)
            give_up(clients);
        if (lws_service(clients->crowd.sockets, 0) < 0)
            return false;
    }
    return false;
}

static bool write_down(const struct clients *clients, const char *path) {
    const struct ledger *ledger = &clients->crowd.ledger;
    const uint64_t *partings = clients->parties.partings;
    uint64_t sent = 0, received = 0;

    for (size_t i = 0; i < ledger->count; i++) {
        sent += ledger->rows[i].up_messages;
        received += ledger->rows[i].down_messages;
    }
    printf("clients: %" PRIu64 " messages sent, %" PRIu64 " received; %" PRIu64 " moves, %" PRIu64
           " TCP resets, %" PRIu64 " hang-ups, %" PRIu64 " goodbyes; %zu strangers turned away\n",
           sent, received, clients->parties.moves, partings[PARTING_RESET], partings[PARTING_HANGUP],
           partings[PARTING_POLITE], clients->stranger.visits);
    return ledger_write(ledger, path);
}

static struct lws_context *open_sockets(void) {
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols};

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
    clients.deadline_us = now + (seconds + GRACE_S) * 1000000;
    parties_set_up(&clients.parties, &clients.crowd, now, now + seconds * 1000000);
    result = run(&clients) && write_down(&clients, ledger) ? 0 : 1;
    /* What is still connected after a failure is not an event any more. */
    clients.crowd.failed = true;
    lws_context_destroy(clients.crowd.sockets);
    ledger_free(&clients.crowd.ledger);
    return result;
}
