// SPDX-License-Identifier: Apache-2.0
// Structs and texts of any size and content, handed to every call that takes one: the status is the one that the manual
// says, nothing is read or written that is not the caller's, and a refused call has no effect.
#include "content.hpp"
#include "given.hpp"
#include "lkstats_slab.h"
#include "must.hpp"
#include "scratch.hpp"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <set>
#include <sys/stat.h>

namespace {

using namespace lkstats::fuzz;

struct Handle {
    lkstats_track_t is;
    bool signal;
    bool room = false, participant = false;
};

class Caller {
  public:
    explicit Caller(Input &input) : input_(input) { start(); }
    Caller(const Caller &) = delete;
    Caller &operator=(const Caller &) = delete;

    void open();
    void track_new();
    void signal_new();
    void resolve_room();
    void resolve_participant();
    void totals();
    void stop();
    void next();
    void close();
    void slab_attach();
    void track_id();
    void metrics();
    void get_api();
    // What was accepted is there, and nothing else.
    void settle();

  private:
    void start();
    Handle *some_handle() { return handles_.empty() ? nullptr : &handles_[input_.byte() % handles_.size()]; }
    void made(lkstats_track_t is, lkstats_status_t status, bool good, bool signal);
    void resolved(lkstats_status_t status, const Given &given, const Handle &handle, bool &known);
    lkstats_string_t folder(Given &given, bool &usable);

    Input &input_;
    lkstats_t *ctx_ = nullptr;
    std::vector<Handle> handles_;
    lkstats_traffic_t added_ = {};
    std::string path_; // of the folder that was drawn last
};

size_t descriptors() { return names_in("/proc/self/fd").size(); }

// ---- Contexts ---------------------------------------------------------------------------------------

const std::string &good_folder() {
    static const std::string path = fresh_folder("good");
    return path;
}

// Somebody else may replace files in it.
const std::string &open_folder() {
    static const std::string path = [] {
        const std::string made = fresh_folder("everybodys");
        chmod(made.c_str(), 0777);
        return made;
    }();
    return path;
}

// Never anything outside of the scratch folder.
lkstats_string_t Caller::folder(Given &given, bool &usable) {
    switch (input_.byte() % 8) {
    case 0:
    case 1:
        return string(good_folder());
    case 2:
        usable = false;
        return string(open_folder());
    case 3:
        usable = false;
        path_ = good_folder() + "/missing";
        return string(path_);
    case 4: {
        const lkstats_string_t drawn = given.text();
        if (!given.good || drawn.size == 0 || drawn.size > 60)
            return drawn.size > 60 && given.good ? lkstats_string_t{} : drawn;
        path_ = scratch() + "/none/" + text(drawn);
        usable = false;
        return string(path_);
    }
    default:
        return {};
    }
}

void Caller::open() {
    Given given(input_);
    lkstats_options_t o = {};
    bool usable = true;
    o.flags = given.odd() ? input_.word() : input_.byte() % 32 ^ LKSTATS_NO_THREAD;
    o.report_interval_ms =
        given.odd() ? given.number(LKSTATS_REPORT_INTERVAL_MIN_MS, LKSTATS_REPORT_INTERVAL_MAX_MS) : 0;
    o.max_tracks = given.odd() ? given.number(1, LKSTATS_TRACKS_MAX) : input_.byte();
    // Some gigabytes otherwise.
    if ((o.flags & LKSTATS_PREALLOCATE) != 0 && o.max_tracks <= LKSTATS_TRACKS_MAX)
        o.max_tracks %= 2000;
    o.node = given.text();
    o.analytics_key = given.text();
    const bool calls = (input_.byte() & 7) == 0;
    if (calls)
        o.on_batch = [](uint64_t, const lkstats_batch_t *) -> lkstats_status_t { return LKSTATS_OK; };
    o.slab_dir = folder(given, usable);
    const std::string slab_path = path_; // both may be drawn
    if (o.slab_dir.size != 0 && o.slab_dir.data == path_.data())
        o.slab_dir = string(slab_path);
    o.journal_dir = folder(given, usable);
    const bool journals = o.journal_dir.size != 0;
    if (journals ? !given.odd() : given.odd()) {
        o.journal_segment_bytes =
            given.number(LKSTATS_JOURNAL_SEGMENT_MIN_BYTES, LKSTATS_JOURNAL_SEGMENT_MAX_BYTES);
        o.journal_segment_age_ms =
            given.number(LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS, LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS);
        o.journal_keep_bytes = input_.byte();
        o.journal_keep_segments = input_.byte();
    }
    const auto within = [](uint64_t value, uint64_t low, uint64_t high) {
        return value == 0 || (value >= low && value <= high);
    };
    const bool more = o.journal_segment_bytes != 0 || o.journal_segment_age_ms != 0 ||
                      o.journal_keep_bytes != 0 || o.journal_keep_segments != 0 ||
                      (o.flags & LKSTATS_JOURNAL_SYNC) != 0;
    const bool sane =
        o.flags < 16 &&
        within(o.report_interval_ms, LKSTATS_REPORT_INTERVAL_MIN_MS, LKSTATS_REPORT_INTERVAL_MAX_MS) &&
        o.max_tracks <= LKSTATS_TRACKS_MAX && ((o.flags & LKSTATS_PREALLOCATE) == 0 || o.max_tracks != 0) &&
        ((o.flags & LKSTATS_NO_REPORTS) == 0 || (!calls && !journals)) && (journals || !more) &&
        within(o.journal_segment_bytes, LKSTATS_JOURNAL_SEGMENT_MIN_BYTES,
               LKSTATS_JOURNAL_SEGMENT_MAX_BYTES) &&
        within(o.journal_segment_age_ms, LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS,
               LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS);
    const lkstats_options_t *const options = given.in(o, true);
    const bool all_default = options == nullptr;
    const lkstats_status_t expected = all_default            ? LKSTATS_OK
                                      : !given.good || !sane ? LKSTATS_EINVAL
                                      : !usable              ? LKSTATS_EDIR
                                                             : LKSTATS_OK;
    say("open: flags %u, %u ms, %u tracks, slab_dir %.60s, journal_dir %.60s, good %d, sane %d, usable %d",
        o.flags, o.report_interval_ms, o.max_tracks, given.good ? text(o.slab_dir).c_str() : "",
        given.good ? text(o.journal_dir).c_str() : "", given.good, sane, usable);
    const size_t before = descriptors();
    lkstats_t *const nobody = reinterpret_cast<lkstats_t *>(uintptr_t{77});
    lkstats_t *ctx = nobody;
    const auto status = lkstats_open(options, &ctx);
    must(status == expected, "open: %d, not %d", status, expected);
    if (status != LKSTATS_OK) {
        must(ctx == nobody && descriptors() == before, "a refused open left something");
    } else {
        lkstats_track_t unused;
        const bool threaded = all_default || (o.flags & LKSTATS_NO_THREAD) == 0;
        must(lkstats_run_once(ctx, 5, 5) == (threaded ? LKSTATS_EINVAL : LKSTATS_OK), "run_once after open");
        must(lkstats_track_new(ctx, nullptr, &unused) == LKSTATS_EINVAL, "a track of no options");
        must(lkstats_close(ctx, LKSTATS_ABANDON, nullptr) == LKSTATS_OK, "close after open");
    }
    must(names_in(open_folder()).empty(), "something was made in a folder that is everybody's");
    for (const std::string &name : names_in(good_folder()))
        must(name.ends_with(".journal"), "%s is left", name.c_str());
    empty_folder(good_folder());
}

void Caller::start() {
    lkstats_options_t options = {};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.max_tracks = 256;
    must(lkstats_open(&options, &ctx_) == LKSTATS_OK, "open");
    must(lkstats_run_once(ctx_, 1, 1) == LKSTATS_OK, "run_once");
}

// ---- Handles ----------------------------------------------------------------------------------------

void Caller::made(lkstats_track_t is, lkstats_status_t status, bool good, bool signal) {
    const bool full = handles_.size() == 256;
    must(status == (!good ? LKSTATS_EINVAL : full ? LKSTATS_EFULL : LKSTATS_OK), "a handle: %d", status);
    must((is != 0) == (status == LKSTATS_OK), "a refused handle is %llx",
         static_cast<unsigned long long>(is));
    if (status != LKSTATS_OK)
        return;
    handles_.push_back({is, signal});
    must(lkstats_add_bytes(is, handles_.size(), 1) == LKSTATS_OK, "an add");
    added_ += lkstats_traffic_t{handles_.size(), 1, 0, 0};
}

void Caller::track_new() {
    Given given(input_);
    lkstats_track_options_t o = {};
    o.channel = given.odd() ? static_cast<int32_t>(given.number(0, 3)) : input_.byte() % 3;
    o.participant_kind = static_cast<int32_t>(given.odd() ? input_.word() : 0);
    o.kind_details = given.details(o.kind_details_count);
    for (lkstats_string_t *each : {&o.country, &o.room_sid, &o.room_name, &o.participant_sid,
                                   &o.participant_identity, &o.track_id, &o.tenant})
        *each = given.text();
    const bool channel = o.channel >= 0 && o.channel <= LKSTATS_CHANNEL_DATA_TRACK;
    const lkstats_track_options_t *const options = given.in(o);
    lkstats_track_t is = 1;
    const auto status = lkstats_track_new(ctx_, options, &is);
    made(is, status, given.good && channel, false);
}

void Caller::signal_new() {
    Given given(input_);
    lkstats_signal_options_t o = {};
    o.reserved = given.odd() ? input_.word() : 0;
    o.country = given.text();
    o.tenant = given.text();
    const lkstats_signal_options_t *const options = given.in(o, true);
    lkstats_track_t is = 1;
    const auto status = lkstats_signal_new(ctx_, options, &is);
    made(is, status, options == nullptr || (given.good && o.reserved == 0), true);
}

void Caller::resolved(lkstats_status_t status, const Given &given, const Handle &handle, bool &known) {
    if (!given.good || !handle.signal) // two wrongs at a time: either may be told
        must(status == LKSTATS_EINVAL || (known && status == LKSTATS_ERESOLVED), "a wrong resolution: %d",
             status);
    else
        must(status == (known ? LKSTATS_ERESOLVED : LKSTATS_OK), "a resolution: %d", status);
    known = known || status == LKSTATS_OK;
}

void Caller::resolve_room() {
    Handle *const handle = some_handle();
    if (handle == nullptr)
        return;
    Given given(input_);
    lkstats_room_t room = {};
    room.reserved = given.odd() ? input_.word() : 0;
    room.sid = given.text();
    room.name = given.text();
    room.tenant = given.text();
    given.good = given.good && room.reserved == 0 && room.sid.size != 0;
    const lkstats_room_t *const it = given.in(room);
    const auto status = lkstats_signal_resolve_room(handle->is, it);
    resolved(status, given, *handle, handle->room);
}

void Caller::resolve_participant() {
    Handle *const handle = some_handle();
    if (handle == nullptr)
        return;
    Given given(input_);
    lkstats_participant_t participant = {};
    participant.reserved = given.odd() ? input_.word() : 0;
    participant.kind_details = given.details(participant.kind_details_count);
    participant.sid = given.text();
    participant.identity = given.text();
    participant.tenant = given.text();
    given.good = given.good && participant.reserved == 0 && participant.sid.size != 0;
    const lkstats_participant_t *const it = given.in(participant);
    const auto status = lkstats_signal_resolve_participant(handle->is, it);
    resolved(status, given, *handle, handle->participant);
}

// ---- What is filled ---------------------------------------------------------------------------------

void Caller::totals() {
    const Handle *const handle = some_handle();
    Given given(input_);
    lkstats_totals_t *const found = given.out(lkstats_totals_t{});
    const auto status = lkstats_track_totals(handle == nullptr ? 0 : handle->is, found);
    const bool there = handle != nullptr;
    must(status == (!given.good ? LKSTATS_EINVAL
                    : there     ? LKSTATS_OK
                                : LKSTATS_ESTALE),
         "totals: %d", status);
    must(status != LKSTATS_OK || Given::tail_is_zero(found), "totals have a tail");
}

void Caller::stop() {
    const Handle *const handle = some_handle();
    if (handle == nullptr)
        return;
    Given given(input_);
    lkstats_totals_t *const found = given.out(lkstats_totals_t{}, true);
    const auto status = lkstats_track_stop(handle->is, found);
    must(status == (given.good ? LKSTATS_OK : LKSTATS_EINVAL), "stop: %d", status);
    must(status != LKSTATS_OK || found == nullptr || Given::tail_is_zero(found), "totals have a tail");
    // One that is not stopped takes adds still.
    const lkstats_status_t add = lkstats_add_bytes(handle->is, 1, 0);
    must(status != LKSTATS_OK || add == LKSTATS_ECLOSED, "an add after stop: %d", add);
    added_.recv_bytes += add == LKSTATS_OK ? 1 : 0;
    added_.recv_messages += add == LKSTATS_OK ? 1 : 0;
}

void Caller::next() {
    Given given(input_);
    lkstats_flush(ctx_, 0);
    lkstats_batch_t *const batch = given.out(lkstats_batch_t{});
    const auto status = lkstats_next(ctx_, batch);
    must(given.good ? status == LKSTATS_OK || status == LKSTATS_EAGAIN : status == LKSTATS_EINVAL, "next: %d",
         status);
    if (status != LKSTATS_OK)
        return;
    must(Given::tail_is_zero(batch), "a batch has a tail");
    // Known by its ctx and id alone, in a struct of any size.
    Given again(input_);
    lkstats_batch_t copy = {};
    copy.ctx = batch->ctx;
    copy.id = batch->id;
    const lkstats_batch_t *const other = again.out(copy);
    const uint8_t *data = nullptr;
    uint64_t size = 0;
    const auto stats = lkstats_batch_analytics_stats(other, &data, &size);
    must(stats == (again.good ? LKSTATS_OK : LKSTATS_EINVAL), "stats: %d", stats);
    const auto nack = lkstats_nack(other);
    must(nack == (again.good ? LKSTATS_OK : LKSTATS_EINVAL), "nack: %d", nack);
    must(lkstats_nack(batch) == (again.good ? LKSTATS_ESTALE : LKSTATS_OK), "a refused answer had an effect");
}

void Caller::close() {
    Given given(input_);
    lkstats_residue_t *const residue = given.out(lkstats_residue_t{}, true);
    if (given.good)
        return; // settle does it
    must(lkstats_close(ctx_, 0, residue) == LKSTATS_EINVAL, "close took a bad struct");
    must(lkstats_run_once(ctx_, 1, 1) == LKSTATS_OK, "a refused close had an effect");
}

void Caller::slab_attach() {
    Given given(input_);
    lkstats_slab_t *const slab = given.out(lkstats_slab_t{});
    const uint32_t version = given.number(LKSTATS_SLAB_VERSION, LKSTATS_SLAB_VERSION);
    const bool known = version == LKSTATS_SLAB_VERSION;
    const auto status = lkstats_slab_attach(version, slab);
    must(status == (!given.good ? LKSTATS_EINVAL
                    : known     ? LKSTATS_OK
                                : LKSTATS_ELAYOUT) ||
             (!given.good && !known && status == LKSTATS_ELAYOUT),
         "slab_attach: %d", status);
    must(status != LKSTATS_OK || Given::tail_is_zero(slab), "a slab has a tail");
}

void Caller::track_id() {
    Given given(input_);
    const uint16_t length = input_.half();
    const uint8_t *const sid = given.memory(length);
    const uint16_t capacity = given.odd() ? input_.half() : length + 5;
    char *const buffer = reinterpret_cast<char *>(given.memory(capacity));
    const int32_t channel = given.odd() ? static_cast<int32_t>(input_.word()) : 1 + 2 * (input_.byte() & 1);
    uint64_t need = 77;
    const auto status = lkstats_track_id_for_participant(
        channel, {reinterpret_cast<const char *>(sid), length}, buffer, capacity, &need);
    const bool known = channel == LKSTATS_CHANNEL_DATA || channel == LKSTATS_CHANNEL_SIGNAL;
    must(status == (!known                  ? LKSTATS_EINVAL
                    : capacity < length + 5 ? LKSTATS_ERANGE
                                            : LKSTATS_OK),
         "track id: %d", status);
    must(!known || need == length + 5U, "a track id needs %llu", static_cast<unsigned long long>(need));
}

void Caller::metrics() {
    Given given(input_);
    const uint16_t capacity = input_.half();
    const uint32_t format = given.odd() ? input_.word() : input_.byte() & 1;
    uint64_t need = 0;
    const auto status =
        lkstats_metrics(ctx_, format, reinterpret_cast<char *>(given.memory(capacity)), capacity, &need);
    must(status == (format > 1        ? LKSTATS_EINVAL
                    : capacity < need ? LKSTATS_ERANGE
                                      : LKSTATS_OK),
         "metrics: %d", status);
}

void Caller::get_api() {
    const uint32_t version = input_.byte();
    const lkstats_api_t *api = nullptr;
    const auto status = lkstats_get_api(version, &api);
    must(status == (version == LKSTATS_API_VERSION ? LKSTATS_OK : LKSTATS_ELAYOUT), "get_api: %d", status);
    must((api != nullptr) == (status == LKSTATS_OK), "a refused table");
    for (const auto each : {static_cast<lkstats_status_t>(input_.word()), -static_cast<int32_t>(version)})
        must(lkstats_strerror(each) != nullptr && lkstats_status_name(each) != nullptr, "a nameless status");
}

void Caller::settle() {
    lkstats_traffic_t told = {};
    std::set<lkstats_track_t> who;
    lkstats_batch_t batch = {};
    batch.struct_size = sizeof batch;
    while (lkstats_close(ctx_, 0, nullptr) == LKSTATS_ETIMEDOUT)
        while (lkstats_next(ctx_, &batch) == LKSTATS_OK) {
            for (uint32_t i = 0; i < batch.record_count; ++i) {
                const lkstats_record_t &record = *lkstats_batch_record(&batch, i);
                expect_sound(record);
                told += record.window;
                who.insert(lkstats_track_t{record.key.tag} << 32 | record.key.slot);
            }
            must(lkstats_ack(&batch) == LKSTATS_OK, "ack");
        }
    must(told == added_ && who.size() == handles_.size(), "added %s on %zu, told %s of %zu",
         shown(added_).c_str(), handles_.size(), shown(told).c_str(), who.size());
}

constexpr void (Caller::*calls[])() = {
    &Caller::open,        &Caller::track_new, &Caller::signal_new, &Caller::resolve_room,
    &Caller::totals,      &Caller::stop,      &Caller::next,       &Caller::resolve_participant,
    &Caller::slab_attach, &Caller::close,     &Caller::track_id,   &Caller::metrics,
    &Caller::get_api,
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input(data, size);
    Caller caller(input);
    while (input.more())
        (caller.*calls[input.byte() % std::size(calls)])();
    caller.settle();
    return 0;
}
