// SPDX-License-Identifier: Apache-2.0
#include "found.hpp"

#include <algorithm>

namespace lkstats::found {

namespace {

using slab::Counter;
using slab::Direction;
using slab::Tally;

constexpr uint32_t index_mask = (uint32_t{1} << LKSTATS_SLAB_INDEX_BITS) - 1;

#define expect(condition, otherwise)                                                                         \
    if (!(condition))                                                                                        \
    return otherwise

bool behind(const lkstats_traffic_t &a, const lkstats_traffic_t &b) { return slab::at_least(b, a) == b; }

// The most that is written down and whole.
lkstats_traffic_t written(const lkstats_slab_record_t &record) {
    lkstats_traffic_t most = record.base;
    for (int i = 0; i < 2; ++i) {
        if (slab::whole(record.running[i]))
            most = slab::at_least(most, record.running[i].traffic);
        if (slab::whole(record.snapshot[i]))
            most = slab::at_least(most, record.snapshot[i].traffic);
    }
    return most;
}

// The same for whoever goes by the control word.
lkstats_traffic_t newest(const Epoch &epoch) {
    const lkstats_slab_totals_t(&running)[2] = epoch.record->running;
    if (epoch.has(LKSTATS_SLAB_RUNNING))
        return running[static_cast<int32_t>(running[0].sequence - running[1].sequence) > 0 ? 0 : 1].traffic;
    if (epoch.pending() != nullptr)
        return epoch.pending()->traffic;
    return epoch.acknowledged() == nullptr ? epoch.record->base : epoch.acknowledged()->traffic;
}

// One direction of an open epoch: what the word has moved on since the totals that imply it were written.
void go_on(const lkstats_slab_slot_t &slot, Direction d, uint64_t &bytes, uint64_t &messages) {
    const auto i = static_cast<size_t>(d);
    if ((slot.word[i] & Counter::closed) != 0)
        return; // the final stands
    const Tally since = {static_cast<int64_t>(bytes), static_cast<int64_t>(messages)};
    const Tally now = Counter::window(since, Counter::of(since), {slot.carry[i], slot.word[i]});
    bytes = static_cast<uint64_t>(now.bytes);
    messages = static_cast<uint64_t>(now.messages);
}

lkstats_traffic_t open_total(const lkstats_slab_slot_t &slot, const lkstats_slab_record_t &record) {
    lkstats_traffic_t total = written(record);
    go_on(slot, Direction::send, total.send_bytes, total.send_messages);
    go_on(slot, Direction::recv, total.recv_bytes, total.recv_messages);
    return total;
}

// ---- Identity ----

// All bytes that a record's stream has place for.
const char *read_stream(const Memory &memory, const lkstats_slab_record_t &record, std::set<uint32_t> &taken,
                        std::vector<uint8_t> &stream) {
    stream.assign(std::begin(record.identity), std::end(record.identity));
    for (uint32_t block = record.overflow; block != 0;) {
        expect(block < memory.range, "a block's index is in range");
        expect(taken.insert(block).second, "a block is in one chain only");
        const auto &bytes = reinterpret_cast<const lkstats_slab_overflow_t &>(memory.records[block]);
        stream.insert(stream.end(), std::begin(bytes.bytes), std::end(bytes.bytes));
        block = bytes.next;
    }
    return nullptr;
}

const char *cut(const std::vector<uint8_t> &stream, const lkstats_slab_part_t &part,
                std::vector<uint8_t> &bytes) {
    expect(size_t{part.at} + part.size <= stream.size(), "a part is within its stream");
    expect(part.stat_size <= part.size, "a stat's fields are within their part");
    bytes.assign(stream.begin() + part.at, stream.begin() + part.at + part.size);
    return nullptr;
}

const char *read_identity(const Memory &memory, std::set<uint32_t> &taken, Epoch &epoch) {
    std::vector<uint8_t> stream;
    const lkstats_slab_record_t &r = *epoch.record;
    const char *wrong = read_stream(memory, r, taken, stream);
    if (wrong == nullptr)
        wrong = cut(stream, r.connection, epoch.connection);
    if (wrong == nullptr && epoch.has(LKSTATS_SLAB_ROOM_KNOWN))
        wrong = cut(stream, r.room, epoch.room.emplace());
    if (wrong == nullptr && epoch.has(LKSTATS_SLAB_PARTICIPANT_KNOWN))
        wrong = cut(stream, r.participant, epoch.participant.emplace());
    return wrong;
}

// ---- Snapshots ----

const char *check_snapshots(const Epoch &epoch) {
    const lkstats_slab_snapshot_t *const pending = epoch.pending(), *const before = epoch.acknowledged();
    expect(pending == nullptr || slab::whole(*pending), "what is pending is whole");
    expect(before == nullptr || slab::whole(*before), "what is acknowledged is whole");
    expect(pending == nullptr || pending->sequence == epoch.sequence(), "a pending one has its sequence");
    const uint32_t acknowledged = epoch.sequence() - (pending == nullptr ? 0 : 1);
    expect((before == nullptr) == (acknowledged == 0), "the first sequence is the first snapshot's");
    expect(before == nullptr || before->sequence == acknowledged, "an acknowledged one has its sequence");
    const lkstats_traffic_t since = before == nullptr ? epoch.record->base : before->traffic;
    expect(behind(epoch.record->base, since), "an epoch reports nothing from before it");
    expect(pending == nullptr || behind(since, pending->traffic), "no report takes anything back");
    expect(behind(pending == nullptr ? since : pending->traffic, epoch.final),
           "what is reported was counted");
    return nullptr;
}

const char *check_events(const Epoch &epoch, bool over) {
    const bool says = epoch.signal() && !epoch.has(LKSTATS_SLAB_UNATTRIBUTED);
    const bool resolved = epoch.has(LKSTATS_SLAB_ROOM_KNOWN | LKSTATS_SLAB_PARTICIPANT_KNOWN);
    expect(!says || epoch.sequence() == 0 || resolved, "what is reported has a name");
    expect(says || !epoch.signal() || over, "only one that is over is nobody's");
    for (const auto *snapshot : {epoch.acknowledged(), epoch.pending()}) {
        if (snapshot == nullptr)
            continue;
        const bool joined = (snapshot->flags & LKSTATS_SLAB_JOINED) != 0;
        const bool left = (snapshot->flags & LKSTATS_SLAB_LEFT) != 0;
        expect(joined == (says && snapshot->sequence == 1), "the first one says joined, and no other");
        expect(!joined || snapshot->traffic == epoch.record->base, "a joined has no traffic");
        expect(!left || (says && over), "left is said at the end");
        expect(!left || snapshot->traffic == epoch.final, "nothing comes after left");
        expect(!over || joined || snapshot->at.monotonic_ns <= epoch.record->end.monotonic_ns,
               "no report reaches past the end");
    }
    return nullptr;
}

} // namespace

const lkstats_slab_snapshot_t *Epoch::pending() const {
    return has(LKSTATS_SLAB_PENDING) ? &record->snapshot[(control() & LKSTATS_SLAB_ACKNOWLEDGED) ^ 1]
                                     : nullptr;
}
const lkstats_slab_snapshot_t *Epoch::acknowledged() const {
    return has(LKSTATS_SLAB_FIRST) ? nullptr : &record->snapshot[control() & LKSTATS_SLAB_ACKNOWLEDGED];
}

namespace {

// From the newest back; epochs come out the oldest first.
const char *read_chain(const Memory &memory, uint32_t newest_record, std::set<uint32_t> &taken,
                       Handle &handle) {
    const lkstats_slab_slot_t &slot = memory.slots[handle.slot];
    uint32_t epoch = slot.epoch;
    const lkstats_slab_record_t *successor = nullptr;
    for (uint32_t index = newest_record; index != 0; index = successor->previous) {
        expect(index < memory.range, "a record's index is in range");
        expect(taken.insert(index).second, "a record is in one chain only");
        const lkstats_slab_record_t &r = memory.records[index];
        expect(r.slot == handle.slot && r.tag == handle.tag, "a record names its slot and tag");
        expect(r.epoch == epoch--, "epochs go down by one, from the link's on");
        expect(r.epoch != 1 || (r.base == lkstats_traffic_t{} && r.previous == 0),
               "the first has nothing before it");
        Epoch &found = *handle.epochs.insert(handle.epochs.begin(), Epoch{&r, {}, {}, {}, {}});
        found.final = successor == nullptr ? open_total(slot, r) : successor->base;
        if (successor != nullptr) {
            expect(written(r) == successor->base,
                   "the most an older one has is what its successor began with");
            expect(newest(found) == successor->base, "an older one's control word leads to its final");
            expect(r.end.monotonic_ns == successor->start.monotonic_ns, "one begins when the other ends");
            expect(found.has(LKSTATS_SLAB_ROOM_KNOWN | LKSTATS_SLAB_PARTICIPANT_KNOWN),
                   "an older one was known");
        }
        expect(behind(r.base, found.final), "an epoch has what it began with");
        successor = &r;
        if (const char *wrong = read_identity(memory, taken, found))
            return wrong;
    }
    return nullptr;
}

} // namespace

const char *read(const Memory &memory, uint32_t index, std::set<uint32_t> &taken,
                 std::optional<Handle> &handle) {
    const lkstats_slab_slot_t &slot = memory.slots[index];
    const uint32_t state = slot.state & ~index_mask;
    if (state == LKSTATS_SLAB_FREE)
        return nullptr;
    expect((slot.state & index_mask) == index && slot.tag != 0,
           "a slot that is in use has its index and a tag");
    const bool gone = slot.record == 0;
    expect(gone || slot.record < memory.range, "a link is in range");
    if (state == LKSTATS_SLAB_CLOSED && (gone || memory.records[slot.record].tag != slot.tag))
        return nullptr; // reported, or about to be somebody else's
    expect(!gone, "who counts has a record");
    handle.emplace(Handle{index, slot.tag, state == LKSTATS_SLAB_CLOSED, {}});
    if (const char *wrong = read_chain(memory, slot.record, taken, *handle))
        return wrong;
    for (Epoch &epoch : handle->epochs) {
        const bool over = handle->closed || &epoch != &handle->epochs.back();
        expect(!over || epoch.record->end.monotonic_ns != 0, "one that is over has an end");
        if (const char *wrong = check_snapshots(epoch))
            return wrong;
        if (const char *wrong = check_events(epoch, over))
            return wrong;
    }
    if (handle->closed)
        for (uint64_t word : slot.word)
            expect((word & Counter::closed) != 0, "a closed one's words are closed");
    return nullptr;
}

} // namespace lkstats::found
