// SPDX-License-Identifier: Apache-2.0
// Participants who come and go: a track made and stopped, on slots and records that others had before.
#include "bench.hpp"
#include "rounds.hpp"

namespace bench {

namespace {

constexpr uint32_t crowd = 10000;
constexpr double allowed_ns = 1000;
constexpr Timed timed{.rounds = 25, .passes = 1, .units_per_second = 1e9 / crowd};

std::vector<Identity> make_crowd() {
    std::vector<Identity> people;
    people.reserve(crowd);
    for (uint32_t number = 0; number < crowd; number++)
        people.emplace_back(number);
    return people;
}

// Long enough that every slot has rested: three passes and ten seconds, both with some to spare.
void let_slots_rest(Host &host) {
    for (int64_t ms = 0; ms < 12000; ms += Host::interval_ms) {
        host.advance(Host::interval_ms);
        host.drain();
    }
}

// Everybody comes, says something, and goes. The seconds are those of coming and going.
double come_and_go(Host &host, const std::vector<lkstats_track_options_t> &people) {
    std::vector<lkstats_track_t> tracks(people.size());
    const Stopwatch coming;
    for (size_t i = 0; i < people.size(); i++)
        tracks[i] = host.start(people[i]);
    double seconds = coming.seconds();

    for (const lkstats_track_t track : tracks)
        must(lkstats_add_bytes(track, 1200, 1), "lkstats_add_bytes");

    const Stopwatch going;
    for (const lkstats_track_t track : tracks)
        must(lkstats_track_stop(track, nullptr), "lkstats_track_stop");
    seconds += going.seconds();
    return seconds;
}

} // namespace

void measure_churn(const Finished &finished) {
    // No more slots than two crowds need: from the third on all of them are recycled.
    Host host(2 * crowd);
    const std::vector<Identity> people = make_crowd();
    std::vector<lkstats_track_options_t> options;
    for (const Identity &person : people)
        options.push_back(person.options());

    const Body ours = [&](benchmark::State &state) {
        for (auto _ : state) {
            state.SetIterationTime(come_and_go(host, options));
            let_slots_rest(host);
        }
    };
    for (int warm_up = 0; warm_up < 3; warm_up++) {
        come_and_go(host, options);
        let_slots_rest(host);
    }
    Line line{"create + stop, recycled / 1 us", "ns", 1.0, {}, {}};
    line.limit.assign(timed.rounds, allowed_ns);
    measure_passes(line, timed, ours, {});
    finished(std::move(line));
}

} // namespace bench
