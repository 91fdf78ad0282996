/* SPDX-License-Identifier: Apache-2.0 */
/* A host that loads lkstats at run time and needs one symbol of it: cc loaded.c */
#include <dlfcn.h>
#include <lkstats.h>
#include <poll.h>
#include <stdio.h>

int main(int argc, char **argv) {
    lkstats_track_options_t ana = {.struct_size = sizeof ana, .participant_identity = {"ana", 3}};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    struct pollfd due = {.events = POLLIN};
    lkstats_track_t track;
    lkstats_t *ctx;
    const lkstats_api_t *lk;
    void *library = dlopen(argc > 1 ? argv[1] : "liblkstats.so.0", RTLD_NOW);
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    if (!library || !(*(void **)&get_api = dlsym(library, "lkstats_get_api")))
        return fprintf(stderr, "%s\n", dlerror()), 1;
    if (get_api(LKSTATS_API_VERSION, &lk) != LKSTATS_OK || lk->open(NULL, &ctx) != LKSTATS_OK)
        return fprintf(stderr, "lkstats does not open\n"), 1;
    lk->event_fd(ctx, &due.fd);
    lk->track_new(ctx, &ana, &track); /* were it refused, track would be 0, and what follows harmless */
    lk->add_bytes(track, 1200, 0);    /* received from ana */
    lk->add_bytes(track, 300, 1);     /* sent to her */
    lk->track_stop(track, NULL);      /* she leaves, so her last report is due */
    if (poll(&due, 1, 1000) == 1 && lk->next(ctx, &batch) == LKSTATS_OK) {
        const lkstats_record_t *r =
            batch.records; /* the next one, if any, is batch.record_size bytes further */
        printf("%.*s: %u bytes received, %u sent\n", (int)r->participant_identity.size,
               r->participant_identity.data, (unsigned)r->window.recv_bytes, (unsigned)r->window.send_bytes);
        lk->ack(&batch);
    }
    return lk->close(ctx, 1000, NULL) != LKSTATS_OK;
}
