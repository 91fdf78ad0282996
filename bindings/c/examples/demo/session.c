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

bool session_is_signal(const struct session_object *object) { return strcmp(object->type, "signal") == 0; }

static bool object_new(struct session *session, const struct line *line) {
    struct session_object *object;

    if (line->count < 4)
        return false;
    session->objects =
        grown(session->objects, session->object_count, &session->object_capacity, sizeof *session->objects);
    object = &session->objects[session->object_count++];
    memset(object, 0, sizeof *object);
    object->number = (unsigned)strtoul(line->fields[2], NULL, 10);
    copy(object->type, line->fields[3]);
    if (session_is_signal(object))
        return line->count == 4;
    if (line->count != 7)
        return false;
    copy(object->track_id, line->fields[4]);
    copy(object->participant.sid, line->fields[5]);
    return true;
}

static bool call_add(struct session_object *object, const struct line *line, struct session_call *call) {
    if (line->count != 5)
        return false;
    call->is_send = strcmp(line->fields[3], "send") == 0;
    call->bytes = strtoull(line->fields[4], NULL, 10);
    *(call->is_send ? &object->counted.send_bytes : &object->counted.recv_bytes) += call->bytes;
    *(call->is_send ? &object->counted.send_messages : &object->counted.recv_messages) += 1;
    return true;
}

static bool call_resolve(struct session *session, const struct line *line, struct session_call *call) {
    struct session_object *object = &session->objects[call->object];
    struct session_name *known = call->kind == SESSION_RESOLVE_ROOM ? &object->room : &object->participant;
    struct session_name *name;

    if (line->count != 5 || !session_is_signal(object))
        return false;
    session->names = grown(session->names, session->name_count, &session->name_capacity, sizeof *name);
    call->name = session->name_count++;
    name = &session->names[call->name];
    copy(name->name, line->fields[3]);
    copy(name->sid, line->fields[4]);
    if (!known->sid[0])
        *known = *name;
    return true;
}

static bool line_read(struct session *session, const struct line *line) {
    static const char *const operations[SESSION_KINDS] = {"new", "add", "resolve_room", "resolve_participant",
                                                          "stop"};
    struct session_call call = {0};

    while (line->count >= 3 && call.kind < SESSION_KINDS && strcmp(operations[call.kind], line->fields[1]))
        call.kind++;
    if (line->count < 3 || call.kind == SESSION_KINDS ||
        (call.kind == SESSION_NEW && !object_new(session, line)))
        return false;
    call.us = strtoll(line->fields[0], NULL, 10);
    call.object = object_find(session, line->fields[2]);
    if (call.object == session->object_count ||
        (call.kind == SESSION_ADD && !call_add(&session->objects[call.object], line, &call)) ||
        ((call.kind == SESSION_RESOLVE_ROOM || call.kind == SESSION_RESOLVE_PARTICIPANT) &&
         !call_resolve(session, line, &call)))
        return false;
    session->calls =
        grown(session->calls, session->call_count, &session->call_capacity, sizeof *session->calls);
    session->calls[session->call_count++] = call;
    return true;
}

static void name_participants(struct session *session) {
    for (size_t i = 0; i < session->object_count; i++) {
        struct session_object *object = &session->objects[i];

        for (size_t j = 0; j < session->object_count && !object->participant.name[0]; j++) {
            const struct session_object *signal = &session->objects[j];

            if (!session_is_signal(signal) || strcmp(signal->participant.sid, object->participant.sid) != 0)
                continue;
            object->participant = signal->participant;
            object->room = signal->room;
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
    free(session->names);
    memset(session, 0, sizeof *session);
}
