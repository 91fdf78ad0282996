/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A WebSocket relay with rooms, on ws://127.0.0.1:PORT. Whoever joins a room (command.h) gets every binary message
 * of the others in it. lkstats, loaded at run time, counts what each of them sends and is sent; the relay prints
 * its reports, and has its metrics at http://127.0.0.1:PORT/metrics. SIGTERM or SIGINT ends it.
 */
#include "consumer.h"
#include "metrics.h"
#include "socket.h"

#include <lkstats_load.h>

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLOSE_TIMEOUT_MS = 10000, DESCRIPTORS_MAX = 1024, ERROR_SIZE = 512 };

/* The first is for WebSockets that name no protocol, too. */
static const struct lws_protocols protocols[] = {
    {"lkstats-demo", socket_callback, sizeof(struct member), SOCKET_RECEIVE_SIZE, 0, NULL, 0},
    {"metrics", metrics_callback, sizeof(struct metrics_answer), 0, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0}};

/* Everything that is asked for without an upgrade to WebSocket. */
static const struct lws_http_mount http = {
    .mountpoint = "/", .mountpoint_len = 1, .origin_protocol = LWSMPRO_CALLBACK, .protocol = "metrics"};

struct options {
    const char *library;
    const char *ledger;
    int port;
    uint32_t interval_ms;
};

struct service {
    struct lws_context *sockets;
    pthread_t thread;
    atomic_bool stopping;
};

static int usage(void) {
    fprintf(stderr, "usage: relay --library LIBLKSTATS.SO [--port N] [--interval-ms N] [--ledger FILE]\n");
    return 2;
}

static bool read_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {{"library", required_argument, NULL, 'l'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"interval-ms", required_argument, NULL, 'i'},
                                          {"ledger", required_argument, NULL, 'f'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'l')
            options->library = optarg;
        else if (option == 'p')
            options->port = atoi(optarg);
        else if (option == 'i')
            options->interval_ms = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 'f')
            options->ledger = optarg;
        else
            return false;
    }
    return options->library && optind == argc;
}

static void *serve(void *argument) {
    struct service *service = argument;

    while (!atomic_load(&service->stopping) && lws_service(service->sockets, 0) >= 0)
        continue;
    return NULL;
}

static bool start_sockets(struct service *service, struct server *server, const struct options *options) {
    struct lws_context_creation_info info = {.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS};
    struct lws_vhost *vhost;

    lws_set_log_level(LLL_ERR, NULL);
    info.port = options->port;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.mounts = &http;
    info.user = server;
    info.fd_limit_per_thread = DESCRIPTORS_MAX;
    service->sockets = lws_create_context(&info);
    vhost = service->sockets ? lws_create_vhost(service->sockets, &info) : NULL;
    if (!vhost || pthread_create(&service->thread, NULL, serve, service) != 0) {
        fprintf(stderr, "relay: cannot listen on port %d of 127.0.0.1; choose another with --port\n",
                options->port);
        return false;
    }
    printf("relay: listening on port %d of 127.0.0.1\n", lws_get_vhost_listen_port(vhost));
    return true;
}

static void stop_sockets(struct service *service) {
    atomic_store(&service->stopping, true);
    lws_cancel_service(service->sockets);
    pthread_join(service->thread, NULL);
    lws_context_destroy(service->sockets);
}

static bool close_context(const lkstats_api_t *api, lkstats_t *ctx) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_status_t status = api->close(ctx, CLOSE_TIMEOUT_MS, &residue);

    if (status == LKSTATS_OK)
        return true;
    fprintf(stderr, "relay: lkstats does not close: %s; %" PRIu64 " tracks are not acknowledged\n",
            api->strerror(status), residue.tracks);
    api->close(ctx, LKSTATS_ABANDON, NULL);
    return false;
}

static int run(const lkstats_api_t *api, lkstats_t *ctx, const struct options *options,
               const sigset_t *ends) {
    struct server server = {.accounting = {.api = api, .ctx = ctx}};
    struct service service = {0};
    struct consumer consumer = {0};
    const struct reports *reports = &consumer.reports;
    bool good;
    int signal_number;

    if (!start_sockets(&service, &server, options) || !consumer_start(&consumer, api, ctx))
        return 1;
    sigwait(ends, &signal_number);
    stop_sockets(&service);

    good = close_context(api, ctx);
    good = consumer_join(&consumer) && good;
    printf("relay: %" PRIu64 " records in %" PRIu64 " batches, %" PRIu64
           " of them given back and taken again\n",
           reports->records, reports->batches, reports->given_back);
    if (options->ledger)
        good = ledger_write(&reports->sums, options->ledger) && good;
    ledger_free(&consumer.reports.sums);
    return good ? 0 : 1;
}

int main(int argc, char **argv) {
    struct options options = {0};
    lkstats_options_t settings = {.struct_size = sizeof settings, .node = {"demo", 4}};
    char error[ERROR_SIZE];
    const lkstats_api_t *api;
    lkstats_t *ctx;
    lkstats_status_t status;
    sigset_t ends;

    if (!read_options(argc, argv, &options))
        return usage();
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* Before any thread is started, so that only sigwait sees them. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);

    api = lkstats_load(options.library, error, sizeof error);
    if (!api) {
        fprintf(stderr, "relay: %s; --library says where it is\n", error);
        return 1;
    }
    settings.report_interval_ms = options.interval_ms;
    status = api->open(&settings, &ctx);
    if (status != LKSTATS_OK) {
        fprintf(stderr, "relay: lkstats does not open: %s (%s)\n", api->strerror(status),
                api->status_name(status));
        return 1;
    }
    return run(api, ctx, &options, &ends);
}
