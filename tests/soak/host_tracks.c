/* SPDX-License-Identifier: Apache-2.0 */
/* The manager: tracks come and go, connections that others add on move from room to room, flushes come in between. */
#include "host.h"

#include <stdlib.h>

lkstats_track_t soak_new_data_track(struct soak_host *host, uint32_t account) {
    const struct soak_name room_sid = soak_name_of("RM_", account, 0), room = soak_name_of("", account, 0),
                           sid = soak_name_of("PA_", account, 0);
    char tenant[32];
    lkstats_track_t handle = 0;
    snprintf(tenant, sizeof tenant, "c%u", account);
    const lkstats_track_options_t options = {
        .struct_size = sizeof options,
        .channel = account % 2 == 0 ? LKSTATS_CHANNEL_DATA : LKSTATS_CHANNEL_DATA_TRACK,
        .room_sid = soak_string(room_sid.text),
        .room_name = soak_string(room.text),
        .participant_sid = soak_string(sid.text),
        .participant_identity = soak_string(room.text),
        .tenant = soak_string(tenant),
    };
    soak_expect(host, "lkstats_track_new", lkstats_track_new(host->ctx, &options, &handle), LKSTATS_OK,
                host->small ? LKSTATS_ENOMEM : LKSTATS_OK);
    return handle;
}

static struct soak_track *new_track(struct soak_host *host, bool shared) {
    const uint32_t account = soak_open_account(host->ledger, shared ? SOAK_SHARED : SOAK_DATA, host->life);
    struct soak_track *track;
    if (account == UINT32_MAX)
        return NULL;
    track = calloc(1, sizeof *track);
    if (track == NULL)
        soak_fail(host, "no memory");
    track->account = account;
    track->epoch = 1;
    track->fresh = true;
    track->handle = shared ? soak_new_signal(host, account) : soak_new_data_track(host, account);
    if (track->handle != 0)
        return track;
    free(track);
    return NULL;
}

static void allow_large_adds(struct soak_track *track) {
    atomic_store(&track->allowance[0], 4);
    atomic_store(&track->allowance[1], 4);
}

static void replace(struct soak_host *host, uint64_t seat) {
    struct soak_track *track = new_track(host, seat >= SOAK_DATA_SEATS);
    if (track == NULL)
        return;
    allow_large_adds(track);
    struct soak_track *old = atomic_exchange(&host->seat[seat], track);
    if (old != NULL) {
        atomic_store(&old->retired, true);
        soak_expect(host, "lkstats_track_stop", lkstats_track_stop(old->handle, NULL), LKSTATS_OK,
                    LKSTATS_OK);
    }
}

/* Ends the present epoch, under its own name, and begins another, which says its name now or later. */
static void move(struct soak_host *host, struct soak_random *random, struct soak_track *track) {
    if (track == NULL)
        return;
    if (track->fresh && soak_one_in(random, 2)) { /* the wrong room: it is forgotten */
        const lkstats_room_t room = {.struct_size = sizeof room, .sid = soak_string("RM_decoy")};
        soak_expect(host, "a decoy", lkstats_signal_resolve_room(track->handle, &room), LKSTATS_OK,
                    host->small ? LKSTATS_ENOMEM : LKSTATS_OK);
        soak_expect(host, "a reset of it", lkstats_signal_reset(track->handle), LKSTATS_OK, LKSTATS_OK);
    }
    track->fresh = false;
    soak_resolve_room(host, track->handle, track->account, track->epoch);
    soak_resolve_participant(host, track->handle, track->account, track->epoch);
    const lkstats_status_t status = lkstats_signal_reset(track->handle);
    if (host->small && status == LKSTATS_ENOMEM)
        return;
    soak_expect(host, "lkstats_signal_reset", status, LKSTATS_OK, LKSTATS_EFULL);
    if (status == LKSTATS_EFULL)
        return;
    track->epoch++;
    track->fresh = soak_one_in(random, 4);
    if (track->fresh)
        return;
    soak_resolve_participant(host, track->handle, track->account, track->epoch);
    if (!soak_one_in(random, 4))
        soak_resolve_room(host, track->handle, track->account, track->epoch);
}

/* lkstats_metrics folds all that has moved. */
static void fold(struct soak_host *host) {
    static char text[65536];
    uint64_t need;
    soak_expect(host, "lkstats_metrics",
                lkstats_metrics(host->ctx, LKSTATS_METRICS_OPENMETRICS, text, sizeof text, &need), LKSTATS_OK,
                LKSTATS_OK);
    for (int i = 0; i < SOAK_SEATS; i++) {
        struct soak_track *track = atomic_load(&host->seat[i]);
        if (track != NULL)
            allow_large_adds(track);
    }
}

void soak_take_seats(struct soak_host *host, struct soak_random *random) {
    for (uint64_t i = 0; i < SOAK_SEATS; i++) {
        replace(host, i);
        if (i >= SOAK_DATA_SEATS && soak_one_in(random, 2))
            move(host, random, atomic_load(&host->seat[i]));
    }
}

void *soak_manager(void *argument) {
    struct soak_host *host = argument;
    struct soak_random random = soak_thread_random(host, SOAK_MANAGER_THREAD);
    for (;;) {
        const uint64_t seat = soak_below(&random, SOAK_SEATS);
        struct soak_track *track = atomic_load(&host->seat[seat]);
        switch (soak_below(&random, 6)) {
        case 0:
            replace(host, seat);
            break;
        case 1:
            soak_expect(host, "lkstats_flush", lkstats_flush(host->ctx, 0), LKSTATS_OK, LKSTATS_ETIMEDOUT);
            break;
        case 2:
            if (track != NULL)
                soak_expect(host, "lkstats_track_flush", lkstats_track_flush(track->handle, 0), LKSTATS_OK,
                            LKSTATS_ETIMEDOUT);
            break;
        case 3:
        case 4:
            move(host, &random, atomic_load(&host->seat[SOAK_DATA_SEATS + seat % SOAK_SHARED_SEATS]));
            break;
        default:
            fold(host);
            break;
        }
        soak_pause(&random, 500);
    }
    return NULL;
}
