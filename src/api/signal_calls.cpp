// SPDX-License-Identifier: Apache-2.0
// The functions of lkstats.h on signal connections.
#include "api/lookup.hpp"
#include "api/structs.hpp"

namespace lkstats::api {

namespace {

template <class T> lkstats_status_t resolve(lkstats_signal_t signal, uint64_t bit, const T *with) {
    T ours;
    if (!read_struct(with, ours) || ours.reserved != 0)
        return LKSTATS_EINVAL;
    return on_track(signal, [&](Context &context) -> lkstats_status_t {
        track::Encoded encoded;
        if (const auto status = track::encode(ours, encoded); status != LKSTATS_OK)
            return status;
        return context.resolve(signal, bit, encoded.part());
    });
}

} // namespace

} // namespace lkstats::api

using namespace lkstats;
using namespace lkstats::api;

extern "C" {

lkstats_status_t lkstats_signal_new(lkstats_t *ctx, const lkstats_signal_options_t *options,
                                    lkstats_signal_t *signal) {
    if (signal == nullptr)
        return LKSTATS_EINVAL;
    *signal = 0;
    lkstats_signal_options_t ours = {};
    if (ctx == nullptr || (options != nullptr && !read_struct(options, ours)) || ours.reserved != 0)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) -> lkstats_status_t {
        track::Identity identity;
        if (const auto status = identity.encode(ours); status != LKSTATS_OK)
            return status;
        return context.create(identity, LKSTATS_CHANNEL_SIGNAL, *signal);
    });
}

lkstats_status_t lkstats_signal_resolve_room(lkstats_signal_t signal, const lkstats_room_t *room) {
    return resolve(signal, LKSTATS_SLAB_ROOM_KNOWN, room);
}

lkstats_status_t lkstats_signal_resolve_participant(lkstats_signal_t signal,
                                                    const lkstats_participant_t *participant) {
    return resolve(signal, LKSTATS_SLAB_PARTICIPANT_KNOWN, participant);
}

lkstats_status_t lkstats_signal_reset(lkstats_signal_t signal) {
    return on_track(signal, [&](Context &context) { return context.reset(signal); });
}

} // extern "C"
