/* SPDX-License-Identifier: Apache-2.0 */
/* soak_host: see host.h. soak.cpp starts it and kills it. */
#define _GNU_SOURCE
#include "host.h"

#include <pthread.h>
#include <stdlib.h>

static void *turn_the_clock(void *argument) {
    struct soak_host *host = argument;
    struct soak_random random = soak_thread_random(host, SOAK_CLOCK_THREAD);
    /* Ten seconds and three passes are soon over: slots are used again. */
    for (int64_t now = 0;; now += (int64_t)soak_below(&random, 1000000000)) {
        soak_expect(host, "lkstats_run_once",
                    lkstats_run_once(host->ctx, SOAK_START_NS + now, SOAK_START_WALL_NS + now), LKSTATS_OK,
                    LKSTATS_OK);
        soak_pause(&random, 300);
    }
    return NULL;
}

static void start(const struct soak_host *host, void *(*run)(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0)
        soak_fail(host, "no thread");
}

static bool understand(struct soak_host *host, const char *word, const char *value, const char **ledger) {
    if (strcmp(word, "--ledger") == 0)
        *ledger = value;
    else if (strcmp(word, "--slab") == 0)
        host->slab_dir = value;
    else if (strcmp(word, "--journal") == 0)
        host->journal_dir = value;
    else if (strcmp(word, "--rows") == 0)
        host->rows_path = value;
    else if (strcmp(word, "--seed") == 0)
        host->seed = strtoull(value, NULL, 0);
    else if (strcmp(word, "--life") == 0)
        host->life = (uint32_t)strtoul(value, NULL, 0);
    else if (strcmp(word, "--child-fd") == 0)
        host->child_fd = atoi(value);
    else
        return false;
    return true;
}

static bool understand_flag(struct soak_host *host, const char *word, bool *drain) {
    if (strcmp(word, "--push") == 0)
        host->push = true;
    else if (strcmp(word, "--virtual-time") == 0)
        host->virtual_time = true;
    else if (strcmp(word, "--small") == 0)
        host->small = true;
    else if (strcmp(word, "--drain") == 0)
        *drain = true;
    else
        return false;
    return true;
}

int main(int count, char **words) {
    static struct soak_host host = {.child_fd = -1};
    static struct soak_worker workers[SOAK_ADDERS + SOAK_OWNERS];
    const char *ledger = NULL;
    bool drain = false, understood = true;
    for (int i = 1; i < count && understood; i++) {
        if (!understand_flag(&host, words[i], &drain)) {
            understood = i + 1 < count && understand(&host, words[i], words[i + 1], &ledger);
            i++;
        }
    }
    if (!understood || ledger == NULL || host.slab_dir == NULL ||
        (host.journal_dir == NULL) == (host.rows_path == NULL)) {
        fprintf(stderr,
                "usage: %s --ledger FILE --slab DIR [--journal DIR | --rows FILE] [--push] --seed N --life N"
                " [--virtual-time] [--small] [--child-fd N] [--drain]\n",
                words[0]);
        return 2;
    }
    soak_map_ledger(&host, ledger);
    soak_open_rows(&host);
    soak_open_context(&host, !drain && !host.virtual_time);
    if (drain)
        soak_drain(&host);

    struct soak_random random = soak_thread_random(&host, 1000);
    soak_take_seats(&host, &random);
    for (uint32_t i = 0; i < SOAK_ADDERS + SOAK_OWNERS; i++) {
        workers[i] = (struct soak_worker){&host, i};
        start(&host, i < SOAK_ADDERS ? soak_adder : soak_owner, &workers[i]);
    }
    start(&host, soak_manager, &host);
    if (!host.push)
        start(&host, soak_consumer, &host);
    if (host.virtual_time)
        start(&host, turn_the_clock, &host);
    if (host.child_fd >= 0)
        soak_make_child(&host);
    soak_wait_for_the_end();
}
