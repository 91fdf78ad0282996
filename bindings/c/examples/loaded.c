/* SPDX-License-Identifier: Apache-2.0 */
/* A host that loads lkstats at run time and needs one symbol of it: cc loaded.c */
#include <dlfcn.h>
#include <err.h>
#include <inttypes.h>
#include <lkstats.h>
#include <poll.h>
#include <stdio.h>

static const lkstats_api_t *lk;

static void must(lkstats_status_t status) {
    if (status != LKSTATS_OK)
        errx(1, "%s: %s", lk->status_name(status), lk->strerror(status));
}

static void load(const char *path) {
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **);
    void *library = dlopen(path, RTLD_NOW);

    if (!library || !(*(void **)&get_api = dlsym(library, "lkstats_get_api")))
        errx(1, "%s", dlerror());
    if (get_api(LKSTATS_API_VERSION, &lk) != LKSTATS_OK || lk->struct_size < sizeof *lk)
        errx(1, "%s is older than this program", path);
}

static void print(const lkstats_record_t *r) {
    printf("%.*s in %.*s: received %" PRIu64 " bytes in %" PRIu64 " messages, sent %" PRIu64 " in %" PRIu64
           "\n",
           (int)r->participant_identity.size, r->participant_identity.data, (int)r->room_name.size,
           r->room_name.data, r->window.recv_bytes, r->window.recv_messages, r->window.send_bytes,
           r->window.send_messages);
}

int main(int argc, char **argv) {
    const lkstats_track_options_t who = {
        .struct_size = sizeof who, .room_name = {"garden", 6}, .participant_identity = {"ana", 3}};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    struct pollfd due = {.events = POLLIN};
    lkstats_t *ctx;
    lkstats_track_t track;

    load(argc > 1 ? argv[1] : "liblkstats.so.0");
    must(lk->open(NULL, &ctx));
    must(lk->event_fd(ctx, &due.fd));
    must(lk->track_new(ctx, &who, &track));
    must(lk->add_bytes(track, 1200, 0)); /* received from ana */
    must(lk->add_bytes(track, 300, 1));  /* sent to her */
    must(lk->track_stop(track, NULL));   /* she leaves, so her last report is due */

    poll(&due, 1, -1);
    must(lk->next(ctx, &batch));
    print(batch.records); /* one track, one record; a second would be batch.record_size bytes further */
    must(lk->ack(&batch));
    must(lk->close(ctx, 1000, NULL));
}
