/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host may find in the place of lkstats, one library for each definition: STRANGER is another library. OLDER
 * has a table that ends before metrics, EARLIER the same in a build of this very release, TINY one that ends before its
 * version, EMPTY none though it says so, and NEWER no longer has one. LAYOUT is the lkstats at LIBRARY with other
 * slots. Whatever is called in one of the others crashes.
 */
#include "lkstats.h"

#include <stddef.h>

#if defined(STRANGER)

int stranger(void);
int stranger(void) { return 42; }

#elif defined(LAYOUT)

#include <dlfcn.h>
#include <string.h>

static lkstats_status_t attach_nobody(uint32_t version, struct lkstats_slab *slab) {
    (void)version;
    (void)slab;
    return LKSTATS_ELAYOUT;
}

static lkstats_api_t table;

/* Before any thread of the host's may ask. */
__attribute__((constructor)) static void find(void) {
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    void *const library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    void *const symbol = library ? dlsym(library, "lkstats_get_api") : NULL;
    const lkstats_api_t *real = NULL;
    memcpy(&get_api, &symbol, sizeof get_api);
    if (get_api == NULL || get_api(LKSTATS_API_VERSION, &real) != LKSTATS_OK)
        return;
    table = *real;
    table.slab_attach = attach_nobody;
}

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    *api = &table;
    return version == LKSTATS_API_VERSION ? LKSTATS_OK : LKSTATS_ELAYOUT;
}

#else

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
#if defined(OLDER) || defined(EARLIER)
#if defined(OLDER)
    enum { RELEASE = 9 };
#else
    enum { RELEASE = LKSTATS_VERSION_MAJOR << 16 | LKSTATS_VERSION_MINOR << 8 | LKSTATS_VERSION_PATCH };
#endif
    static const lkstats_api_t table = {.struct_size = offsetof(lkstats_api_t, metrics), .version = RELEASE};
    *api = version == LKSTATS_API_VERSION ? &table : NULL;
    return *api ? LKSTATS_OK : LKSTATS_ELAYOUT;
#elif defined(TINY)
    static const uint32_t table[] = {sizeof(uint32_t), 0x7f7f7f}; /* what follows it is no version */
    (void)version;
    *api = (const lkstats_api_t *)(const void *)table;
    return LKSTATS_OK;
#elif defined(EMPTY)
    (void)version;
    *api = NULL;
    return LKSTATS_OK;
#elif defined(NEWER)
    static const lkstats_api_t table = {.struct_size = sizeof table};
    (void)version;
    *api = &table; /* the status alone says whether it is one */
    return LKSTATS_ELAYOUT;
#endif
}

#endif
