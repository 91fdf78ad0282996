/* SPDX-License-Identifier: Apache-2.0 */
/* An older release: its table ends before metrics, and nothing behind that end may be read or called. */
#include "real.h"

#include <stddef.h>

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    static lkstats_api_t older;
    const lkstats_api_t *real = real_table();
    if (version != LKSTATS_API_VERSION || !real)
        return LKSTATS_ELAYOUT;
    memcpy(&older, real, offsetof(lkstats_api_t, metrics));
    older.struct_size = offsetof(lkstats_api_t, metrics);
    older.version = 9; /* 0.0.9 */
    *api = &older;
    return LKSTATS_OK;
}
