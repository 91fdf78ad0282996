// SPDX-License-Identifier: Apache-2.0
// on_batch in C++: it may throw, call its own context, even end it. And an end that waits for the last reports.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

// Copies what comes, and answers as it is told.
struct Consumer {
    using Answer = std::function<Status(const lkstats_batch_t &)>;

    std::mutex lock; // not held while it answers
    std::condition_variable changed;
    Answer answer = [](const lkstats_batch_t &) { return LKSTATS_OK; };
    std::vector<host::Report> taken; // each as often as it came
    size_t calls = 0;

    Options options(uint32_t flags = LKSTATS_NO_THREAD) {
        Options options;
        options.flags = flags;
        options.report_interval_ms = flags == 0 ? LKSTATS_REPORT_INTERVAL_MIN_MS : 0;
        options.on_batch = [](uint64_t user_data, const lkstats_batch_t *batch) {
            return reinterpret_cast<Consumer *>(static_cast<uintptr_t>(user_data))->take(*batch);
        };
        options.user_data = reinterpret_cast<uintptr_t>(this);
        return options;
    }
    void answers(Answer other) {
        std::lock_guard guard(lock);
        answer = std::move(other);
    }
    Status take(const lkstats_batch_t &batch) {
        Answer now;
        {
            std::lock_guard guard(lock);
            now = answer;
            for (const Record &record : records(batch))
                taken.push_back(host::copy(record));
            ++calls;
        }
        changed.notify_all();
        return now(batch);
    }
    template <class Reached> void await(Reached reached) {
        std::unique_lock guard(lock);
        // Not wait_for: that is a clock of pthread's which the thread sanitizer does not know.
        assert_true(changed.wait_until(
            guard, std::chrono::system_clock::now() + std::chrono::milliseconds(host::patience_ms), reached));
    }
};

// In virtual time, and with the library's thread.
constexpr uint32_t ways[] = {LKSTATS_NO_THREAD, 0};

void the_end_of_a_context_brings_the_last_reports(void **) {
    for (const uint32_t flags : ways) {
        Consumer consumer;
        {
            Context opened(consumer.options(flags));
            const Context context(std::move(opened)); // it is still one that pushes
            assert_status(LKSTATS_OK, context.status());
            const Track track = host::track(context, "PA_last");
            assert_status(LKSTATS_OK, track.add_bytes(5, true));
        }
        uint64_t bytes = 0;
        for (const host::Report &report : consumer.taken)
            bytes += report.window.send_bytes;
        assert_int_equal(bytes, 5);
        assert_string_equal(consumer.taken.at(0).participant_sid.c_str(), "PA_last");
    }
}

void a_consumer_that_refuses_keeps_no_context_from_ending(void **) {
    Consumer consumer;
    lkstats_t *token;
    consumer.answers([](const lkstats_batch_t &) { return LKSTATS_EAGAIN; });
    {
        const Context context(consumer.options());
        token = context.get();
        assert_status(LKSTATS_OK, host::track(context, "PA_refused").add_bytes(5, true));
    }
    assert_true(consumer.calls >= 1);
    assert_status(LKSTATS_ECLOSED, lkstats_flush(token, 0));
}

// Half of the calls throw; between two of them a report is given back, and comes again after a second.
void what_throws_gives_back(void **) {
    Consumer consumer;
    consumer.answers([&](const lkstats_batch_t &) -> Status {
        if (consumer.calls % 2 == 1)
            throw std::runtime_error("the consumer's");
        return LKSTATS_OK;
    });
    const Context context(consumer.options());
    const Track track = host::track(context, "PA_thrown");
    host::run(context, 0);
    assert_status(LKSTATS_OK, track.add_bytes(5, true));
    host::run(context, host::tick);
    assert_int_equal(consumer.calls, 1);
    host::run(context, host::tick + host::second);
    assert_int_equal(consumer.calls, 2);
    assert_memory_equal(&consumer.taken.at(0).key, &consumer.taken.at(1).key, sizeof(lkstats_key_t));
    assert_status(LKSTATS_OK, context.flush(0));
    assert_int_equal(consumer.calls, 2);
}

void what_would_wait_for_itself_is_refused(void **) {
    Consumer consumer;
    std::optional<Context> context(std::in_place, consumer.options());
    const Track track = host::track(*context, "PA_inside");
    Residue residue;
    residue.tracks = 77;
    consumer.answers([&](const lkstats_batch_t &batch) -> Status {
        std::string_view bytes;
        require_status(LKSTATS_EREENTRANT, context->close(0));
        require_status(LKSTATS_EREENTRANT, context->close(host::patience_ms, &residue));
        require_status(LKSTATS_EREENTRANT, context->abandon(&residue));
        require_status(LKSTATS_EREENTRANT, context->flush(0));
        require_status(LKSTATS_EREENTRANT, context->run_once(host::start + 100 * host::tick, 0));
        require_status(LKSTATS_EREENTRANT, track.flush(0));
        require(residue.tracks == 77);
        require_status(LKSTATS_EINVAL, context->next().status()); // it has on_batch
        require_status(LKSTATS_OK, analytics_stats(batch, bytes));
        require(bytes.find("PA_inside") != bytes.npos);
        require_status(LKSTATS_OK, track.add_bytes(1, false));
        require_status(LKSTATS_OK, context->track().add_bytes(0, true)); // made and stopped in here
        return LKSTATS_OK;
    });
    host::run(*context, 0);
    assert_status(LKSTATS_OK, track.add_bytes(5, true));
    host::run(*context, host::tick);
    assert_true(consumer.calls > 0);
    consumer.answers([](const lkstats_batch_t &) { return LKSTATS_OK; });
    context.reset();
    uint64_t sent = 0, received = 0;
    for (const host::Report &report : consumer.taken) {
        sent += report.window.send_bytes;
        received += report.window.recv_bytes;
    }
    assert_int_equal(sent, 5);
    assert_true(received > 0);
}

// The context stays open, as the header says, and whoever has its token can close it.
void a_consumer_that_ends_its_own_context_harms_nobody(void **) {
    for (const uint32_t flags : ways) {
        Consumer consumer;
        std::optional<Context> context(std::in_place, consumer.options(flags));
        lkstats_t *const token = context->get();
        Track track = host::track(*context, "PA_ends_it");
        std::atomic<bool> ended = false;
        consumer.answers([&](const lkstats_batch_t &) -> Status {
            if (!ended.exchange(true))
                context.reset();
            return LKSTATS_OK;
        });
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        if (flags != 0)
            assert_status(LKSTATS_OK, lkstats_flush(token, 0));
        else
            consumer.await([&] { return consumer.calls > 0; });

        assert_status(LKSTATS_OK, track.add_bytes(70, true));
        assert_status(LKSTATS_OK, lkstats_close(token, host::patience_ms, nullptr));
        assert_true(ended);
        uint64_t bytes = 0;
        for (const host::Report &report : consumer.taken)
            bytes += report.window.send_bytes;
        assert_int_equal(bytes, 75);
        assert_status(LKSTATS_ECLOSED, track.add_bytes(1, true));
    }
}

// The call returns once the end has begun, which shows in adds being refused.
void an_end_waits_for_the_call_that_is_under_way(void **) {
    Consumer consumer;
    std::atomic<bool> ending = false, returned = false;
    std::thread adder;
    {
        const Context context(consumer.options(0));
        const Track track = host::track(context, "PA_slow");
        consumer.answers([&](const lkstats_batch_t &) -> Status {
            while (!ending)
                std::this_thread::yield();
            returned = true;
            return LKSTATS_OK;
        });
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        consumer.await([&] { return consumer.calls > 0; });
        adder = std::thread([&ending, handle = track.handle()] {
            while (lkstats_add_bytes(handle, 0, 1) == LKSTATS_OK)
                std::this_thread::yield();
            ending = true;
        });
    }
    assert_true(returned);
    adder.join();
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_context_brings_the_last_reports),
        cmocka_unit_test(a_consumer_that_refuses_keeps_no_context_from_ending),
        cmocka_unit_test(what_throws_gives_back),
        cmocka_unit_test(what_would_wait_for_itself_is_refused),
        cmocka_unit_test(a_consumer_that_ends_its_own_context_harms_nobody),
        cmocka_unit_test(an_end_waits_for_the_call_that_is_under_way),
    };
    return cmocka_run_group_tests_name("cpp_push", tests, nullptr, nullptr);
}
