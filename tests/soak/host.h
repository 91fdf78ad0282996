/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that is killed: it opens a context with slab_dir, which recovers what the host before it left, and counts, makes,
 * resolves, resets and stops until it ends by a signal. Whatever it may not see ends it with a message in the ledger.
 */
#ifndef SOAK_HOST_H
#define SOAK_HOST_H

#include "ledger.h"
#include "lkstats.h"
#include "lkstats_slab.h"
#include "random.h"
#include "row.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOAK_DATA_SEATS = 12, SOAK_SHARED_SEATS = 4, SOAK_SEATS = 16, SOAK_OWNERS = 2 };

/* Numbers of a host's threads, for lanes and random numbers: the adders are the first. */
enum { SOAK_OWNER_THREAD = SOAK_ADDERS, SOAK_MANAGER_THREAD = 8, SOAK_CONSUMER_THREAD, SOAK_CLOCK_THREAD };

/* One that several threads add on. It stays in memory, since an adder may have found it before it was replaced. */
struct soak_track {
    lkstats_track_t handle;
    uint32_t account;
    uint32_t epoch;          /* of a shared connection, and known to the manager alone */
    bool fresh;              /* likewise: nothing of this epoch was said yet */
    atomic_bool retired;     /* it is about to be stopped: adds may be refused from here on */
    atomic_int allowance[2]; /* large adds that may be made before the next fold, each direction */
};

struct soak_host {
    struct soak_ledger *ledger;
    const char *slab_dir;
    const char *journal_dir; /* NULL: there is none */
    const char *rows_path;   /* likewise: the journal is the only receiver */
    uint64_t seed;
    uint32_t life;
    bool push;
    bool virtual_time;
    bool small;   /* memory for tracks may run out */
    int child_fd; /* a raw clone's child lives until this ends; -1: no child */
    int rows;
    uint32_t batches; /* that were stored */
    lkstats_t *ctx;
    lkstats_slab_t slab;
    _Atomic(struct soak_track *) seat[SOAK_SEATS];
};

/* host_support.c */
void soak_map_ledger(struct soak_host *host, const char *path);
void soak_open_rows(struct soak_host *host);
/* With slab_dir and whatever else host says. */
void soak_open_context(struct soak_host *host, bool with_thread);
/* Says it in the ledger, and ends the process. */
_Noreturn void soak_fail(const struct soak_host *host, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Fails unless the status is one of these. */
void soak_expect(const struct soak_host *host, const char *call, lkstats_status_t status,
                 lkstats_status_t allowed, lkstats_status_t also_allowed);
struct soak_random soak_thread_random(const struct soak_host *host, uint32_t thread);
lkstats_string_t soak_string(const char *text);
/* A moment for the others. */
void soak_pause(struct soak_random *random, uint64_t most_us);
_Noreturn void soak_wait_for_the_end(void);

/* host_adds.c: one add, in the ledger before and after. Answers whether it was taken. */
bool soak_add(struct soak_host *host, struct soak_random *random, lkstats_track_t handle,
              struct soak_cell *cell, uint64_t bytes, uint64_t messages, int32_t is_send, uint32_t lane);
/* A thread: adds on whatever is in the seats. argument: struct soak_worker. */
void *soak_adder(void *argument);

struct soak_worker {
    struct soak_host *host;
    uint32_t thread;
};

/* host_tracks.c: tracks come and go, connections move. Names a data track after its account. */
lkstats_track_t soak_new_data_track(struct soak_host *host, uint32_t account);
void soak_take_seats(struct soak_host *host, struct soak_random *random);
void *soak_manager(void *argument);

/* host_signals.c: names a connection's epoch after its account. epoch 0: the account is of that epoch alone. false:
 * a small directory has no room for the name. */
bool soak_resolve_room(struct soak_host *host, lkstats_signal_t signal, uint32_t account, uint32_t epoch);
bool soak_resolve_participant(struct soak_host *host, lkstats_signal_t signal, uint32_t account,
                              uint32_t epoch);
lkstats_signal_t soak_new_signal(struct soak_host *host, uint32_t account);
void *soak_owner(void *argument);

/* host_consumer.c */
void *soak_consumer(void *argument);
lkstats_status_t soak_on_batch(uint64_t host, const lkstats_batch_t *batch);
/* Takes and acknowledges all there is. */
void soak_take_all(struct soak_host *host);
/* Rows of all records, in one write. */
void soak_store_batch(struct soak_host *host, const lkstats_batch_t *batch);
/* The one that was stored last. */
void soak_acknowledge(struct soak_host *host, const lkstats_batch_t *batch);

/* host_drain.c: reports what dead contexts left, closes, and ends the process. */
_Noreturn void soak_drain(struct soak_host *host);
/* Closes in rounds of closing and taking. */
void soak_close(struct soak_host *host);

/* host_child.c: a child that outlives this process, mostly one that no fork() made. */
void soak_make_child(struct soak_host *host);

/* Whether a NO_THREAD context would see time go on: from here on, in nanoseconds. */
#define SOAK_START_NS INT64_C(1000000000000)
#define SOAK_START_WALL_NS INT64_C(1700000000000000000)

#endif
