/* SPDX-License-Identifier: Apache-2.0 */
/* A host that links lkstats: cc linked.c $(pkg-config --cflags --libs lkstats) */
#include <lkstats.h>
#include <poll.h>
#include <stdio.h>

int main(void) {
    lkstats_track_options_t ana = {.struct_size = sizeof ana, .participant_identity = {"ana", 3}};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    struct pollfd due = {.events = POLLIN};
    lkstats_track_t track;
    lkstats_t *ctx;
    lkstats_status_t status = lkstats_open(NULL, &ctx);
    if (status || (status = lkstats_event_fd(ctx, &due.fd)) ||
        (status = lkstats_track_new(ctx, &ana, &track)))
        return fprintf(stderr, "%s\n", lkstats_strerror(status)), 1;
    lkstats_add_bytes(track, 1200, 0); /* received from ana */
    lkstats_add_bytes(track, 300, 1);  /* sent to her */
    lkstats_track_stop(track, NULL);   /* she leaves, so her last report is due */
    if (poll(&due, 1, 1000) == 1 && lkstats_next(ctx, &batch) == LKSTATS_OK) {
        const lkstats_record_t *r =
            batch.records; /* the next one, if any, is batch.record_size bytes further */
        printf("%.*s: %u bytes received, %u sent\n", (int)r->participant_identity.size,
               r->participant_identity.data, (unsigned)r->window.recv_bytes, (unsigned)r->window.send_bytes);
        lkstats_ack(&batch);
    }
    return lkstats_close(ctx, 1000, NULL) != LKSTATS_OK;
}
