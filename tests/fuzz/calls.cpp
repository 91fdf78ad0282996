// SPDX-License-Identifier: Apache-2.0
// Sequences of calls, each answer and each record held against a plain model: every byte is told once, under one key with
// one content, of the one it was counted for; also after a kill, a full disk, or a consumer that answers as it likes.
//
// An input: four bytes for the setting, then four for each act. With FUZZ_SAY in the environment the acts are told.
#include "input.hpp"
#include "must.hpp"
#include "world.hpp"

namespace {

using namespace lkstats::fuzz;

struct Act {
    const char *name;
    void (World::*make)(Draw);
};
#define ACT(name)                                                                                            \
    { #name, &World::name }
constexpr Act acts[] = {
    ACT(track_new),    ACT(signal_new),    ACT(add),
    ACT(add_inline),   ACT(add_much),      ACT(add_refused),
    ACT(resolve_room), ACT(reset),         ACT(resolve_participant),
    ACT(stop),         ACT(totals),        ACT(bad_handle),
    ACT(run_once),     ACT(run_backwards), ACT(flush),
    ACT(track_flush),  ACT(next),          ACT(ack),
    ACT(nack),         ACT(redeliver),     ACT(answer_wrongly),
    ACT(metrics),      ACT(when_called),   ACT(analytics_stats),
    ACT(close),        ACT(abandon),       ACT(kill),
    ACT(disk),
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static constexpr uint32_t intervals_ms[] = {100, 250, 1000, 5000};
    static constexpr uint32_t tracks[] = {2, 5, 16, 64};
    Input input(data, size);
    Setting setting = {};
    setting.mode = static_cast<Mode>(input.byte() % 5);
    setting.slab_dir = (input.byte() & 1) != 0;
    setting.interval_ms = intervals_ms[input.byte() & 3];
    setting.max_tracks = tracks[input.byte() & 3];
    say("mode %d, slab_dir %d, %u ms, %u tracks", static_cast<int>(setting.mode), setting.slab_dir,
        setting.interval_ms, setting.max_tracks);
    World world(setting);
    while (input.more()) {
        const Act &act = acts[input.byte() % std::size(acts)];
        Draw draw;
        draw.which = input.byte();
        draw.a = input.byte();
        draw.b = input.byte();
        say("%s %u %u %u", act.name, draw.which, draw.a, draw.b);
        (world.*act.make)(draw);
    }
    world.settle();
    return 0;
}
