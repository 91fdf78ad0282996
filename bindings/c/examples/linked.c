/* SPDX-License-Identifier: Apache-2.0 */
/* A host that links lkstats: cc linked.c $(pkg-config --cflags --libs lkstats) */
#include <lkstats.h>
#include <poll.h>
#include <stdio.h>

static void print(const lkstats_record_t *r) {
    printf("%.*s", (int)r->participant_identity.size, r->participant_identity.data);
    if (r->key.kind == LKSTATS_RECORD_TRAFFIC)
        printf(": %u bytes received, %u sent\n", (unsigned)r->window.recv_bytes,
               (unsigned)r->window.send_bytes);
    else
        puts(r->key.kind == LKSTATS_RECORD_JOINED ? " joined" : " left");
}

int main(void) {
    lkstats_room_t room = {.struct_size = sizeof room, .sid = {"RM_1", 4}, .name = {"atrium", 6}};
    lkstats_participant_t ana = {.struct_size = sizeof ana, .sid = {"PA_1", 4}, .identity = {"ana", 3}};
    lkstats_track_options_t data = {.struct_size = sizeof data, .participant_identity = ana.identity};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    struct pollfd due = {.events = POLLIN};
    lkstats_signal_t signal;
    lkstats_track_t track;
    lkstats_t *ctx;
    lkstats_status_t status = lkstats_open(NULL, &ctx);
    if (status || (status = lkstats_event_fd(ctx, &due.fd)) ||
        (status = lkstats_signal_new(ctx, NULL, &signal)) || (status = lkstats_track_new(ctx, &data, &track)))
        return fprintf(stderr, "%s\n", lkstats_strerror(status)), 1;
    lkstats_add_bytes(signal, 80, 0); /* received on the connection, nobody knows yet from whom */
    lkstats_signal_resolve_room(signal, &room);
    lkstats_signal_resolve_participant(signal, &ana);
    lkstats_add_bytes(track, 1200, 0); /* received from ana */
    lkstats_add_bytes(track, 300, 1);  /* sent to her */
    lkstats_track_stop(track, NULL);
    lkstats_track_stop(signal, NULL); /* she leaves */
    lkstats_close(ctx, 0, NULL);      /* the last reports are made, and it waits for nobody to take them */
    while (poll(&due, 1, 1000) == 1 && lkstats_next(ctx, &batch) == LKSTATS_OK) {
        for (uint64_t i = 0; i < batch.record_count; i++)
            print((const void *)((const char *)batch.records + i * batch.record_size));
        lkstats_ack(&batch);
    }
    return lkstats_close(ctx, 0, NULL) != LKSTATS_OK;
}
