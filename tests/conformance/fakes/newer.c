/* SPDX-License-Identifier: Apache-2.0 */
/* A release that no longer has the table that this header describes. */
#include "lkstats.h"

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    (void)version;
    (void)api;
    return LKSTATS_ELAYOUT;
}
