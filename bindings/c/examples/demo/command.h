/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client may say to the relay, one text message each:
 *
 *   join ROOM PARTICIPANT   first of all, and once
 *   move ROOM               the relay answers "moved ROOM"; until then the client sends nothing
 *
 * ROOM and PARTICIPANT are letters, digits, '-', '_' and '.'.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

enum { NAME_MAX_LENGTH = 64, COMMAND_MAX_LENGTH = 160 };

enum command_kind { COMMAND_UNKNOWN, COMMAND_JOIN, COMMAND_MOVE };

struct command {
    enum command_kind kind;
    char room[NAME_MAX_LENGTH + 1];
    char participant[NAME_MAX_LENGTH + 1];
};

/* size bytes, at most COMMAND_MAX_LENGTH, of whatever a stranger sent. */
struct command command_read(const void *text, size_t size);

#endif
