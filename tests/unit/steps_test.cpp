// SPDX-License-Identifier: Apache-2.0
// A kill may fall between any two stores: whoever finds the memory then can tell what was counted, for whom, and
// what was reported. And whoever adds there is counted once.
#include "plant.hpp"
#include "scene.hpp"

namespace {

using namespace lkstats;
using Adds = Scene::Adds;

constexpr uint64_t room = LKSTATS_SLAB_ROOM_KNOWN, participant = LKSTATS_SLAB_PARTICIPANT_KNOWN;
constexpr Supply ample = {4, 4, 100, 7};

void report_and_acknowledge(Scene &scene) {
    scene.run(5000);
    scene.take();
    scene.acknowledge(0);
}

void move_to_another_room(Scene &scene, size_t which, size_t length) {
    scene.reset(which);
    scene.add(which);
    scene.resolve(which, room, length);
    scene.add(which);
    scene.resolve(which, participant, length);
    scene.add(which);
}

// A connection as servers have them: counts, is resolved, moves, and moves again before anything is reported.
void tell_of_a_connection(Scene &scene, size_t length) {
    scene.create_signal(length);
    scene.add(0);
    scene.resolve(0, room, length);
    scene.resolve(0, room, 3); // too late
    scene.reset(0);            // nobody yet: forgets
    scene.resolve(0, participant, length);
    scene.resolve(0, room, length);
    report_and_acknowledge(scene);
    scene.add(0);
    report_and_acknowledge(scene);
    for (int i = 0; i < 3; ++i)
        move_to_another_room(scene, 0, length);
    for (int i = 0; i < 4; ++i)
        report_and_acknowledge(scene);
    move_to_another_room(scene, 0, length);
    scene.stop(0);
    scene.reset(0); // it is stopped for good
    scene.end();
}

void a_connections_life_can_be_told_at_each_of_its_steps(void **) {
    for (size_t length : {1U, 20U, 30U, 100U, 256U}) {
        Scene scene(length, Adds::between_calls, ample);
        tell_of_a_connection(scene, length);
        assert_true(scene.steps() > 40);
    }
}

void a_byte_that_is_added_at_any_step_is_in_exactly_one_epoch(void **) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
        Scene scene(seed, Adds::at_every_step, ample);
        tell_of_a_connection(scene, seed % 5 * 60);
        assert_true(scene.added_at_steps() > 20);
    }
}

// ---- Anything, in any order ----

void do_anything(Scene &scene) {
    std::mt19937_64 &random = scene.random();
    const size_t length = random() % 4 == 0 ? random() % (LKSTATS_STRING_MAX + 1) : random() % 20;
    const uint64_t what = random() % 32;
    if (what < 8) {
        static constexpr int64_t ms[] = {10, 100, 1000, 5000, 40000};
        switch (what) {
        case 0:
            return scene.create_signal(length);
        case 1:
            return random() % 4 == 0 ? scene.create_track() : scene.create_signal(length);
        case 2:
        case 3:
            return scene.take();
        case 4:
            return random() % 4 == 0 ? scene.give_back(random()) : scene.acknowledge(random());
        case 5:
            return random() % 8 == 0 ? scene.redeliver() : scene.acknowledge(random());
        default:
            return scene.run(ms[random() % 16 == 0 ? 4 : random() % 4]);
        }
    }
    if (scene.handles() == 0)
        return;
    // The newest are those that live.
    const size_t which = scene.handles() - 1 - random() % std::min<size_t>(scene.handles(), 5);
    if (what < 14)
        return scene.add(which);
    if (what < 24)
        return scene.resolve(which, random() % 2 == 0 ? room : participant, length);
    if (what < 31)
        return scene.reset(which);
    if (random() % 4 == 0)
        scene.stop(which);
}

void tell_anything(Adds adds, uint64_t seeds) {
    uint64_t steps = 0;
    for (uint64_t seed = 0; seed < seeds; ++seed) {
        // Now and then too few records for everybody.
        Scene scene(seed, adds, seed % 3 == 0 ? Supply{4, 2, 14, 3} : ample);
        for (int i = 0; i < 300; ++i)
            do_anything(scene);
        scene.end();
        steps += scene.steps();
    }
    assert_true(steps > 100 * seeds);
}

void any_order_of_calls_can_be_told_at_each_step(void **) { tell_anything(Adds::between_calls, 150); }
void any_order_of_calls_loses_no_byte_that_is_added_at_a_step(void **) {
    tell_anything(Adds::at_every_step, 150);
}

} // namespace

int main() {
    plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_connections_life_can_be_told_at_each_of_its_steps),
        cmocka_unit_test(a_byte_that_is_added_at_any_step_is_in_exactly_one_epoch),
        cmocka_unit_test(any_order_of_calls_can_be_told_at_each_step),
        cmocka_unit_test(any_order_of_calls_loses_no_byte_that_is_added_at_a_step),
    };
    return cmocka_run_group_tests_name("steps", tests, nullptr, nullptr);
}
