// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include "slab/mutant.hpp"

#include <algorithm>
#include <semaphore>
#include <thread>

namespace lkstats {

namespace {

using slab::Counter;
using slab::Direction;

constexpr int64_t interval_ns = 5 * HeapTable::second;
constexpr uint8_t context[16] = {};
constexpr uint32_t slots_end = 64; // chunks of slots do not touch, so indexes may be past their number

class Adder {
  public:
    // Returns when work is done.
    void run(const std::function<void()> &work) {
        work_ = &work;
        go_.release();
        done_.acquire();
    }
    ~Adder() {
        work_ = nullptr;
        go_.release();
        thread_.join();
    }

  private:
    const std::function<void()> *work_ = nullptr;
    std::binary_semaphore go_{0}, done_{0};
    std::thread thread_{[this] {
        for (go_.acquire(); work_ != nullptr; go_.acquire()) {
            (*work_)();
            done_.release();
        }
    }};
};

Adder &adder() {
    static Adder the_one;
    return the_one;
}

// A word that is added on, or a carry of somebody who is held up right after that.
class Cell {
  public:
    explicit Cell(uint64_t &word) : word_(&word) {}
    Cell() = default;
    uint64_t fetch_add(uint64_t more, std::memory_order order) {
        return word_ == nullptr ? held_up += more : std::atomic_ref(*word_).fetch_add(more, order);
    }
    uint64_t held_up = 0;

  private:
    uint64_t *word_ = nullptr;
};

bool same(const std::vector<uint8_t> &found, const wire::Part &given) {
    return std::ranges::equal(found, given.bytes);
}
bool same(const lkstats_string_t &a, const lkstats_string_t &b) {
    return std::string_view(a.data, a.size) == std::string_view(b.data, b.size);
}
bool same(const lkstats_slab_snapshot_t &a, const lkstats_slab_snapshot_t &b) {
    return std::memcmp(&a, &b, offsetof(lkstats_slab_snapshot_t, reserved)) == 0;
}

wire::Part part_of(const track::Encoded *encoded) {
    return encoded == nullptr ? wire::Part() : encoded->part();
}

} // namespace

Scene *Scene::current_ = nullptr;

Scene::Scene(uint64_t seed, Adds adds, Supply supply)
    : random_(seed), adds_(adds), heap_(supply),
      reporter_(heap_.table, *this, report::Consumer::pulls, interval_ns, context, {}) {
    current_ = this;
    lkstats::at_step = &Scene::at_step;
    run(1);
}

Scene::~Scene() {
    lkstats::at_step = nullptr;
    current_ = nullptr;
}

// ---- Looking ----------------------------------------------------------------------------------------

void Scene::at_step() { current_->step(); }

void Scene::step() {
    ++steps_;
    look();
    if (adds_ != Adds::at_every_step || handles_.empty())
        return;
    Handle &handle = handles_[random_() % handles_.size()];
    if (handle.stopped)
        return;
    ++added_at_steps_;
    add(handle, true);
    look();
}

void Scene::expect(bool holds, const char *what) {
    if (!holds && wrong_ == nullptr)
        wrong_ = what;
}

void Scene::done() {
    look();
    if (wrong_ == nullptr)
        return;
    lkstats::at_step = nullptr;
    print_error("step %lu: not so: %s\n", steps_, wrong_);
    fail();
}

void Scene::look() {
    if (wrong_ != nullptr)
        return;
    const found::Memory memory = {heap_.slots(), heap_.records(), HeapTable::range};
    std::set<uint32_t> taken;
    size_t seen = 0;
    for (uint32_t slot = 0; slot < slots_end; ++slot) {
        std::optional<found::Handle> handle;
        if (const char *wrong = found::read(memory, slot, taken, handle))
            return expect(false, wrong);
        if (handle) {
            look_at(*handle);
            ++seen;
        }
    }
    const auto running = std::ranges::count_if(handles_, [](const Handle &each) { return !each.stopped; });
    expect(seen >= static_cast<size_t>(running), "whoever is not stopped is there");
}

void Scene::look_at(const found::Handle &found) {
    const auto handle =
        std::ranges::find(handles_, lkstats_track_t{found.tag} << 32 | found.slot, &Handle::id);
    if (handle == handles_.end())
        return expect(false, "there is nobody whom nobody made");
    const auto owed =
        std::ranges::find_if(handle->epochs, [](const auto &each) { return !each.second.left; });
    expect(owed == handle->epochs.end() || found.epochs.front().record->epoch <= owed->first,
           "an epoch is there until its left is acknowledged");
    for (const found::Epoch &epoch : found.epochs)
        look_at(*handle, epoch);
    expect(found.epochs.back().final == handle->added, "what was added is there, no more and no less");
}

void Scene::look_at(Handle &handle, const found::Epoch &found) {
    const uint32_t number = found.record->epoch;
    const auto at = handle.epochs.find(number);
    if (at == handle.epochs.end())
        return expect(false, "there is no epoch that nobody began");
    Epoch &epoch = at->second;
    expect(found.signal() == handle.signal, "it stays what it is");
    expect(same(found.connection, handle.connection->part()), "the connection is the one that was given");
    expect(!found.room || (epoch.room != nullptr && same(*found.room, epoch.room->part())),
           "a room that is known is the one that was given");
    expect(!found.participant ||
               (epoch.participant != nullptr && same(*found.participant, epoch.participant->part())),
           "a participant who is known is the one that was given");
    if (number != 1) {
        std::optional<lkstats_traffic_t> &cut = handle.epochs[number - 1].final;
        expect(!cut || *cut == found.record->base, "the cut between two epochs stays where it was");
        cut = found.record->base;
    }
    for (const auto *snapshot : {found.acknowledged(), found.pending()})
        if (snapshot != nullptr)
            look_at({found.record->slot, found.record->tag, number, snapshot->sequence}, *snapshot);
}

void Scene::look_at(const Key &key, const lkstats_slab_snapshot_t &snapshot) {
    const auto [known, fresh] = frozen_.emplace(key, snapshot);
    expect(fresh || same(known->second, snapshot), "a key always has the same content");
}

// ---- Adding -----------------------------------------------------------------------------------------

// Less than half a field between two folds: with the quarter that may have passed before the last one that is
// what somebody who comes after a kill can tell, whatever is on its way.
void Scene::add(Handle &handle, bool may_be_late) {
    lkstats_slab_slot_t &line = heap_.slots()[track::slot_of(handle.id)];
    const size_t d = random_() % 2;
    const auto since = static_cast<int64_t>((line.word[d] & ~Counter::closed) - line.last[d]) >> 1;
    const int64_t most_bytes = Counter::byte_range / 2 - (since & (Counter::byte_range - 1));
    const int64_t most_messages = Counter::message_range / 2 - (since >> LKSTATS_SLAB_BYTE_BITS);
    const auto up_to = [&](int64_t most) {
        const uint64_t least = random_() % 2000;
        return random_() % 3 == 0 && most > 2000 ? random_() % static_cast<uint64_t>(most) : least;
    };
    if (most_bytes <= 2000 || most_messages <= 2000)
        return;
    const uint64_t bytes = up_to(most_bytes), messages = up_to(most_messages);
    const bool late = may_be_late && random_() % 2 == 0, others = random_() % 2 == 0;
    bool counted = false;
    adder().run([&] {
        if (others)
            deliver(handle);
        Cell word(line.word[d]), carry;
        counted = Counter::add(word, carry, Counter::increment(bytes, messages));
        if (carry.held_up != 0)
            handle.late.emplace_back(slab::directions[d], carry.held_up);
        if (!late)
            deliver(handle);
    });
    if (counted)
        handle.added += d == LKSTATS_SLAB_SEND ? lkstats_traffic_t{bytes, messages, 0, 0}
                                               : lkstats_traffic_t{0, 0, bytes, messages};
}

void Scene::deliver(Handle &handle) {
    lkstats_slab_slot_t &line = heap_.slots()[track::slot_of(handle.id)];
    for (const auto &[d, carry] : handle.late)
        std::atomic_ref(line.carry[static_cast<size_t>(d)]).fetch_add(carry, std::memory_order_release);
    handle.late.clear();
}

void Scene::add(size_t which) {
    if (!handles_[which].stopped)
        add(handles_[which], adds_ == Adds::at_every_step);
    done();
}

// ---- What happens -----------------------------------------------------------------------------------

void Scene::create_signal(size_t length) {
    const Somebody &is = people_.emplace_back(length, static_cast<char>('a' + people_.size() % 26));
    lkstats_signal_t signal;
    const auto status = heap_.create(is, signal);
    assert_true(status == LKSTATS_OK || status == LKSTATS_EFULL);
    if (status == LKSTATS_OK) {
        handles_.push_back({signal, &is.connection.connection, true, {}, {}, {}, false});
        handles_.back().epochs[1] = {};
    }
    done();
}

void Scene::create_track() {
    const Identity &is = tracks_.emplace_back(random_() % 100, static_cast<char>('a' + tracks_.size() % 26));
    lkstats_track_t track;
    const auto status = heap_.create(is, track);
    assert_true(status == LKSTATS_OK || status == LKSTATS_EFULL);
    if (status == LKSTATS_OK) {
        handles_.push_back({track, &is.parts.connection, false, {}, {}, {}, false});
        handles_.back().epochs[1].room = &is.parts.room;
        handles_.back().epochs[1].participant = &is.parts.participant;
    }
    done();
}

void Scene::resolve(size_t which, uint64_t bit, size_t length) {
    Handle &handle = handles_[which];
    if (!handle.signal)
        return;
    Epoch &epoch = handle.epochs[handle.newest()];
    const track::Encoded *&known = bit == LKSTATS_SLAB_ROOM_KNOWN ? epoch.room : epoch.participant;
    const Somebody &is = people_.emplace_back(length, static_cast<char>('a' + people_.size() % 26));
    const bool first = known == nullptr;
    if (first)
        known = bit == LKSTATS_SLAB_ROOM_KNOWN ? &is.room : &is.participant;
    bool urgent = false;
    const auto status = heap_.resolve(handle.id, bit, is, &urgent);
    if (first && status != LKSTATS_OK)
        known = nullptr;
    if (status == LKSTATS_ESTALE || status == LKSTATS_ECLOSED)
        assert_true(handle.stopped);
    else if (first)
        assert_true(status == LKSTATS_OK || status == LKSTATS_EFULL);
    else
        assert_int_equal(status, LKSTATS_ERESOLVED);
    if (status == LKSTATS_OK)
        assert_true(heap_.table.record(heap_.newest(handle.id)).knows(bit));
    if (urgent)
        reporter_.urge();
    done();
}

void Scene::reset(size_t which) {
    Handle &handle = handles_[which];
    if (!handle.signal)
        return;
    const uint32_t before = handle.newest();
    Epoch &epoch = handle.epochs[before];
    const bool resolved = epoch.room != nullptr && epoch.participant != nullptr;
    handle.epochs[before + 1] = {};
    bool urgent = false;
    const auto status = heap_.reset(handle.id, &urgent);
    const bool cut = status == LKSTATS_OK && resolved;
    if (!cut)
        handle.epochs.erase(before + 1);
    if (status == LKSTATS_OK && !resolved)
        epoch.room = epoch.participant = nullptr;
    if (status == LKSTATS_OK)
        assert_int_equal(heap_.slots()[track::slot_of(handle.id)].epoch, before + (cut ? 1 : 0));
    else if (status == LKSTATS_EFULL)
        assert_true(resolved && !handle.stopped);
    else
        assert_true(handle.stopped && (status == LKSTATS_ESTALE || status == LKSTATS_ECLOSED));
    assert_false(cut && handle.stopped);
    if (urgent)
        reporter_.urge();
    done();
}

void Scene::stop(size_t which) {
    Handle &handle = handles_[which];
    lkstats_traffic_t final = {};
    bool urgent = false;
    const auto status = heap_.table.stop(handle.id, now(), final, urgent);
    handle.stopped = true;
    if (status == LKSTATS_OK)
        assert_true(final == handle.added);
    else
        assert_int_equal(status, LKSTATS_ESTALE);
    if (urgent)
        reporter_.urge();
    done();
}

void Scene::run(int64_t ms) {
    // Nobody is held up for as long as a slot rests.
    for (Handle &handle : handles_)
        if (handle.stopped)
            deliver(handle);
    heap_.now_ns += ms * 1'000'000;
    reporter_.run(now());
    done();
}

// ---- Consuming --------------------------------------------------------------------------------------

void Scene::take() {
    std::shared_ptr<report::Batch> batch;
    const auto status = reporter_.next(batch);
    assert_true(status == LKSTATS_OK || status == LKSTATS_EAGAIN);
    if (status == LKSTATS_OK)
        batches_.push_back(std::move(batch));
    done();
}

void Scene::answer(size_t which, bool acknowledged) {
    if (batches_.empty())
        return;
    const auto at = batches_.begin() + static_cast<ptrdiff_t>(which % batches_.size());
    const std::shared_ptr<report::Batch> batch = *at;
    batches_.erase(at);
    if (acknowledged)
        for (const lkstats_record_t &record : batch->records())
            account(record);
    assert_int_equal(reporter_.answer(batch->id(), acknowledged), LKSTATS_OK);
    done();
}

void Scene::acknowledge(size_t batch) { answer(batch, true); }
void Scene::give_back(size_t batch) { answer(batch, false); }

void Scene::redeliver() {
    reporter_.redeliver();
    done();
}

void Scene::account(const lkstats_record_t &record) {
    const lkstats_key_t &key = record.key;
    const auto handle = std::ranges::find(handles_, lkstats_track_t{key.tag} << 32 | key.slot, &Handle::id);
    assert_true(handle != handles_.end() && handle->epochs.count(key.epoch) == 1);
    Epoch &epoch = handle->epochs[key.epoch];
    const bool left = key.kind == LKSTATS_RECORD_LEFT;
    const bool with_traffic = left && !epoch.left && key.sequence == epoch.sequence;
    if (key.sequence <= epoch.sequence && !with_traffic)
        return; // acknowledged in another batch
    assert_false(epoch.left);
    assert_int_equal(key.sequence, epoch.sequence + (with_traffic ? 0 : 1));
    epoch.sequence = key.sequence;
    epoch.unattributed = (record.flags & LKSTATS_UNATTRIBUTED) != 0;
    assert_int_equal(key.kind == LKSTATS_RECORD_JOINED,
                     handle->signal && !epoch.unattributed && key.sequence == 1);
    epoch.joined = epoch.joined || key.kind == LKSTATS_RECORD_JOINED;
    epoch.left = left;
    assert_true(key.kind == LKSTATS_RECORD_TRAFFIC || record.window == lkstats_traffic_t{});
    epoch.reported += record.window;
    assert_true(record.running == epoch.reported);
    assert_int_equal(key.epoch == 1 || handle->epochs[key.epoch - 1].left, 1); // one after the other

    lkstats_record_t given = {};
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    assert_true(wire::decode_connection(handle->connection->part(), given));
    assert_true(wire::decode_room(part_of(epoch.room), given));
    assert_true(wire::decode_participant(part_of(epoch.participant), given, details));
    assert_true(same(record.country, given.country) && same(record.tenant, given.tenant));
    assert_true(same(record.room_sid, given.room_sid) && same(record.room_name, given.room_name));
    assert_true(same(record.participant_sid, given.participant_sid));
    assert_true(same(record.participant_identity, given.participant_identity));
    assert_true(same(record.track_id, given.track_id));
    assert_int_equal(record.participant_kind, given.participant_kind);
}

void Scene::end() {
    for (size_t which = 0; which < handles_.size(); ++which)
        stop(which);
    for (int round = 0; heap_.table.in_use() != 0 && round < 1000; ++round) {
        run(HeapTable::resolution_wait / 1'000'000);
        take();
        acknowledge(0);
    }
    for (Handle &handle : handles_) {
        lkstats_traffic_t base = {}, reported = {};
        for (auto &[number, epoch] : handle.epochs) {
            const lkstats_traffic_t final = number == handle.newest() ? handle.added : epoch.final.value();
            assert_true(epoch.reported == final - base);
            assert_int_equal(epoch.joined, epoch.left);
            assert_true(epoch.joined || !handle.signal || epoch.unattributed || final == base);
            reported += epoch.reported;
            base = final;
        }
        assert_true(reported == handle.added);
    }
    lkstats::at_step = nullptr;
    heap_.passes = 1'000'000; // where the reporter's have not come to
    heap_.expect_no_record_lost();
}

} // namespace lkstats
