/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { details_most = 64 };

struct script {
    FILE *file;
    const char *path;
    unsigned long line;
    char *text;
    size_t room;
    char *rest; /* of the line: NULL after its last word */
    int32_t details[details_most];
};

void script_not_understood(const struct script *script, const char *why) {
    fprintf(stderr, "%s:%lu: %s\n", script->path, script->line, why);
    exit(2);
}

struct script *script_open(const char *path) {
    struct script *script = calloc(1, sizeof *script);
    FILE *file = fopen(path, "rb");
    if (!script || !file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    script->path = path;
    script->file = file;
    return script;
}

void script_close(struct script *script) {
    fclose(script->file);
    free(script->text);
    free(script);
}

int script_next(struct script *script) {
    ssize_t size;
    while ((size = getline(&script->text, &script->room, script->file)) > 0) {
        script->line++;
        if (script->text[size - 1] == '\n')
            script->text[--size] = '\0';
        if (strlen(script->text) != (size_t)size)
            script_not_understood(script, "a zero byte");
        script->rest = script->text;
        if (size != 0 && script->text[0] != '#')
            return 1;
    }
    return 0;
}

unsigned long script_line(const struct script *script) { return script->line; }

const char *script_word(struct script *script) {
    char *word = script->rest;
    char *space;
    if (!word || *word == '\0' || *word == ' ')
        script_not_understood(script, "a word is missing");
    space = strchr(word, ' ');
    script->rest = space ? space + 1 : NULL;
    if (space)
        *space = '\0';
    return word;
}

uint64_t script_number(struct script *script, uint64_t most) {
    const char *word = script_word(script);
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(word, &end, 10);
    if (*word < '0' || *word > '9' || *end != '\0' || errno != 0 || number > most)
        script_not_understood(script, "not a number in its range");
    return number;
}

/* Up to stop or the end of the word; *at is left there. */
static int32_t int32_at(struct script *script, const char **at, char stop) {
    char *end;
    errno = 0;
    const long long number = strtoll(*at, &end, 10);
    const int begins = (**at >= '0' && **at <= '9') || (**at == '-' && (*at)[1] >= '0' && (*at)[1] <= '9');
    if (!begins || (*end != '\0' && *end != stop) || errno != 0 || number < INT32_MIN || number > INT32_MAX)
        script_not_understood(script, "not a number of 32 bits");
    *at = end;
    return (int32_t)number;
}

int32_t script_int32(struct script *script) {
    const char *word = script_word(script);
    return int32_at(script, &word, '\0');
}

static int hex_digit(char digit) {
    static const char digits[] = "0123456789ABCDEF";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

static int is_plain(char byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '.' || byte == '-';
}

lkstats_string_t script_string(struct script *script) {
    /* Decoded where it stands: it only becomes shorter. */
    char *const first = (char *)script_word(script);
    const char *from = first + 1;
    char *to = first;
    if (*first != '=')
        script_not_understood(script, "a string begins with =");
    while (*from) {
        const int high = *from == '%' ? hex_digit(from[1]) : -1;
        const int low = high >= 0 ? hex_digit(from[2]) : -1;
        if (low >= 0) {
            *to++ = (char)(high * 16 + low);
            from += 3;
        } else if (is_plain(*from)) {
            *to++ = *from++;
        } else {
            script_not_understood(script, "a byte that a string writes as %XX");
        }
    }
    const lkstats_string_t string = {first, (uint64_t)(to - first)};
    return string;
}

const int32_t *script_details(struct script *script, uint32_t *count) {
    const char *at = script_word(script);
    *count = 0;
    if (strcmp(at, "-") == 0)
        return NULL;
    for (;;) {
        if (*count == details_most)
            script_not_understood(script, "too many details");
        script->details[(*count)++] = int32_at(script, &at, ',');
        if (*at == '\0')
            return script->details;
        at++;
    }
}

void script_end(struct script *script) {
    if (script->rest)
        script_not_understood(script, "a word too many");
}
