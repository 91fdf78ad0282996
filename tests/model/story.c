/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include "lkstats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LINES = 40, LINE_SIZE = 160 };

story_t story;
static char lines[LINES][LINE_SIZE];
static uint32_t lines_said;

void story_begin(uint64_t seed) {
    story = (story_t){.seed = seed, .state = seed};
    lines_said = 0;
}

/* splitmix64: neighbouring seeds give unrelated runs. */
uint64_t draw(void) {
    uint64_t z = story.state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t below(uint64_t limit) { return limit ? draw() % limit : 0; }

int one_in(uint64_t chances) { return below(chances) == 0; }

void story_says(const char *format, ...) {
    char *line = lines[lines_said++ % LINES];
    const int at = snprintf(line, LINE_SIZE, "%u.%u ", story.sequence, story.call);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + at, LINE_SIZE - (size_t)at, format, arguments);
    va_end(arguments);
}

void story_fails(const char *file, int line, const char *format, ...) {
    char why[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);

    const uint32_t kept = lines_said < LINES ? lines_said : LINES;
    for (uint32_t i = lines_said - kept; i < lines_said; i++)
        print_error("  %s\n", lines[i % LINES]);
    print_error("seed %llu, sequence %u, call %u: %s\n", (unsigned long long)story.seed, story.sequence,
                story.call, why);
    _fail(file, line);
    abort();
}

int32_t story_answer(const char *file, int line, const char *call, int32_t status, uint32_t set) {
    if (status > 0 || status < -31 || !(set & ANSWER(status)))
        story_fails(file, line, "%s answered %s", call, lkstats_status_name(status));
    return status;
}
