// SPDX-License-Identifier: Apache-2.0
// Makes what slabs/ has: the memory of contexts that died at some moment of their life. make_slabs FOLDER.
#include "content.hpp"
#include "image.hpp"
#include "must.hpp"

namespace {

using namespace lkstats::fuzz;

constexpr int64_t second = 1'000'000'000;

class Host {
  public:
    explicit Host(std::string name) : name_(std::move(name)), folder_(fresh_folder("slab")) {
        const std::string node = "node of " + name_;
        lkstats_options_t options = {};
        options.struct_size = sizeof options;
        options.flags = LKSTATS_NO_THREAD;
        options.max_tracks = 64;
        options.node = string(node);
        options.analytics_key = string("key");
        options.slab_dir = string(folder_);
        must(lkstats_open(&options, &ctx_) == LKSTATS_OK, "open");
        run(1000);
    }
    void run(int64_t seconds) {
        now_ += seconds * second;
        must(lkstats_run_once(ctx_, now_, now_ + 1'700'000'000 * second) == LKSTATS_OK, "run_once");
    }
    lkstats_track_t track(const std::string &who) {
        lkstats_track_options_t options = {};
        const int32_t details[] = {1, -2, 70000};
        options.struct_size = sizeof options;
        options.participant_kind = 3;
        options.kind_details = details;
        options.kind_details_count = 3;
        options.country = string("DE");
        options.room_sid = string("RM_track");
        options.room_name = string(who);
        options.participant_sid = string("PA_track");
        options.participant_identity = string(who);
        options.tenant = string("tenant");
        lkstats_track_t is;
        must(lkstats_track_new(ctx_, &options, &is) == LKSTATS_OK, "track_new");
        return is;
    }
    lkstats_track_t signal() {
        lkstats_signal_options_t options = {};
        options.struct_size = sizeof options;
        options.country = string("FR");
        options.tenant = string("tenant");
        lkstats_track_t is;
        must(lkstats_signal_new(ctx_, &options, &is) == LKSTATS_OK, "signal_new");
        return is;
    }
    void room(lkstats_track_t is, const std::string &name) {
        lkstats_room_t room = {};
        room.struct_size = sizeof room;
        room.sid = string("RM_signal");
        room.name = string(name);
        must(lkstats_signal_resolve_room(is, &room) == LKSTATS_OK, "resolve_room");
    }
    void participant(lkstats_track_t is, const std::string &who) {
        lkstats_participant_t participant = {};
        const int32_t details[] = {5};
        participant.struct_size = sizeof participant;
        participant.kind = 1;
        participant.kind_details = details;
        participant.kind_details_count = 1;
        participant.sid = string("PA_signal");
        participant.identity = string(who);
        must(lkstats_signal_resolve_participant(is, &participant) == LKSTATS_OK, "resolve_participant");
    }
    void both(lkstats_track_t is, const std::string &who) {
        room(is, "room of " + who);
        participant(is, who);
    }
    static void add(lkstats_track_t is, uint64_t bytes, uint64_t messages, int32_t is_send = 1) {
        must(lkstats_add_messages(is, bytes, messages, is_send) == LKSTATS_OK, "add");
    }
    static void reset(lkstats_track_t is) { must(lkstats_signal_reset(is) == LKSTATS_OK, "reset"); }
    static void stop(lkstats_track_t is) { must(lkstats_track_stop(is, nullptr) == LKSTATS_OK, "stop"); }
    void take_all(bool acknowledge) {
        lkstats_batch_t batch = {};
        batch.struct_size = sizeof batch;
        while (lkstats_next(ctx_, &batch) == LKSTATS_OK)
            if (acknowledge)
                lkstats_ack(&batch);
    }
    // It dies here.
    void die(const std::string &to) {
        Image image = image_of(read_folder(folder_));
        save_image(image, to + "/" + name_ + ".slab");
        must(lkstats_close(ctx_, LKSTATS_ABANDON, nullptr) == LKSTATS_OK, "close");
    }

  private:
    std::string name_, folder_;
    lkstats_t *ctx_ = nullptr;
    int64_t now_ = 0;
};

// Data tracks, each at another point of its life.
void tracks(const std::string &to) {
    Host host("tracks");
    const std::string long_name(240, 'n');
    const lkstats_track_t idle = host.track("idle"), fresh = host.track("fresh");
    const lkstats_track_t reported = host.track("reported"), pending = host.track("pending");
    const lkstats_track_t stopped = host.track("stopped"), gone = host.track("gone");
    const lkstats_track_t first_long = host.track(long_name), second_long = host.track(long_name);
    const lkstats_track_t much = host.track("much");
    Host::add(reported, 100, 1);
    Host::add(gone, 7, 1);
    Host::add(first_long, 11, 2, 0);
    Host::add(much, (uint64_t{1} << 35) - 1, 1);
    host.run(6);
    Host::add(much, (uint64_t{1} << 35) - 1, (uint64_t{1} << 26) - 1);
    Host::stop(gone);
    host.take_all(true);
    host.run(6);
    host.take_all(true);
    Host::add(reported, 200, 2);
    Host::add(pending, 300, 3, 0);
    Host::add(second_long, 13, 1);
    host.run(6);
    host.take_all(false);
    Host::add(pending, 1, 1);
    Host::add(fresh, 5, 5);
    Host::add(much, uint64_t{1} << 34, 9, 0);
    Host::add(stopped, 17, 1);
    Host::stop(stopped);
    (void)idle;
    host.die(to);
}

// Signal connections: known, half known and not known, with epochs that wait.
void signals(const std::string &to) {
    Host host("signals");
    const std::string long_name(240, 'p');
    const lkstats_track_t nobody = host.signal(), half = host.signal(), known = host.signal();
    const lkstats_track_t moved = host.signal(), forgotten = host.signal(), stopped = host.signal();
    const lkstats_track_t vain = host.signal(), long_one = host.signal(), told = host.signal();
    Host::add(nobody, 1, 1);
    Host::add(half, 2, 1);
    host.room(half, "half");
    host.both(known, "known");
    Host::add(known, 3, 1);
    host.both(moved, "first");
    Host::add(moved, 4, 1);
    host.both(told, "told");
    Host::add(told, 9, 1);
    host.run(6);
    host.take_all(true);
    host.run(6);
    for (const char *who : {"second", "third", "fourth"}) {
        Host::reset(moved);
        host.both(moved, who);
        Host::add(moved, 10, 1, 0);
    }
    host.room(forgotten, "forgotten");
    Host::reset(forgotten);
    host.participant(forgotten, "forgotten");
    Host::add(forgotten, 5, 1);
    host.both(stopped, "stopped");
    Host::add(stopped, 6, 1);
    Host::stop(stopped);
    Host::add(vain, 7, 1);
    Host::stop(vain);
    host.both(long_one, long_name);
    Host::add(long_one, 8, 1);
    Host::reset(long_one);
    host.participant(long_one, long_name);
    Host::add(long_one, 8, 2);
    host.run(6);
    host.take_all(false);
    Host::add(told, 90, 9);
    Host::stop(told);
    host.die(to);
}

} // namespace

int main(int count, char **arguments) {
    must(count == 2, "make_slabs FOLDER");
    tracks(arguments[1]);
    signals(arguments[1]);
}
