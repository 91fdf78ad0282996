/* SPDX-License-Identifier: Apache-2.0 */
/* A host that links lkstats: cc linked.c $(pkg-config --cflags --libs lkstats) */
#include <err.h>
#include <inttypes.h>
#include <lkstats.h>
#include <poll.h>
#include <stdio.h>

static void must(lkstats_status_t status) {
    if (status != LKSTATS_OK)
        errx(1, "%s: %s", lkstats_status_name(status), lkstats_strerror(status));
}

static void print(const lkstats_record_t *r) {
    printf("%.*s in %.*s: received %" PRIu64 " bytes in %" PRIu64 " messages, sent %" PRIu64 " in %" PRIu64
           "\n",
           (int)r->participant_identity.size, r->participant_identity.data, (int)r->room_name.size,
           r->room_name.data, r->window.recv_bytes, r->window.recv_messages, r->window.send_bytes,
           r->window.send_messages);
}

int main(void) {
    const lkstats_track_options_t who = {
        .struct_size = sizeof who, .room_name = {"garden", 6}, .participant_identity = {"ana", 3}};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    struct pollfd due = {.events = POLLIN};
    lkstats_t *ctx;
    lkstats_track_t track;

    must(lkstats_open(NULL, &ctx));
    must(lkstats_event_fd(ctx, &due.fd));
    must(lkstats_track_new(ctx, &who, &track));
    must(lkstats_add_bytes(track, 1200, 0)); /* received from ana */
    must(lkstats_add_bytes(track, 300, 1));  /* sent to her */
    must(lkstats_track_stop(track, NULL));   /* she leaves, so her last report is due */

    poll(&due, 1, -1);
    must(lkstats_next(ctx, &batch));
    print(batch.records); /* one track, one record; a second would be batch.record_size bytes further */
    must(lkstats_ack(&batch));
    must(lkstats_close(ctx, 1000, NULL));
}
