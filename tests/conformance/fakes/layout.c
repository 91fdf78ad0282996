/* SPDX-License-Identifier: Apache-2.0 */
/* A release with other slots: it attaches nobody, so that every add has to be a call. All else is the real library.
 * Whoever was refused has left a byte in the file that LKSTATS_WITNESS names. */
#include "real.h"

#include <stdio.h>
#include <stdlib.h>

static void leave_witness(void) {
    const char *path = getenv("LKSTATS_WITNESS");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file)
        return;
    fputc('.', file);
    fclose(file);
}

lkstats_status_t lkstats_slab_attach(uint32_t version, struct lkstats_slab *slab) {
    (void)version;
    (void)slab;
    leave_witness();
    return LKSTATS_ELAYOUT;
}

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    static lkstats_api_t table;
    const lkstats_api_t *real = real_table();
    if (version != LKSTATS_API_VERSION || !real)
        return LKSTATS_ELAYOUT;
    table = *real;
    table.slab_attach = lkstats_slab_attach;
    *api = &table;
    return LKSTATS_OK;
}
