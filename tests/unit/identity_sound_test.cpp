// SPDX-License-Identifier: Apache-2.0
// An identity from a file is taken where each of its parts is one that the library wrote, with strings that peers take:
// also a tenant that another part's hides.
#include "recover/check.hpp"
#include "slab/record.hpp"

#include <array>
#include <vector>

#include "heap_table.hpp"

namespace {

using namespace lkstats;

constexpr uint64_t room = LKSTATS_SLAB_ROOM_KNOWN, participant = LKSTATS_SLAB_PARTICIPANT_KNOWN;
constexpr std::string_view no_text = "a\xff";

// What a record with these tenants looks like to whoever finds it; nobody has checked them.
struct Found {
    std::string_view connection = "connection", room_tenant = "room", participant_tenant = "participant";
    uint64_t known = room | participant;

    bool sound() const {
        std::array<lkstats_slab_record_t, 2> records{};
        lkstats_slab_record_t &record = records[1];
        track::Encoded first, second, third;
        first.encode(wire::Connection{"NL", connection});
        second.encode(wire::Room{"RM", "room", room_tenant});
        third.encode(wire::Participant{"PA", "ana", "TR_SGPA", 1, {}, participant_tenant});
        slab::Record(record).begin(1, 2, 1, LKSTATS_CHANNEL_SIGNAL, {}, {}, 0);
        track::append(records.data(), 1, record.connection, first.part());
        track::append(records.data(), 1, record.room, second.part());
        slab::Record(record).know(room);
        track::append(records.data(), 1, record.participant, third.part());
        slab::Record(record).know(participant);

        recover::IdentitySize size;
        record.control &= ~(room | participant) | known;
        assert_true(recover::identity_size(record, size));
        return recover::identity_sound(record, {record.identity, size.possible});
    }
};

void parts_that_say_who_pays_are_taken(void **) {
    assert_true(Found{}.sound());
    assert_true((Found{.connection = "", .room_tenant = "", .participant_tenant = ""}.sound()));
    assert_true((Found{.known = room}.sound() && Found{.known = participant}.sound()));
}

void a_tenant_that_is_no_text_is_not_even_where_it_is_hidden(void **) {
    assert_false(Found{.connection = no_text}.sound());
    assert_false(Found{.room_tenant = no_text}.sound());
    assert_false(Found{.participant_tenant = no_text}.sound());
    assert_false((Found{.room_tenant = no_text, .participant_tenant = ""}.sound()));
    assert_false((Found{.connection = no_text, .known = 0}.sound()));
}

void a_part_that_is_not_known_may_have_any(void **) {
    assert_true((Found{.room_tenant = no_text, .known = participant}.sound()));
    assert_true((Found{.participant_tenant = no_text, .known = room}.sound()));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(parts_that_say_who_pays_are_taken),
        cmocka_unit_test(a_tenant_that_is_no_text_is_not_even_where_it_is_hidden),
        cmocka_unit_test(a_part_that_is_not_known_may_have_any),
    };
    return cmocka_run_group_tests_name("identity_sound", tests, nullptr, nullptr);
}
