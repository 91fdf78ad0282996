// SPDX-License-Identifier: Apache-2.0
// What lkstats.hpp promises of its types: they are small, are moved and not copied, and nothing about them throws.
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

template <class Owner> constexpr bool is_owner =
    !std::is_copy_constructible_v<Owner> && !std::is_copy_assignable_v<Owner> &&
    std::is_nothrow_move_constructible_v<Owner> && std::is_nothrow_move_assignable_v<Owner> &&
    std::is_nothrow_default_constructible_v<Owner> &&
    std::is_nothrow_destructible_v<Owner> &&noexcept(std::declval<const Owner &>().status()) &&noexcept(
        bool(std::declval<const Owner &>())) &&
    !std::is_convertible_v<Owner, bool> && !std::is_polymorphic_v<Owner>;
static_assert(is_owner<Context> && is_owner<Track> && is_owner<Signal> && is_owner<Batch>);

// Nobody holds what tracks and signal connections have in common, and none becomes the other.
static_assert(!std::is_default_constructible_v<Counted> && !std::is_move_constructible_v<Counted> &&
              !std::is_destructible_v<Counted>);
static_assert(!std::is_constructible_v<Track, Signal> && !std::is_constructible_v<Signal, Track> &&
              !std::is_assignable_v<Track &, Signal> && !std::is_assignable_v<Signal &, Track>);
// A handle is made by a context, and by nothing else.
static_assert(!std::is_constructible_v<Track, Status, lkstats_track_t> &&
              !std::is_constructible_v<Signal, Status, lkstats_track_t>);
static_assert(!std::is_convertible_v<Options, Context>);

static_assert(sizeof(Track) == 16 && sizeof(Signal) == sizeof(Track) && sizeof(Context) == 16);
static_assert(sizeof(Batch) <= sizeof(lkstats_batch_t) + 8);

template <class Handle> constexpr bool counts_without_throwing() {
    using Const = const Handle &;
    return noexcept(std::declval<Const>().add_bytes(1, true)) &&noexcept(std::declval<Const>().add_messages(
        1, 1, true)) &&noexcept(std::declval<Const>().totals(std::declval<Totals &>()))
        &&noexcept(std::declval<Const>().stop()) &&noexcept(std::declval<Const>().flush(0)) &&noexcept(
            std::declval<Const>().handle());
}
static_assert(counts_without_throwing<Track>() && counts_without_throwing<Signal>());
static_assert(noexcept(std::declval<const Signal &>().resolve_room(Room())) &&noexcept(
    std::declval<const Signal &>().resolve_participant(
        Participant())) &&noexcept(std::declval<const Signal &>().reset()));

constexpr bool a_context_throws_nothing() {
    using Const = const Context &;
    return noexcept(Context(Options())) &&noexcept(Context::none()) &&noexcept(
        std::declval<Const>().get()) &&noexcept(std::declval<Const>().track(TrackOptions()))
        &&noexcept(std::declval<Const>().signal(SignalOptions())) &&noexcept(std::declval<Const>().run_once(
            0, 0)) &&noexcept(std::declval<Const>().flush(0)) &&noexcept(std::declval<Const>().next())
            &&noexcept(std::declval<Const>().redeliver()) &&noexcept(std::declval<Const>().event_fd(
                std::declval<int &>())) &&noexcept(std::declval<Const>().metrics(0, nullptr, 0,
                                                                                 std::declval<uint64_t &>()))
                &&noexcept(std::declval<Const>().close(0)) &&noexcept(std::declval<Const>().abandon());
}
static_assert(a_context_throws_nothing());

constexpr bool reports_throw_nothing() {
    return noexcept(std::declval<Batch &>().ack()) &&noexcept(std::declval<Batch &>().nack()) &&noexcept(
        std::declval<const Batch &>().begin()) &&noexcept(std::declval<const Batch &>().end())
        &&noexcept(std::declval<const Batch &>().size()) &&noexcept(std::declval<const Batch &>().node())
            &&noexcept(std::declval<const Batch &>().analytics_key()) &&noexcept(
                std::declval<const Batch &>().analytics_stats(
                    std::declval<std::string_view &>())) &&noexcept(std::declval<const Batch &>().get())
                &&noexcept(records(std::declval<const lkstats_batch_t &>())) &&noexcept(analytics_stats(
                    std::declval<const lkstats_batch_t &>(), std::declval<std::string_view &>()))
                    &&noexcept(++std::declval<Records::iterator &>()) &&noexcept(
                        *std::declval<Records::iterator>());
}
static_assert(reports_throw_nothing());
static_assert(noexcept(api()) &&noexcept(text(0)) &&noexcept(name(0)) &&noexcept(view({})) &&noexcept(
    track_id_for_participant(0, "", nullptr, 0, std::declval<uint64_t &>())));

// Ranges for algorithms and, from C++20 on, views.
static_assert(std::forward_iterator<Records::iterator> && std::ranges::forward_range<Records> &&
              std::ranges::sized_range<const Records> && std::ranges::sized_range<const Batch>);
static_assert(std::is_same_v<std::ranges::range_reference_t<Batch>, const lkstats_record_t &>);

static_assert(std::is_aggregate_v<Options> && std::is_aggregate_v<TrackOptions> &&
              std::is_aggregate_v<SignalOptions> && std::is_aggregate_v<Room> &&
              std::is_aggregate_v<Participant>);

void everything_may_be_given_in_place(void **) {
    static constexpr int32_t details[] = {3, 4};
    const Context context({.node = "node", .analytics_key = "key", .flags = LKSTATS_NO_THREAD});
    assert_status(LKSTATS_OK, context.run_once(host::start, 7));
    const Track track = context.track({.channel = LKSTATS_CHANNEL_DATA_TRACK,
                                       .participant_kind = 2,
                                       .kind_details = details,
                                       .kind_details_count = 2,
                                       .country = "NL",
                                       .room_sid = "RM_1",
                                       .room_name = "atrium",
                                       .participant_sid = "PA_1",
                                       .participant_identity = "ana",
                                       .track_id = "TR_1",
                                       .tenant = "acme"});
    const Signal signal = context.signal({.country = "DE", .tenant = "bcme"});
    assert_status(LKSTATS_OK, track.add_bytes(1, true));
    assert_status(LKSTATS_OK, signal.add_bytes(2, false));
    assert_status(LKSTATS_OK, signal.resolve_room({.sid = "RM_2", .name = "library"}));
    assert_status(
        LKSTATS_OK,
        signal.resolve_participant(
            {.sid = "PA_2", .identity = "ivo", .kind = 1, .kind_details = details, .kind_details_count = 1}));
    assert_status(LKSTATS_ETIMEDOUT, context.flush(0));

    const Batch batch = context.next();
    assert_true(batch.node() == "node" && batch.analytics_key() == "key");
    assert_int_equal(batch.size(), 2);
    const Record &joined = *batch.begin(), &data = *std::next(batch.begin());
    assert_int_equal(data.channel, LKSTATS_CHANNEL_DATA_TRACK);
    assert_int_equal(data.participant_kind, 2);
    assert_int_equal(data.kind_details_count, 2);
    assert_memory_equal(data.kind_details, details, sizeof details);
    assert_true(view(data.country) == "NL" && view(data.room_sid) == "RM_1" &&
                view(data.room_name) == "atrium" && view(data.participant_sid) == "PA_1" &&
                view(data.participant_identity) == "ana" && view(data.track_id) == "TR_1" &&
                view(data.tenant) == "acme");
    assert_int_equal(joined.key.kind, LKSTATS_RECORD_JOINED);
    assert_int_equal(joined.participant_kind, 1);
    assert_int_equal(joined.kind_details_count, 1);
    assert_int_equal(joined.kind_details[0], 3);
    assert_true(view(joined.country) == "DE" && view(joined.room_sid) == "RM_2" &&
                view(joined.room_name) == "library" && view(joined.participant_sid) == "PA_2" &&
                view(joined.participant_identity) == "ivo" && view(joined.track_id) == "TR_SGPA_2" &&
                view(joined.tenant) == "bcme");
}

void the_nearest_tenant_pays(void **) {
    const Context context = host::open();
    const Signal room = context.signal({.tenant = "connection"}),
                 who = context.signal({.tenant = "connection"});
    assert_status(LKSTATS_OK, room.resolve_room({.sid = "RM", .tenant = "room"}));
    assert_status(LKSTATS_OK, room.resolve_participant({.sid = "PA_room"}));
    assert_status(LKSTATS_OK, who.resolve_room({.sid = "RM", .tenant = "room"}));
    assert_status(LKSTATS_OK, who.resolve_participant({.sid = "PA_who", .tenant = "participant"}));
    assert_status(LKSTATS_ETIMEDOUT, context.flush(0));
    const Batch batch = context.next();
    assert_int_equal(batch.size(), 2);
    for (const Record &record : batch)
        assert_true(view(record.tenant) ==
                    (view(record.participant_sid) == "PA_who" ? "participant" : "room"));
}

void what_has_no_owner_is_there_too(void **) {
    char id[32] = "";
    uint64_t need = 0;
    assert_status(LKSTATS_ERANGE, track_id_for_participant(LKSTATS_CHANNEL_DATA, "PA_1", id, 8, need));
    assert_int_equal(need, 9);
    assert_status(LKSTATS_OK, track_id_for_participant(LKSTATS_CHANNEL_SIGNAL, "PA_1", id, sizeof id, need));
    assert_string_equal(id, "TR_SGPA_1");
    assert_status(LKSTATS_EINVAL, track_id_for_participant(7, "PA_1", id, sizeof id, need));
    assert_string_equal(name(LKSTATS_EFULL), "LKSTATS_EFULL");
    assert_string_equal(text(LKSTATS_EFULL), lkstats_strerror(LKSTATS_EFULL));
    assert_true(view({nullptr, 0}).empty());
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(everything_may_be_given_in_place),
        cmocka_unit_test(the_nearest_tenant_pays),
        cmocka_unit_test(what_has_no_owner_is_there_too),
    };
    return cmocka_run_group_tests_name("cpp_types", tests, nullptr, nullptr);
}
