/* SPDX-License-Identifier: Apache-2.0 */
/* Where a C host has the library from: linked.c calls what it is linked to, loaded.c loads. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "lkstats.h"

#include <stddef.h>

/* Whether this host is told a path. */
extern const int library_is_loaded;

/* NULL: it cannot be used, and error says why. path is NULL for the one that is linked. */
const lkstats_api_t *library_find(const char *path, char *error, size_t capacity);

#endif
