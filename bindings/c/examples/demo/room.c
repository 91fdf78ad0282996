/* SPDX-License-Identifier: Apache-2.0 */
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message *message_new(enum lws_write_protocol kind, const void *data, size_t size) {
    struct message *message = malloc(sizeof *message + LWS_PRE + size);

    if (!message)
        abort();
    message->references = 1;
    message->size = size;
    message->kind = kind;
    if (size)
        memcpy(message->data + LWS_PRE, data, size);
    return message;
}

void message_release(struct message *message) {
    if (--message->references == 0)
        free(message);
}

static bool member_queue(struct member *member, struct message *message) {
    if (member->queued == QUEUE_MESSAGES || member->queued_bytes + message->size > QUEUE_BYTES)
        return false;
    member->queue[(member->first + member->queued++) % QUEUE_MESSAGES] = message;
    member->queued_bytes += message->size;
    message->references++;
    lws_callback_on_writable(member->wsi);
    return true;
}

struct message *member_take(struct member *member) {
    struct message *message;

    if (!member->queued)
        return NULL;
    message = member->queue[member->first];
    member->first = (member->first + 1) % QUEUE_MESSAGES;
    member->queued--;
    member->queued_bytes -= message->size;
    return message;
}

void member_send(struct member *member, struct message *message) {
    if (member->dropped || member_queue(member, message))
        return;
    fprintf(stderr, "relay: %s does not keep up and is dropped\n", member->account.participant);
    member->dropped = true;
    /* Not now: closing it here would change the list that room_relay walks. */
    lws_set_timeout(member->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

void room_relay(struct room *room, const struct member *from, struct message *message) {
    for (struct member *member = room->members; member; member = member->next) {
        if (member != from)
            member_send(member, message);
    }
}

static void tell_count(struct room *room) {
    char text[32];
    int size = snprintf(text, sizeof text, "members %zu", room->count);
    struct message *message = message_new(LWS_WRITE_TEXT, text, (size_t)size);

    room_relay(room, NULL, message);
    message_release(message);
}

void room_join(struct room **rooms, const char *name, struct member *member) {
    struct room *room = *rooms;

    while (room && strcmp(room->name, name) != 0)
        room = room->next;
    if (!room) {
        room = calloc(1, sizeof *room);
        if (!room)
            abort();
        snprintf(room->name, sizeof room->name, "%s", name);
        room->next = *rooms;
        *rooms = room;
    }
    member->room = room;
    member->next = room->members;
    room->members = member;
    room->count++;
    tell_count(room);
}

void room_leave(struct room **rooms, struct member *member) {
    struct room *room = member->room, **link = rooms;
    struct member **place = &room->members;

    while (*place != member)
        place = &(*place)->next;
    *place = member->next;
    member->room = NULL;

    if (--room->count) {
        tell_count(room);
        return;
    }
    while (*link != room)
        link = &(*link)->next;
    *link = room->next;
    free(room);
}
