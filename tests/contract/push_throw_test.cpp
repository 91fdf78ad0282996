// SPDX-License-Identifier: Apache-2.0
// An on_batch that throws: the exception goes no further, and the batch comes again.
#include "lkstats.h"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "cmocka.hpp"

namespace {

constexpr int64_t second = 1'000'000'000, tick = 5 * second, start = 1000 * second;
constexpr auto patience = std::chrono::seconds(30);
constexpr int64_t patience_ms = 30000;

void throw_error() { throw std::runtime_error("the consumer's"); }
void throw_number() { throw 7; }
void throw_no_memory() { throw std::bad_alloc(); }
void throw_string() { throw std::string(1000, 'x'); }

using Throw = void (*)();
constexpr Throw throws[] = {throw_error, throw_number, throw_no_memory, throw_string};

// Throws that many times, and takes everything then.
struct Consumer {
    Throw failure = nullptr;
    int times = 1;
    bool acknowledges = false; // before it throws

    std::mutex lock;
    std::condition_variable changed;
    std::vector<lkstats_record_t> taken; // figures only: strings are the batch's
    size_t calls = 0, answered = 0;
};

lkstats_status_t on_batch(uint64_t user_data, const lkstats_batch_t *batch) {
    Consumer &consumer = *reinterpret_cast<Consumer *>(static_cast<uintptr_t>(user_data));
    std::lock_guard lock(consumer.lock); // the exception unwinds it
    ++consumer.calls;
    consumer.taken.insert(consumer.taken.end(), batch->records, batch->records + batch->record_count);
    if (consumer.acknowledges && lkstats_ack(batch) != LKSTATS_OK)
        return LKSTATS_EINTERNAL;
    consumer.changed.notify_all();
    if (consumer.times-- > 0)
        consumer.failure();
    ++consumer.answered;
    return LKSTATS_OK;
}

struct Scene {
    Consumer consumer;
    lkstats_t *ctx = nullptr;
    lkstats_track_t track = 0;

    Scene(Throw failure, uint32_t flags) {
        consumer.failure = failure;
        lkstats_options_t options = {};
        options.struct_size = sizeof options;
        options.flags = flags;
        options.report_interval_ms = flags & LKSTATS_NO_THREAD ? 0 : LKSTATS_REPORT_INTERVAL_MIN_MS;
        options.on_batch = on_batch;
        options.user_data = reinterpret_cast<uintptr_t>(&consumer);
        assert_int_equal(lkstats_open(&options, &ctx), LKSTATS_OK);
        if (flags & LKSTATS_NO_THREAD)
            run(0);
        lkstats_track_options_t track_options = {};
        track_options.struct_size = sizeof track_options;
        assert_int_equal(lkstats_track_new(ctx, &track_options, &track), LKSTATS_OK);
    }

    void count(uint64_t bytes) const { assert_int_equal(lkstats_add_bytes(track, bytes, 1), LKSTATS_OK); }
    void run(int64_t after) const {
        assert_int_equal(lkstats_run_once(ctx, start + after, after), LKSTATS_OK);
    }
    void close(int64_t timeout_ms) const {
        lkstats_residue_t residue = {};
        residue.struct_size = sizeof residue;
        assert_int_equal(lkstats_close(ctx, timeout_ms, &residue), LKSTATS_OK);
        assert_int_equal(residue.tracks, 0);
    }
};

void assert_same(const lkstats_record_t &one, const lkstats_record_t &other) {
    assert_memory_equal(&one.key, &other.key, sizeof one.key);
    assert_memory_equal(&one.window, &other.window, sizeof one.window);
    assert_memory_equal(&one.running, &other.running, sizeof one.running);
    assert_memory_equal(&one.end, &other.end, sizeof one.end);
}

void a_batch_that_was_thrown_at_comes_again(void **) {
    for (const Throw failure : throws) {
        Scene scene(failure, LKSTATS_NO_THREAD);
        scene.consumer.times = 2;
        scene.count(10);
        scene.run(tick);
        scene.count(1);
        scene.run(tick + second - 1);
        assert_int_equal(scene.consumer.calls, 1); // a pause, as after any give-back
        scene.run(tick + second);
        scene.run(tick + 2 * second);
        assert_int_equal(scene.consumer.calls, 3);
        assert_int_equal(scene.consumer.answered, 1);
        scene.close(0);

        const auto &taken = scene.consumer.taken;
        assert_int_equal(taken.size(), 4);
        assert_same(taken[0], taken[1]);
        assert_same(taken[0], taken[2]);
        assert_int_equal(taken[2].window.send_bytes, 10);
        assert_int_equal(taken[3].running.send_bytes, 11);
        assert_int_equal(taken[3].key.sequence, 2);
    }
}

void whoever_waits_hears_that_it_was_not_taken(void **) {
    for (const Throw failure : throws) {
        Scene scene(failure, LKSTATS_NO_THREAD);
        scene.consumer.times = 3;
        scene.count(10);
        assert_int_equal(lkstats_flush(scene.ctx, 0), LKSTATS_ETIMEDOUT);
        assert_int_equal(lkstats_track_flush(scene.track, 0), LKSTATS_ETIMEDOUT);
        assert_int_equal(lkstats_close(scene.ctx, 0, nullptr), LKSTATS_ETIMEDOUT);
        scene.close(0);
        assert_int_equal(scene.consumer.calls, 4);
        for (const auto &record : scene.consumer.taken)
            assert_same(record, scene.consumer.taken[0]);
    }
}

void an_ack_before_the_exception_counts(void **) {
    Scene scene(throw_error, LKSTATS_NO_THREAD);
    scene.consumer.acknowledges = true;
    scene.count(10);
    scene.run(tick);
    assert_int_equal(lkstats_flush(scene.ctx, 0), LKSTATS_OK);
    scene.close(0);
    assert_int_equal(scene.consumer.calls, 1);
}

void the_librarys_thread_survives(void **) {
    for (const Throw failure : throws) {
        Scene scene(failure, 0);
        {
            std::lock_guard lock(scene.consumer.lock);
            scene.consumer.times = 2;
        }
        scene.count(10);
        {
            // Not wait_for: that is a clock of pthread's which the thread sanitizer does not know.
            std::unique_lock lock(scene.consumer.lock);
            assert_true(scene.consumer.changed.wait_until(lock, std::chrono::system_clock::now() + patience,
                                                          [&] { return scene.consumer.calls == 3; }));
        }
        scene.count(1);
        scene.close(patience_ms);
        const auto &taken = scene.consumer.taken;
        assert_int_equal(taken.size(), 4);
        assert_same(taken[0], taken[1]);
        assert_same(taken[0], taken[2]);
        assert_int_equal(taken[3].running.send_bytes, 11);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_that_was_thrown_at_comes_again),
        cmocka_unit_test(whoever_waits_hears_that_it_was_not_taken),
        cmocka_unit_test(an_ack_before_the_exception_counts),
        cmocka_unit_test(the_librarys_thread_survives),
    };
    return cmocka_run_group_tests_name("push_throw", tests, nullptr, nullptr);
}
