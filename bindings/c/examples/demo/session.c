/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LINE_MAX_LENGTH = 512, FIELDS_MAX = 8 };

struct line {
    char *fields[FIELDS_MAX];
    size_t count;
};

static void *grown(void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 256;
    items = realloc(items, *capacity * size);
    if (!items)
        abort();
    return items;
}

static void split(char *text, struct line *line) {
    text[strcspn(text, "\n")] = '\0';
    for (line->count = 0; line->count < FIELDS_MAX && text; line->count++) {
        char *tab = strchr(text, '\t');

        line->fields[line->count] = text;
        if (tab)
            *tab = '\0';
        text = tab ? tab + 1 : NULL;
    }
}

static void copy(char *text, const char *field) { snprintf(text, SESSION_TEXT_MAX + 1, "%s", field); }

static size_t object_find(const struct session *session, const char *field) {
    unsigned number = (unsigned)strtoul(field, NULL, 10);
    size_t i = 0;

    while (i < session->object_count && session->objects[i].number != number)
        i++;
    return i;
}

static bool object_new(struct session *session, const struct line *line) {
    struct session_object *object;

    session->objects =
        grown(session->objects, session->object_count, &session->object_capacity, sizeof *session->objects);
    object = &session->objects[session->object_count++];
    memset(object, 0, sizeof *object);
    object->number = (unsigned)strtoul(line->fields[2], NULL, 10);
    copy(object->type, line->fields[3]);
    if (strcmp(object->type, "signal") == 0)
        return line->count == 4;
    if (line->count != 7)
        return false;
    copy(object->track_id, line->fields[4]);
    copy(object->participant_sid, line->fields[5]);
    return true;
}

static void object_count(struct session_object *object, int32_t is_send, uint64_t bytes) {
    *(is_send ? &object->counted.send_bytes : &object->counted.recv_bytes) += bytes;
    *(is_send ? &object->counted.send_messages : &object->counted.recv_messages) += 1;
}

static bool call_add(struct session *session, const struct line *line, size_t object) {
    struct session_call *call;
    const char *operation = line->fields[1];

    session->calls =
        grown(session->calls, session->call_count, &session->call_capacity, sizeof *session->calls);
    call = &session->calls[session->call_count++];
    *call = (struct session_call){
        .us = strtoll(line->fields[0], NULL, 10), .object = object, .kind = SESSION_NEW};
    if (strcmp(operation, "stop") == 0)
        call->kind = SESSION_STOP;
    if (strcmp(operation, "add") != 0)
        return true;
    if (line->count != 5)
        return false;
    call->kind = SESSION_ADD;
    call->is_send = strcmp(line->fields[3], "send") == 0;
    call->bytes = strtoull(line->fields[4], NULL, 10);
    object_count(&session->objects[object], call->is_send, call->bytes);
    return true;
}

static bool line_read(struct session *session, const struct line *line) {
    const char *operation = line->count >= 3 ? line->fields[1] : "";
    bool is_new = strcmp(operation, "new") == 0 && line->count >= 4;
    struct session_object *object;
    size_t index;

    if (line->count < 3 || (is_new && !object_new(session, line)))
        return false;
    index = object_find(session, line->fields[2]);
    if (index == session->object_count)
        return false;
    object = &session->objects[index];
    if (is_new || strcmp(operation, "add") == 0 || strcmp(operation, "stop") == 0)
        return call_add(session, line, index);
    if (line->count != 5)
        return false;
    if (strcmp(operation, "resolve_room") == 0) {
        copy(object->room, line->fields[3]);
        copy(object->room_sid, line->fields[4]);
        return true;
    }
    copy(object->participant, line->fields[3]);
    copy(object->participant_sid, line->fields[4]);
    snprintf(object->track_id, sizeof object->track_id, "TR_SG%.50s", object->participant_sid);
    return strcmp(operation, "resolve_participant") == 0;
}

/* Only signal connections say who a participant is; the other objects name its sid. */
static void name_participants(struct session *session) {
    for (size_t i = 0; i < session->object_count; i++) {
        struct session_object *object = &session->objects[i];

        for (size_t j = 0; j < session->object_count && !object->participant[0]; j++) {
            const struct session_object *signal = &session->objects[j];

            if (strcmp(signal->type, "signal") != 0 ||
                strcmp(signal->participant_sid, object->participant_sid) != 0)
                continue;
            copy(object->participant, signal->participant);
            copy(object->room, signal->room);
            copy(object->room_sid, signal->room_sid);
        }
    }
}

bool session_read(struct session *session, const char *path) {
    gzFile file = gzopen(path, "rb");
    char text[LINE_MAX_LENGTH];
    unsigned number = 0;
    bool good = file != NULL;
    int end = Z_OK;

    while (good && gzgets(file, text, sizeof text)) {
        struct line line;

        number++;
        split(text, &line);
        good = line_read(session, &line);
    }
    if (file) {
        gzerror(file, &end);
        gzclose(file);
    }
    if (!good || (end != Z_OK && end != Z_STREAM_END))
        fprintf(stderr, file ? "%s: cannot be read after line %u\n" : "%s: cannot be opened\n", path, number);
    name_participants(session);
    return good && (end == Z_OK || end == Z_STREAM_END);
}

void session_free(struct session *session) {
    free(session->objects);
    free(session->calls);
    memset(session, 0, sizeof *session);
}
