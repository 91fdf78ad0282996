// SPDX-License-Identifier: Apache-2.0
#include "estate.hpp"

#include "answer.hpp"
#include "fault.hpp"

#include <sys/mman.h>

namespace lkstats::fault {

namespace {

constexpr char node[] = "the one before";

// What whoever outlives it knows.
struct Legacy {
    const char *folder;
    lkstats_traffic_t added;
    Receipts acknowledged, out;
};

constexpr int64_t second = 1'000'000'000;

class Life {
  public:
    explicit Life(Legacy &legacy) : legacy_(legacy) {
        lkstats_options_t options = {};
        options.struct_size = sizeof options;
        options.flags = LKSTATS_NO_THREAD;
        options.max_tracks = 12;
        options.node = {node, sizeof node - 1};
        options.slab_dir = {legacy.folder, std::strlen(legacy.folder)};
        check(lkstats_open(&options, &ctx_) == LKSTATS_OK);
        run(1);
    }
    void run(int64_t seconds) {
        now_ += seconds * second;
        check(lkstats_run_once(ctx_, now_, 1'700'000'000 * second + now_) == LKSTATS_OK);
    }
    lkstats_track_t track(Identity identity) {
        const size_t size = size_of(identity);
        lkstats_track_options_t options = {};
        options.struct_size = sizeof options;
        options.room_sid = letters('r', size);
        options.participant_sid = letters('p', size);
        options.tenant = letters('t', size);
        options.participant_kind = ++number_;
        lkstats_track_t made = 0;
        check(lkstats_track_new(ctx_, &options, &made) == LKSTATS_OK);
        return made;
    }
    lkstats_signal_t signal() {
        lkstats_signal_options_t options = {};
        options.struct_size = sizeof options;
        options.country = letters('c', 2);
        lkstats_signal_t made = 0;
        check(lkstats_signal_new(ctx_, &options, &made) == LKSTATS_OK);
        return made;
    }
    void resolve_room(lkstats_signal_t signal, Identity identity) {
        lkstats_room_t room = {};
        room.struct_size = sizeof room;
        room.sid = letters('s', size_of(identity));
        check(lkstats_signal_resolve_room(signal, &room) == LKSTATS_OK);
    }
    void resolve(lkstats_signal_t signal, Identity identity) {
        resolve_room(signal, identity);
        lkstats_participant_t participant = {};
        participant.struct_size = sizeof participant;
        participant.sid = letters('q', size_of(identity));
        participant.kind = ++number_;
        check(lkstats_signal_resolve_participant(signal, &participant) == LKSTATS_OK);
    }
    void add(std::initializer_list<lkstats_track_t> tracks) {
        for (const lkstats_track_t track : tracks) {
            const uint64_t send = ++adds_ * 1000, recv = adds_ * 7;
            check(lkstats_add_bytes(track, send, 1) == LKSTATS_OK);
            check(lkstats_add_messages(track, recv, 3, 0) == LKSTATS_OK);
            legacy_.added.send_bytes += send;
            legacy_.added.recv_bytes += recv;
        }
    }
    // Of all that waits.
    void take(bool acknowledge) {
        lkstats_batch_t batch = {};
        batch.struct_size = sizeof batch;
        while (lkstats_next(ctx_, &batch) == LKSTATS_OK) {
            (acknowledge ? legacy_.acknowledged : legacy_.out).take(batch);
            check(!acknowledge || lkstats_ack(&batch) == LKSTATS_OK);
        }
    }

  private:
    Legacy &legacy_;
    lkstats_t *ctx_ = nullptr;
    int64_t now_ = 1000 * second;
    uint64_t adds_ = 0;
    int32_t number_ = 100;
};

// Everything that a track can owe when its process ends.
void live(void *argument) {
    Life life(*static_cast<Legacy *>(argument));
    const auto busy = life.track(Identity::brief), idle = life.track(Identity::lengthy);
    const auto stopped = life.track(Identity::lengthy);
    const auto moving = life.signal(), somebody = life.signal(), nobody = life.signal();
    life.resolve(moving, Identity::lengthy);
    life.resolve_room(nobody, Identity::brief);
    life.add({busy, idle, stopped, moving, somebody, nobody});
    life.run(6);
    life.take(true);
    life.run(6);
    life.take(true); // what came after joined
    life.add({busy, stopped, moving, somebody, nobody});
    life.run(6);
    life.take(false);
    life.resolve(somebody, Identity::brief);
    check(lkstats_track_stop(stopped, nullptr) == LKSTATS_OK);
    check(lkstats_signal_reset(moving) == LKSTATS_OK);
    life.run(1);
    life.add({busy, moving, somebody, nobody, life.track(Identity::brief)});
    life.resolve(moving, Identity::brief);
}

lkstats_traffic_t operator+(const lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    return {a.send_bytes + b.send_bytes, a.send_messages + b.send_messages, a.recv_bytes + b.recv_bytes,
            a.recv_messages + b.recv_messages};
}

} // namespace

bool Estate::left(const lkstats_string_t &by) {
    return by.size == sizeof node - 1 && std::memcmp(by.data, node, sizeof node - 1) == 0;
}

Estate::Estate() {
    const Folder folder;
    void *const shared =
        mmap(nullptr, sizeof(Legacy), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(shared != MAP_FAILED);
    auto &legacy = *static_cast<Legacy *>(shared);
    legacy.folder = folder.path();
    live_in_a_child(live, &legacy);
    for (const std::string &name : folder.names())
        files_.push_back({name, folder.read(name)});
    check(files_.size() == 3);
    inherit();
    // What was out has the content that it had, and nothing is missing.
    check(legacy.out.count() > 0 && legacy.out.within(owed_));
    const lkstats_traffic_t all = owed_.traffic() + legacy.acknowledged.traffic();
    check(all.send_bytes == legacy.added.send_bytes && all.recv_bytes == legacy.added.recv_bytes);
    munmap(shared, sizeof(Legacy));
}

void Estate::lay_out(const Folder &folder) const {
    for (const File &file : files_)
        folder.write(file.name, file.bytes);
}

void Estate::inherit() {
    const Folder folder;
    lay_out(folder);
    lkstats_options_t options = {};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.slab_dir = {folder.path(), std::strlen(folder.path())};
    lkstats_t *heir = nullptr;
    check(lkstats_open(&options, &heir) == LKSTATS_OK);
    check(lkstats_run_once(heir, second, second) == LKSTATS_OK);
    lkstats_batch_t batch = {};
    batch.struct_size = sizeof batch;
    while (lkstats_next(heir, &batch) == LKSTATS_OK) {
        check(left(batch.node));
        owed_.take(batch);
        check(lkstats_ack(&batch) == LKSTATS_OK);
    }
    check(owed_.again() == 0);
    check(lkstats_close(heir, 0, nullptr) == LKSTATS_OK);
    check(folder.names().empty());
}

} // namespace lkstats::fault
