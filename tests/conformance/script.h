/* SPDX-License-Identifier: Apache-2.0 */
/* A script of calls, read line by line and word by word; README.md has the language. Whatever it does not understand
 * is said on standard error, and ends the process with exit status 2. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "lkstats.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct script;

struct script *script_open(const char *path);
void script_close(struct script *script);

/* The next line that says something; 0: there is none. What the words of the one before point to is gone. */
int script_next(struct script *script);
unsigned long script_line(const struct script *script);

/* The next word of the line. A line that has one too few is not understood. */
const char *script_word(struct script *script);
uint64_t script_number(struct script *script, uint64_t most);
int32_t script_int32(struct script *script);
/* After '=', with %XX for what is not a letter, digit, '_', '.' or '-'. */
lkstats_string_t script_string(struct script *script);
/* Numbers with commas between them, or - for none. */
const int32_t *script_details(struct script *script, uint32_t *count);
/* After the last word. */
void script_end(struct script *script);

void script_not_understood(const struct script *script, const char *why);

#ifdef __cplusplus
}
#endif

#endif
