/* SPDX-License-Identifier: Apache-2.0 */
/* What is owed to the consumer, and when it has to be there. */
#include "signal_model.h"

#include "story.h"

enum { WAITING_INTERVALS = 6 };
static const int64_t soon_ns = 100000000;

int model_waited_in_vain(const model_t *model, const handle_t *handle) {
    return handle->stopped &&
           model->now.monotonic_ns - handle->stopped_at.monotonic_ns >= WAITING_INTERVALS * model->interval;
}

int model_given_up(const model_t *model, const handle_t *handle) {
    return handle->stopped && (model->closing || model_waited_in_vain(model, handle));
}

static int epoch_owes(const model_t *model, const handle_t *handle, const epoch_t *epoch) {
    const int traffic = !traffic_equal(&epoch->counted, &epoch->acknowledged);
    if (!handle->signal)
        return traffic;
    if (!epoch->resolved)
        return traffic && model_given_up(model, handle);
    return traffic || !epoch->joined || (epoch->ended && !epoch->left);
}

int model_owes(const model_t *model, const handle_t *handle) {
    for (size_t i = handle->oldest; i < handle->epochs_count; i++)
        if (epoch_owes(model, handle, &handle->epochs[i]))
            return 1;
    return 0;
}

int model_owes_any(const model_t *model) {
    for (int i = 0; i < HANDLES; i++)
        if (model->handles[i].is && model_owes(model, &model->handles[i]))
            return 1;
    return 0;
}

/* Nothing is left of it, and nothing will come. */
int model_finished(const model_t *model, const handle_t *handle) {
    if (!handle->stopped || model_owes(model, handle))
        return 0;
    return epoch_of(handle)->resolved || model_given_up(model, handle);
}

/* Of what there was when the present epoch was flushed. */
static int owes_flushed(const handle_t *handle) {
    const epoch_t *epoch = &handle->epochs[handle->oldest], *then = &handle->at_flush;
    if (!handle->was_flushed || then->number != epoch->number || !then->resolved)
        return 0;
    return !traffic_at_least(&epoch->acknowledged, &then->counted) || (handle->signal && !epoch->joined);
}

/* What ended is there 100 ms later, or as soon as what was before it is acknowledged, unless something else has
 * happened to the handle less than 100 ms ago. */
int model_surely_waits(const model_t *model, const handle_t *handle) {
    const epoch_t *epoch = &handle->epochs[handle->oldest];
    const int looked_at = !handle->urged || model->now.monotonic_ns - handle->urged_at >= soon_ns;
    const int ended = epoch->ended && epoch->resolved;
    return handle->is && !handle->freeze.known && epoch_owes(model, handle, epoch) &&
           (model->closing || (looked_at && (ended || owes_flushed(handle))));
}

/* ---- What was counted and is not acknowledged ---- */

static lkstats_traffic_t not_acknowledged(const handle_t *handle) {
    lkstats_traffic_t sum = {0};
    for (size_t i = handle->oldest; i < handle->epochs_count; i++) {
        const epoch_t *epoch = &handle->epochs[i];
        const lkstats_traffic_t owed = traffic_minus(&epoch->counted, &epoch->acknowledged);
        traffic_plus(&sum, &owed);
    }
    return sum;
}

/* Of what was counted; a joined or a left is no traffic. */
void model_expect_residue(const model_t *model, const lkstats_residue_t *found) {
    const lkstats_traffic_t nothing = {0};
    lkstats_traffic_t sum = {0};
    uint64_t tracks = 0;
    for (int i = 0; i < HANDLES; i++) {
        if (!model->handles[i].is)
            continue;
        const lkstats_traffic_t owed = not_acknowledged(&model->handles[i]);
        traffic_plus(&sum, &owed);
        tracks += !traffic_equal(&owed, &nothing);
    }
    must(traffic_equal(&found->traffic, &sum) && found->tracks == tracks,
         "the residue is %llu tracks, %llu bytes sent and %llu received, not %llu, %llu and %llu",
         (unsigned long long)found->tracks, (unsigned long long)found->traffic.send_bytes,
         (unsigned long long)found->traffic.recv_bytes, (unsigned long long)tracks,
         (unsigned long long)sum.send_bytes, (unsigned long long)sum.recv_bytes);
}
