/* SPDX-License-Identifier: Apache-2.0 */
/* Adding, with the ledger before and after. */
#include "host.h"

bool soak_add(struct soak_host *host, struct soak_random *random, lkstats_track_t handle,
              struct soak_cell *cell, uint64_t bytes, uint64_t messages, int32_t is_send, uint32_t lane) {
    lkstats_status_t status;
    soak_intend(cell, bytes, messages);
    if (soak_one_in(random, 2))
        status = lkstats_slab_add(&host->slab, handle, bytes, messages, is_send);
    else if (messages == 1)
        status = lkstats_add_bytes(handle, bytes, is_send);
    else
        status = lkstats_add_messages(handle, bytes, messages, is_send);
    if (status == LKSTATS_OK) {
        soak_confirm(cell);
        soak_progress(host->ledger, lane);
        return true;
    }
    soak_refuse(cell);
    soak_expect(host, "an add", status, LKSTATS_ECLOSED, LKSTATS_ESTALE);
    return false;
}

/* The bound of lkstats_add_messages is 2^36 bytes and 2^27 messages between two folds. Four large adds are allowed after
 * each fold that the manager knows of, three more may have been allowed before it: seven eighths of it at most.
 * Small ones make less than the last eighth, 8 GB, in the few milliseconds of its turn. */
static void one_add(struct soak_worker *worker, struct soak_random *random, struct soak_track *track) {
    struct soak_host *host = worker->host;
    const int32_t is_send = (int32_t)soak_below(random, 2);
    struct soak_cell *cell = &host->ledger->account[track->account].cell[worker->thread][is_send ? 0 : 1];
    uint64_t bytes = soak_below(random, 1500), messages = 1;
    if (soak_one_in(random, 64)) {
        if (atomic_load(&track->allowance[is_send]) > 0 &&
            atomic_fetch_sub(&track->allowance[is_send], 1) > 0) {
            bytes = (UINT64_C(1) << 32) + soak_below(random, UINT64_C(1) << 32);
            messages = soak_below(random, UINT64_C(1) << 23);
        } else {
            messages = soak_below(random, 64);
        }
    }
    if (!soak_add(host, random, track->handle, cell, bytes, messages, is_send, worker->thread) &&
        !atomic_load(&track->retired))
        soak_fail(host, "an add on account %u was refused, and nobody had stopped it", track->account);
}

void *soak_adder(void *argument) {
    struct soak_worker *worker = argument;
    struct soak_random random = soak_thread_random(worker->host, worker->thread);
    for (;;) {
        struct soak_track *track = atomic_load(&worker->host->seat[soak_below(&random, SOAK_SEATS)]);
        /* A small directory has no room for every seat. */
        for (uint64_t more = track == NULL ? 0 : soak_below(&random, 100); more > 0; more--)
            one_add(worker, &random, track);
    }
    return NULL;
}
