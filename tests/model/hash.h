/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a: tells whether content that was seen before has changed. */
#ifndef HASH_H
#define HASH_H

#include <stdint.h>

#define HASH_START 0xcbf29ce484222325u

static inline uint64_t hash_bytes(uint64_t hash, const void *data, uint64_t size) {
    const unsigned char *bytes = data;
    for (uint64_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

#endif
