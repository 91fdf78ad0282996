// SPDX-License-Identifier: Apache-2.0
//
// What lkstats.hpp, which includes it, declares; not for hosts.
#ifndef LKSTATS_INLINE_HPP
#define LKSTATS_INLINE_HPP

#include "lkstats.hpp"

#include <atomic>
#include <utility>

#if defined(LKSTATS_LOADED)
#include "lkstats_load.h"
#endif

namespace lkstats {
inline namespace LKSTATS_HPP_NAMESPACE {

namespace detail {

// How long the end of a context waits for its on_batch or its journal.
constexpr std::int64_t last_reports_ms = 1000;

#if defined(LKSTATS_LOADED)
inline std::atomic<const lkstats_api_t *> loaded{nullptr};
#endif

// Where the slots are, one for the program. nowhere: before the first context, or with a library whose slots look
// different.
inline constexpr lkstats_slab_anchor_t nowhere = {0, nullptr};
inline std::atomic<const lkstats_slab_anchor_t *> anchor{&nowhere};

// Every add that is not done with one instruction: the library says why not, where there is a track.
inline Status add(lkstats_track_t track, std::uint64_t bytes, std::uint64_t messages,
                  std::int32_t is_send) noexcept {
    const lkstats_api_t *const table = track != 0 ? api() : nullptr;
    return table != nullptr ? table->add_messages(track, bytes, messages, is_send) : LKSTATS_ESTALE;
}

// A function of the table, where there is one, on something that is there.
template <class Of, class... Taken, class... Given>
Status call(Status (*lkstats_api_t::*function)(Of, Taken...), Of of, Given... given) noexcept {
    const lkstats_api_t *const table = api();
    if (table == nullptr)
        return LKSTATS_ELAYOUT;
    return of == Of() ? LKSTATS_ESTALE : (table->*function)(of, given...);
}

// A struct of the table's, empty.
template <class Struct> Struct sized() noexcept {
    Struct empty = {};
    empty.struct_size = sizeof empty;
    return empty;
}

inline lkstats_string_t string(std::string_view bytes) noexcept { return {bytes.data(), bytes.size()}; }

} // namespace detail

// ---- The library ----------------------------------------------------------------------------------------

#if defined(LKSTATS_LOADED)
inline bool load(const char *path, char *error, std::size_t capacity) noexcept {
    const lkstats_api_t *const table = lkstats_load(path, error, capacity);
    const lkstats_api_t *in_use = nullptr;
    if (table == nullptr)
        return false;
    if (detail::loaded.compare_exchange_strong(in_use, table) || in_use == table)
        return true;
    lkstats_load_say(error, capacity, "another lkstats is in use already; load one, once");
    return false;
}

inline const lkstats_api_t *api() noexcept { return detail::loaded.load(std::memory_order_acquire); }
#else
inline const lkstats_api_t *api() noexcept {
    const lkstats_api_t *table = nullptr;
    const bool has = lkstats_get_api(LKSTATS_API_VERSION, &table) == LKSTATS_OK && table != nullptr;
    return has && table->struct_size >= sizeof *table ? table : nullptr;
}
#endif

#define LKSTATS_NAME_OF(name, value, text)                                                                   \
    if (status == value)                                                                                     \
        return #name;
#define LKSTATS_TEXT_OF(name, value, text)                                                                   \
    if (status == value)                                                                                     \
        return text;
inline const char *text(Status status) noexcept {
    if (const lkstats_api_t *const table = api())
        return table->strerror(status);
    LKSTATS_STATUS_LIST(LKSTATS_TEXT_OF)
    return "an unknown status";
}

inline const char *name(Status status) noexcept {
    if (const lkstats_api_t *const table = api())
        return table->status_name(status);
    LKSTATS_STATUS_LIST(LKSTATS_NAME_OF)
    return "LKSTATS_UNKNOWN";
}
#undef LKSTATS_NAME_OF
#undef LKSTATS_TEXT_OF

inline std::string_view view(lkstats_string_t string) noexcept {
    return std::string_view(string.data, string.size);
}

inline Status track_id_for_participant(std::int32_t channel, std::string_view participant_sid, char *buffer,
                                       std::uint64_t capacity, std::uint64_t &need) noexcept {
    const lkstats_api_t *const table = api();
    if (table == nullptr)
        return LKSTATS_ELAYOUT;
    return table->track_id_for_participant(channel, detail::string(participant_sid), buffer, capacity, &need);
}

inline Records records(const lkstats_batch_t &batch) noexcept { return Records(batch); }

inline Status analytics_stats(const lkstats_batch_t &batch, std::string_view &bytes) noexcept {
    const std::uint8_t *data = nullptr;
    std::uint64_t size = 0;
    const Status status = detail::call(&lkstats_api_t::batch_analytics_stats, &batch, &data, &size);
    if (status == LKSTATS_OK)
        bytes = std::string_view(reinterpret_cast<const char *>(data), size);
    return status;
}

// ---- Batch ----------------------------------------------------------------------------------------------

inline std::string_view Batch::node() const noexcept { return view(batch_.node); }
inline std::string_view Batch::analytics_key() const noexcept { return view(batch_.analytics_key); }

inline Status Batch::analytics_stats(std::string_view &bytes) const noexcept {
    return batch_.ctx != nullptr ? lkstats::analytics_stats(batch_, bytes) : LKSTATS_ESTALE;
}

inline Status Batch::ack() noexcept { return answer(&lkstats_api_t::ack); }
inline Status Batch::nack() noexcept { return answer(&lkstats_api_t::nack); }

// Context and id stay: whoever answers twice hears it from the library.
inline Status Batch::answer(Status (*lkstats_api_t::*how)(const lkstats_batch_t *)) noexcept {
    if (batch_.ctx == nullptr)
        return LKSTATS_ESTALE;
    batch_.record_count = 0;
    batch_.records = nullptr;
    batch_.node = batch_.analytics_key = {};
    return detail::call(how, static_cast<const lkstats_batch_t *>(&batch_));
}

inline Batch &Batch::operator=(Batch &&other) noexcept {
    if (this != &other) {
        leave();
        take(other);
    }
    return *this;
}

inline void Batch::take(Batch &other) noexcept {
    batch_ = std::exchange(other.batch_, lkstats_batch_t());
    status_ = std::exchange(other.status_, LKSTATS_ESTALE);
}

inline void Batch::leave() noexcept {
    if (batch_.records != nullptr)
        (void)nack();
}

// ---- Counted, Track and Signal --------------------------------------------------------------------------

// The anchor is looked at each time: in a child it says that the parent's slots are out of reach, see lkstats_slab.h.
inline Status Counted::add_messages(std::uint64_t bytes, std::uint64_t messages,
                                    bool is_send) const noexcept {
    const lkstats_slab_t slab = {sizeof slab, LKSTATS_SLAB_VERSION,
                                 detail::anchor.load(std::memory_order_relaxed), detail::add};
    return lkstats_slab_add(&slab, handle_, bytes, messages, is_send);
}

inline Status Counted::add_bytes(std::uint64_t bytes, bool is_send) const noexcept {
    return add_messages(bytes, 1, is_send);
}

inline Status Counted::totals(Totals &totals) const noexcept {
    auto now = detail::sized<lkstats_totals_t>();
    const Status status = detail::call(&lkstats_api_t::track_totals, handle_, &now);
    if (status == LKSTATS_OK)
        totals = {now.at, now.traffic};
    return status;
}

inline Status Counted::stop(Totals *totals) const noexcept {
    auto last = detail::sized<lkstats_totals_t>();
    const Status status = detail::call(&lkstats_api_t::track_stop, handle_, &last);
    if (status == LKSTATS_OK && totals != nullptr)
        *totals = {last.at, last.traffic};
    return status;
}

inline Status Counted::flush(std::int64_t timeout_ms) const noexcept {
    return detail::call(&lkstats_api_t::track_flush, handle_, timeout_ms);
}

inline Counted &Counted::operator=(Counted &&other) noexcept {
    if (this != &other) {
        leave();
        take(other);
    }
    return *this;
}

inline void Counted::take(Counted &other) noexcept {
    handle_ = std::exchange(other.handle_, 0);
    status_ = std::exchange(other.status_, LKSTATS_ESTALE);
}

inline void Counted::leave() noexcept {
    if (handle_ != 0)
        (void)stop();
}

inline Status Signal::resolve_room(const Room &room) const noexcept {
    auto whose = detail::sized<lkstats_room_t>();
    whose.sid = detail::string(room.sid);
    whose.name = detail::string(room.name);
    whose.tenant = detail::string(room.tenant);
    return detail::call(&lkstats_api_t::signal_resolve_room, handle(), &whose);
}

inline Status Signal::resolve_participant(const Participant &participant) const noexcept {
    auto whose = detail::sized<lkstats_participant_t>();
    whose.kind = participant.kind;
    whose.kind_details = participant.kind_details;
    whose.kind_details_count = participant.kind_details_count;
    whose.sid = detail::string(participant.sid);
    whose.identity = detail::string(participant.identity);
    whose.tenant = detail::string(participant.tenant);
    return detail::call(&lkstats_api_t::signal_resolve_participant, handle(), &whose);
}

inline Status Signal::reset() const noexcept { return detail::call(&lkstats_api_t::signal_reset, handle()); }

// ---- Context --------------------------------------------------------------------------------------------

inline Context::Context(const Options &options) noexcept
    : status_(LKSTATS_ELAYOUT), reports_itself_(options.on_batch != nullptr || !options.journal_dir.empty()) {
    const lkstats_api_t *const table = api();
    auto ours = detail::sized<lkstats_options_t>();
    auto slab = detail::sized<lkstats_slab_t>();
    if (table == nullptr)
        return;
    ours.flags = options.flags;
    ours.report_interval_ms = options.report_interval_ms;
    ours.max_tracks = options.max_tracks;
    ours.node = detail::string(options.node);
    ours.analytics_key = detail::string(options.analytics_key);
    ours.on_batch = options.on_batch;
    ours.user_data = options.user_data;
    ours.slab_dir = detail::string(options.slab_dir);
    ours.journal_dir = detail::string(options.journal_dir);
    ours.journal_segment_bytes = options.journal_segment_bytes;
    ours.journal_keep_bytes = options.journal_keep_bytes;
    ours.journal_keep_segments = options.journal_keep_segments;
    ours.journal_segment_age_ms = options.journal_segment_age_ms;
    ours.on_log = options.on_log;
    // Before an on_batch can count anything.
    if (table->slab_attach(LKSTATS_SLAB_VERSION, &slab) == LKSTATS_OK)
        detail::anchor.store(slab.anchor, std::memory_order_relaxed);
    status_ = table->open(&ours, &ctx_);
}

inline Track Context::track(const TrackOptions &options) const noexcept {
    auto ours = detail::sized<lkstats_track_options_t>();
    lkstats_track_t handle = 0;
    ours.channel = options.channel;
    ours.participant_kind = options.participant_kind;
    ours.kind_details_count = options.kind_details_count;
    ours.kind_details = options.kind_details;
    ours.country = detail::string(options.country);
    ours.room_sid = detail::string(options.room_sid);
    ours.room_name = detail::string(options.room_name);
    ours.participant_sid = detail::string(options.participant_sid);
    ours.participant_identity = detail::string(options.participant_identity);
    ours.track_id = detail::string(options.track_id);
    ours.tenant = detail::string(options.tenant);
    const Status status = detail::call(&lkstats_api_t::track_new, ctx_, &ours, &handle);
    return {status, handle};
}

inline Signal Context::signal(const SignalOptions &options) const noexcept {
    auto ours = detail::sized<lkstats_signal_options_t>();
    lkstats_signal_t handle = 0;
    ours.country = detail::string(options.country);
    ours.tenant = detail::string(options.tenant);
    const Status status = detail::call(&lkstats_api_t::signal_new, ctx_, &ours, &handle);
    return {status, handle};
}

inline Status Context::run_once(std::int64_t monotonic_ns, std::int64_t wall_ns) const noexcept {
    return detail::call(&lkstats_api_t::run_once, ctx_, monotonic_ns, wall_ns);
}

inline Status Context::flush(std::int64_t timeout_ms) const noexcept {
    return detail::call(&lkstats_api_t::flush, ctx_, timeout_ms);
}

inline Batch Context::next() const noexcept {
    Batch batch;
    batch.batch_.struct_size = sizeof batch.batch_;
    batch.status_ = detail::call(&lkstats_api_t::next, ctx_, &batch.batch_);
    return batch;
}

inline Status Context::redeliver() const noexcept { return detail::call(&lkstats_api_t::redeliver, ctx_); }

inline Status Context::event_fd(int &fd) const noexcept {
    return detail::call(&lkstats_api_t::event_fd, ctx_, &fd);
}

inline Status Context::metrics(std::uint32_t format, char *buffer, std::uint64_t capacity,
                               std::uint64_t &need) const noexcept {
    return detail::call(&lkstats_api_t::metrics, ctx_, format, buffer, capacity, &need);
}

inline Status Context::close(std::int64_t timeout_ms, Residue *residue) const noexcept {
    auto left = detail::sized<lkstats_residue_t>();
    const Status status = detail::call(&lkstats_api_t::close, ctx_, timeout_ms, &left);
    if (residue != nullptr && (status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT))
        *residue = {left.tracks, left.traffic};
    return status;
}

inline Status Context::abandon(Residue *residue) const noexcept { return close(LKSTATS_ABANDON, residue); }

inline Context &Context::operator=(Context &&other) noexcept {
    if (this != &other) {
        leave();
        take(other);
    }
    return *this;
}

inline void Context::take(Context &other) noexcept {
    ctx_ = std::exchange(other.ctx_, nullptr);
    status_ = std::exchange(other.status_, LKSTATS_ESTALE);
    reports_itself_ = std::exchange(other.reports_itself_, false);
}

inline void Context::leave() noexcept {
    if (ctx_ != nullptr && (!reports_itself_ || close(detail::last_reports_ms) == LKSTATS_ETIMEDOUT))
        (void)abandon();
}

} // namespace LKSTATS_HPP_NAMESPACE
} // namespace lkstats

#undef LKSTATS_HPP_NAMESPACE
#undef LKSTATS_HPP_OF
#undef LKSTATS_HPP_JOIN
#undef LKSTATS_HPP_JOIN_

#endif
