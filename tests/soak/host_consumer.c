/* SPDX-License-Identifier: Apache-2.0 */
/* The receiver of a host: stores rows, then acknowledges. Now and then it refuses, forgets, or stores and refuses. */
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { BATCHES_OUT = 3 };

static void write_rows(struct soak_host *host, const struct soak_row *rows, size_t count) {
    const size_t size = count * sizeof *rows;
    const ssize_t written = write(host->rows, rows, size);
    if (written < 0 || (size_t)written != size)
        soak_fail(host, "rows: %zd of %zu, errno %d", written, size, errno);
}

void soak_store_batch(struct soak_host *host, const lkstats_batch_t *batch) {
    static struct soak_row rows[LKSTATS_BATCH_RECORDS_MAX]; /* one consumer at a time */
    host->batches++;
    for (uint32_t i = 0; i < batch->record_count; i++) {
        soak_row_fill(&rows[i], lkstats_batch_record(batch, i), batch->node);
        rows[i].batch = host->batches;
    }
    write_rows(host, rows, batch->record_count);
}

void soak_acknowledge(struct soak_host *host, const lkstats_batch_t *batch) {
    const struct soak_row row = {.last = SOAK_ROW_ACK, .batch = host->batches};
    soak_expect(host, "lkstats_ack", lkstats_ack(batch), LKSTATS_OK, LKSTATS_OK);
    write_rows(host, &row, 1);
}

/* Whether it is to be acknowledged. Beside a journal it makes no difference. */
static bool judge(struct soak_host *host, struct soak_random *random, const lkstats_batch_t *batch) {
    if (host->rows_path == NULL)
        return soak_one_in(random, 2);
    if (soak_one_in(random, 10))
        return false;
    soak_store_batch(host, batch);
    return !soak_one_in(random, 20);
}

lkstats_status_t soak_on_batch(uint64_t user_data, const lkstats_batch_t *batch) {
    struct soak_host *host = (struct soak_host *)(uintptr_t)user_data;
    struct soak_random random = soak_seeded(host->seed, batch->id);
    return judge(host, &random, batch) ? LKSTATS_OK : LKSTATS_EAGAIN;
}

static void answer(struct soak_host *host, struct soak_random *random, const lkstats_batch_t *batch) {
    /* A redelivery makes no batch invalid, and its records come again under the same keys. */
    if (!judge(host, random, batch))
        soak_expect(host, "lkstats_nack", lkstats_nack(batch), LKSTATS_OK, LKSTATS_OK);
    else if (host->rows_path != NULL)
        soak_acknowledge(host, batch);
    else
        soak_expect(host, "lkstats_ack", lkstats_ack(batch), LKSTATS_OK, LKSTATS_OK);
}

void *soak_consumer(void *argument) {
    struct soak_host *host = argument;
    struct soak_random random = soak_thread_random(host, SOAK_CONSUMER_THREAD);
    int32_t fd;
    soak_expect(host, "lkstats_event_fd", lkstats_event_fd(host->ctx, &fd), LKSTATS_OK, LKSTATS_OK);
    for (;;) {
        lkstats_batch_t out[BATCHES_OUT];
        const uint64_t most = 1 + soak_below(&random, BATCHES_OUT);
        uint64_t taken = 0;
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        poll(&readable, 1, 20);
        while (taken < most) {
            out[taken].struct_size = sizeof *out;
            const lkstats_status_t status = lkstats_next(host->ctx, &out[taken]);
            soak_expect(host, "lkstats_next", status, LKSTATS_OK, LKSTATS_EAGAIN);
            if (status != LKSTATS_OK)
                break;
            taken++;
        }
        if (soak_one_in(&random, 50))
            soak_expect(host, "lkstats_redeliver", lkstats_redeliver(host->ctx), LKSTATS_OK, LKSTATS_OK);
        while (taken > 0)
            answer(host, &random, &out[--taken]);
    }
    return NULL;
}

void soak_take_all(struct soak_host *host) {
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        const lkstats_status_t status = lkstats_next(host->ctx, &batch);
        if (status == LKSTATS_EOF)
            return;
        soak_expect(host, "lkstats_next", status, LKSTATS_OK, LKSTATS_EAGAIN);
        if (status != LKSTATS_OK)
            return;
        soak_store_batch(host, &batch);
        soak_acknowledge(host, &batch);
    }
}
