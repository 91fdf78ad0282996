// SPDX-License-Identifier: Apache-2.0
//
// lkstats for C++17 and up: owners that stop, close and give back what they hold when they end. Header only, over the
// table of lkstats.h, which stays the manual: what is counted, when it is reported and what each status means is
// said there, under the name of the C function that each declaration here names.
//
//     lkstats::Options options;
//     options.on_batch = print;
//     lkstats::Context context(options);
//     lkstats::TrackOptions ana;
//     ana.participant_identity = "ana";
//     lkstats::Track track = context.track(ana);
//     track.add_bytes(1200, false);
//
// Rules that hold for every class:
//   - Nothing throws, nothing is allocated, and exceptions and RTTI may be switched off. A call returns a status.
//     What makes an object cannot, so the object has the status of its making, and is true when that is LKSTATS_OK.
//   - An object that is not true, moved-from ones included, is harmless: its calls answer LKSTATS_ESTALE, whatever they
//     are given, and its end does nothing. A server runs on. Where api() is nullptr they answer LKSTATS_ELAYOUT, but
//     adds, and the calls of a batch, LKSTATS_ESTALE there too.
//   - Track(), Signal() and Batch() are such objects. Context() is not: it opens a context that has a thread. A member
//     whose options are not known yet is Context::none().
//   - Objects are moved, never copied. Whatever is const may be called from any thread, several at once. Moving from
//     an object, assigning to it and ending it are for one thread while no other uses it: to move a track while another
//     thread adds on it is the host's fault, as with any object of C++.
//   - Tracks, signal connections and batches may outlive their context. What they hold is looked up, never followed.
//   - Strings are views, copied before the call returns.
//   - In a forked child an object of the parent's that is true answers LKSTATS_EFORKED, and its end does nothing.
//
// The program is linked with the library, of which it references one symbol, lkstats_get_api. With LKSTATS_LOADED
// defined before the include, in every file of the program, it references none, and calls lkstats::load first.
//
// A program that loads and a plugin that is linked get along: the classes of the two, as those of two releases, have
// different names for the linker, and a function that takes one's is not found by the other. For the same reason a
// host does not declare a class of lkstats itself; it includes this header.
#ifndef LKSTATS_HPP
#define LKSTATS_HPP

#include "lkstats.h"
#include "lkstats_slab.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpadded" // these are the host's own, no layout of anybody else's
#endif

// Not for hosts.
#define LKSTATS_HPP_JOIN_(how, major, minor, patch) how##_##major##_##minor##_##patch
#define LKSTATS_HPP_JOIN(how, major, minor, patch) LKSTATS_HPP_JOIN_(how, major, minor, patch)
#define LKSTATS_HPP_OF(how)                                                                                  \
    LKSTATS_HPP_JOIN(how, LKSTATS_VERSION_MAJOR, LKSTATS_VERSION_MINOR, LKSTATS_VERSION_PATCH)
#if defined(LKSTATS_LOADED)
#define LKSTATS_HPP_NAMESPACE LKSTATS_HPP_OF(loaded)
#else
#define LKSTATS_HPP_NAMESPACE LKSTATS_HPP_OF(linked)
#endif

namespace lkstats {
inline namespace LKSTATS_HPP_NAMESPACE {

// LKSTATS_OK and the negative numbers of lkstats.h.
using Status = lkstats_status_t;
using Traffic = lkstats_traffic_t;
using Time = lkstats_time_t;
using Record = lkstats_record_t;

// ---- The library ----------------------------------------------------------------------------------------

#if defined(LKSTATS_LOADED)
// Loads the library, with lkstats_load: path nullptr is "liblkstats.so.0". Comes before anything else of this header.
// Returns: true: lkstats can be used; so does a second call that finds the same library. false: error has a
//          sentence that says why not and what to do, cut to capacity, which may be 0.
// Thread: any.
// Owns: the process the library, which stays.
// Since: 0.1.0
bool load(const char *path, char *error, std::size_t capacity) noexcept;
#endif

// The table, complete as far as this header knows it. nullptr: the library is older than this header, too new for
// it, or not loaded. Then contexts, and what they make, have LKSTATS_ELAYOUT, and nothing is counted.
// Owns: the library; it lives as long as the process.
// Since: 0.1.0
const lkstats_api_t *api() noexcept;

// A sentence for a status, and its name ("LKSTATS_ESTALE"): lkstats_strerror and lkstats_status_name, or this header's
// where api() is nullptr. Never nullptr; static.
// Since: 0.1.0
const char *text(Status status) noexcept;
const char *name(Status status) noexcept;

// The bytes of a string that the library has handed out; good as long as that is.
// Since: 0.1.0
std::string_view view(lkstats_string_t string) noexcept;

// lkstats_track_id_for_participant: writes the default track id to buffer, without a terminator.
// Returns: LKSTATS_ERANGE: capacity is below need, which is always set; LKSTATS_EINVAL: another channel than
//          LKSTATS_CHANNEL_DATA and LKSTATS_CHANNEL_SIGNAL; LKSTATS_ELAYOUT.
// Since: 0.1.0
Status track_id_for_participant(std::int32_t channel, std::string_view participant_sid, char *buffer,
                                std::uint64_t capacity, std::uint64_t &need) noexcept;

// ---- What calls are given and hand out -------------------------------------------------------------------

// As lkstats_options_t. In this and the following ones a field that is zero or empty has its default.
struct Options {
    std::string_view node = {};
    std::string_view analytics_key = {};
    std::uint32_t report_interval_ms = 0;
    std::uint32_t max_tracks = 0;
    // LKSTATS_NO_THREAD, LKSTATS_PREALLOCATE, LKSTATS_NO_REPORTS, LKSTATS_JOURNAL_SYNC
    std::uint32_t flags = 0;
    lkstats_on_batch_t on_batch = nullptr;
    std::uint64_t user_data = 0;       // handed to on_batch and on_log
    std::string_view slab_dir = {};    // counters survive the process
    std::string_view journal_dir = {}; // the acknowledging consumer is a file
    std::uint64_t journal_segment_bytes = 0;
    std::uint64_t journal_keep_bytes = 0;
    std::uint32_t journal_keep_segments = 0;
    std::uint32_t journal_segment_age_ms = 0;
    lkstats_on_log_t on_log = nullptr;
};

// As lkstats_track_options_t.
struct TrackOptions {
    std::int32_t channel = 0; // LKSTATS_CHANNEL_DATA or LKSTATS_CHANNEL_DATA_TRACK
    std::int32_t participant_kind = 0;
    const std::int32_t *kind_details = nullptr; // copied
    std::uint32_t kind_details_count = 0;
    std::string_view country = {};
    std::string_view room_sid = {};
    std::string_view room_name = {};
    std::string_view participant_sid = {};
    std::string_view participant_identity = {};
    std::string_view track_id = {};
    std::string_view tenant = {};
};

// As lkstats_signal_options_t.
struct SignalOptions {
    std::string_view country = {};
    std::string_view tenant = {};
};

// As lkstats_room_t.
struct Room {
    std::string_view sid = {}; // not empty
    std::string_view name = {};
    std::string_view tenant = {}; // whoever pays in this epoch; empty: as the connection says
};

// As lkstats_participant_t.
struct Participant {
    std::string_view sid = {}; // not empty
    std::string_view identity = {};
    std::int32_t kind = 0;
    const std::int32_t *kind_details = nullptr; // copied
    std::uint32_t kind_details_count = 0;
    std::string_view tenant = {}; // whoever pays in this epoch; empty: as the room or the connection says
};

// As lkstats_totals_t: what was counted since the track was made, and when that was looked at.
struct Totals {
    Time at = {};
    Traffic traffic = {};
};

// As lkstats_residue_t: what was counted and is not acknowledged.
struct Residue {
    std::uint64_t tracks = 0;
    Traffic traffic = {};
};

// ---- Reports --------------------------------------------------------------------------------------------

// The records of a batch, as a range of const Record &: it steps by the batch's record_size, since those of a newer
// library are longer. Good as long as the batch is out.
// Since: 0.1.0
class Records {
  public:
    class iterator {
      public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Record;
        using difference_type = std::ptrdiff_t;
        using pointer = const Record *;
        using reference = const Record &;

        iterator() noexcept = default;
        reference operator*() const noexcept { return *operator->(); }
        pointer operator->() const noexcept {
            return static_cast<pointer>(static_cast<const void *>(first_ + index_ * step_));
        }
        iterator &operator++() noexcept {
            ++index_;
            return *this;
        }
        iterator operator++(int) noexcept { return {first_, step_, index_++}; }
        friend bool operator==(const iterator &one, const iterator &other) noexcept {
            return one.index_ == other.index_;
        }
        friend bool operator!=(const iterator &one, const iterator &other) noexcept {
            return !(one == other);
        }

      private:
        friend class Records;
        iterator(const char *first, std::size_t step, std::size_t index) noexcept
            : first_(first), step_(step), index_(index) {}

        const char *first_ = nullptr;
        std::size_t step_ = 0;
        std::size_t index_ = 0;
    };
    using const_iterator = iterator;
    using value_type = Record;

    Records() noexcept = default;
    explicit Records(const lkstats_batch_t &batch) noexcept
        : first_(reinterpret_cast<const char *>(batch.records)), count_(batch.record_count),
          step_(batch.record_size) {}

    iterator begin() const noexcept { return {first_, step_, 0}; }
    iterator end() const noexcept { return {first_, step_, count_}; }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }

  private:
    const char *first_ = nullptr;
    std::size_t count_ = 0;
    std::size_t step_ = 0;
};

// For an on_batch: the records of the batch that it was called with, and the batch as a serialized
// livekit.AnalyticsStats, as lkstats_batch_analytics_stats has it. bytes is set when the status is LKSTATS_OK.
// Owns: the library what they refer to, until on_batch returns.
// Since: 0.1.0
Records records(const lkstats_batch_t &batch) noexcept;
Status analytics_stats(const lkstats_batch_t &batch, std::string_view &bytes) noexcept;

// What Context::next took. As long as it is not answered it is out; one that ends unanswered is given back.
// Thread: one at a time for the same batch, any.
// Since: 0.1.0
class Batch {
  public:
    Batch() noexcept = default;
    Batch(Batch &&other) noexcept { take(other); }
    Batch &operator=(Batch &&other) noexcept; // gives back what it had
    ~Batch() { leave(); }

    // Whether there was one. LKSTATS_EAGAIN: nothing to take now; LKSTATS_EOF: nothing will come any more;
    // LKSTATS_EINVAL: the context has on_batch; LKSTATS_ENOMEM; LKSTATS_ELAYOUT.
    Status status() const noexcept { return status_; }
    explicit operator bool() const noexcept { return status_ == LKSTATS_OK; }

    // The range of its records, and whose they are. All empty once it is answered.
    Records::iterator begin() const noexcept { return Records(batch_).begin(); }
    Records::iterator end() const noexcept { return Records(batch_).end(); }
    std::size_t size() const noexcept { return batch_.record_count; }
    // Reports of a dead context's (Options::slab_dir): its handles may be the same as this context's.
    bool recovered() const noexcept { return (batch_.flags & LKSTATS_RECOVERED) != 0; }
    std::string_view node() const noexcept;
    std::string_view analytics_key() const noexcept;

    // lkstats_batch_analytics_stats. bytes is set when the status is LKSTATS_OK.
    // Owns: the library the bytes, as long as the batch is out.
    Status analytics_stats(std::string_view &bytes) const noexcept;

    // For calls of the table; still this object's.
    const lkstats_batch_t &get() const noexcept { return batch_; }

    // lkstats_ack: its records never come again. lkstats_nack: they come again, before newer ones. Whatever the
    // status, the batch is not out any more, and what was read from it is not to be touched.
    // Returns: LKSTATS_ESTALE: already answered; LKSTATS_ECLOSED: the context is closed.
    Status ack() noexcept;
    Status nack() noexcept;

  private:
    friend class Context;

    Status answer(Status (*lkstats_api_t::*how)(const lkstats_batch_t *)) noexcept;
    void take(Batch &other) noexcept;
    void leave() noexcept;

    lkstats_batch_t batch_ = {};
    Status status_ = LKSTATS_ESTALE;
};

// ---- Counting -------------------------------------------------------------------------------------------

// What a track and a signal connection have in common: a handle that counts.
// Since: 0.1.0
class Counted {
  public:
    // Of its making: what lkstats_track_new or lkstats_signal_new answered, or LKSTATS_ELAYOUT. Nothing that comes
    // later changes it, a stop neither.
    Status status() const noexcept { return status_; }
    explicit operator bool() const noexcept { return status_ == LKSTATS_OK; }
    // For calls of the table; still this object's. 0 where there is none.
    lkstats_track_t handle() const noexcept { return handle_; }

    // lkstats_add_bytes: counts one message. lkstats_add_messages: counts some, bytes being their sum. Inline, one
    // atomic instruction; a call of the library's where its slots are not those of lkstats_slab.h.
    // Returns: LKSTATS_EINVAL: bytes is 2^35 or more, messages 2^26 or more; LKSTATS_ESTALE; LKSTATS_ECLOSED: it is
    //          stopped, or its context closed; LKSTATS_EFORKED.
    // Thread: any, also a signal handler.
    Status add_bytes(std::uint64_t bytes, bool is_send) const noexcept;
    Status add_messages(std::uint64_t bytes, std::uint64_t messages, bool is_send) const noexcept;

    // lkstats_track_totals: what was counted since it was made. totals is set when the status is LKSTATS_OK.
    // Returns: LKSTATS_ESTALE: stopped, and nothing is owed any more; LKSTATS_ECLOSED: the context is closed.
    Status totals(Totals &totals) const noexcept;

    // lkstats_track_stop: later adds are refused, the last report follows. *totals is set to the final ones when the
    // status is LKSTATS_OK; nullptr: nobody wants them. A second stop is the same stop, as long as something is
    // owed.
    // Returns: as totals.
    Status stop(Totals *totals = nullptr) const noexcept;

    // lkstats_track_flush: waits at most timeout_ms until what was counted before is acknowledged.
    // Returns: LKSTATS_ETIMEDOUT; LKSTATS_EREENTRANT: from on_batch; LKSTATS_EINVAL: timeout_ms is below 0;
    //          LKSTATS_ESTALE; LKSTATS_ECLOSED.
    Status flush(std::int64_t timeout_ms) const noexcept;

  protected:
    Counted() noexcept = default;
    Counted(Status status, lkstats_track_t handle) noexcept : handle_(handle), status_(status) {}
    Counted(Counted &&other) noexcept { take(other); }
    Counted &operator=(Counted &&other) noexcept;
    ~Counted() { leave(); }

  private:
    void take(Counted &other) noexcept;
    void leave() noexcept;

    lkstats_track_t handle_ = 0;
    Status status_ = LKSTATS_ESTALE;
};

// A data track. Context::track makes it; its end stops it.
// Since: 0.1.0
class Track : public Counted {
  public:
    Track() noexcept = default;

  private:
    friend class Context;
    Track(Status status, lkstats_track_t handle) noexcept : Counted(status, handle) {}
};

// A signal connection. Context::signal makes it; its end stops it.
// Since: 0.1.0
class Signal : public Counted {
  public:
    Signal() noexcept = default;

    // lkstats_signal_resolve_room, lkstats_signal_resolve_participant: say which room, or who, the present epoch is of.
    // The first resolution wins.
    // Returns: LKSTATS_ERESOLVED: it is known already; LKSTATS_EINVAL: sid is empty, or a string or the number
    //          of kind details is malformed; LKSTATS_ECLOSED: stopped, and nobody waits for it any more;
    //          LKSTATS_ESTALE; for a long identity also LKSTATS_EFULL, LKSTATS_ENOMEM, LKSTATS_ENOFILE,
    //          LKSTATS_ESYSTEM.
    Status resolve_room(const Room &room) const noexcept;
    Status resolve_participant(const Participant &participant) const noexcept;

    // lkstats_signal_reset: ends the present epoch and begins the next, of which neither is known.
    // Returns: LKSTATS_EFULL: nothing changed, call again after acknowledgements; LKSTATS_ECLOSED: stopped;
    //          LKSTATS_ESTALE; LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ESYSTEM.
    Status reset() const noexcept;

  private:
    friend class Context;
    Signal(Status status, lkstats_track_t handle) noexcept : Counted(status, handle) {}
};

// ---- Contexts -------------------------------------------------------------------------------------------

// A context, from lkstats_open until its end, which closes it. With on_batch or a journal_dir the end waits up to one
// second until the last reports are taken. What is not acknowledged then is given up, without either at once: a host
// that takes batches itself calls close before, until it says LKSTATS_OK. That holds with a slab_dir too: what is to
// be found there by the next context is what a process leaves that ends without ending its contexts.
//
// An on_batch that has not returned by the end of that second may still be running when the object is gone; what
// user_data leads to has to outlive that. An on_batch that ends its own context, or closes it, would wait for itself:
// close answers LKSTATS_EREENTRANT, and the end leaves the context open. Then on_batch goes on being called,
// until the host has closed what get() was by the table. An on_log must do neither.
// Since: 0.1.0
class Context {
  public:
    // lkstats_open, also where no options are given.
    explicit Context(const Options &options = {}) noexcept;
    // No context: LKSTATS_ESTALE. For a member that is assigned one later; assigned over one, it closes that.
    [[nodiscard]] static Context none() noexcept { return {LKSTATS_ESTALE, nullptr}; }
    Context(Context &&other) noexcept { take(other); }
    Context &operator=(Context &&other) noexcept; // closes what it had
    ~Context() { leave(); }

    // What lkstats_open answered; LKSTATS_ELAYOUT: see api(); LKSTATS_ESTALE: none(), or moved from. Nothing that comes
    // later changes it, a close neither.
    Status status() const noexcept { return status_; }
    explicit operator bool() const noexcept { return status_ == LKSTATS_OK; }
    // For calls of the table; still this object's. nullptr where there is none.
    lkstats_t *get() const noexcept { return ctx_; }

    // lkstats_track_new and lkstats_signal_new. Where they fail the object has the status, and adds on it are
    // harmless.
    // Owns: the caller, who keeps it: an object that is dropped is stopped.
    [[nodiscard]] Track track(const TrackOptions &options = {}) const noexcept;
    [[nodiscard]] Signal signal(const SignalOptions &options = {}) const noexcept;

    // lkstats_run_once: all the reporting work that is due at that instant, under LKSTATS_NO_THREAD.
    // Returns: LKSTATS_EINVAL: the context has a thread, or time goes back; LKSTATS_EREENTRANT; LKSTATS_ECLOSED.
    Status run_once(std::int64_t monotonic_ns, std::int64_t wall_ns) const noexcept;

    // lkstats_flush: as Counted::flush, for all tracks.
    // Returns: as Counted::flush; LKSTATS_ENOMEM.
    Status flush(std::int64_t timeout_ms) const noexcept;

    // lkstats_next: takes the next batch, without waiting. The status is the batch's.
    [[nodiscard]] Batch next() const noexcept;

    // lkstats_redeliver: delivers again whatever is not acknowledged, batches that are out included.
    Status redeliver() const noexcept;

    // lkstats_event_fd: readable while next has something to say.
    // Owns: the library the descriptor, until the context is closed.
    // Returns: LKSTATS_EINVAL: the context has on_batch; LKSTATS_ECLOSED.
    Status event_fd(int &fd) const noexcept;

    // lkstats_metrics: writes the text of a metrics endpoint to buffer, without a terminator.
    // Returns: LKSTATS_ERANGE: capacity is below need, which is set then too; LKSTATS_EINVAL: another format than
    //          LKSTATS_METRICS_OPENMETRICS and LKSTATS_METRICS_PROMETHEUS; LKSTATS_ENOMEM; LKSTATS_ECLOSED.
    Status metrics(std::uint32_t format, char *buffer, std::uint64_t capacity,
                   std::uint64_t &need) const noexcept;

    // lkstats_close: stops every track and waits at most timeout_ms until the last reports are acknowledged. abandon is
    // the same with LKSTATS_ABANDON: what is not acknowledged is given up. *residue, unless nullptr, is set when the
    // status is LKSTATS_OK or LKSTATS_ETIMEDOUT.
    // Returns: LKSTATS_OK: closed, and batches that are out are not to be read any more; LKSTATS_ETIMEDOUT: still
    //          closing, take and acknowledge and call again; LKSTATS_ECLOSED; LKSTATS_EREENTRANT: from on_batch.
    Status close(std::int64_t timeout_ms, Residue *residue = nullptr) const noexcept;
    Status abandon(Residue *residue = nullptr) const noexcept;

  private:
    Context(Status status, lkstats_t *ctx) noexcept : ctx_(ctx), status_(status) {}
    void take(Context &other) noexcept;
    void leave() noexcept;

    lkstats_t *ctx_ = nullptr;
    Status status_ = LKSTATS_ESTALE;
    bool reports_itself_ = false; // to an on_batch or a journal: its end waits for them
};

} // namespace LKSTATS_HPP_NAMESPACE
} // namespace lkstats

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include "lkstats_inline.hpp"

#endif
