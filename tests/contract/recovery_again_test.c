/* SPDX-License-Identifier: Apache-2.0 */
/* A recovery that is interrupted, given up, or tried by two at once: each report is acknowledged once all the same. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lives.h"

/* What a recovery that nothing disturbs hands out. */
static estate_t undisturbed(life_t life) {
    const folder_t folder = folder_make();
    estate_t estate = {0};
    dead_make(&folder, life, ledger_make());
    estate_settle(&estate, &folder);
    return estate;
}

/* ---- Killed again ------------------------------------------------------------------------------- */

typedef struct attempt {
    const folder_t *folder;
    size_t answers;  /* that it gives before it is killed */
    ledger_t *taken; /* and not answered */
    ledger_t *acknowledged;
} attempt_t;

static void recover_and_die(void *argument) {
    const attempt_t *const attempt = argument;
    lkstats_t *const heir = heir_open(attempt->folder);
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    for (size_t i = 0; i < attempt->answers; ++i) {
        batch = ledger_take(attempt->acknowledged, heir);
        require_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    for (;;) {
        const lkstats_status_t status = lkstats_next(heir, &batch);
        if (status == LKSTATS_EAGAIN)
            die();
        require_status(LKSTATS_OK, status);
        ledger_keep(attempt->taken, &batch);
    }
}

static void assert_among(const host_records_t *some, const host_records_t *all) {
    for (size_t i = 0; i < some->count; ++i) {
        size_t same = 0;
        for (size_t j = 0; j < all->count; ++j)
            if (memcmp(&some->items[i].key, &all->items[j].key, sizeof all->items[j].key) == 0) {
                assert_true(host_same_content(&some->items[i], &all->items[j]));
                ++same;
            }
        assert_int_equal(same, 1);
    }
}

/* Killed after so many answers, for each number of them; what is out then comes to the next one, unchanged. */
STORY(a_recovery_that_is_killed_goes_on_where_it_was) {
    for (size_t life = 0; life < lives_count; ++life) {
        estate_t expected = undisturbed(lives[life].live);
        bool more = true;
        for (size_t answers = 0; more && expected.left.count > 0; ++answers) {
            const folder_t folder = folder_make();
            attempt_t attempt = {&folder, answers, ledger_make(), ledger_make()};
            estate_t rest = {0};
            dead_make(&folder, lives[life].live, ledger_make());
            in_killed_child(recover_and_die, &attempt);
            estate_settle(&rest, &folder);

            host_records_t all = {0};
            records_append(&all, &attempt.acknowledged->all);
            records_append(&all, &rest.left);
            assert_int_equal(rest.own.count, 0);
            assert_each_once(&all);
            assert_alike(&all, &expected.left);
            assert_among(&attempt.taken->all, &rest.left);
            more = rest.left.count > 0;
            assert_true(!more || attempt.taken->all.count > 0);
            host_records_free(&all);
            estate_free(&rest);
        }
        estate_free(&expected);
    }
}

STORY(a_recovery_may_be_killed_after_each_answer) {
    enum { TRIES = 20 };
    estate_t expected = undisturbed(life_of_many_epochs);
    const folder_t folder = folder_make();
    ledger_t *const acknowledged = ledger_make();
    dead_make(&folder, life_of_many_epochs, NULL);
    int tries = 0;
    while (acknowledged->all.count < expected.left.count) {
        attempt_t attempt = {&folder, 1, ledger_make(), acknowledged};
        in_killed_child(recover_and_die, &attempt);
        assert_true(++tries < TRIES);
    }
    assert_true(tries > 3);
    assert_each_once(&acknowledged->all);
    assert_alike(&acknowledged->all, &expected.left);
    estate_t rest = {0};
    estate_settle(&rest, &folder);
    assert_int_equal(rest.left.count + rest.own.count, 0);
    estate_free(&expected);
}

/* ---- Not finished ------------------------------------------------------------------------------- */

/* Closed after so many answers, one way or the other. */
static void assert_the_next_has_the_rest(size_t answers, int64_t timeout_ms) {
    estate_t expected = undisturbed(life_of_many_epochs), rest = {0};
    host_records_t all = {0};
    const folder_t folder = folder_make();
    dead_make(&folder, life_of_many_epochs, NULL);
    lkstats_t *const heir = heir_open(&folder);
    for (size_t i = 0; i < answers; ++i) {
        const lkstats_batch_t batch = host_take(heir);
        host_keep(&all, &batch);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    const lkstats_batch_t out = host_take(heir);
    lkstats_residue_t residue = {.struct_size = sizeof residue, .tracks = 1};
    assert_status(LKSTATS_OK, lkstats_close(heir, timeout_ms, &residue));
    assert_int_equal(residue.tracks, 0); /* it is not this one's */
    assert_status(LKSTATS_ECLOSED, lkstats_ack(&out));
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);

    estate_settle(&rest, &folder);
    records_append(&all, &rest.left);
    assert_each_once(&all);
    assert_alike(&all, &expected.left);
    host_records_free(&all);
    estate_free(&rest);
    estate_free(&expected);
}

STORY(what_an_heir_does_not_get_acknowledged_is_the_next_ones) {
    for (size_t answers = 0; answers < 4; ++answers) {
        assert_the_next_has_the_rest(answers, 0);
        assert_the_next_has_the_rest(answers, LKSTATS_ABANDON);
    }
}

STORY(who_makes_no_reports_leaves_the_dead_alone) {
    estate_t expected = undisturbed(life_of_many_epochs), estate = {0};
    const folder_t folder = folder_make();
    dead_make(&folder, life_of_many_epochs, NULL);
    lkstats_t *const counter = heir_open_with(&folder, (lkstats_options_t){.flags = LKSTATS_NO_REPORTS});
    host_tick(counter, 1);
    assert_int_equal(folder_count(&folder, "lkstats:"), 6);
    host_done(counter);
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);
    estate_settle(&estate, &folder);
    assert_alike(&estate.left, &expected.left);
    estate_free(&estate);
    estate_free(&expected);
}

/* ---- Two at once -------------------------------------------------------------------------------- */

STORY(of_two_contexts_in_a_process_one_has_it) {
    estate_t expected = undisturbed(life_of_many_epochs), one = {0}, other = {0}, next = {0};
    const folder_t folder = folder_make();
    dead_make(&folder, life_of_many_epochs, NULL);
    lkstats_t *const first = heir_open(&folder), *const second = heir_open(&folder);
    const lkstats_batch_t batch = host_take(first);
    estate_keep(&one, &batch);
    assert_status(LKSTATS_EAGAIN, estate_drain(&other, second));
    assert_int_equal(other.left.count, 0);
    host_done(second); /* which takes nothing of it along */
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    lkstats_t *const third = heir_open(&folder);
    assert_status(LKSTATS_EAGAIN, estate_drain(&other, third));
    assert_int_equal(other.left.count, 0);
    host_done(first); /* with the rest owed */
    host_tick(third, 1);
    assert_status(LKSTATS_EAGAIN, estate_drain(&other, third));
    assert_int_equal(other.left.count, 0); /* only its first turn looks */
    host_done(third);

    estate_settle(&next, &folder);
    records_append(&one.left, &next.left);
    assert_each_once(&one.left);
    assert_alike(&one.left, &expected.left);
    estate_free(&one);
    estate_free(&next);
    estate_free(&expected);
}

typedef struct race {
    const folder_t *folder;
    pthread_barrier_t *at_once;
    ledger_t *ledger;
} race_t;

static void recover_at_once(void *argument) {
    const race_t *const race = argument;
    lkstats_options_t options = {.struct_size = sizeof options,
                                 .flags = LKSTATS_NO_THREAD,
                                 .node = host_string(HEIR_NODE),
                                 .slab_dir = host_string(race->folder->path)};
    lkstats_t *heir = NULL;
    require_status(LKSTATS_OK, lkstats_open(&options, &heir));
    pthread_barrier_wait(race->at_once);
    host_run(heir, 0); /* here it looks */
    pthread_barrier_wait(race->at_once);
    ledger_drain(race->ledger, heir);
    require_status(LKSTATS_OK, lkstats_close(heir, 0, NULL));
}

/* Several dead ones, so that neither is always too late. */
STORY(of_two_processes_one_has_each) {
    enum { ROUNDS = 10, DEAD = 3 };
    estate_t expected = undisturbed(life_of_many_epochs);
    pthread_barrierattr_t shared;
    pthread_barrier_t *const at_once = shared_memory(sizeof *at_once);
    assert_int_equal(pthread_barrierattr_init(&shared), 0);
    assert_int_equal(pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED), 0);
    assert_int_equal(pthread_barrier_init(at_once, &shared, 2), 0);
    for (int round = 0; round < ROUNDS; ++round) {
        const folder_t folder = folder_make();
        host_records_t all = {0};
        race_t races[2];
        pid_t children[2];
        for (int i = 0; i < DEAD; ++i)
            dead_make(&folder, life_of_many_epochs, NULL);
        fflush(NULL);
        for (int i = 0; i < 2; ++i) {
            races[i] = (race_t){&folder, at_once, ledger_make()};
            children[i] = fork();
            if (children[i] == 0)
                host_be_child(recover_at_once, &races[i]);
        }
        for (int i = 0; i < 2; ++i) {
            host_expect_child(children[i]);
            records_append(&all, &races[i].ledger->all);
        }
        assert_int_equal(all.count, DEAD * expected.left.count);
        assert_each_once(&all);
        assert_int_equal(folder_count(&folder, ""), 0);
        host_records_free(&all);
    }
    estate_free(&expected);
}

/* ---- The living --------------------------------------------------------------------------------- */

STORY(a_living_context_is_not_touched) {
    const folder_t folder = folder_make();
    lkstats_t *const living = dead_open(&folder, (lkstats_options_t){0});
    const lkstats_track_t track = host_track(living, "PA_living");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));
    host_tick(living, 1);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 6, 1));
    lkstats_t *const other = heir_open(&folder);
    assert_int_equal(folder_count(&folder, "lkstats:"), 6);
    estate_t estate = {0};
    estate_drain(&estate, other);
    assert_int_equal(estate.left.count + estate.own.count, 0);
    host_done(other);
    assert_int_equal(folder_count(&folder, "lkstats:"), 3);

    host_records_t all = {0};
    host_close(living, &all);
    assert_string_equal(host_told(&all), "1.1 5+0, 1.2 6+0");
    host_records_free(&all);
    assert_int_equal(folder_count(&folder, ""), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recovery_that_is_killed_goes_on_where_it_was),
        cmocka_unit_test(a_recovery_may_be_killed_after_each_answer),
        cmocka_unit_test(what_an_heir_does_not_get_acknowledged_is_the_next_ones),
        cmocka_unit_test(who_makes_no_reports_leaves_the_dead_alone),
        cmocka_unit_test(of_two_contexts_in_a_process_one_has_it),
        cmocka_unit_test(of_two_processes_one_has_each),
        cmocka_unit_test(a_living_context_is_not_touched),
    };
    return cmocka_run_group_tests_name("recovery_again", tests, NULL, folders_teardown);
}
