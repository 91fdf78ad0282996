/* SPDX-License-Identifier: Apache-2.0 */
#include "signal_model.h"

#include "story.h"

#include <stdlib.h>
#include <string.h>

int traffic_equal(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return a->send_bytes == b->send_bytes && a->send_messages == b->send_messages &&
           a->recv_bytes == b->recv_bytes && a->recv_messages == b->recv_messages;
}

int traffic_at_least(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return a->send_bytes >= b->send_bytes && a->send_messages >= b->send_messages &&
           a->recv_bytes >= b->recv_bytes && a->recv_messages >= b->recv_messages;
}

lkstats_traffic_t traffic_minus(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return (lkstats_traffic_t){a->send_bytes - b->send_bytes, a->send_messages - b->send_messages,
                               a->recv_bytes - b->recv_bytes, a->recv_messages - b->recv_messages};
}

void traffic_plus(lkstats_traffic_t *to, const lkstats_traffic_t *more) {
    to->send_bytes += more->send_bytes;
    to->send_messages += more->send_messages;
    to->recv_bytes += more->recv_bytes;
    to->recv_messages += more->recv_messages;
}

int time_equal(const lkstats_time_t *a, const lkstats_time_t *b) {
    return a->monotonic_ns == b->monotonic_ns && a->wall_ns == b->wall_ns;
}

/* ---- Epochs ---- */

static void *grown(void *array, size_t *room, size_t size) {
    *room = *room ? 2 * *room : 8;
    array = realloc(array, *room * size);
    must(array != NULL, "no memory for the model");
    return array;
}

epoch_t *epoch_of(const handle_t *handle) { return &handle->epochs[handle->epochs_count - 1]; }

static void begin_moment(const model_t *model, epoch_t *epoch) {
    if (epoch->moments_count == epoch->moments_room)
        epoch->moments = grown(epoch->moments, &epoch->moments_room, sizeof *epoch->moments);
    epoch->moments[epoch->moments_count++] = (moment_t){epoch->counted, model->now.monotonic_ns};
}

static void begin_epoch(const model_t *model, handle_t *handle, const whose_t *whose) {
    if (handle->epochs_count == handle->epochs_room)
        handle->epochs = grown(handle->epochs, &handle->epochs_room, sizeof *handle->epochs);
    epoch_t *epoch = &handle->epochs[handle->epochs_count++];
    *epoch = (epoch_t){.number = (uint32_t)handle->epochs_count,
                       .whose = *whose,
                       .start = model->now,
                       .reach = model->now,
                       .resolved = !handle->signal,
                       .resolved_at = model->now.monotonic_ns};
    begin_moment(model, epoch);
}

static void urge(const model_t *model, handle_t *handle) {
    handle->urged = 1;
    handle->urged_at = model->now.monotonic_ns;
}

static void forget(whose_t *whose) { whose->room_known = whose->participant_known = 0; }

static void forget_handle(handle_t *handle) {
    for (size_t i = 0; i < handle->epochs_count; i++)
        free(handle->epochs[i].moments);
    free(handle->epochs);
    *handle = (handle_t){0};
}

/* ---- Contexts ---- */

void model_open(model_t *model, int64_t interval_ns, uint32_t max_tracks, lkstats_time_t now) {
    model_free(model);
    memset(model, 0, sizeof *model);
    model->interval = interval_ns;
    model->max_tracks = max_tracks;
    model->now = now;
}

void model_free(model_t *model) {
    for (int i = 0; i < HANDLES; i++)
        forget_handle(&model->handles[i]);
}

void model_run(model_t *model, lkstats_time_t now) { model->now = now; }

void model_close(model_t *model) {
    for (int i = 0; i < HANDLES; i++)
        if (model->handles[i].is)
            model_stop(model, &model->handles[i]);
    model->closing = 1;
}

/* ---- Handles ---- */

handle_t *model_place(model_t *model, int signal) {
    handle_t *first = model->handles + (signal ? 0 : SIGNALS);
    for (int i = 0; i < (signal ? SIGNALS : TRACKS); i++)
        if (first[i].is == 0 || model_finished(model, &first[i]))
            return &first[i];
    return NULL;
}

/* When a slot has rested is the other test's affair. */
uint32_t model_may_new(const model_t *model) {
    uint32_t in_use = 0;
    if (model->closing)
        return ANSWER(LKSTATS_ECLOSED);
    for (int i = 0; i < HANDLES; i++)
        in_use += model->handles[i].is != 0 && !model_finished(model, &model->handles[i]);
    return (in_use < model->max_tracks ? ANSWER(LKSTATS_OK) : 0) |
           (model->slots_count >= model->max_tracks ? ANSWER(LKSTATS_EFULL) : 0);
}

static void take_slot(model_t *model, uint32_t slot) {
    for (int i = 0; i < HANDLES; i++)
        must(model->handles[i].is == 0 || (uint32_t)(model->handles[i].is & 0xffffff) != slot ||
                 model_finished(model, &model->handles[i]),
             "the slot of %llx was handed out while it is in use", (unsigned long long)model->handles[i].is);
    for (uint32_t i = 0; i < model->slots_count; i++)
        if (model->slots[i] == slot)
            return;
    must(model->slots_count < model->max_tracks, "more than max_tracks slots were handed out");
    model->slots[model->slots_count++] = slot;
}

void model_new(model_t *model, handle_t *place, lkstats_track_t is, const whose_t *whose) {
    take_slot(model, (uint32_t)(is & 0xffffff));
    forget_handle(place);
    place->is = is;
    place->signal = whose->channel == LKSTATS_CHANNEL_SIGNAL;
    begin_epoch(model, place, whose);
}

uint32_t model_may_see(const model_t *model, const handle_t *handle) {
    if (handle->gone)
        return ANSWER(LKSTATS_ESTALE);
    return ANSWER(LKSTATS_OK) | (model_finished(model, handle) ? ANSWER(LKSTATS_ESTALE) : 0);
}

/* What a stopped handle still takes. While the context closes, one that waited for its resolution may be taken
 * for given up, or not yet. */
static uint32_t may_change(const model_t *model, const handle_t *handle, uint32_t otherwise) {
    uint32_t may = 0;
    if (handle->gone || model_finished(model, handle))
        may |= ANSWER(LKSTATS_ESTALE);
    if (model_given_up(model, handle))
        may |= ANSWER(LKSTATS_ECLOSED);
    if (handle->gone || model_waited_in_vain(model, handle))
        return may;
    return may | otherwise;
}

/* Memory is over only where somebody has epochs that wait. */
static uint32_t may_be_full(const model_t *model) {
    for (int i = 0; i < HANDLES; i++) {
        const handle_t *handle = &model->handles[i];
        if (handle->is && handle->oldest + 1 < handle->epochs_count)
            return ANSWER(LKSTATS_EFULL);
    }
    return 0;
}

/* Two wrongs at a time: either may be told. */
uint32_t model_may_resolve(const model_t *model, const handle_t *handle, const whose_t *whose, int room) {
    const epoch_t *epoch = epoch_of(handle);
    const uint32_t size = room ? whose->room_sid.size : whose->participant_sid.size;
    const int known = room ? epoch->whose.room_known : epoch->whose.participant_known;
    const uint32_t full = whose_are_long(&epoch->whose, whose) ? may_be_full(model) : 0;
    const uint32_t right = known ? ANSWER(LKSTATS_ERESOLVED) : ANSWER(LKSTATS_OK) | full;
    const uint32_t may = may_change(model, handle, right);
    if (!handle->signal || size == 0)
        return ANSWER(LKSTATS_EINVAL) | (may & ~ANSWER(LKSTATS_OK));
    return may | (known && !handle->gone ? right : 0);
}

void model_resolve(model_t *model, handle_t *handle, const whose_t *whose, int room) {
    epoch_t *epoch = epoch_of(handle);
    whose_t *to = &epoch->whose;
    if (room) {
        to->room_known = 1;
        to->room_sid = whose->room_sid;
        to->room_name = whose->room_name;
        to->room_tenant = whose->room_tenant;
    } else {
        to->participant_known = 1;
        to->participant_sid = whose->participant_sid;
        to->participant_identity = whose->participant_identity;
        to->participant_tenant = whose->participant_tenant;
        to->kind = whose->kind;
        to->details_count = whose->details_count;
        memcpy(to->details, whose->details, sizeof to->details);
    }
    if (!to->room_known || !to->participant_known)
        return;
    epoch->resolved = 1;
    epoch->resolved_at = model->now.monotonic_ns;
    urge(model, handle);
}

uint32_t model_may_reset(const model_t *model, const handle_t *handle) {
    const epoch_t *epoch = epoch_of(handle);
    const uint32_t right = !epoch->resolved  ? ANSWER(LKSTATS_OK)
                           : handle->stopped ? ANSWER(LKSTATS_ECLOSED)
                                             : ANSWER(LKSTATS_OK) | may_be_full(model);
    const uint32_t may = may_change(model, handle, right);
    return handle->signal ? may : ANSWER(LKSTATS_EINVAL) | (may & ~right);
}

void model_reset(model_t *model, handle_t *handle) {
    epoch_t *epoch = epoch_of(handle);
    whose_t whose = epoch->whose;
    forget(&whose);
    if (!epoch->resolved) {
        epoch->whose = whose;
        return;
    }
    epoch->ended = 1;
    epoch->end = model->now;
    urge(model, handle);
    begin_epoch(model, handle, &whose);
}

uint32_t model_may_add(const model_t *model, const handle_t *handle) {
    if (!handle->stopped)
        return ANSWER(LKSTATS_OK);
    return ANSWER(LKSTATS_ECLOSED) | (model_finished(model, handle) ? ANSWER(LKSTATS_ESTALE) : 0);
}

void model_add(model_t *model, handle_t *handle, uint64_t bytes, uint64_t messages, int is_send) {
    const lkstats_traffic_t more =
        is_send ? (lkstats_traffic_t){bytes, messages, 0, 0} : (lkstats_traffic_t){0, 0, bytes, messages};
    epoch_t *epoch = epoch_of(handle);
    traffic_plus(&handle->totals, &more);
    traffic_plus(&epoch->counted, &more);
    begin_moment(model, epoch);
}

void model_stop(model_t *model, handle_t *handle) {
    if (handle->stopped)
        return;
    handle->stopped = 1;
    handle->stopped_at = epoch_of(handle)->end = model->now;
    epoch_of(handle)->ended = 1;
    urge(model, handle);
}

/* ---- Flush ---- */

uint32_t model_may_flush(const model_t *model, const handle_t *handle) {
    return model_owes(model, handle) ? ANSWER(LKSTATS_ETIMEDOUT) : model_may_see(model, handle);
}

static void flush(handle_t *handle) {
    handle->was_flushed = 1;
    handle->urged = 0;
    handle->at_flush = *epoch_of(handle);
}

void model_flush(model_t *model, handle_t *handle) {
    if (handle)
        flush(handle);
    for (int i = 0; !handle && i < HANDLES; i++)
        if (model->handles[i].is)
            flush(&model->handles[i]);
}
