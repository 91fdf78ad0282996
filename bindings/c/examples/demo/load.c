/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <dlfcn.h>
#include <stdio.h>

typedef lkstats_status_t get_api_t(uint32_t, const lkstats_api_t **);

static const lkstats_api_t *refuse(const char *path, const char *why, const char *remedy) {
    fprintf(stderr, "cannot use lkstats at %s: %s\n%s\n", path, why, remedy);
    return NULL;
}

const lkstats_api_t *library_load(const char *path) {
    const lkstats_api_t *api = NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    get_api_t *get_api;

    if (!library)
        return refuse(path, dlerror(), "Build it first, and give its path with --library.");
    *(void **)&get_api = dlsym(library, "lkstats_get_api");
    if (!get_api)
        return refuse(path, dlerror(), "Give the path of liblkstats.so with --library.");
    if (get_api(LKSTATS_API_VERSION, &api) != LKSTATS_OK || api->struct_size < sizeof *api)
        return refuse(path, "it is older than this program",
                      "Build library and program from the same release.");
    return api;
}
