/* SPDX-License-Identifier: Apache-2.0 */
#include "consumer.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static void *consume(void *argument) {
    struct consumer *consumer = argument;
    struct pollfd event = {.fd = consumer->event, .events = POLLIN};
    lkstats_status_t status;

    do {
        status = reports_take(&consumer->reports);
        if (status == LKSTATS_EAGAIN)
            poll(&event, 1, -1);
    } while (status == LKSTATS_OK || status == LKSTATS_EAGAIN);
    consumer->end = status;
    return NULL;
}

bool consumer_start(struct consumer *consumer, const lkstats_api_t *api, lkstats_t *ctx) {
    int32_t event;
    lkstats_status_t status = api->event_fd(ctx, &event);

    if (status != LKSTATS_OK) {
        fprintf(stderr, "relay: no descriptor to wait for reports: %s\n", api->strerror(status));
        return false;
    }
    consumer->reports = (struct reports){.api = api, .ctx = ctx};
    consumer->event = dup(event);
    reports_heading(&consumer->reports);
    if (consumer->event < 0 || pthread_create(&consumer->thread, NULL, consume, consumer) != 0) {
        fprintf(stderr, "relay: no thread to take the reports\n");
        return false;
    }
    return true;
}

bool consumer_join(struct consumer *consumer) {
    const lkstats_api_t *api = consumer->reports.api;

    pthread_join(consumer->thread, NULL);
    close(consumer->event);
    if (consumer->end != LKSTATS_EOF)
        fprintf(stderr, "relay: the reports ended early: %s\n", api->strerror(consumer->end));
    return consumer->end == LKSTATS_EOF;
}
