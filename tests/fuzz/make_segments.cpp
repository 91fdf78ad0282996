// SPDX-License-Identifier: Apache-2.0
// Makes first inputs for the target "journal" out of segments that the library wrote. make_segments FOLDER.
#include "content.hpp"
#include "lkstats_slab.h"
#include "must.hpp"
#include "segment.hpp"

#include <algorithm>
#include <cstddef>

namespace {

using namespace lkstats::fuzz;

constexpr int64_t second = 1'000'000'000;

lkstats_t *open(const std::string &slabs, const std::string &journals) {
    lkstats_options_t options = {};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.max_tracks = 64;
    options.node = string("node");
    options.analytics_key = string("key");
    options.slab_dir = string(slabs);
    options.journal_dir = string(journals);
    lkstats_t *ctx;
    must(lkstats_open(&options, &ctx) == LKSTATS_OK, "open");
    return ctx;
}

void run(lkstats_t *ctx, int64_t seconds) {
    must(lkstats_run_once(ctx, seconds * second, (seconds + 1'700'000'000) * second) == LKSTATS_OK,
         "run_once");
}

lkstats_track_t track(lkstats_t *ctx, const std::string &who) {
    const int32_t details[] = {1, -2, 70000};
    lkstats_track_options_t options = {};
    options.struct_size = sizeof options;
    options.participant_kind = -1;
    options.kind_details = details;
    options.kind_details_count = 3;
    options.country = string("DE");
    options.room_sid = string("RM_1");
    options.participant_sid = string("PA_1");
    options.participant_identity = string(who);
    options.tenant = string("tenant");
    lkstats_track_t is;
    must(lkstats_track_new(ctx, &options, &is) == LKSTATS_OK, "track_new");
    return is;
}

lkstats_track_t signal(lkstats_t *ctx) {
    lkstats_track_t is;
    must(lkstats_signal_new(ctx, nullptr, &is) == LKSTATS_OK, "signal_new");
    lkstats_room_t room = {};
    room.struct_size = sizeof room;
    room.sid = string("RM_2");
    lkstats_participant_t participant = {};
    participant.struct_size = sizeof participant;
    participant.sid = string("PA_2");
    must(lkstats_signal_resolve_room(is, &room) == LKSTATS_OK, "room");
    must(lkstats_signal_resolve_participant(is, &participant) == LKSTATS_OK, "participant");
    return is;
}

// One context that dies, and one that recovers it: a segment each.
void play(const std::string &slabs, const std::string &journals) {
    lkstats_t *ctx = open(slabs, journals);
    run(ctx, 100);
    const lkstats_track_t two[] = {track(ctx, "first"), signal(ctx)};
    for (int64_t at = 106; at < 140; at += 6) {
        for (const lkstats_track_t is : two)
            lkstats_add_messages(is, static_cast<uint64_t>(at) * 1000, 3, at & 2);
        run(ctx, at);
    }
    lkstats_track_stop(two[1], nullptr);
    lkstats_add_bytes(two[0], 5, 0);
    Files files = read_folder(slabs);
    for (auto &[name, bytes] : files)
        if (name.ends_with(":dir"))
            std::fill_n(bytes.begin() + offsetof(lkstats_slab_directory_t, boot), 16, uint8_t{0xb0});
    must(lkstats_close(ctx, LKSTATS_ABANDON, nullptr) == LKSTATS_OK, "close");
    write_folder(slabs, files);
    ctx = open(slabs, journals);
    const lkstats_track_t own = track(ctx, "second");
    lkstats_add_bytes(own, 1, 1);
    run(ctx, 200);
    must(lkstats_close(ctx, 0, nullptr) == LKSTATS_OK, "close");
}

} // namespace

int main(int count, char **arguments) {
    must(count == 2, "make_segments FOLDER");
    const std::string slabs = fresh_folder("slab"), journals = fresh_folder("journal");
    play(slabs, journals);
    int number = 0;
    for (const auto &[name, segment] : read_folder(journals)) {
        write_file(arguments[1], "frames-" + std::to_string(++number), input_of(segment));
        Bytes raw = {1};
        raw.insert(raw.end(), segment.begin(), segment.end());
        if (number == 1)
            write_file(arguments[1], "segment", raw);
    }
}
