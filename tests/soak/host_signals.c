/* SPDX-License-Identifier: Apache-2.0 */
/* Signal connections, each with one thread that adds on it, says whose it is, resets and stops it: so each add is of one
 * epoch for sure, and each epoch has an account. */
#include "host.h"

lkstats_signal_t soak_new_signal(struct soak_host *host, uint32_t account) {
    char tenant[32];
    lkstats_signal_t signal = 0;
    snprintf(tenant, sizeof tenant, "c%u", account);
    const lkstats_signal_options_t options = {.struct_size = sizeof options, .tenant = soak_string(tenant)};
    soak_expect(host, "lkstats_signal_new", lkstats_signal_new(host->ctx, &options, &signal), LKSTATS_OK,
                host->small ? LKSTATS_ENOMEM : LKSTATS_OK);
    return signal;
}

/* Answers whether it is known now: a small directory may have no room for a long name. */
static bool resolved(struct soak_host *host, const char *call, lkstats_status_t status) {
    if (host->small && status == LKSTATS_ENOMEM)
        return false;
    soak_expect(host, call, status, LKSTATS_OK, LKSTATS_ERESOLVED);
    return true;
}

bool soak_resolve_room(struct soak_host *host, lkstats_signal_t signal, uint32_t account, uint32_t epoch) {
    const struct soak_name sid = soak_name_of("RM_", account, epoch), name = soak_name_of("", account, epoch);
    const lkstats_room_t room = {
        .struct_size = sizeof room, .sid = soak_string(sid.text), .name = soak_string(name.text)};
    return resolved(host, "lkstats_signal_resolve_room", lkstats_signal_resolve_room(signal, &room));
}

bool soak_resolve_participant(struct soak_host *host, lkstats_signal_t signal, uint32_t account,
                              uint32_t epoch) {
    const struct soak_name sid = soak_name_of("PA_", account, epoch), name = soak_name_of("", account, epoch);
    const lkstats_participant_t participant = {
        .struct_size = sizeof participant, .sid = soak_string(sid.text), .identity = soak_string(name.text)};
    return resolved(host, "lkstats_signal_resolve_participant",
                    lkstats_signal_resolve_participant(signal, &participant));
}

/* One connection of an owner's. */
struct owned {
    struct soak_worker *worker;
    struct soak_random *random;
    lkstats_signal_t signal;
    uint32_t account;
};

static struct soak_account *account_of(const struct owned *owned) {
    return &owned->worker->host->ledger->account[owned->account];
}

static void add_some(struct owned *owned) {
    struct soak_cell(*cell)[2] = account_of(owned)->cell;
    for (uint64_t more = soak_below(owned->random, 60); more > 0; more--) {
        const int32_t is_send = (int32_t)soak_below(owned->random, 2);
        if (!soak_add(owned->worker->host, owned->random, owned->signal, &cell[0][is_send ? 0 : 1],
                      soak_below(owned->random, 1500), soak_below(owned->random, 4), is_send,
                      owned->worker->thread))
            soak_fail(owned->worker->host, "an add on account %u was refused, and nobody had stopped it",
                      owned->account);
    }
}

/* In either order, with adds in between. */
static bool resolve(struct owned *owned) {
    struct soak_host *host = owned->worker->host;
    struct soak_account *account = account_of(owned);
    const bool room_first = soak_one_in(owned->random, 2);
    bool room, participant;
    __atomic_store_n(&account->resolution, SOAK_RESOLUTION_BEGAN, __ATOMIC_RELEASE);
    room = room_first && soak_resolve_room(host, owned->signal, owned->account, 0);
    add_some(owned);
    participant = soak_resolve_participant(host, owned->signal, owned->account, 0);
    add_some(owned);
    if (!room_first)
        room = soak_resolve_room(host, owned->signal, owned->account, 0);
    if (room && participant)
        __atomic_store_n(&account->resolution, SOAK_RESOLVED, __ATOMIC_RELEASE);
    return room && participant;
}

/* Ends the epoch; false: it goes on. */
static bool next_epoch(struct owned *owned) {
    struct soak_host *host = owned->worker->host;
    const struct soak_account *before = account_of(owned);
    const uint32_t account = soak_open_epoch(host->ledger, before->connection, before->epoch + 1, host->life,
                                             owned->worker->thread);
    if (account == UINT32_MAX)
        return false;
    const lkstats_status_t status = lkstats_signal_reset(owned->signal);
    if (status == LKSTATS_EFULL || (host->small && status == LKSTATS_ENOMEM))
        return false; /* the account stays empty, and this connection ends here */
    soak_expect(host, "lkstats_signal_reset", status, LKSTATS_OK, LKSTATS_OK);
    owned->account = account;
    return true;
}

static void one_connection(struct soak_worker *worker, struct soak_random *random) {
    struct owned owned = {.worker = worker, .random = random};
    struct soak_host *host = worker->host;
    owned.account = soak_open_epoch(host->ledger, UINT32_MAX, 1, host->life, worker->thread);
    if (owned.account == UINT32_MAX)
        soak_wait_for_the_end();
    owned.signal = soak_new_signal(host, owned.account);
    if (owned.signal == 0)
        return;
    do {
        add_some(&owned);
        if (soak_one_in(random, 5) || !resolve(&owned))
            break; /* nobody will know */
        add_some(&owned);
    } while (!soak_one_in(random, 4) && next_epoch(&owned));
    add_some(&owned);
    soak_expect(host, "lkstats_track_stop", lkstats_track_stop(owned.signal, NULL), LKSTATS_OK, LKSTATS_OK);
    if (soak_one_in(random, 8)) /* refused, and in no report */
        soak_expect(host, "an add after a stop", lkstats_add_bytes(owned.signal, 1, 0), LKSTATS_ECLOSED,
                    LKSTATS_ESTALE);
}

void *soak_owner(void *argument) {
    struct soak_worker *worker = argument;
    struct soak_random random = soak_thread_random(worker->host, worker->thread);
    for (;;) {
        one_connection(worker, &random);
        soak_pause(&random, 200);
    }
    return NULL;
}
