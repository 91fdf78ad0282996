/* SPDX-License-Identifier: Apache-2.0 */
/* A host that links lkstats: cc linked.c $(pkg-config --cflags --libs lkstats) */
#include <lkstats.h>
#include <stdio.h>

static lkstats_status_t print(uint64_t user_data, const lkstats_batch_t *batch) {
    (void)user_data;
    for (uint64_t i = 0; i < batch->record_count; i++) {
        const lkstats_record_t *r = (const void *)((const char *)batch->records + i * batch->record_size);
        const char *event = r->key.kind == LKSTATS_RECORD_JOINED ? " joined"
                            : r->key.kind == LKSTATS_RECORD_LEFT ? " left"
                                                                 : "";
        printf("%.*s%s: %u bytes received, %u sent\n", (int)r->participant_identity.size,
               r->participant_identity.data, event, (unsigned)r->window.recv_bytes,
               (unsigned)r->window.send_bytes);
    }
    return LKSTATS_OK; /* acknowledged: they won't come again */
}

int main(void) {
    lkstats_options_t options = {.struct_size = sizeof options, .on_batch = print};
    lkstats_room_t room = {.struct_size = sizeof room, .sid = {"RM_1", 4}, .name = {"atrium", 6}};
    lkstats_participant_t ana = {.struct_size = sizeof ana, .sid = {"PA_1", 4}, .identity = {"ana", 3}};
    lkstats_track_options_t data = {.struct_size = sizeof data, .participant_identity = ana.identity};
    lkstats_signal_t signal;
    lkstats_track_t track;
    lkstats_t *ctx;
    lkstats_status_t status = lkstats_open(&options, &ctx);
    if (status || (status = lkstats_signal_new(ctx, NULL, &signal)) ||
        (status = lkstats_track_new(ctx, &data, &track)))
        return fprintf(stderr, "%s\n", lkstats_strerror(status)), 1;
    lkstats_add_bytes(signal, 80, 0); /* received on the connection, nobody knows yet from whom */
    lkstats_signal_resolve_room(signal, &room);
    lkstats_signal_resolve_participant(signal, &ana);
    lkstats_add_bytes(track, 1200, 0); /* received from ana */
    lkstats_add_bytes(track, 300, 1);  /* sent to her */
    lkstats_track_stop(track, NULL);
    lkstats_track_stop(signal, NULL);                    /* she leaves */
    return lkstats_close(ctx, 1000, NULL) != LKSTATS_OK; /* the last reports are printed before it returns */
}
