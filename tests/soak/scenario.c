/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that a context goes through, on one thread and in virtual time, so that it takes the same steps each time:
 * points.cpp kills it at each of them. */
#include "host.h"
#include "host_c.h"

#include <unistd.h>

struct scenario {
    struct soak_host *host;
    struct soak_random random;
    int64_t now;
};

static struct soak_account *account(struct scenario *scene, uint32_t number) {
    return &scene->host->ledger->account[number];
}

static void add(struct scenario *scene, lkstats_track_t handle, uint32_t number, uint64_t bytes) {
    for (int32_t is_send = 0; is_send < 2; is_send++) {
        if (!soak_add(scene->host, &scene->random, handle, &account(scene, number)->cell[0][is_send ? 0 : 1],
                      bytes + (uint64_t)is_send, 1 + bytes % 3, is_send, 0))
            soak_fail(scene->host, "an add was refused");
    }
}

static void run(struct scenario *scene, int64_t seconds) {
    scene->now += seconds * 1000000000;
    soak_expect(
        scene->host, "lkstats_run_once",
        lkstats_run_once(scene->host->ctx, SOAK_START_NS + scene->now, SOAK_START_WALL_NS + scene->now),
        LKSTATS_OK, LKSTATS_OK);
}

static bool pulls(const struct scenario *scene) {
    return !scene->host->push && scene->host->journal_dir == NULL;
}

static void take(struct scenario *scene) {
    if (pulls(scene))
        soak_take_all(scene->host);
}

/* Stored, and then refused: it comes again. */
static void take_and_refuse(struct scenario *scene) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    if (!pulls(scene))
        return;
    const lkstats_status_t status = lkstats_next(scene->host->ctx, &batch);
    soak_expect(scene->host, "lkstats_next", status, LKSTATS_OK, LKSTATS_EAGAIN);
    if (status != LKSTATS_OK)
        return;
    soak_store_batch(scene->host, &batch);
    soak_expect(scene->host, "lkstats_nack", lkstats_nack(&batch), LKSTATS_OK, LKSTATS_OK);
}

static void resolve(struct scenario *scene, lkstats_signal_t signal, uint32_t number) {
    __atomic_store_n(&account(scene, number)->resolution, SOAK_RESOLUTION_BEGAN, __ATOMIC_RELEASE);
    soak_resolve_room(scene->host, signal, number, 0);
    add(scene, signal, number, 77);
    soak_resolve_participant(scene->host, signal, number, 0);
    __atomic_store_n(&account(scene, number)->resolution, SOAK_RESOLVED, __ATOMIC_RELEASE);
}

static void stop(struct scenario *scene, lkstats_track_t handle) {
    soak_expect(scene->host, "lkstats_track_stop", lkstats_track_stop(handle, NULL), LKSTATS_OK, LKSTATS_OK);
}

static uint32_t open_account(struct scenario *scene) {
    const uint32_t number = soak_open_account(scene->host->ledger, SOAK_DATA, scene->host->life);
    if (number == UINT32_MAX)
        soak_fail(scene->host, "the ledger is full");
    return number;
}

static uint32_t open_epoch(struct scenario *scene, uint32_t connection, uint32_t epoch) {
    const uint32_t number = soak_open_epoch(scene->host->ledger, connection, epoch, scene->host->life, 0);
    if (number == UINT32_MAX)
        soak_fail(scene->host, "the ledger is full");
    return number;
}

/* A connection that moves from room to room, and then hangs up before anybody knows where it went. */
static void move_about(struct scenario *scene, lkstats_track_t track, uint32_t of_track) {
    const uint32_t connection = open_epoch(scene, UINT32_MAX, 1);
    const lkstats_signal_t signal = soak_new_signal(scene->host, connection);
    uint32_t epoch = connection;
    add(scene, signal, epoch, 1000);
    resolve(scene, signal, epoch);
    run(scene, 1);
    add(scene, signal, epoch, 2000);
    take_and_refuse(scene);
    for (uint32_t i = 2; i <= 4; i++) {
        const uint32_t next = open_epoch(scene, connection, i);
        soak_expect(scene->host, "lkstats_signal_reset", lkstats_signal_reset(signal), LKSTATS_OK,
                    LKSTATS_OK);
        epoch = next;
        add(scene, signal, epoch, 3000 * i);
        if (i < 4)
            resolve(scene, signal, epoch);
        add(scene, track, of_track, 10 * i);
        if (i == 3) /* the earlier epoch is reported while this one goes on */
            run(scene, 1);
        take(scene);
    }
    stop(scene, signal);
}

static _Noreturn void scenario(struct soak_host *host) {
    struct scenario scene = {.host = host, .random = soak_thread_random(host, 0)};
    soak_open_context(host, false);
    run(&scene, 0); /* the first turn recovers */
    const uint32_t first = open_account(&scene);
    const lkstats_track_t track = soak_new_data_track(host, first);
    add(&scene, track, first, 100);
    run(&scene, 1);
    add(&scene, track, first, 200); /* while a report is pending */
    take_and_refuse(&scene);
    take(&scene);

    /* Carries, and totals that are written down before it is forgotten what was folded: as much as there may be between
     * two folds, and just enough. */
    for (int i = 0; i < 3; i++) {
        add(&scene, track, first, (UINT64_C(1) << 35) - 6);
        add(&scene, track, first, (UINT64_C(1) << 35) - 6);
        run(&scene, 1);
        add(&scene, track, first, (UINT64_C(1) << 34) + 5);
        run(&scene, 1);
    }
    move_about(&scene, track, first);
    soak_expect(host, "lkstats_flush", lkstats_flush(host->ctx, 0), LKSTATS_OK, LKSTATS_ETIMEDOUT);
    take(&scene);
    add(&scene, track, first, 300);
    stop(&scene, track);
    run(&scene, 1);
    take(&scene);

    /* The slots have rested: a stranger gets one. */
    for (int i = 0; i < 5; i++)
        run(&scene, 5);
    take(&scene);
    const uint32_t second = open_account(&scene);
    const lkstats_track_t stranger = soak_new_data_track(host, second);
    add(&scene, stranger, second, 400);
    run(&scene, 1);
    add(&scene, stranger, second, 500);
    soak_close(host);
    _exit(0);
}

_Noreturn void soak_be_host(const struct soak_point_host *point) {
    static struct soak_host host;
    host = (struct soak_host){
        .slab_dir = point->slab_dir,
        .journal_dir = point->journal_dir,
        .rows_path = point->rows_path,
        .life = point->life,
        .push = point->push,
        .child_fd = -1,
    };
    soak_map_ledger(&host, point->ledger);
    soak_open_rows(&host);
    if (!point->drains)
        scenario(&host);
    soak_open_context(&host, false);
    soak_drain(&host);
}
