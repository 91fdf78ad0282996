// SPDX-License-Identifier: Apache-2.0
#include "ledger.hpp"

#include "must.hpp"

#include <algorithm>

namespace lkstats::fuzz {

namespace {

void expect_text(const char *what, const lkstats_string_t &found, const std::string &expected) {
    must(text(found) == expected, "%s is \"%.60s\", not \"%.60s\"", what, text(found).c_str(),
         expected.c_str());
}

void expect_whose(const Handle &handle, const Whose &whose, const lkstats_record_t &r) {
    static const Whose nobody;
    const Whose &room = whose.room_known ? whose : nobody;
    const Whose &participant = whose.participant_known ? whose : nobody;
    expect_text("country", r.country, whose.country);
    expect_text("tenant", r.tenant,
                !participant.participant_tenant.empty() ? participant.participant_tenant
                : !room.room_tenant.empty()             ? room.room_tenant
                                                        : whose.tenant);
    expect_text("room_sid", r.room_sid, room.room_sid);
    expect_text("room_name", r.room_name, room.room_name);
    expect_text("participant_sid", r.participant_sid, participant.participant_sid);
    expect_text("participant_identity", r.participant_identity, participant.participant_identity);
    const std::string id = (handle.signal() ? "TR_SG" : "TR_DT") + participant.participant_sid;
    expect_text("track_id", r.track_id, participant.participant_sid.empty() ? std::string() : id);
    must(r.participant_kind == participant.kind, "kind %d", r.participant_kind);
    must(std::equal(r.kind_details, r.kind_details + r.kind_details_count, participant.details.begin(),
                    participant.details.end()),
         "other kind details");
    must(r.channel == handle.channel, "channel %d", r.channel);
    must((r.flags == LKSTATS_UNATTRIBUTED) == (handle.signal() && !whose.resolved()), "flags %u", r.flags);
}

bool same(const lkstats_time_t &a, const lkstats_time_t &b) {
    return a.monotonic_ns == b.monotonic_ns && a.wall_ns == b.wall_ns;
}

} // namespace

lkstats_traffic_t Handle::counted() const {
    lkstats_traffic_t sum = {};
    for (const Epoch &epoch : epochs)
        sum += epoch.counted;
    return sum;
}

lkstats_traffic_t Handle::owed() const {
    lkstats_traffic_t sum = counted();
    for (const Epoch &epoch : epochs)
        sum = sum - epoch.acknowledged;
    return sum;
}

bool Handle::settled(const Epoch &epoch) const {
    if (!(epoch.counted == epoch.acknowledged) || epoch.told != epoch.answered)
        return false;
    return !signal() || !epoch.whose.resolved() || lkstats_verify_complete(&epoch.seen) != 0;
}

Handle *Ledger::find(lkstats_track_t is) {
    for (Handle &handle : handles)
        if (handle.is == is)
            return &handle;
    return nullptr;
}

// The first time that a key comes.
void Ledger::take_new(Handle &handle, Epoch &epoch, const lkstats_record_t &r) {
    must(!handle.abandoned, "a record of %llx, which was given up",
         static_cast<unsigned long long>(handle.is));
    for (const Epoch *before = handle.epochs.data(); before != &epoch; ++before)
        must(handle.settled(*before), "an epoch is told before the one before it is acknowledged");
    must(lkstats_verify_take(&epoch.seen, &r) == LKSTATS_VERIFY_NEXT, "epoch %u, sequence %u, kind %u: %s",
         r.key.epoch, r.key.sequence, r.key.kind, lkstats_verify_why(&epoch.seen));
    must(at_most(r.running, epoch.counted), "told %s, counted %s", shown(r.running).c_str(),
         shown(epoch.counted).c_str());
    ++epoch.told;
    const bool traffic = r.key.kind == LKSTATS_RECORD_TRAFFIC;
    const lkstats_time_t &start = traffic                               ? epoch.reach
                                  : r.key.kind == LKSTATS_RECORD_JOINED ? epoch.start
                                                                        : r.end;
    must(same(r.start, start), "kind %u starts at %lld, not at %lld", r.key.kind,
         static_cast<long long>(r.start.monotonic_ns), static_cast<long long>(start.monotonic_ns));
    if (traffic)
        epoch.reach = r.end;
    if (r.key.kind == LKSTATS_RECORD_LEFT)
        must(r.running == epoch.counted, "left says %s, counted %s", shown(r.running).c_str(),
             shown(epoch.counted).c_str());
    expect_whose(handle, epoch.whose, r);
}

Key Ledger::take(const lkstats_record_t &r, std::string_view node_name, bool may_come_again) {
    expect_sound(r);
    const Key key(r.key);
    Handle *const handle = find(lkstats_track_t{r.key.tag} << 32 | r.key.slot);
    must(handle != nullptr, "a record of %x%08x, which never was", r.key.tag, r.key.slot);
    must(node_name == node(handle->context), "a record of context %u from %.40s", handle->context,
         std::string(node_name).c_str());
    must(contexts_.try_emplace(key.context, node_name).first->second == node_name, "two contexts, one uuid");
    must(r.key.epoch <= handle->epochs.size(), "epoch %u is to come", r.key.epoch);
    Epoch &epoch = handle->epochs[r.key.epoch - 1];
    std::string now = content(r, node_name, "key");
    const auto at = keys_.find(key);
    if (at == keys_.end()) {
        take_new(*handle, epoch, r);
        keys_.emplace(key, Seen{std::move(now), r.window});
        return key;
    }
    Seen &seen = at->second;
    must(seen.content == now, "epoch %u, sequence %u, kind %u changed", key.epoch, key.sequence, key.kind);
    must(lkstats_verify_take(&epoch.seen, &r) == LKSTATS_VERIFY_DUPLICATE, "not a duplicate");
    must(may_come_again || !seen.acknowledged,
         "epoch %u, sequence %u, kind %u came after its acknowledgement", key.epoch, key.sequence, key.kind);
    must(may_come_again || !seen.out, "epoch %u, sequence %u, kind %u came twice, and nobody asked for it",
         key.epoch, key.sequence, key.kind);
    seen.out = true;
    return key;
}

void Ledger::acknowledge(const Key &key) {
    Seen &seen = keys_.at(key);
    if (seen.acknowledged)
        return;
    seen.acknowledged = true;
    Epoch &epoch = find(lkstats_track_t{key.tag} << 32 | key.slot)->epochs[key.epoch - 1];
    ++epoch.answered;
    epoch.acknowledged += seen.window;
}

void Ledger::all_again() {
    for (auto &[key, seen] : keys_)
        seen.out = false;
}

bool Ledger::known(const Key &key, const std::string &content) const {
    const auto at = keys_.find(key);
    return at != keys_.end() && at->second.content == content;
}

bool Ledger::complete() const {
    return std::all_of(handles.begin(), handles.end(), [](const Handle &handle) {
        return handle.abandoned || std::all_of(handle.epochs.begin(), handle.epochs.end(),
                                               [&](const Epoch &epoch) { return handle.settled(epoch); });
    });
}

void Ledger::expect_complete() const {
    for (const Handle &handle : handles)
        for (size_t i = 0; i < handle.epochs.size() && !handle.abandoned; ++i)
            must(handle.settled(handle.epochs[i]), "%llx, epoch %zu: counted %s, acknowledged %s",
                 static_cast<unsigned long long>(handle.is), i + 1, shown(handle.epochs[i].counted).c_str(),
                 shown(handle.epochs[i].acknowledged).c_str());
}

} // namespace lkstats::fuzz
