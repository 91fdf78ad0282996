// SPDX-License-Identifier: Apache-2.0
// The functions of lkstats.h on contexts, tracks and reports: each checks what it was given, and calls.
#include "api/lookup.hpp"
#include "api/structs.hpp"
#include "os/system.hpp"
#include "track/identity.hpp"

#include <string_view>

namespace lkstats::api {

namespace {

bool journal_ok(const lkstats_options_t &o) {
    return (o.journal_segment_bytes == 0 || (o.journal_segment_bytes >= LKSTATS_JOURNAL_SEGMENT_MIN_BYTES &&
                                             o.journal_segment_bytes <= LKSTATS_JOURNAL_SEGMENT_MAX_BYTES)) &&
           (o.journal_segment_age_ms == 0 ||
            (o.journal_segment_age_ms >= LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS &&
             o.journal_segment_age_ms <= LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS));
}

bool options_ok(const lkstats_options_t &o) {
    constexpr uint32_t known =
        LKSTATS_NO_THREAD | LKSTATS_PREALLOCATE | LKSTATS_NO_REPORTS | LKSTATS_JOURNAL_SYNC;
    const bool consumer = o.on_batch != nullptr || o.journal_dir.size != 0;
    const bool journal_options = o.journal_segment_bytes != 0 || o.journal_segment_age_ms != 0 ||
                                 o.journal_keep_bytes != 0 || o.journal_keep_segments != 0 ||
                                 (o.flags & LKSTATS_JOURNAL_SYNC) != 0;
    return (o.flags & ~known) == 0 && ((o.flags & LKSTATS_NO_REPORTS) == 0 || !consumer) &&
           (o.journal_dir.size != 0 || !journal_options) && journal_ok(o) && track::valid(o.slab_dir) &&
           track::valid(o.journal_dir) && o.report_interval_ms >= LKSTATS_REPORT_INTERVAL_MIN_MS &&
           o.report_interval_ms <= LKSTATS_REPORT_INTERVAL_MAX_MS && o.max_tracks <= LKSTATS_TRACKS_MAX &&
           ((o.flags & LKSTATS_PREALLOCATE) == 0 || o.max_tracks != 0) && track::valid(o.node) &&
           track::valid(o.analytics_key);
}

lkstats_status_t open(lkstats_options_t options, lkstats_t **ctx) {
    if (options.max_tracks == 0)
        options.max_tracks = LKSTATS_TRACKS_MAX;
    Process *process;
    if (const auto status = Process::make(process); status != LKSTATS_OK)
        return status;
    uint8_t uuid[16];
    if (!os::random_bytes(uuid, sizeof uuid))
        return LKSTATS_ESYSTEM;
    uuid[6] = static_cast<uint8_t>((uuid[6] & 0x0f) | 0x40); // version 4
    uuid[8] = static_cast<uint8_t>((uuid[8] & 0x3f) | 0x80);
    const auto context = std::make_shared<Context>(*process, options, uuid);
    lkstats_t *token;
    if (const auto status = process->add(context, token); status != LKSTATS_OK)
        return status;
    // Whatever it throws, the seat is given back.
    const auto status = guard([&] { return context->start(token); });
    if (status != LKSTATS_OK)
        context->finish();
    else
        *ctx = token;
    return status;
}

} // namespace

} // namespace lkstats::api

using namespace lkstats;
using namespace lkstats::api;

extern "C" {

lkstats_status_t lkstats_open(const lkstats_options_t *options, lkstats_t **ctx) {
    return guard([&]() -> lkstats_status_t {
        lkstats_options_t ours = {};
        if (ctx == nullptr || (options != nullptr && !read_struct(options, ours)))
            return LKSTATS_EINVAL;
        if (ours.report_interval_ms == 0)
            ours.report_interval_ms = LKSTATS_REPORT_INTERVAL_DEFAULT_MS;
        return options_ok(ours) ? open(ours, ctx) : LKSTATS_EINVAL;
    });
}

lkstats_status_t lkstats_close(lkstats_t *ctx, int64_t timeout_ms, lkstats_residue_t *residue) {
    if (ctx == nullptr || timeout_ms < LKSTATS_ABANDON || (residue != nullptr && !size_ok(residue)))
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) {
        lkstats_residue_t left = {};
        const auto status = context.close(timeout_ms, left);
        if (residue != nullptr && (status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT))
            write_struct(residue, left);
        return status;
    });
}

lkstats_status_t lkstats_run_once(lkstats_t *ctx, int64_t monotonic_ns, int64_t wall_ns) {
    if (ctx == nullptr)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) { return context.run_once({monotonic_ns, wall_ns}); });
}

lkstats_status_t lkstats_track_new(lkstats_t *ctx, const lkstats_track_options_t *options,
                                   lkstats_track_t *track) {
    if (track == nullptr)
        return LKSTATS_EINVAL;
    *track = 0;
    lkstats_track_options_t ours;
    if (ctx == nullptr || !read_struct(options, ours))
        return LKSTATS_EINVAL;
    if (ours.channel == 0)
        ours.channel = LKSTATS_CHANNEL_DATA;
    if (ours.channel != LKSTATS_CHANNEL_DATA && ours.channel != LKSTATS_CHANNEL_DATA_TRACK)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) -> lkstats_status_t {
        track::Identity identity;
        if (const auto status = identity.encode(ours); status != LKSTATS_OK)
            return status;
        return context.create(identity, ours.channel, *track);
    });
}

lkstats_status_t lkstats_track_totals(lkstats_track_t track, lkstats_totals_t *totals) {
    if (!size_ok(totals))
        return LKSTATS_EINVAL;
    return on_track(track, [&](Context &context) {
        lkstats_totals_t now = {};
        const auto status = context.totals(track, now);
        if (status == LKSTATS_OK)
            write_struct(totals, now);
        return status;
    });
}

lkstats_status_t lkstats_track_stop(lkstats_track_t track, lkstats_totals_t *totals) {
    if (totals != nullptr && !size_ok(totals))
        return LKSTATS_EINVAL;
    return on_track(track, [&](Context &context) {
        lkstats_totals_t final = {};
        const auto status = context.stop(track, final);
        if (status == LKSTATS_OK && totals != nullptr)
            write_struct(totals, final);
        return status;
    });
}

lkstats_status_t lkstats_track_flush(lkstats_track_t track, int64_t timeout_ms) {
    if (timeout_ms < 0)
        return LKSTATS_EINVAL;
    return on_track(track, [&](Context &context) { return context.flush(track, timeout_ms); });
}

lkstats_status_t lkstats_flush(lkstats_t *ctx, int64_t timeout_ms) {
    if (ctx == nullptr || timeout_ms < 0)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) { return context.flush_all(timeout_ms); });
}

lkstats_status_t lkstats_event_fd(lkstats_t *ctx, int32_t *fd) {
    if (ctx == nullptr || fd == nullptr)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) -> lkstats_status_t {
        if (context.calls_back())
            return LKSTATS_EINVAL;
        const int event = context.event_fd();
        if (event < 0)
            return LKSTATS_ECLOSED;
        *fd = event;
        return LKSTATS_OK;
    });
}

lkstats_status_t lkstats_next(lkstats_t *ctx, lkstats_batch_t *batch) {
    if (ctx == nullptr || !size_ok(batch))
        return LKSTATS_EINVAL;
    const auto status = in_context(ctx, [&](Context &context) {
        if (context.calls_back())
            return lkstats_status_t{LKSTATS_EINVAL};
        lkstats_batch_t next = {};
        const auto taken = context.next(next);
        if (taken == LKSTATS_OK)
            write_struct(batch, next);
        return taken;
    });
    return status == LKSTATS_ECLOSED ? LKSTATS_EOF : status;
}

lkstats_status_t lkstats_batch_analytics_stats(const lkstats_batch_t *batch, const uint8_t **data,
                                               uint64_t *size) {
    if (!size_ok(batch) || batch->ctx == nullptr || data == nullptr || size == nullptr)
        return LKSTATS_EINVAL;
    return in_context(batch->ctx, [&](Context &context) {
        std::span<const uint8_t> bytes;
        const auto status = context.analytics_stats(batch->id, bytes);
        if (status == LKSTATS_OK) {
            *data = bytes.data();
            *size = bytes.size();
        }
        return status;
    });
}

lkstats_status_t lkstats_ack(const lkstats_batch_t *batch) {
    if (!size_ok(batch) || batch->ctx == nullptr)
        return LKSTATS_EINVAL;
    return in_context(batch->ctx, [&](Context &context) { return context.answer(batch->id, true); });
}

lkstats_status_t lkstats_nack(const lkstats_batch_t *batch) {
    if (!size_ok(batch) || batch->ctx == nullptr)
        return LKSTATS_EINVAL;
    return in_context(batch->ctx, [&](Context &context) { return context.answer(batch->id, false); });
}

lkstats_status_t lkstats_redeliver(lkstats_t *ctx) {
    if (ctx == nullptr)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) -> lkstats_status_t {
        context.redeliver();
        return LKSTATS_OK;
    });
}

lkstats_status_t lkstats_track_id_for_participant(int32_t channel, lkstats_string_t participant_sid,
                                                  char *buffer, uint64_t capacity, uint64_t *need) {
    const std::string_view prefix = channel == LKSTATS_CHANNEL_DATA     ? "TR_DT"
                                    : channel == LKSTATS_CHANNEL_SIGNAL ? "TR_SG"
                                                                        : "";
    if (prefix.empty() || need == nullptr || (participant_sid.data == nullptr && participant_sid.size != 0) ||
        participant_sid.size > UINT64_MAX - prefix.size())
        return LKSTATS_EINVAL;
    *need = prefix.size() + participant_sid.size;
    if (capacity < *need)
        return LKSTATS_ERANGE;
    if (buffer == nullptr)
        return LKSTATS_EINVAL;
    prefix.copy(buffer, prefix.size());
    if (participant_sid.size != 0)
        std::memcpy(buffer + prefix.size(), participant_sid.data, participant_sid.size);
    return LKSTATS_OK;
}

} // extern "C"
