/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that a seed decides: splitmix64. */
#ifndef SOAK_RANDOM_H
#define SOAK_RANDOM_H

#include <stdint.h>

struct soak_random {
    uint64_t state;
};

static inline uint64_t soak_next(struct soak_random *random) {
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Below limit, which is not 0. */
static inline uint64_t soak_below(struct soak_random *random, uint64_t limit) {
    return soak_next(random) % limit;
}

/* One of so many. */
static inline int soak_one_in(struct soak_random *random, uint64_t many) {
    return soak_below(random, many) == 0;
}

/* A generator of its own for each of those that share a seed. */
static inline struct soak_random soak_seeded(uint64_t seed, uint64_t whose) {
    struct soak_random random = {seed ^ (whose * UINT64_C(0xd1342543de82ef95))};
    soak_next(&random);
    return random;
}

#endif
