/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include "lkstats_load.h"

const int library_is_loaded = 1;

const lkstats_api_t *library_find(const char *path, char *error, size_t capacity) {
    return lkstats_load(path, error, capacity);
}
