// SPDX-License-Identifier: Apache-2.0
// What the host does.
#include "world.hpp"

#include "must.hpp"

#include <algorithm>

namespace lkstats::fuzz {

namespace {

constexpr uint64_t bytes_end = uint64_t{1} << (LKSTATS_SLAB_BYTE_BITS - 1);
constexpr uint64_t messages_end = uint64_t{1} << (LKSTATS_SLAB_MESSAGE_BITS - 1);

// Some are empty, some are as long as they may be, hardly two are the same.
std::string draw_text(const char *prefix, uint8_t from) {
    std::string drawn = prefix + std::to_string(from & 0x1f);
    if ((from & 0xc0) == 0xc0)
        drawn.resize(LKSTATS_STRING_MAX, 'x');
    else if ((from & 0xc0) == 0x80)
        drawn.resize(60, 'y');
    return drawn;
}
std::string draw_text_or_none(const char *prefix, uint8_t from) {
    return (from & 7) == 0 ? std::string() : draw_text(prefix, from);
}

void draw_connection(Whose &whose, Draw d) {
    whose.country = draw_text_or_none("C", d.a & 0x1f);
    whose.tenant = draw_text_or_none("tenant ", d.b);
}
void draw_room(Whose &whose, uint8_t from) {
    whose.room_sid = draw_text("RM_", from);
    whose.room_name = draw_text_or_none("room ", from ^ 0x55);
    whose.room_tenant = from % 3 == 0 ? draw_text("its ", from ^ 0x0f) : "";
}
void draw_participant(Whose &whose, uint8_t from) {
    whose.participant_sid = draw_text("PA_", from);
    whose.participant_identity = draw_text_or_none("who ", from ^ 0x33);
    whose.kind = from % 9 - 1;
    whose.details.assign(from % 11 == 10 ? LKSTATS_KIND_DETAILS_MAX : from % 3, from - 100);
    whose.participant_tenant = from % 5 == 0 ? draw_text("theirs ", from ^ 0xf0) : "";
}

lkstats_room_t room_of(const Whose &whose) {
    lkstats_room_t room = {};
    room.struct_size = sizeof room;
    room.sid = string(whose.room_sid);
    room.name = string(whose.room_name);
    room.tenant = string(whose.room_tenant);
    return room;
}

lkstats_participant_t participant_of(const Whose &whose) {
    lkstats_participant_t participant = {};
    participant.struct_size = sizeof participant;
    participant.kind = whose.kind;
    participant.kind_details = whose.details.data();
    participant.kind_details_count = static_cast<uint32_t>(whose.details.size());
    participant.sid = string(whose.participant_sid);
    participant.identity = string(whose.participant_identity);
    participant.tenant = string(whose.participant_tenant);
    return participant;
}

lkstats_status_t resolution(const Handle &handle, bool known) {
    return !handle.signal() ? LKSTATS_EINVAL : known ? LKSTATS_ERESOLVED : LKSTATS_OK;
}

} // namespace

Handle *World::some_handle(uint8_t which) {
    // The newest are the nearest, so that a number means the same after something was put before it.
    if (ledger_.handles.empty())
        return nullptr;
    return &ledger_.handles[ledger_.handles.size() - 1 - which % ledger_.handles.size()];
}

// Of a stopped handle something may be left or not, and nothing is of one whose context is gone.
void World::expect_answer(const Handle &handle, lkstats_status_t status, lkstats_status_t expected,
                          const char *call) const {
    const bool gone = status == LKSTATS_ESTALE || status == LKSTATS_ECLOSED;
    const bool over = !of_now(handle) || handle.stopped;
    must((of_now(handle) && status == expected) || (over && gone), "%s of %llx%s: %d, not %d", call,
         static_cast<unsigned long long>(handle.is), over ? ", which is over" : "", status, expected);
}

// ---- Handles ----------------------------------------------------------------------------------------

void World::made(lkstats_track_t is, lkstats_status_t status, int32_t channel, const Whose &whose) {
    if (status != LKSTATS_OK) {
        must(is == 0, "a refused call left %llx", static_cast<unsigned long long>(is));
        const bool full = status == LKSTATS_EFULL && made_ >= setting_.max_tracks;
        const bool disk = full_ && (status == LKSTATS_ENOMEM || status == LKSTATS_ESYSTEM);
        must(closing_ ? status == LKSTATS_ECLOSED : full || disk, "a handle was refused with %d", status);
        return;
    }
    must(!closing_, "a handle of a context that closes");
    must(ledger_.find(is) == nullptr, "the handle %llx twice", static_cast<unsigned long long>(is));
    ++made_;
    Handle handle = {};
    handle.is = is;
    handle.context = context_;
    handle.channel = channel;
    handle.epochs.emplace_back();
    handle.newest().whose = whose;
    handle.newest().start = handle.newest().reach = clock_;
    ledger_.handles.push_back(std::move(handle));
}

void World::track_new(Draw d) {
    Whose whose;
    draw_connection(whose, d);
    draw_room(whose, d.which);
    draw_participant(whose, d.a);
    whose.room_tenant = whose.participant_tenant = ""; // a track has one place for it
    whose.room_known = whose.participant_known = true;
    if (d.b == 0xff)
        whose.participant_sid.clear();
    lkstats_track_options_t options = {};
    options.struct_size = sizeof options;
    options.channel = d.b & 1 ? LKSTATS_CHANNEL_DATA : LKSTATS_CHANNEL_DATA_TRACK;
    options.participant_kind = whose.kind;
    options.kind_details = whose.details.data();
    options.kind_details_count = static_cast<uint32_t>(whose.details.size());
    options.country = string(whose.country);
    options.tenant = string(whose.tenant);
    options.room_sid = string(whose.room_sid);
    options.room_name = string(whose.room_name);
    options.participant_sid = string(whose.participant_sid);
    options.participant_identity = string(whose.participant_identity);
    lkstats_track_t is = 1;
    const auto status = lkstats_track_new(ctx_, &options, &is);
    made(is, status, options.channel, whose);
}

void World::signal_new(Draw d) {
    Whose whose;
    draw_connection(whose, d);
    lkstats_signal_options_t options = {};
    options.struct_size = sizeof options;
    options.country = string(whose.country);
    options.tenant = string(whose.tenant);
    lkstats_track_t is = 1;
    const auto status = lkstats_signal_new(ctx_, &options, &is);
    made(is, status, LKSTATS_CHANNEL_SIGNAL, whose);
}

// Memory is over only where epochs wait for their acknowledgement.
bool World::backlog() const {
    return std::any_of(ledger_.handles.begin(), ledger_.handles.end(), [&](const Handle &handle) {
        return of_now(handle) && handle.epochs.size() > 1 && !handle.settled(handle.epochs.end()[-2]);
    });
}

void World::resolve_room(Draw d) {
    Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    Whose &whose = handle->newest().whose;
    Whose drawn;
    draw_room(drawn, d.a);
    const lkstats_room_t room = room_of(drawn);
    const auto status = lkstats_signal_resolve_room(handle->is, &room);
    if (status == LKSTATS_EFULL && backlog())
        return;
    if (full_ && status == LKSTATS_ENOMEM)
        return;
    expect_answer(*handle, status, resolution(*handle, whose.room_known), "resolve_room");
    if (status != LKSTATS_OK)
        return;
    must(handle->signal() && !whose.room_known, "a room was resolved twice");
    whose.room_known = true;
    whose.room_sid = drawn.room_sid;
    whose.room_name = drawn.room_name;
    whose.room_tenant = drawn.room_tenant;
}

void World::resolve_participant(Draw d) {
    Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    Whose &whose = handle->newest().whose;
    Whose drawn;
    draw_participant(drawn, d.a);
    const lkstats_participant_t participant = participant_of(drawn);
    const auto status = lkstats_signal_resolve_participant(handle->is, &participant);
    if (status == LKSTATS_EFULL && backlog())
        return;
    if (full_ && status == LKSTATS_ENOMEM)
        return;
    expect_answer(*handle, status, resolution(*handle, whose.participant_known), "resolve_participant");
    if (status != LKSTATS_OK)
        return;
    must(handle->signal() && !whose.participant_known, "a participant was resolved twice");
    whose.participant_known = true;
    whose.participant_sid = drawn.participant_sid;
    whose.participant_identity = drawn.participant_identity;
    whose.participant_tenant = drawn.participant_tenant;
    whose.kind = drawn.kind;
    whose.details = drawn.details;
}

void World::reset(Draw d) {
    Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    const auto status = lkstats_signal_reset(handle->is);
    if (status == LKSTATS_EFULL && backlog())
        return;
    if (full_ && status == LKSTATS_ENOMEM)
        return;
    expect_answer(*handle, status, handle->signal() ? LKSTATS_OK : LKSTATS_EINVAL, "reset");
    if (status != LKSTATS_OK)
        return;
    const bool resolved = handle->newest().whose.resolved();
    must(handle->signal() && !(handle->stopped && resolved), "an epoch that is over was reset");
    Whose whose;
    whose.country = handle->newest().whose.country;
    whose.tenant = handle->newest().whose.tenant;
    if (resolved) {
        handle->epochs.emplace_back();
        handle->newest().start = handle->newest().reach = clock_;
    }
    handle->newest().whose = whose;
}

// ---- Counting ---------------------------------------------------------------------------------------

void World::count(Handle &handle, uint64_t bytes, uint64_t messages, bool is_send, bool by_inline) {
    // Within the bound that the manual gives.
    if (handle.bytes[is_send] + bytes >= 2 * bytes_end ||
        handle.messages[is_send] + messages >= 2 * messages_end)
        return;
    const auto status = by_inline       ? lkstats_slab_add(&slab_, handle.is, bytes, messages, is_send)
                        : messages == 1 ? lkstats_add_bytes(handle.is, bytes, is_send)
                                        : lkstats_add_messages(handle.is, bytes, messages, is_send);
    if (of_now(handle) && !handle.stopped)
        must(status == LKSTATS_OK, "an add: %d", status);
    else
        must(status == LKSTATS_ECLOSED || status == LKSTATS_ESTALE, "an add on what is over: %d", status);
    if (status != LKSTATS_OK)
        return;
    handle.bytes[is_send] += bytes;
    handle.messages[is_send] += messages;
    lkstats_traffic_t &counted = handle.newest().counted;
    (is_send ? counted.send_bytes : counted.recv_bytes) += bytes;
    (is_send ? counted.send_messages : counted.recv_messages) += messages;
}

void World::add(Draw d) {
    if (Handle *const handle = some_handle(d.which))
        count(*handle, d.a, 1, d.b & 1, false);
}

void World::add_inline(Draw d) {
    if (Handle *const handle = some_handle(d.which))
        count(*handle, uint64_t{d.a} << (d.b & 0x3f) % 28, d.b >> 6, d.b & 1, true);
}

// Carries out of either field.
void World::add_much(Draw d) {
    if (Handle *const handle = some_handle(d.which))
        count(*handle, d.b & 2 ? bytes_end - 1 - d.a : d.a, d.b & 4 ? messages_end - 1 - d.a : d.a, d.b & 1,
              d.b & 8);
}

void World::add_refused(Draw d) {
    const Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    const uint64_t bytes = d.a & 1 ? bytes_end + d.b : 0, messages = d.a & 1 ? 1 : messages_end + d.b;
    const auto status = d.a & 2 ? lkstats_slab_add(&slab_, handle->is, bytes, messages, d.a & 4)
                                : lkstats_add_messages(handle->is, bytes, messages, d.a & 4);
    must(status != LKSTATS_OK, "an add of too much was taken");
    must(!of_now(*handle) || handle->stopped || status == LKSTATS_EINVAL, "an add of too much: %d", status);
}

void World::totals(Draw d) {
    Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    lkstats_totals_t found = {};
    found.struct_size = sizeof found;
    const auto status = lkstats_track_totals(handle->is, &found);
    expect_answer(*handle, status, LKSTATS_OK, "totals");
    must(status != LKSTATS_OK || found.traffic == handle->counted(), "totals %s, counted %s",
         shown(found.traffic).c_str(), shown(handle->counted()).c_str());
}

void World::stop(Draw d) {
    Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    lkstats_totals_t found = {};
    found.struct_size = sizeof found;
    const auto status = lkstats_track_stop(handle->is, &found);
    expect_answer(*handle, status, LKSTATS_OK, "stop");
    must(status != LKSTATS_OK || found.traffic == handle->counted(), "final totals %s, counted %s",
         shown(found.traffic).c_str(), shown(handle->counted()).c_str());
    handle->stopped = handle->stopped || status == LKSTATS_OK;
}

// One that nobody was given.
void World::bad_handle(Draw d) {
    const Handle *const near = some_handle(d.which);
    lkstats_track_t is = (near != nullptr ? near->is : 0) ^ uint64_t { 1 } << (d.a & 0x3f);
    if (d.a & 0x40)
        is &= 0xffffffff; // tag 0
    if (ledger_.find(is) != nullptr)
        return;
    lkstats_totals_t found = {};
    found.struct_size = sizeof found;
    lkstats_status_t status = LKSTATS_ESTALE;
    switch (d.b & 7) {
    case 0:
        status = lkstats_add_bytes(is, 1, d.b >> 3);
        break;
    case 1:
        status = lkstats_slab_add(&slab_, is, 1, 1, d.b >> 3);
        break;
    case 2:
        status = lkstats_track_totals(is, &found);
        break;
    case 3:
        status = lkstats_track_stop(is, &found);
        break;
    case 4:
        status = lkstats_track_flush(is, 0);
        break;
    case 5:
        status = lkstats_signal_reset(is);
        break;
    case 6: {
        Whose drawn;
        draw_room(drawn, d.b);
        const lkstats_room_t room = room_of(drawn);
        status = lkstats_signal_resolve_room(is, &room);
        break;
    }
    case 7:
        lkstats_prefetch(is);
        break;
    }
    // Its slot may be one of a context that is gone.
    must(status == LKSTATS_ESTALE || status == LKSTATS_ECLOSED, "a call on no handle: %d", status);
}

} // namespace lkstats::fuzz
