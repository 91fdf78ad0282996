/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger of a soak: what hosts have added, in a file that is mapped by them and by whoever kills them, and that
 * has nothing to do with lkstats. Each add is written down before it is made, and confirmed after it: so a kill
 * leaves at most one add of a thread in doubt, and shows which.
 *
 * Hosts in other languages write the same bytes: a header of 4096 bytes, then accounts of 512 bytes each, all numbers
 * in the order of the machine. The offsets are asserted below.
 *
 * An account is one identity: a data track, one epoch of a signal connection that one thread adds on and resets, or
 * all epochs of a connection that several threads add on while another resets it. It is never used by two lives of a
 * host. In it each adder has a cell for each direction, which nobody else writes to.
 */
#ifndef SOAK_LEDGER_H
#define SOAK_LEDGER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define SOAK_LEDGER_MAGIC UINT64_C(0x31304b414f534b4c) /* "LKSOAK01" */

enum { SOAK_ADDERS = 3, SOAK_LANES = 8, SOAK_MESSAGE_SIZE = 512 };

enum {
    SOAK_DATA = 1,  /* a data track */
    SOAK_OWNED = 2, /* one epoch of a signal connection; only the first cell is used */
    SOAK_SHARED = 3 /* a signal connection, whatever its epoch */
};

/* How far an owned epoch's resolution has come. */
enum { SOAK_RESOLUTION_BEGAN = 1, SOAK_RESOLVED = 2 };

/* Of its two sums the one that bit 0 of state says is confirmed. With bit 1 an add is in doubt, and the other sum is
 * the one that includes it. One store of state each: so it is never unclear which. */
enum { SOAK_CURRENT = 1, SOAK_DOUBT = 2 };

struct soak_cell {
    uint64_t state;
    uint64_t bytes[2];
    uint64_t messages[2];
    uint64_t reserved[3];
};

struct soak_account {
    uint32_t kind; /* SOAK_...; stored last */
    uint32_t life;
    uint32_t connection; /* the account of a connection's first epoch; of all else its own */
    uint32_t epoch;      /* 1, 2, 3 ...; 0: all */
    uint32_t resolution; /* of an owned one */
    uint32_t thread;     /* who adds on an owned one */
    uint32_t reserved[10];
    struct soak_cell cell[SOAK_ADDERS][2]; /* 0: sent, 1: received, as in lkstats_slab.h */
    uint64_t unused[8];
};

struct soak_lane {
    uint64_t adds; /* that were confirmed, of one thread, all lives */
    uint64_t reserved[7];
};

struct soak_ledger {
    uint64_t magic;
    uint32_t capacity; /* accounts */
    uint32_t reserved;
    uint64_t accounts; /* handed out, beyond capacity too */
    uint32_t failed;   /* 1: a host saw what it may not see; message says what */
    uint32_t padding[9];
    struct soak_lane lane[SOAK_LANES];
    uint8_t gap[448];
    char message[SOAK_MESSAGE_SIZE];
    uint8_t rest[2560];
    struct soak_account account[];
};

static_assert(sizeof(struct soak_cell) == 64, "a cell");
static_assert(offsetof(struct soak_account, cell) == 64, "an account's cells");
static_assert(sizeof(struct soak_account) == 512, "an account");
static_assert(offsetof(struct soak_ledger, accounts) == 16, "accounts");
static_assert(offsetof(struct soak_ledger, failed) == 24, "failed");
static_assert(offsetof(struct soak_ledger, lane) == 64, "lanes");
static_assert(offsetof(struct soak_ledger, message) == 1024, "message");
static_assert(offsetof(struct soak_ledger, account) == 4096, "the header");

/* A kill takes what was stored so far, in the order of the program: only the compiler has to be kept from another. */
static inline void soak_store(uint64_t *word, uint64_t value) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Before the add. */
static inline void soak_intend(struct soak_cell *cell, uint64_t bytes, uint64_t messages) {
    const uint64_t current = cell->state & SOAK_CURRENT, other = current ^ SOAK_CURRENT;
    cell->bytes[other] = cell->bytes[current] + bytes;
    cell->messages[other] = cell->messages[current] + messages;
    soak_store(&cell->state, current | SOAK_DOUBT);
}

/* After it: it was taken, or it was refused. */
static inline void soak_confirm(struct soak_cell *cell) {
    soak_store(&cell->state, (cell->state & SOAK_CURRENT) ^ SOAK_CURRENT);
}
static inline void soak_refuse(struct soak_cell *cell) {
    soak_store(&cell->state, cell->state & SOAK_CURRENT);
}

static inline void soak_progress(struct soak_ledger *ledger, uint32_t lane) {
    __atomic_fetch_add(&ledger->lane[lane % SOAK_LANES].adds, 1, __ATOMIC_RELAXED);
}

/* A new account; UINT32_MAX: the ledger is full. connection UINT32_MAX: its own number. */
static inline uint32_t soak_open(struct soak_ledger *ledger, uint32_t kind, uint32_t life,
                                 uint32_t connection, uint32_t epoch, uint32_t thread) {
    const uint64_t number = __atomic_fetch_add(&ledger->accounts, 1, __ATOMIC_RELAXED);
    struct soak_account *account = &ledger->account[number];
    if (number >= ledger->capacity)
        return UINT32_MAX;
    account->life = life;
    account->connection = connection == UINT32_MAX ? (uint32_t)number : connection;
    account->epoch = epoch;
    account->thread = thread;
    __atomic_store_n(&account->kind, kind, __ATOMIC_RELEASE);
    return (uint32_t)number;
}

static inline uint32_t soak_open_account(struct soak_ledger *ledger, uint32_t kind, uint32_t life) {
    return soak_open(ledger, kind, life, UINT32_MAX, kind == SOAK_SHARED ? 0 : 1, 0);
}

static inline uint32_t soak_open_epoch(struct soak_ledger *ledger, uint32_t connection, uint32_t epoch,
                                       uint32_t life, uint32_t thread) {
    return soak_open(ledger, SOAK_OWNED, life, connection, epoch, thread);
}

#endif
