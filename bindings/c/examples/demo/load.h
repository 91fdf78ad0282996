/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAD_H
#define LOAD_H

#include "lkstats.h"

/* Loads lkstats at run time and returns its table, or NULL after saying on stderr what to do about it. */
const lkstats_api_t *library_load(const char *path);

#endif
