/* SPDX-License-Identifier: Apache-2.0 */
/* A child that lives on when the parent is killed. One that no fork() made has the parent's memory and descriptors, the
 * locks of its files included. */
#define _GNU_SOURCE
#include "host.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void add_as_the_parent(const struct soak_host *host) {
    for (int i = 0; i < SOAK_SEATS; i++) {
        const struct soak_track *track = atomic_load(&host->seat[i]);
        if (track == NULL)
            continue;
        /* Without what belongs to the locks of libraries that other threads may have held: no stdio here. */
        if (lkstats_add_bytes(track->handle, 1, 1) != LKSTATS_EFORKED ||
            lkstats_slab_add(&host->slab, track->handle, 1, 1, 1) != LKSTATS_EFORKED) {
            static const char text[] = "a child's add on its parent's handle does not answer LKSTATS_EFORKED";
            memcpy(host->ledger->message, text, sizeof text);
            __atomic_store_n(&host->ledger->failed, 1, __ATOMIC_RELEASE);
        }
    }
}

void soak_make_child(struct soak_host *host) {
    char byte;
    const long child =
        host->seed % 3 == 0 ? fork() : syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, NULL);
    if (child < 0)
        soak_fail(host, "clone");
    if (child != 0)
        return;
    add_as_the_parent(host);
    while (read(host->child_fd, &byte, 1) > 0) {
    }
    _exit(0);
}
