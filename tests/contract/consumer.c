/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "consumer.h"

static void *consume(void *argument) {
    consumer_t *const consumer = argument;
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        const lkstats_status_t status = lkstats_next(consumer->ctx, &batch);
        if (status == LKSTATS_EOF)
            return NULL;
        if (status == LKSTATS_EAGAIN) {
            struct pollfd waiting = {.fd = consumer->fd, .events = POLLIN};
            require(poll(&waiting, 1, HOST_PATIENCE_MS) == 1);
            continue;
        }
        require_status(LKSTATS_OK, status);
        pthread_mutex_lock(&consumer->lock);
        host_keep(&consumer->kept, &batch);
        pthread_mutex_unlock(&consumer->lock);
        require_status(LKSTATS_OK, lkstats_ack(&batch));
    }
}

void consumer_start(consumer_t *consumer, lkstats_t *ctx) {
    *consumer = (consumer_t){.ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER};
    consumer->fd = fcntl(host_event_fd(ctx), F_DUPFD_CLOEXEC, 3);
    require(consumer->fd >= 0);
    require(pthread_create(&consumer->thread, NULL, consume, consumer) == 0);
}

lkstats_traffic_t consumer_sum(consumer_t *consumer, lkstats_track_t track) {
    pthread_mutex_lock(&consumer->lock);
    const lkstats_traffic_t sum = host_sum(&consumer->kept, track);
    pthread_mutex_unlock(&consumer->lock);
    return sum;
}

void consumer_join(consumer_t *consumer) { require(pthread_join(consumer->thread, NULL) == 0); }

void consumer_free(consumer_t *consumer) {
    close(consumer->fd);
    host_records_free(&consumer->kept);
}
