/* SPDX-License-Identifier: Apache-2.0 */
/* One seeded run: its random numbers, where it is, its last calls, and how it ends when a promise is broken.
 */
#ifndef STORY_H
#define STORY_H

#include <stdint.h>

typedef struct story {
    uint64_t seed;
    uint64_t state;
    uint32_t sequence;
    uint32_t call;
} story_t;

extern story_t story;

void story_begin(uint64_t seed);

uint64_t draw(void);
uint64_t below(uint64_t limit); /* 0 where limit is 0 */
int one_in(uint64_t chances);

/* A line of the trace that a failure prints. */
void story_says(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void story_fails(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define must(condition, ...) ((condition) ? (void)0 : story_fails(__FILE__, __LINE__, __VA_ARGS__))

/* A set of statuses, for where the contract leaves more than one open. */
#define ANSWER(status) (1u << -(status))
#define must_answer(status, set) story_answer(__FILE__, __LINE__, #status, (status), (set))

/* Hands the status back. */
int32_t story_answer(const char *file, int line, const char *call, int32_t status, uint32_t set);

#endif
