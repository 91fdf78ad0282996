/* SPDX-License-Identifier: Apache-2.0 */
/* What the fakes stand in front of. */
#ifndef REAL_H
#define REAL_H

#include "lkstats.h"

#include <dlfcn.h>
#include <string.h>

/* NULL: there is none. In a host that is linked it is the one that is in the process already, else the one that was
 * built with the fakes. */
static inline const lkstats_api_t *real_table(void) {
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    const lkstats_api_t *table = NULL;
    void *library = dlopen("liblkstats.so.0", RTLD_NOW | RTLD_NOLOAD);
    if (!library)
        library = dlopen(REAL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "lkstats_get_api") : NULL;
    memcpy(&get_api, &symbol, sizeof get_api);
    return get_api && get_api(LKSTATS_API_VERSION, &table) == LKSTATS_OK ? table : NULL;
}

#endif
