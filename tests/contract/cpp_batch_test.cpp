// SPDX-License-Identifier: Apache-2.0
// Batches of lkstats.hpp: ranges of records, answered once, given back by whoever lets one go.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

// A context with a report that waits.
struct Scene {
    Context context = host::open();
    Track track = host::track(context, "PA_reported");

    Scene() {
        assert_status(LKSTATS_OK, track.add_bytes(5, true));
        host::run(context, host::tick);
    }
    Batch take() const {
        Batch batch = context.next();
        assert_status(LKSTATS_OK, batch.status());
        assert_int_equal(batch.size(), 1);
        return batch;
    }
};

// As a newer library would lay them out: each record is followed by what this header does not know.
void records_are_stepped_by_their_size(void **) {
    struct Newer {
        Record record;
        char unknown[40];
    };
    Newer newer[3];
    lkstats_batch_t batch = {};
    std::memset(newer, 0x5a, sizeof newer);
    for (size_t i = 0; i < std::size(newer); ++i)
        newer[i].record.window.send_bytes = 100 + i;
    batch.records = &newer[0].record;
    batch.record_size = sizeof *newer;
    batch.record_count = 3;

    const Records all = records(batch);
    std::vector<uint64_t> bytes;
    for (const Record &record : all)
        bytes.push_back(record.window.send_bytes);
    assert_true((bytes == std::vector<uint64_t>{100, 101, 102}));
    assert_int_equal(all.size(), 3);
    assert_int_equal(std::distance(all.begin(), all.end()), 3);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [](const Record &record) { return record.window.send_bytes == 102; });
    assert_ptr_equal(&*found, &newer[2].record);
    auto at = all.begin();
    assert_int_equal((at++)->window.send_bytes, 100);
    assert_int_equal(at->window.send_bytes, 101);

    batch.record_count = 0;
    assert_true(records(batch).empty() && records(batch).begin() == records(batch).end());
    assert_true(Records().begin() == Records().end());
}

void many_records_come_in_their_order(void **) {
    const Context context = host::open();
    std::vector<Track> tracks;
    for (uint64_t i = 0; i < 300; ++i) {
        tracks.push_back(host::track(context, "PA_" + std::to_string(i)));
        assert_status(LKSTATS_OK, tracks.back().add_bytes(i, true));
    }
    host::run(context, host::tick);
    const auto reports = host::drain(context);
    assert_int_equal(reports.size(), tracks.size());
    for (size_t i = 0; i < reports.size(); ++i) {
        assert_true(reports[i].is_of(tracks[i].handle()));
        assert_int_equal(reports[i].window.send_bytes, i);
        assert_string_equal(reports[i].participant_sid.c_str(), ("PA_" + std::to_string(i)).c_str());
    }
}

void nothing_to_take_is_no_batch(void **) {
    const Context context = host::open();
    Batch none = context.next();
    assert_status(LKSTATS_EAGAIN, none.status());
    assert_true(!none);
    assert_int_equal(none.size(), 0);
    assert_true(none.begin() == none.end() && none.node().empty() && none.analytics_key().empty());
    assert_status(LKSTATS_ESTALE, none.ack());
    assert_status(LKSTATS_ESTALE, none.nack());
    assert_status(LKSTATS_OK, context.close(0));
    assert_status(LKSTATS_EOF, context.next().status());
}

void an_answer_counts_once(void **) {
    const Scene scene;
    Batch batch = scene.take();
    assert_status(LKSTATS_OK, batch.ack());
    assert_status(LKSTATS_ESTALE, batch.ack());
    assert_status(LKSTATS_ESTALE, batch.nack());
    assert_status(LKSTATS_EAGAIN, scene.context.next().status());
    assert_status(LKSTATS_OK, scene.context.flush(0));
}

void what_is_given_back_comes_again(void **) {
    const Scene scene;
    Batch batch = scene.take();
    const auto key = batch.begin()->key;
    assert_status(LKSTATS_OK, batch.nack());
    assert_status(LKSTATS_ESTALE, batch.ack());
    const Batch again = scene.take();
    assert_memory_equal(&again.begin()->key, &key, sizeof key);
}

void what_ends_unanswered_is_given_back(void **) {
    const Scene scene;
    const auto key = scene.take().begin()->key; // and ends here
    Batch batch = scene.take();
    assert_memory_equal(&batch.begin()->key, &key, sizeof key);
    batch = Batch();
    batch = scene.take();
    assert_memory_equal(&batch.begin()->key, &key, sizeof key);
    assert_status(LKSTATS_EAGAIN, scene.context.next().status());

    // An answer is one: its batch does not come back when the object ends.
    {
        Batch last(std::move(batch));
        assert_status(LKSTATS_OK, last.ack());
    }
    assert_status(LKSTATS_EAGAIN, scene.context.next().status());
}

void a_batch_that_moves_stays_out(void **) {
    const Scene scene;
    Batch first = scene.take();
    Batch second(std::move(first));
    assert_status(LKSTATS_EAGAIN, scene.context.next().status());
    assert_status(LKSTATS_ESTALE, first.status());
    assert_int_equal(first.size(), 0);
    assert_status(LKSTATS_ESTALE, first.ack());
    Batch third;
    third = std::move(second);
    Batch &same = third;
    third = std::move(same);
    assert_status(LKSTATS_EAGAIN, scene.context.next().status());
    assert_int_equal(third.begin()->window.send_bytes, 5);
    assert_status(LKSTATS_OK, third.ack());
}

void an_answered_batch_has_nothing_to_read(void **) {
    const Scene scene;
    Batch batch = scene.take();
    std::string_view bytes = "untouched";
    assert_status(LKSTATS_OK, batch.ack());
    assert_int_equal(batch.size(), 0);
    assert_true(batch.begin() == batch.end() && batch.node().empty() && batch.analytics_key().empty());
    assert_status(LKSTATS_ESTALE, batch.analytics_stats(bytes));
    assert_true(bytes == "untouched");
}

void a_batch_is_serialized_as_by_the_library(void **) {
    const Scene scene;
    const Batch batch = scene.take();
    const uint8_t *data = nullptr;
    uint64_t size = 0;
    std::string_view bytes, of_batch;
    assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch.get(), &data, &size));
    assert_status(LKSTATS_OK, batch.analytics_stats(bytes));
    assert_status(LKSTATS_OK, analytics_stats(batch.get(), of_batch));
    assert_true(size > 20 && bytes.size() == size && of_batch.size() == size);
    assert_memory_equal(bytes.data(), data, size);
    assert_true(bytes.find("PA_reported") != bytes.npos);
}

void redelivery_leaves_both_batches_answerable(void **) {
    const Scene scene;
    Batch before = scene.take();
    assert_status(LKSTATS_OK, scene.context.redeliver());
    Batch after = scene.take();
    assert_status(LKSTATS_OK, before.ack());
    assert_status(LKSTATS_OK, after.ack());
    assert_status(LKSTATS_OK, scene.context.flush(0));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(records_are_stepped_by_their_size),
        cmocka_unit_test(many_records_come_in_their_order),
        cmocka_unit_test(nothing_to_take_is_no_batch),
        cmocka_unit_test(an_answer_counts_once),
        cmocka_unit_test(what_is_given_back_comes_again),
        cmocka_unit_test(what_ends_unanswered_is_given_back),
        cmocka_unit_test(a_batch_that_moves_stays_out),
        cmocka_unit_test(an_answered_batch_has_nothing_to_read),
        cmocka_unit_test(a_batch_is_serialized_as_by_the_library),
        cmocka_unit_test(redelivery_leaves_both_batches_answerable),
    };
    return cmocka_run_group_tests_name("cpp_batch", tests, nullptr, nullptr);
}
