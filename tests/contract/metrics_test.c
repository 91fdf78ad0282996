/* SPDX-License-Identifier: Apache-2.0 */
/* The sums over all tracks: every add is in them at once, and stays there whatever becomes of its track. */
#include <stdlib.h>

#include "scrape.h"

/* What was added so far, by LKSTATS_CHANNEL_..., beside the context that it was added in. */
typedef struct node {
    lkstats_t *ctx;
    lkstats_traffic_t counted[LKSTATS_CHANNEL_SIGNAL + 1];
    char *last; /* scrape */
} node_t;

static void assert_all_of(node_t *node) {
    char *const text = scrape_text(node->ctx, LKSTATS_METRICS_OPENMETRICS);
    for (int32_t channel = LKSTATS_CHANNEL_DATA; channel <= LKSTATS_CHANNEL_SIGNAL; ++channel) {
        const lkstats_traffic_t counted = scrape_counted_in(text, channel);
        const lkstats_traffic_t *const model = &node->counted[channel];
        assert_traffic(counted, model->send_bytes, model->send_messages, model->recv_bytes,
                       model->recv_messages);
    }
    if (node->last)
        scrape_assert_grown(node->last, text);
    free(node->last);
    node->last = text;
}

static void done(node_t *node) {
    host_done(node->ctx);
    free(node->last);
}

static lkstats_track_t make(const node_t *node, int32_t channel) {
    lkstats_track_options_t options = host_track_options("PA_metrics");
    lkstats_track_t track = 0;
    if (channel == LKSTATS_CHANNEL_SIGNAL)
        return host_signal(node->ctx);
    options.channel = channel;
    assert_status(LKSTATS_OK, lkstats_track_new(node->ctx, &options, &track));
    return track;
}

static void add(node_t *node, int32_t channel, lkstats_track_t track, uint64_t bytes, uint64_t messages,
                int32_t is_send) {
    lkstats_traffic_t *const counted = &node->counted[channel];
    assert_status(LKSTATS_OK, lkstats_add_messages(track, bytes, messages, is_send));
    *(is_send ? &counted->send_bytes : &counted->recv_bytes) += bytes;
    *(is_send ? &counted->send_messages : &counted->recv_messages) += messages;
}

static void drain(const node_t *node) {
    host_records_t all = {0};
    host_drain(node->ctx, &all);
    host_records_free(&all);
}

STORY(an_add_shows_at_once_under_its_channel_and_direction) {
    node_t node = {.ctx = host_open()};
    for (int32_t channel = LKSTATS_CHANNEL_DATA; channel <= LKSTATS_CHANNEL_SIGNAL; ++channel) {
        const lkstats_track_t first = make(&node, channel), second = make(&node, channel);
        const uint64_t unit = 1000u * (uint64_t)channel;
        assert_all_of(&node);
        add(&node, channel, first, unit + 1, 1, 1);
        add(&node, channel, second, unit + 20, 3, 1);
        assert_all_of(&node);
        add(&node, channel, first, unit + 300, 5, 0);
        assert_all_of(&node);
    }
    char *const text = scrape_text(node.ctx, LKSTATS_METRICS_PROMETHEUS);
    const lkstats_traffic_t counted = scrape_counted_in(text, LKSTATS_CHANNEL_DATA_TRACK);
    assert_traffic(counted, 4021, 4, 2300, 5);
    free(text);
    done(&node);
}

/* At each step of a track's life, with something added between the one before and it. */
STORY(what_a_track_counted_stays_when_it_is_gone) {
    enum { LIVES = 60 };
    static const int64_t last_rest = 5;
    node_t node = {.ctx = host_open_with((lkstats_options_t){.max_tracks = 8})};
    int64_t tick = 0;
    for (int life = 0; life < LIVES; ++life) {
        const int32_t channel = LKSTATS_CHANNEL_DATA + life % LKSTATS_CHANNEL_SIGNAL;
        const lkstats_track_t track = make(&node, channel);
        if (channel == LKSTATS_CHANNEL_SIGNAL)
            host_resolve(track, "RM_lobby", "PA_metrics");
        add(&node, channel, track, 1, 1, 1);
        host_tick(node.ctx, ++tick);
        assert_all_of(&node);
        add(&node, channel, track, 20, 1, 0);
        drain(&node);
        assert_all_of(&node);
        add(&node, channel, track, 300, 2, 1);
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
        assert_all_of(&node);
        host_tick(node.ctx, ++tick);
        assert_all_of(&node);
        for (int64_t rest = 0; rest < last_rest; ++rest) {
            drain(&node);
            host_tick(node.ctx, ++tick);
            assert_all_of(&node);
        }
    }
    assert_int_equal(scrape(node.ctx, "lkstats_full_refusals_total{call=\"new\"}"), 0);
    done(&node);
}

STORY(sums_go_on_over_the_resets_of_a_connection) {
    enum { RESETS = 20 };
    node_t node = {.ctx = host_open()};
    const lkstats_signal_t signal = make(&node, LKSTATS_CHANNEL_SIGNAL);
    for (int i = 0; i < RESETS; ++i) {
        add(&node, LKSTATS_CHANNEL_SIGNAL, signal, 1000, 2, 0);
        host_resolve(signal, "RM_lobby", i % 2 ? "PA_odd" : "PA_even");
        add(&node, LKSTATS_CHANNEL_SIGNAL, signal, 1, 1, 1);
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        assert_all_of(&node);
        host_tick(node.ctx, i + 1);
        drain(&node);
        assert_all_of(&node);
    }
    const lkstats_traffic_t nobodys = scrape_unattributed(node.ctx);
    assert_traffic(nobodys, 0, 0, 0, 0);
    done(&node);
}

STORY(traffic_of_nobody_shows_as_unattributed_too) {
    enum { WAITS = 6 };
    node_t node = {.ctx = host_open()};
    const lkstats_signal_t nobodys = make(&node, LKSTATS_CHANNEL_SIGNAL);
    const lkstats_signal_t somebodys = make(&node, LKSTATS_CHANNEL_SIGNAL);
    /* Once it was somebody's, and what was counted then is. */
    host_resolve(nobodys, "RM_lobby", "PA_early");
    add(&node, LKSTATS_CHANNEL_SIGNAL, nobodys, 60000, 6, 1);
    assert_status(LKSTATS_OK, lkstats_signal_reset(nobodys));
    add(&node, LKSTATS_CHANNEL_SIGNAL, nobodys, 500, 5, 1);
    add(&node, LKSTATS_CHANNEL_SIGNAL, nobodys, 70, 1, 0);
    add(&node, LKSTATS_CHANNEL_SIGNAL, somebodys, 9000, 9, 1);
    assert_status(LKSTATS_OK, host_resolve_room(nobodys, "RM_lobby"));
    assert_status(LKSTATS_OK, lkstats_track_stop(nobodys, NULL));
    assert_status(LKSTATS_OK, lkstats_track_stop(somebodys, NULL));
    host_resolve(somebodys, "RM_lobby", "PA_late");
    for (int64_t tick = 1; tick < WAITS; ++tick) {
        host_tick(node.ctx, tick);
        drain(&node);
        const lkstats_traffic_t so_far = scrape_unattributed(node.ctx);
        assert_traffic(so_far, 0, 0, 0, 0);
    }
    for (int64_t tick = WAITS; tick <= 2 * WAITS; ++tick) {
        host_tick(node.ctx, tick);
        drain(&node);
        assert_all_of(&node);
    }
    const lkstats_traffic_t then = scrape_unattributed(node.ctx);
    assert_traffic(then, 500, 5, 70, 1);
    done(&node);
}

/* ---- Any order of calls ------------------------------------------------------------------------- */

enum { SEATS = 12, STEPS = 6000 };

typedef struct seat {
    lkstats_track_t track; /* 0: empty */
    int32_t channel;
} seat_t;

static uint64_t below(uint64_t *seed, uint64_t end) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % end;
}

static void answer_one(const node_t *node, uint64_t *seed) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    const lkstats_status_t status = lkstats_next(node->ctx, &batch);
    assert_status_in(LKSTATS_OK, LKSTATS_EAGAIN, status);
    if (status == LKSTATS_OK)
        assert_status(LKSTATS_OK, below(seed, 3) ? lkstats_ack(&batch) : lkstats_nack(&batch));
}

static void move(lkstats_signal_t signal, uint64_t *seed) {
    static const char *const names[] = {"PA_ana", "PA_ben", "PA_chen"};
    lkstats_status_t status;
    if (below(seed, 3) == 0) {
        assert_status_in(LKSTATS_OK, LKSTATS_EFULL, lkstats_signal_reset(signal));
        return;
    }
    status = below(seed, 2) ? host_resolve_room(signal, "RM_lobby")
                            : host_resolve_participant(signal, names[below(seed, 3)]);
    assert_status_in(LKSTATS_OK, LKSTATS_ERESOLVED, status);
}

/* Whoever is full gets no track, and its traffic is not counted. */
static void sit_down(const node_t *node, seat_t *seat, uint64_t *seed) {
    lkstats_track_options_t options = host_track_options("PA_any");
    lkstats_status_t status;
    options.channel = seat->channel = LKSTATS_CHANNEL_DATA + (int32_t)below(seed, LKSTATS_CHANNEL_SIGNAL);
    if (seat->channel == LKSTATS_CHANNEL_SIGNAL)
        status = lkstats_signal_new(node->ctx, NULL, &seat->track);
    else
        status = lkstats_track_new(node->ctx, &options, &seat->track);
    assert_status_in(LKSTATS_OK, LKSTATS_EFULL, status);
}

STORY(sums_are_a_plain_models_after_any_calls) {
    uint64_t seed = 88172645463325252u;
    node_t node = {.ctx = host_open_with((lkstats_options_t){.max_tracks = 4 * SEATS})};
    seat_t seats[SEATS] = {0};
    int64_t now = 0;
    for (int step = 0; step < STEPS; ++step) {
        seat_t *const seat = &seats[below(&seed, SEATS)];
        const uint64_t act = below(&seed, 10);
        if (act == 0)
            host_run(node.ctx, now += (int64_t)below(&seed, 3 * HOST_TICK_NS));
        else if (act == 1)
            answer_one(&node, &seed);
        else if (seat->track == 0)
            sit_down(&node, seat, &seed);
        else if (act == 2)
            assert_status_in(LKSTATS_OK, LKSTATS_ETIMEDOUT, lkstats_track_flush(seat->track, 0));
        else if (act == 3) {
            assert_status(LKSTATS_OK, lkstats_track_stop(seat->track, NULL));
            seat->track = 0;
        } else if (act <= 5 && seat->channel == LKSTATS_CHANNEL_SIGNAL)
            move(seat->track, &seed);
        else
            add(&node, seat->channel, seat->track, below(&seed, UINT64_C(1) << 34), below(&seed, 50),
                (int32_t)below(&seed, 2));
        if (below(&seed, 4) == 0) /* a look folds everything: most calls come between two */
            assert_all_of(&node);
    }
    assert_all_of(&node);
    assert_true(node.counted[LKSTATS_CHANNEL_SIGNAL].send_bytes > UINT64_C(1) << 36);
    done(&node);
}

/* ---- The call ----------------------------------------------------------------------------------- */

STORY(a_buffer_that_is_too_small_is_told_what_it_takes) {
    lkstats_t *const ctx = host_open();
    uint64_t need = 0, again = 0;
    assert_status(LKSTATS_ERANGE, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    assert_true(need > 1000 && need < 65536);
    char *const buffer = malloc(need + 1);
    assert_non_null(buffer);
    memset(buffer, '~', need + 1);

    assert_status(LKSTATS_ERANGE,
                  lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, buffer, need - 1, &again));
    assert_int_equal(again, need);
    assert_null(memchr(buffer, '#', need + 1));

    assert_status(LKSTATS_OK, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, buffer, need, &again));
    assert_int_equal(again, need);
    assert_null(memchr(buffer, '~', need));
    assert_int_equal(buffer[need], '~');
    assert_memory_equal(buffer + need - 6, "# EOF\n", 6);
    free(buffer);
    host_done(ctx);
}

STORY(another_format_is_refused) {
    lkstats_t *const ctx = host_open();
    static const uint32_t others[] = {2, 3, UINT32_MAX};
    char buffer[1] = {'~'};
    uint64_t need = 77;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i)
        assert_status(LKSTATS_EINVAL, lkstats_metrics(ctx, others[i], buffer, sizeof buffer, &need));
    assert_status(LKSTATS_EINVAL,
                  lkstats_metrics(NULL, LKSTATS_METRICS_OPENMETRICS, buffer, sizeof buffer, &need));
    assert_status(LKSTATS_EINVAL,
                  lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, buffer, sizeof buffer, NULL));
    assert_int_equal(need, 77);
    assert_int_equal(buffer[0], '~');
    assert_status(LKSTATS_EINVAL, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 65536, &need));
    host_done(ctx);
}

STORY(a_context_answers_until_it_is_closed) {
    node_t node = {.ctx = host_open()};
    uint64_t need = 77;
    add(&node, LKSTATS_CHANNEL_DATA, make(&node, LKSTATS_CHANNEL_DATA), 40, 1, 1);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(node.ctx, 0, NULL));
    assert_all_of(&node);
    done(&node);
    assert_status(LKSTATS_ECLOSED, lkstats_metrics(node.ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    assert_int_equal(need, 77);
}

STORY(the_number_of_series_does_not_depend_on_the_number_of_tracks) {
    enum { TRACKS = 5000 };
    node_t node = {.ctx = host_open_with((lkstats_options_t){.node = host_string("ND_1")})};
    char *const empty = scrape_text(node.ctx, LKSTATS_METRICS_PROMETHEUS);
    for (int i = 0; i < TRACKS; ++i) {
        const int32_t channel = LKSTATS_CHANNEL_DATA + i % LKSTATS_CHANNEL_SIGNAL;
        const lkstats_track_t track = make(&node, channel);
        if (channel == LKSTATS_CHANNEL_SIGNAL)
            host_resolve(track, "RM_lobby", "PA_metrics");
        add(&node, channel, track, 1, 1, 1);
    }
    host_tick(node.ctx, 1);
    char *const full = scrape_text(node.ctx, LKSTATS_METRICS_PROMETHEUS);
    assert_true(scrape_series(empty) > 10);
    assert_int_equal(scrape_series(full), scrape_series(empty));
    assert_true(strlen(full) < strlen(empty) + 1000);
    assert_null(strstr(full, "PA_"));
    assert_null(strstr(full, "lobby"));
    assert_null(strstr(full, "acme"));
    assert_all_of(&node);
    free(empty);
    free(full);
    done(&node);
}

STORY(a_context_that_reports_nothing_counts_all) {
    lkstats_options_t options = {.flags = LKSTATS_NO_REPORTS, .max_tracks = 8};
    node_t node = {.ctx = host_open_with(options)};
    for (int64_t tick = 1; tick <= 100; ++tick) {
        const int32_t channel = LKSTATS_CHANNEL_DATA + (int32_t)(tick % LKSTATS_CHANNEL_SIGNAL);
        const lkstats_track_t track = make(&node, channel);
        if (channel == LKSTATS_CHANNEL_SIGNAL)
            host_resolve(track, "RM_lobby", "PA_metrics");
        add(&node, channel, track, (uint64_t)tick, 1, 0);
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
        host_tick(node.ctx, tick);
        assert_all_of(&node);
        assert_int_equal(scrape(node.ctx, "lkstats_unacknowledged_reports"), 0);
        assert_int_equal(scrape(node.ctx, "lkstats_batches_out"), 0);
    }
    assert_status(LKSTATS_OK, lkstats_close(node.ctx, 0, NULL));
    free(node.last);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_add_shows_at_once_under_its_channel_and_direction),
        cmocka_unit_test(what_a_track_counted_stays_when_it_is_gone),
        cmocka_unit_test(sums_go_on_over_the_resets_of_a_connection),
        cmocka_unit_test(traffic_of_nobody_shows_as_unattributed_too),
        cmocka_unit_test(sums_are_a_plain_models_after_any_calls),
        cmocka_unit_test(a_buffer_that_is_too_small_is_told_what_it_takes),
        cmocka_unit_test(another_format_is_refused),
        cmocka_unit_test(a_context_answers_until_it_is_closed),
        cmocka_unit_test(the_number_of_series_does_not_depend_on_the_number_of_tracks),
        cmocka_unit_test(a_context_that_reports_nothing_counts_all),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
