/* SPDX-License-Identifier: Apache-2.0 */
/* What the library says about itself. */
#include "host.h"

STORY(every_status_has_its_name_and_a_sentence) {
#define SAYS(name, value, text)                                                                              \
    assert_string_equal(lkstats_status_name(name), #name);                                                   \
    assert_string_equal(lkstats_strerror(name), text);
    LKSTATS_STATUS_LIST(SAYS)
#undef SAYS
}

STORY(an_unknown_status_has_them_too) {
    static const lkstats_status_t unknown[] = {1, -18, -1000, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; ++i) {
        assert_non_null(lkstats_status_name(unknown[i]));
        assert_non_null(lkstats_strerror(unknown[i]));
    }
}

STORY(the_version_is_the_headers) {
    assert_int_equal(lkstats_version(),
                     LKSTATS_VERSION_MAJOR << 16 | LKSTATS_VERSION_MINOR << 8 | LKSTATS_VERSION_PATCH);
}

STORY(the_table_is_complete_and_works) {
    const lkstats_api_t *api = NULL, *again = NULL;
    assert_status(LKSTATS_OK, lkstats_get_api(LKSTATS_API_VERSION, &api));
    assert_status(LKSTATS_OK, lkstats_get_api(LKSTATS_API_VERSION, &again));
    assert_ptr_equal(api, again);
    assert_true(api->struct_size >= sizeof *api);
    assert_int_equal(api->version, lkstats_version());
    for (size_t at = offsetof(lkstats_api_t, open); at < sizeof *api; at += sizeof(void *)) {
        uintptr_t entry = 0;
        memcpy(&entry, (const char *)api + at, sizeof entry);
        assert_int_not_equal(entry, 0);
    }

    lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    const lkstats_track_options_t track_options = host_track_options("PA_table");
    lkstats_t *ctx = NULL;
    lkstats_track_t track = 0;
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    assert_status(LKSTATS_OK, api->open(&options, &ctx));
    assert_status(LKSTATS_OK, api->run_once(ctx, 0, 0));
    assert_status(LKSTATS_OK, api->track_new(ctx, &track_options, &track));
    assert_status(LKSTATS_OK, api->add_bytes(track, 5, 1));
    assert_status(LKSTATS_OK, api->track_stop(track, &totals));
    assert_traffic(totals.traffic, 5, 1, 0, 0);
    assert_status(LKSTATS_ETIMEDOUT, api->flush(ctx, 0));
    assert_status(LKSTATS_OK, api->next(ctx, &batch));
    assert_int_equal(batch.record_count, 1);
    assert_status(LKSTATS_OK, api->nack(&batch));
    assert_status(LKSTATS_OK, api->next(ctx, &batch));
    assert_status(LKSTATS_OK, api->ack(&batch));
    assert_status(LKSTATS_OK, api->close(ctx, 0, &residue));
    assert_string_equal(api->status_name(LKSTATS_EOF), "LKSTATS_EOF");
}

/* Several have the same type: only their address tells them apart. */
STORY(every_entry_of_the_table_is_its_function) {
    const lkstats_api_t *api = NULL;
    assert_status(LKSTATS_OK, lkstats_get_api(LKSTATS_API_VERSION, &api));
#define IS(name) assert_true(api->name == lkstats_##name)
    IS(open);
    IS(close);
    IS(run_once);
    IS(track_new);
    IS(add_bytes);
    IS(add_messages);
    IS(prefetch);
    IS(track_totals);
    IS(track_stop);
    IS(track_flush);
    IS(flush);
    IS(event_fd);
    IS(next);
    IS(batch_analytics_stats);
    IS(ack);
    IS(nack);
    IS(redeliver);
    IS(track_id_for_participant);
    IS(slab_attach);
    IS(strerror);
    IS(status_name);
    IS(signal_new);
    IS(signal_resolve_room);
    IS(signal_resolve_participant);
    IS(signal_reset);
    IS(metrics);
#undef IS
}

STORY(a_signal_connection_lives_through_the_table) {
    const lkstats_api_t *api = NULL;
    const lkstats_room_t room = {
        .struct_size = sizeof room, .sid = host_string("RM_table"), .name = host_string("table")};
    const lkstats_participant_t participant = {
        .struct_size = sizeof participant, .sid = host_string("PA_table"), .identity = host_string("t")};
    lkstats_t *const ctx = host_open();
    lkstats_signal_t signal = 0;
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    uint64_t need = 0;
    assert_status(LKSTATS_OK, lkstats_get_api(LKSTATS_API_VERSION, &api));
    assert_status(LKSTATS_OK, api->signal_new(ctx, NULL, &signal));
    assert_status(LKSTATS_OK, api->signal_resolve_room(signal, &room));
    assert_status(LKSTATS_ERESOLVED, api->signal_resolve_room(signal, &room));
    assert_status(LKSTATS_OK, api->signal_resolve_participant(signal, &participant));
    assert_status(LKSTATS_ERESOLVED, api->signal_resolve_participant(signal, &participant));
    assert_status(LKSTATS_OK, api->signal_reset(signal));
    assert_status(LKSTATS_OK, api->signal_resolve_room(signal, &room));
    assert_status(LKSTATS_ETIMEDOUT, api->flush(ctx, 0));
    assert_status(LKSTATS_OK, api->next(ctx, &batch));
    assert_int_equal(batch.records[0].key.kind, LKSTATS_RECORD_JOINED);
    assert_true(host_string_is(batch.records[0].participant_sid, "PA_table"));
    assert_status(LKSTATS_OK, api->ack(&batch));
    assert_status(LKSTATS_ERANGE, api->metrics(ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    assert_true(need > 0);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_name_and_a_sentence),
        cmocka_unit_test(an_unknown_status_has_them_too),
        cmocka_unit_test(the_version_is_the_headers),
        cmocka_unit_test(the_table_is_complete_and_works),
        cmocka_unit_test(every_entry_of_the_table_is_its_function),
        cmocka_unit_test(a_signal_connection_lives_through_the_table),
    };
    return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
