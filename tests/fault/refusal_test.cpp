// SPDX-License-Identifier: Apache-2.0
// A track that is refused takes nothing with it, however often that happens.
#include "fault.hpp"
#include "folder.hpp"

#include "lkstats.h"

#include <cerrno>
#include <string>
#include <string_view>

#include "cmocka.hpp"

namespace {

lkstats_t *open(uint32_t max_tracks, std::string_view slab_dir = {}) {
    lkstats_options_t options = {};
    options.slab_dir = {slab_dir.data(), slab_dir.size()};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.max_tracks = max_tracks;
    lkstats_t *ctx;
    check(lkstats_open(&options, &ctx) == LKSTATS_OK);
    return ctx;
}

lkstats_status_t make_track(lkstats_t *ctx, lkstats_track_t &track, const lkstats_string_t &all = {}) {
    lkstats_track_options_t options = {};
    options.struct_size = sizeof options;
    options.room_sid = options.room_name = options.tenant = all;
    options.participant_sid = options.participant_identity = options.country = all;
    return lkstats_track_new(ctx, &options, &track);
}

// For the whole of a stopped slot's rest.
void run_through_rest(lkstats_t *ctx) {
    for (int64_t second = 1; second <= 60; second += 5)
        check(lkstats_run_once(ctx, second * 1'000'000'000, second * 1'000'000'000) == LKSTATS_OK);
}

// Far more often than the address range has place for chunks of that size.
bool refused_each_time(lkstats_t *ctx, uint64_t nth) {
    for (int i = 0; i < 600; ++i) {
        lkstats_track_t track;
        lkstats::os::set_plan({nth, true, ENOMEM});
        const auto status = make_track(ctx, track);
        lkstats::os::set_plan({});
        check(status == LKSTATS_OK || status == LKSTATS_ENOMEM);
        if (status == LKSTATS_OK)
            return false;
    }
    return true;
}

void grow_in_vain(std::string_view slab_dir) {
    constexpr size_t first_chunk = 16384;
    lkstats_t *const ctx = open(LKSTATS_TRACKS_MAX, slab_dir);
    lkstats_track_t track;
    for (size_t i = 0; i < first_chunk; ++i)
        check(make_track(ctx, track) == LKSTATS_OK);
    uint64_t nth = 1;
    while (refused_each_time(ctx, nth))
        ++nth;
    check(nth > 1);
    check(lkstats_close(ctx, LKSTATS_ABANDON, nullptr) == LKSTATS_OK);
}

void growing_in_vain_uses_no_addresses_up(void **) { grow_in_vain({}); }

void nor_does_it_in_files(void **) {
    const lkstats::fault::Folder folder;
    grow_in_vain(folder.path());
    check(folder.names().empty());
}

void a_track_without_a_slot_gives_its_records_back(void **) {
    const std::string text(LKSTATS_STRING_MAX, 'x');
    const lkstats_string_t lengthy = {text.data(), text.size()};
    lkstats_t *const ctx = open(2);
    lkstats_track_t first, second, surplus;
    check(make_track(ctx, first) == LKSTATS_OK && make_track(ctx, second) == LKSTATS_OK);
    for (int i = 0; i < 100; ++i)
        check(make_track(ctx, surplus, lengthy) == LKSTATS_EFULL && surplus == 0);
    check(lkstats_track_stop(first, nullptr) == LKSTATS_OK);
    run_through_rest(ctx);
    check(make_track(ctx, first, lengthy) == LKSTATS_OK);
    check(lkstats_close(ctx, LKSTATS_ABANDON, nullptr) == LKSTATS_OK);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(growing_in_vain_uses_no_addresses_up),
        cmocka_unit_test(nor_does_it_in_files),
        cmocka_unit_test(a_track_without_a_slot_gives_its_records_back),
    };
    return cmocka_run_group_tests_name("fault_refusal", tests, nullptr, nullptr);
}
