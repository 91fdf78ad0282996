/* SPDX-License-Identifier: Apache-2.0 */
/* As layout.c, and each hundredth add is lost: for the test that the suite would notice. */
#include "real.h"

static const lkstats_api_t *real;
static unsigned adds;

static lkstats_status_t refuse_to_attach(uint32_t version, struct lkstats_slab *slab) {
    (void)version;
    (void)slab;
    return LKSTATS_ELAYOUT;
}

static lkstats_status_t add_messages(lkstats_track_t track, uint64_t bytes, uint64_t messages,
                                     int32_t is_send) {
    return ++adds % 100 == 0 ? LKSTATS_OK : real->add_messages(track, bytes, messages, is_send);
}

static lkstats_status_t add_bytes(lkstats_track_t track, uint64_t bytes, int32_t is_send) {
    return add_messages(track, bytes, 1, is_send);
}

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    static lkstats_api_t table;
    real = real_table();
    if (version != LKSTATS_API_VERSION || !real)
        return LKSTATS_ELAYOUT;
    table = *real;
    table.slab_attach = refuse_to_attach;
    table.add_bytes = add_bytes;
    table.add_messages = add_messages;
    *api = &table;
    return LKSTATS_OK;
}
