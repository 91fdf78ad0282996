/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include "story.h"

#include <stdlib.h>
#include <string.h>

/* A slot rests three full passes and ten seconds. Three passes begin and end within four intervals, five
 * with the one that is under way, when the host's steps are short enough to see each. */
static const int64_t rest_ns = 10000000000;
enum { REST_PASSES = 3, REST_OVER_INTERVALS = 4, REST_OVER_PASSES = 5 };

int traffic_equal(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return a->send_bytes == b->send_bytes && a->send_messages == b->send_messages &&
           a->recv_bytes == b->recv_bytes && a->recv_messages == b->recv_messages;
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

static uint32_t slot_of(lkstats_track_t handle) { return (uint32_t)(handle & 0xffffff); }

void model_open(model_t *model, int64_t interval_ns, uint32_t max_tracks) {
    model_free(model);
    memset(model, 0, sizeof *model);
    model->interval = interval_ns;
    model->max_tracks = max_tracks;
}

void model_free(model_t *model) {
    for (uint32_t i = 0; i < model->tracks_count; i++)
        free(model->tracks[i].freezes);
    model->tracks_count = 0;
}

model_track_t *model_find(model_t *model, lkstats_track_t handle) {
    for (uint32_t i = 0; i < model->tracks_count; i++)
        if (model->tracks[i].handle == handle)
            return &model->tracks[i];
    return NULL;
}

int model_owes(const model_track_t *track) { return !traffic_equal(&track->totals, &track->acknowledged); }

/* ---- Slots ---- */

static int may_be_reused(const model_t *model, const model_track_t *track) {
    const int64_t rested = model->now.monotonic_ns - track->rest.earliest;
    if (track->state != MODEL_RESTING || rested < rest_ns)
        return 0;
    /* A flush moves the passes, by how much is not said. */
    return model->flushes != track->rest.flushes ||
           (rested >= REST_PASSES * model->interval && model->runs - track->rest.runs >= REST_PASSES);
}

static int has_to_be_free(const model_t *model, const model_track_t *track) {
    const int64_t rested = model->now.monotonic_ns - track->rest.latest;
    return track->state == MODEL_RESTING && rested >= rest_ns + REST_OVER_INTERVALS * model->interval &&
           model->passes - track->rest.passes >= REST_OVER_PASSES;
}

uint32_t model_may_new(const model_t *model) {
    uint32_t taken = 0, maybe = 0;
    if (model->closing)
        return ANSWER(LKSTATS_ECLOSED);
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        const model_track_t *track = &model->tracks[i];
        taken += !may_be_reused(model, track);
        maybe += !has_to_be_free(model, track);
    }
    return (taken < model->max_tracks ? ANSWER(LKSTATS_OK) : 0) |
           (maybe >= model->max_tracks ? ANSWER(LKSTATS_EFULL) : 0);
}

static model_track_t *place_for(model_t *model, lkstats_track_t handle) {
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        model_track_t *track = &model->tracks[i];
        if (slot_of(track->handle) != slot_of(handle))
            continue;
        must(track->state == MODEL_RESTING, "the slot of %llx was handed out while it is in use",
             (unsigned long long)track->handle);
        must(may_be_reused(model, track), "the slot of %llx was handed out before it had rested",
             (unsigned long long)track->handle);
        must(track->handle != handle, "%llx was handed out twice", (unsigned long long)handle);
        model->replaced[model->replaced_count++ % MODEL_TRACKS] = track->handle;
        return track;
    }
    must(model->tracks_count < model->max_tracks, "more than max_tracks slots were handed out");
    return &model->tracks[model->tracks_count++];
}

model_track_t *model_new(model_t *model, lkstats_track_t handle, const identity_t *who) {
    must(handle >> 32 != 0 && (handle >> 24 & 0xff) == 0, "%llx is no handle", (unsigned long long)handle);
    model_track_t *track = place_for(model, handle);
    model_freeze_t *freezes = track->freezes;
    const size_t room = track->freezes_room;
    memset(track, 0, sizeof *track);
    track->state = MODEL_LIVE;
    track->handle = handle;
    track->who = *who;
    track->born = track->acknowledged_end = model->now;
    track->freezes = freezes;
    track->freezes_room = room;
    if (slot_of(handle) >= model->top_slot) {
        model->top_slot = slot_of(handle) + 1;
        model->top_slot_since = model->now.monotonic_ns;
    }
    return track;
}

/* ---- Tracks ---- */

uint32_t model_may_add(const model_track_t *track) {
    return track->state == MODEL_LIVE ? ANSWER(LKSTATS_OK) : ANSWER(LKSTATS_ECLOSED);
}

void model_add(const model_t *model, model_track_t *track, uint64_t bytes, uint64_t messages, int is_send) {
    const lkstats_traffic_t more =
        is_send ? (lkstats_traffic_t){bytes, messages, 0, 0} : (lkstats_traffic_t){0, 0, bytes, messages};
    if (!model_owes(track))
        track->owed_since = model->now.monotonic_ns;
    traffic_plus(&track->totals, &more);
}

uint32_t model_may_see(const model_track_t *track) {
    if (track->state == MODEL_RESTING)
        return ANSWER(LKSTATS_ESTALE);
    return ANSWER(LKSTATS_OK) | (track->state == MODEL_SETTLING ? ANSWER(LKSTATS_ESTALE) : 0);
}

static void settle(const model_t *model, model_track_t *track) {
    track->state = MODEL_SETTLING;
    track->rest.earliest = model->now.monotonic_ns;
    track->rest.flushes = model->flushes;
    track->rest.runs = model->runs;
}

static void rest(const model_t *model, model_track_t *track) {
    track->state = MODEL_RESTING;
    track->rest.latest = model->now.monotonic_ns;
    track->rest.passes = model->passes;
}

void model_stop(const model_t *model, model_track_t *track) {
    if (track->state != MODEL_LIVE)
        return;
    track->stopped_at = model->now;
    if (model_owes(track))
        track->state = MODEL_STOPPED;
    else
        settle(model, track);
}

/* ---- The reporter ---- */

void model_may_freeze(model_track_t *track, const model_freeze_t *freeze) {
    for (size_t i = 0; i < track->freezes_count; i++) {
        model_freeze_t *other = &track->freezes[i];
        if (traffic_equal(&other->totals, &freeze->totals) && other->final == freeze->final &&
            memcmp(&other->at, &freeze->at, sizeof other->at) == 0) {
            other->regular = other->regular && freeze->regular;
            return;
        }
    }
    if (track->freezes_count == track->freezes_room) {
        track->freezes_room = track->freezes_room ? 2 * track->freezes_room : 16;
        track->freezes = realloc(track->freezes, track->freezes_room * sizeof *track->freezes);
        must(track->freezes != NULL, "no memory for the model");
    }
    track->freezes[track->freezes_count++] = *freeze;
}

static int can_freeze(const model_track_t *track) {
    return model_owes(track) && !track->report.known && !track->frozen;
}

static void may_freeze_now(const model_t *model, model_track_t *track, int64_t before, int regular) {
    const int final = track->state == MODEL_STOPPED;
    model_may_freeze(track, &(model_freeze_t){.totals = track->totals,
                                              .at = model->now,
                                              .before = before,
                                              .flushes = model->flushes,
                                              .regular = regular && !final,
                                              .final = final});
}

static void first_run(model_t *model, int64_t now) {
    model->started = 1;
    model->pass_start = model->top_slot_since = now;
    for (uint32_t i = 0; i < model->tracks_count; i++)
        model->tracks[i].owed_since = now;
}

void model_run(model_t *model, lkstats_time_t now) {
    const int64_t before = model->started ? model->now.monotonic_ns : now.monotonic_ns;
    model->now = now;
    model->runs++;
    if (!model->started)
        first_run(model, now.monotonic_ns);
    if (now.monotonic_ns - model->pass_start >= model->interval) {
        model->pass_start = now.monotonic_ns;
        model->passes++;
    }
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        model_track_t *track = &model->tracks[i];
        if (track->state == MODEL_SETTLING)
            rest(model, track);
        if (!can_freeze(track))
            continue;
        may_freeze_now(model, track, before, 1);
        track->frozen =
            track->state == MODEL_STOPPED || now.monotonic_ns - track->owed_since >= model->interval;
    }
}

static void freeze_now(model_t *model, model_track_t *track) {
    if (model_owes(track) && (track->report.known || track->freezes_count > 0))
        track->flush_waits = 1;
    if (!can_freeze(track))
        return;
    may_freeze_now(model, track, model->now.monotonic_ns, 0);
    track->frozen = 1;
}

void model_flush_track(model_t *model, model_track_t *track) {
    model->flushes++;
    freeze_now(model, track);
    /* Last reports are due anyway, and may come along. */
    for (uint32_t i = 0; i < model->tracks_count; i++)
        if (model->tracks[i].state == MODEL_STOPPED && can_freeze(&model->tracks[i]))
            may_freeze_now(model, &model->tracks[i], model->now.monotonic_ns, 0);
}

void model_flush(model_t *model) {
    model->flushes++;
    for (uint32_t i = 0; i < model->tracks_count; i++)
        freeze_now(model, &model->tracks[i]);
}

void model_close(model_t *model) {
    model->closing = 1;
    for (uint32_t i = 0; i < model->tracks_count; i++)
        model_stop(model, &model->tracks[i]);
    model_flush(model);
}

void model_residue(const model_t *model, lkstats_residue_t *residue) {
    *residue = (lkstats_residue_t){.struct_size = sizeof *residue};
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        const model_track_t *track = &model->tracks[i];
        const lkstats_traffic_t owed = traffic_minus(&track->totals, &track->windows);
        residue->tracks += (uint64_t)model_owes(track);
        traffic_plus(&residue->traffic, &owed);
    }
}

void model_acknowledged(const model_t *model, model_track_t *track) {
    const lkstats_traffic_t window = traffic_minus(&track->report.running, &track->acknowledged);
    traffic_plus(&track->windows, &window);
    track->acknowledged = track->report.running;
    track->acknowledged_end = track->report.end;
    track->last = track->report.freeze;
    track->sequence++;
    track->report.known = 0;
    track->frozen = 0;
    track->freezes_count = 0;
    track->owed_since = model->now.monotonic_ns;
    /* Whoever waits for the rest may have it at once. */
    if (model_owes(track) && (track->state == MODEL_STOPPED || track->flush_waits))
        may_freeze_now(model, track, model->now.monotonic_ns, 0);
    track->flush_waits = 0;
    if (track->state != MODEL_STOPPED || model_owes(track))
        return;
    settle(model, track);
    /* Frozen before the stop: the reporter may yet have to look at it once. */
    if (track->last.final)
        rest(model, track);
}
