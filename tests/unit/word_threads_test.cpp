// SPDX-License-Identifier: Apache-2.0
// The counting word in its real widths, on real threads: word_check_test.cpp knows every order of a few
// steps, this one what the compiler and the processor make of them.
#include "lkstats_slab.h"
#include "slab/word.hpp"

#include "plant.hpp"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "cmocka.hpp"

namespace {

using lkstats::slab::Reading;
using lkstats::slab::Tally;
using W = lkstats::slab::Word<LKSTATS_SLAB_MESSAGE_BITS, LKSTATS_SLAB_BYTE_BITS>;
using Cell = std::atomic_ref<uint64_t>;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr int64_t share = 4;
#elif defined(__has_feature)
constexpr int64_t share = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ? 4 : 1;
#else
constexpr int64_t share = 1;
#endif

constexpr unsigned adder_count = 3;

// Sizes of all magnitudes, the largest most of all: they are what makes the fields wrap.
class Sizes {
  public:
    explicit Sizes(uint64_t seed) : state(seed) {}

    Tally next() {
        const uint64_t draw = random();
        const uint64_t bytes = random() >> (29 + (draw & 3 ? 0 : draw >> 2 & 31));
        const uint64_t messages = draw >> 8 & 7 ? 1 : random() >> (38 + (draw >> 11 & 31) % 26);
        return {static_cast<int64_t>(bytes), static_cast<int64_t>(messages)};
    }

  private:
    uint64_t random() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    }

    uint64_t state;
};

// Totals that several threads know of, apart from the word.
struct Ledger {
    std::atomic<int64_t> bytes{0};
    std::atomic<int64_t> messages{0};

    void add(Tally amount) {
        bytes.fetch_add(amount.bytes);
        messages.fetch_add(amount.messages);
    }
    Tally read() const { return {bytes.load(), messages.load()}; }
};

bool covers(Tally more, Tally less) { return more.bytes >= less.bytes && more.messages >= less.messages; }

// One direction of a slot, and what its threads tell each other about it.
struct Scene {
    alignas(64) lkstats_slab_slot_t slot = {};
    Ledger started;
    Ledger answered; // counted, as the add said
    Ledger claimed;
    Ledger folded;
    std::atomic<bool> stopping{false};
    std::atomic<unsigned> adding{adder_count};
    std::atomic<const char *> fault{nullptr};

    Cell word() { return Cell(slot.word[LKSTATS_SLAB_SEND]); }
    Cell carry() { return Cell(slot.carry[LKSTATS_SLAB_SEND]); }
    Reading read() { return W::read(word(), carry()); }

    void expect(bool kept, const char *promise) {
        if (!kept)
            fault = promise;
    }
    bool over() const { return adding == 0 || fault != nullptr; }
};

// Waits until the word can take the amount before the next fold: less than a field in all is claimed past
// what was folded. Bytes first, for everybody: whoever holds a claim on messages then finishes.
bool claim(Scene &scene, std::atomic<int64_t> &claimed, const std::atomic<int64_t> &folded, int64_t range,
           int64_t amount) {
    int64_t before = claimed.load();
    for (;;) {
        if (scene.fault != nullptr || scene.stopping)
            return false;
        if (before + amount - folded.load() >= range) {
            std::this_thread::yield();
            before = claimed.load();
        } else if (claimed.compare_exchange_weak(before, before + amount)) {
            return true;
        }
    }
}

bool pace(Scene &scene, Tally amount) {
    return claim(scene, scene.claimed.bytes, scene.folded.bytes, W::byte_range, amount.bytes) &&
           claim(scene, scene.claimed.messages, scene.folded.messages, W::message_range, amount.messages);
}

void add(Scene &scene, uint64_t seed, int64_t count, bool paced) {
    Sizes sizes(seed);
    for (int64_t each = 0; each < count; ++each) {
        const Tally amount = sizes.next();
        if (paced && !pace(scene, amount))
            break;
        scene.started.add(amount);
        Cell word = scene.word(), carry = scene.carry();
        const uint64_t increment =
            W::increment(static_cast<uint64_t>(amount.bytes), static_cast<uint64_t>(amount.messages));
        if (!W::add(word, carry, increment))
            break;
        scene.answered.add(amount);
    }
    --scene.adding;
}

// The reader of the same process. Windows are exact as far as anybody can tell: not below what had returned
// before, not above what had begun after.
struct Fold {
    Tally total;
    uint64_t last = 0;

    void once(Scene &scene, bool paced) {
        const Tally least = scene.answered.read();
        const Reading now = scene.read();
        const Tally next = W::window(total, last, now);
        const Tally most = scene.started.read();
        scene.expect(next.bytes >= total.bytes && next.bytes <= most.bytes, "bytes are lost or invented");
        if (paced) {
            scene.expect(covers(next, total), "a window is negative");
            scene.expect(covers(next, least), "a window lacks an add that had returned");
            scene.expect(covers(most, next), "a window has an add that had not begun");
        }
        total = next;
        last = now.word;
        scene.folded.bytes = total.bytes;
        scene.folded.messages = total.messages;
    }
};

// Viewers come and go, at their own pace: only bytes are sure not to go back.
void view(Scene &scene) {
    while (!scene.over()) {
        const Reading a = scene.read(), b = scene.read();
        const bool first = W::glance(a).bytes > W::glance(b).bytes;
        Tally seen = W::glance(first ? a : b);
        uint64_t last = first ? a.word : b.word;
        for (int look = 0; look < 200 && !scene.over(); ++look) {
            const Reading now = scene.read();
            const Tally next = W::window(seen, last, now);
            scene.expect(next.bytes >= seen.bytes, "a viewer goes back");
            scene.expect(next.bytes <= scene.started.read().bytes, "a viewer sees what was not added");
            seen = next;
            last = now.word;
        }
        std::this_thread::yield();
    }
}

std::vector<std::thread> begin_adders(Scene &scene, int64_t count, bool paced, uint64_t seed) {
    std::vector<std::thread> threads;
    for (unsigned each = 0; each < adder_count; ++each)
        threads.emplace_back(add, std::ref(scene), seed * 0x9e3779b97f4a7c15U + each + 1, count, paced);
    return threads;
}

void expect_no_fault(const Scene &scene) {
    const char *fault = scene.fault;
    if (fault != nullptr)
        fail_msg("%s", fault);
}

// All that there is to see from the threads: a reader that folds, a viewer, and what was answered.
void hammer(int64_t count, bool paced) {
    Scene scene;
    std::vector<std::thread> threads = begin_adders(scene, count, paced, 1);
    threads.emplace_back(view, std::ref(scene));
    Fold reader;
    while (!scene.over()) {
        reader.once(scene, paced);
        std::this_thread::yield();
    }
    for (std::thread &each : threads)
        each.join();
    reader.once(scene, paced);
    expect_no_fault(scene);
    const Tally answered = scene.answered.read();
    assert_int_equal(reader.total.bytes, answered.bytes);
    assert_int_equal(reader.total.messages, answered.messages);
    assert_true(answered.bytes > 1000 * W::byte_range);
    assert_true(answered.messages > 100 * W::message_range);
}

void within_the_bound_every_window_is_exact_on_threads(void **) { hammer(120'000 / share, true); }

void far_past_the_bound_totals_are_exact_once_the_adds_returned(void **) { hammer(800'000 / share, false); }

void a_stop_counts_what_was_answered_and_nothing_else(void **) {
    for (uint64_t round = 1; round <= 200; ++round) {
        Scene scene;
        std::vector<std::thread> threads = begin_adders(scene, INT64_MAX, true, round);
        Fold reader;
        while (!scene.over() && scene.answered.read().bytes < static_cast<int64_t>(round % 7) * W::byte_range)
            reader.once(scene, true);
        Cell word = scene.word();
        Tally kept;
        const Tally final = W::close(word, scene.carry(), reader.total, reader.last,
                                     [&kept](Tally attempt) { kept = attempt; });
        scene.stopping = true;
        for (std::thread &each : threads)
            each.join();
        expect_no_fault(scene);
        assert_true(final == kept);
        assert_true(final == scene.answered.read());
    }
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(within_the_bound_every_window_is_exact_on_threads),
        cmocka_unit_test(far_past_the_bound_totals_are_exact_once_the_adds_returned),
        cmocka_unit_test(a_stop_counts_what_was_answered_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
