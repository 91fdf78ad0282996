/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <stdbool.h>
#include <string.h>

static bool take_word(const char **at, const char *word) {
    size_t length = strlen(word);

    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_name(const char **at, char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = strspn(*at, plain);

    if (length == 0 || length > NAME_MAX_LENGTH)
        return false;
    memcpy(name, *at, length);
    name[length] = '\0';
    *at += length;
    return true;
}

struct command command_read(const void *text, size_t size) {
    char line[COMMAND_MAX_LENGTH + 1] = {0};
    struct command command = {.kind = COMMAND_UNKNOWN};
    const char *at = line;

    if (size == 0 || size > COMMAND_MAX_LENGTH)
        return command;
    memcpy(line, text, size);
    if (take_word(&at, "join ")) {
        if (take_name(&at, command.room) && take_word(&at, " ") && take_name(&at, command.participant))
            command.kind = COMMAND_JOIN;
    } else if (take_word(&at, "move ")) {
        if (take_name(&at, command.room))
            command.kind = COMMAND_MOVE;
    }
    /* A NUL among them is not the end of it. */
    if (at != line + size)
        command.kind = COMMAND_UNKNOWN;
    return command;
}
