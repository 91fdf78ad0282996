/* SPDX-License-Identifier: Apache-2.0 */
/* The last host: it adds nothing, runs until what dead contexts left is acknowledged and their files are gone, and closes. */
#define _GNU_SOURCE
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum { TURNS = 5000 };

/* Whether the process of that directory lives: another last host may be about. */
static bool lives(const char *path) {
    lkstats_slab_directory_t about = {.owner_pid = 0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const bool whole = fread(&about, sizeof about, 1, file) == 1;
    fclose(file);
    return whole && about.owner_pid > 0 && kill((pid_t)about.owner_pid, 0) == 0;
}

/* What is left of the dead, a name of it in *last. Whether all files are gone in the end the harness looks for itself. */
static bool anything_left(const struct soak_host *host, char *last, size_t size) {
    DIR *directory = opendir(host->slab_dir);
    const struct dirent *entry;
    char path[4096];
    bool found = false;
    if (directory == NULL)
        soak_fail(host, "%s: errno %d", host->slab_dir, errno);
    while (!found && (entry = readdir(directory)) != NULL) {
        const char *end = strrchr(entry->d_name, ':');
        snprintf(path, sizeof path, "%s/%s", host->slab_dir, entry->d_name);
        found = end != NULL && strcmp(end, ":dir") == 0 && !lives(path);
        if (found)
            snprintf(last, size, "%s", entry->d_name);
    }
    closedir(directory);
    return found;
}

void soak_close(struct soak_host *host) {
    for (int turn = 0; turn < TURNS; turn++) {
        const lkstats_status_t status = lkstats_close(host->ctx, 0, NULL);
        if (status == LKSTATS_OK)
            return;
        soak_expect(host, "lkstats_close", status, LKSTATS_ETIMEDOUT, LKSTATS_ETIMEDOUT);
        if (!host->push && host->journal_dir == NULL)
            soak_take_all(host);
    }
    soak_fail(host, "the context does not close");
}

_Noreturn void soak_drain(struct soak_host *host) {
    char last[512] = "";
    struct soak_random random = soak_thread_random(host, 0);
    const bool pull = !host->push && host->journal_dir == NULL;
    int64_t now = 0;
    for (int turn = 0; turn == 0 || anything_left(host, last, sizeof last); turn++, now += 1000000000) {
        if (turn == TURNS)
            soak_fail(host, "what dead contexts left is not recovered after %d turns: %s", TURNS, last);
        soak_expect(host, "lkstats_run_once",
                    lkstats_run_once(host->ctx, SOAK_START_NS + now, SOAK_START_WALL_NS + now), LKSTATS_OK,
                    LKSTATS_OK);
        if (pull)
            soak_take_all(host);
        if (turn > 100) /* somebody else is at it */
            soak_pause(&random, 500);
    }
    soak_close(host);
    _exit(0);
}
