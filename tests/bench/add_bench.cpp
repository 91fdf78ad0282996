// SPDX-License-Identifier: Apache-2.0
// What it costs to count one message, beside the one atomic instruction that it cannot do without.
#include "bench.hpp"
#include "rounds.hpp"

#include "lkstats_slab.h"

#include <sched.h>

#include <atomic>

namespace bench {

namespace {

struct alignas(64) BareCounter {
    std::atomic<uint64_t> word{0};
};

// The counters of LiveKit's BytesTrackStats, in its order: an add is on four of them.
struct alignas(64) FourCounters {
    std::atomic<uint64_t> send{0}, recv{0};
    std::atomic<uint32_t> send_messages{0}, recv_messages{0};
    std::atomic<uint64_t> total_send_bytes{0}, total_recv_bytes{0};
    std::atomic<uint32_t> total_send_messages{0}, total_recv_messages{0};

    void add(uint64_t bytes, bool is_send) {
        (is_send ? send : recv).fetch_add(bytes);
        (is_send ? send_messages : recv_messages).fetch_add(1);
        (is_send ? total_send_bytes : total_recv_bytes).fetch_add(bytes);
        (is_send ? total_send_messages : total_recv_messages).fetch_add(1);
    }
};

// What a host has at hand when it counts.
struct Message {
    uint64_t bytes = 1200;
    int32_t is_send = 1;
};

// Threads that are meant to meet on a cache line: a scheduler may leave short-lived ones on one processor.
class Pinned {
  public:
    explicit Pinned(const benchmark::State &state) {
        if (state.threads() < 2 || sched_getaffinity(0, sizeof before_, &before_) != 0)
            return;
        int skip = state.thread_index() % CPU_COUNT(&before_);
        int processor = 0;
        while (!CPU_ISSET(processor, &before_) || skip-- > 0)
            processor++;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(processor, &one);
        pinned_ = sched_setaffinity(0, sizeof one, &one) == 0;
    }
    ~Pinned() {
        if (pinned_)
            sched_setaffinity(0, sizeof before_, &before_);
    }
    Pinned(const Pinned &) = delete;
    Pinned &operator=(const Pinned &) = delete;

  private:
    cpu_set_t before_;
    bool pinned_ = false;
};

// Once its address is out, the message is read anew in each pass: nothing of it is a constant. Flattened,
// since a compiler that calls an inline add would show the price of the call.
template <class Add> Body loop(Add add) {
    return [add](benchmark::State & state) __attribute__((flatten)) {
        const Pinned pinned(state);
        Message message;
        benchmark::DoNotOptimize(&message);
        for (auto _ : state)
            benchmark::DoNotOptimize(add(message));
    };
}

// Forty instructions of a host's own, which wait for nothing: nobody does nothing but count.
inline void own_work(uint64_t (&values)[4]) {
#pragma GCC unroll 10
    for (int i = 0; i < 10; i++)
        for (uint64_t &value : values) {
            value += 3;
            benchmark::DoNotOptimize(value);
        }
}

template <class Add> auto apart(Add add) {
    return [add](const Message &message) {
        uint64_t values[4] = {1, 2, 3, 4};
        own_work(values);
        return add(message);
    };
}

uint64_t messages_of(lkstats_track_t track) {
    lkstats_totals_t totals{};
    totals.struct_size = sizeof totals;
    must(lkstats_track_totals(track, &totals), "lkstats_track_totals");
    return totals.traffic.send_messages;
}

// A refused add is quick, and not what is to be measured.
template <class Add> Body counting_loop(lkstats_track_t track, Add add) {
    return [track, body = loop(add)](benchmark::State &state) {
        const uint64_t before = messages_of(track);
        body(state);
        if (messages_of(track) - before < static_cast<uint64_t>(state.iterations()))
            state.SkipWithError("not every add was counted");
    };
}

void compare(const Finished &finished, const char *what, std::optional<double> target, int threads,
             const Body &ours, const Body &limit) {
    Line line{what, "ns", target, {}, {}};
    measure_loops(line, threads, ours, limit);
    finished(std::move(line));
}

} // namespace

void measure_adds(const Finished &finished) {
    Host host;
    host.start_many(1);
    const lkstats_track_t track = host.tracks().front();
    static lkstats_slab_t slab{};
    slab.struct_size = sizeof slab;
    must(lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab), "lkstats_slab_attach");
    const lkstats_api_t *api = nullptr;
    must(lkstats_get_api(LKSTATS_API_VERSION, &api), "lkstats_get_api");
    BareCounter counter;
    FourCounters counters;

    const auto add_bare = [&counter](const Message &message) {
        return counter.word.fetch_add(message.bytes, std::memory_order_relaxed);
    };
    const Body bare = loop(add_bare);
    const Body four = loop([&counters](const Message &message) {
        counters.add(message.bytes, message.is_send != 0);
        return 0;
    });
    const auto add_inline = [track](const Message &message) {
        return lkstats_slab_add(&slab, track, message.bytes, 1, message.is_send);
    };
    const Body inlined = counting_loop(track, add_inline);
    // As most hosts write it: a literal for the direction.
    const Body inlined_send = counting_loop(track, [track](const Message &message) {
        return lkstats_slab_add(&slab, track, message.bytes, 1, 1);
    });
    const Body called = counting_loop(track, [track](const Message &message) {
        return lkstats_add_bytes(track, message.bytes, message.is_send);
    });
    const Body by_table = counting_loop(track, [track, api](const Message &message) {
        return api->add_bytes(track, message.bytes, message.is_send);
    });

    compare(finished, "add inline / bare lock xadd", 1.1, 1, inlined, bare);
    compare(finished, "add inline, 40 instructions apart / lock xadd the same", 1.1, 1,
            counting_loop(track, apart(add_inline)), loop(apart(add_bare)));
    compare(finished, "add inline, direction a literal / bare lock xadd", {}, 1, inlined_send, bare);
    compare(finished, "add through the .so / bare lock xadd", 1.5, 1, called, bare);
    compare(finished, "add through the table / bare lock xadd", 1.5, 1, by_table, bare);
    compare(finished, "add through the .so / LiveKit's four atomics", {}, 1, called, four);
    compare(finished, "two threads, one track / bare lock xadd", {}, 2, called, bare);
    compare(finished, "two threads, one track / LiveKit's four atomics", {}, 2, called, four);
}

} // namespace bench
