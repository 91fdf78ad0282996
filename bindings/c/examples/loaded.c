/* SPDX-License-Identifier: Apache-2.0 */
/* A host that loads lkstats at run time, needs one symbol of it, and takes the reports itself: cc loaded.c */
#include <dlfcn.h>
#include <lkstats.h>
#include <poll.h>
#include <stdio.h>

static void print(const lkstats_record_t *r) {
    const char *event = r->key.kind == LKSTATS_RECORD_JOINED ? " joined"
                        : r->key.kind == LKSTATS_RECORD_LEFT ? " left"
                                                             : "";
    printf("%.*s%s: %u bytes received, %u sent\n", (int)r->participant_identity.size,
           r->participant_identity.data, event, (unsigned)r->window.recv_bytes,
           (unsigned)r->window.send_bytes);
}

int main(int argc, char **argv) {
    lkstats_room_t room = {.struct_size = sizeof room, .sid = {"RM_1", 4}, .name = {"atrium", 6}};
    lkstats_participant_t ana = {.struct_size = sizeof ana, .sid = {"PA_1", 4}, .identity = {"ana", 3}};
    lkstats_track_options_t data = {.struct_size = sizeof data, .participant_identity = ana.identity};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    struct pollfd due = {.events = POLLIN};
    lkstats_signal_t signal;
    lkstats_track_t track;
    lkstats_t *ctx;
    const lkstats_api_t *lk;
    void *library = dlopen(argc > 1 ? argv[1] : "liblkstats.so.0", RTLD_NOW);
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    if (!library || !(*(void **)&get_api = dlsym(library, "lkstats_get_api")))
        return fprintf(stderr, "%s\n", dlerror()), 1;
    if (get_api(LKSTATS_API_VERSION, &lk) != LKSTATS_OK || lk->struct_size < sizeof *lk ||
        lk->open(NULL, &ctx) != LKSTATS_OK)
        return fprintf(stderr, "lkstats is too old, or does not open\n"), 1;
    lk->event_fd(ctx, &due.fd);
    lk->signal_new(ctx, NULL, &signal); /* were one of these refused, its handle would be 0, */
    lk->track_new(ctx, &data, &track);  /* and what follows harmless */
    lk->add_bytes(signal, 80, 0);
    lk->signal_resolve_room(signal, &room);
    lk->signal_resolve_participant(signal, &ana);
    lk->add_bytes(track, 1200, 0);
    lk->add_bytes(track, 300, 1);
    lk->track_stop(track, NULL);
    lk->track_stop(signal, NULL);
    lk->close(ctx, 0, NULL); /* the last reports are made, and it waits for nobody to take them */
    while (poll(&due, 1, 1000) == 1 && lk->next(ctx, &batch) == LKSTATS_OK) {
        for (uint64_t i = 0; i < batch.record_count; i++)
            print((const void *)((const char *)batch.records + i * batch.record_size));
        lk->ack(&batch);
    }
    return lk->close(ctx, 0, NULL) != LKSTATS_OK;
}
