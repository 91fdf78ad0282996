/* SPDX-License-Identifier: Apache-2.0 */
#include "socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 1024 * 1024 };

static struct server *server_of(struct lws *wsi) { return lws_context_user(lws_get_context(wsi)); }

static int refuse(struct lws *wsi, enum lws_close_status status, const char *why) {
    unsigned char reason[64];
    int size = snprintf((char *)reason, sizeof reason, "%s", why);

    lws_close_reason(wsi, status, reason, (size_t)size);
    return -1;
}

static int refuse_policy(struct lws *wsi, const char *why) {
    return refuse(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, why);
}

static bool assemble(struct member *member, const void *data, size_t size, size_t limit) {
    size_t need = member->incoming_size + size;

    if (need > limit)
        return false;
    if (need > member->incoming_capacity) {
        unsigned char *larger = realloc(member->incoming, 2 * need);

        if (!larger)
            return false;
        member->incoming = larger;
        member->incoming_capacity = 2 * need;
    }
    if (size)
        memcpy(member->incoming + member->incoming_size, data, size);
    member->incoming_size = need;
    return true;
}

/* The member is at once where it wants to go, but is counted in the old room until it has been sent all that it
 * is owed there: up to the answer, which is the first that it gets in the new one. */
static void move(struct server *server, struct member *member, const char *room) {
    char text[NAME_MAX_LENGTH + 8];
    int size = snprintf(text, sizeof text, "moved %s", room);
    struct message *message = message_new(LWS_WRITE_TEXT, text, (size_t)size);

    room_leave(&server->rooms, member);
    member->moved = message;
    member_send(member, message);
    message_release(message);
    room_join(&server->rooms, room, member);
}

static int receive_text(struct lws *wsi, struct member *member) {
    struct server *server = server_of(wsi);
    struct command command = command_read(member->incoming, member->incoming_size);

    if (!member->room) {
        if (command.kind != COMMAND_JOIN)
            return refuse_policy(wsi, "say first: join ROOM PARTICIPANT");
        account_join(&server->accounting, &member->account, command.room, command.participant);
        room_join(&server->rooms, command.room, member);
        return 0;
    }
    if (command.kind != COMMAND_MOVE)
        return refuse_policy(wsi, "after join there is only: move ROOM");
    move(server, member, command.room);
    return 0;
}

static int receive_binary(struct lws *wsi, struct member *member) {
    struct message *message;

    if (!member->room)
        return refuse_policy(wsi, "say first: join ROOM PARTICIPANT");
    account_add(&server_of(wsi)->accounting, &member->account, false, member->incoming_size, false);
    message = message_new(LWS_WRITE_BINARY, member->incoming, member->incoming_size);
    room_relay(member->room, member, message);
    message_release(message);
    return 0;
}

static int receive(struct lws *wsi, struct member *member, const void *data, size_t size) {
    bool text = !lws_frame_is_binary(wsi);
    int result;

    if (!assemble(member, data, size, text ? COMMAND_MAX_LENGTH : MESSAGE_MAX))
        return refuse(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "the message is too large");
    if (!lws_is_final_fragment(wsi))
        return 0;
    if (text)
        account_add(&server_of(wsi)->accounting, &member->account, true, member->incoming_size, false);
    if (member->moved)
        return refuse_policy(wsi, "wait for the answer to the move");
    result = text ? receive_text(wsi, member) : receive_binary(wsi, member);
    member->incoming_size = 0;
    return result;
}

static int send_queued(struct lws *wsi, struct member *member) {
    struct accounting *accounting = &server_of(wsi)->accounting;
    struct message *message;

    while (!lws_send_pipe_choked(wsi) && (message = member_take(member))) {
        bool taken, text = message->kind == LWS_WRITE_TEXT;

        if (message == member->moved) {
            account_move(accounting, &member->account, member->room->name);
            member->moved = NULL;
        }
        taken = lws_write(wsi, message->data + LWS_PRE, message->size, message->kind) >= (int)message->size;
        if (taken)
            account_add(accounting, &member->account, text, message->size, true);
        message_release(message);
        if (!taken)
            return -1;
    }
    if (member->queued)
        lws_callback_on_writable(wsi);
    return 0;
}

static int enter(struct lws *wsi, struct member *member) {
    member->wsi = wsi;
    account_open(&server_of(wsi)->accounting, &member->account);
    return 0;
}

static void leave(struct server *server, struct member *member) {
    struct message *message;

    account_close(&server->accounting, &member->account);
    if (member->room)
        room_leave(&server->rooms, member);
    while ((message = member_take(member)))
        message_release(message);
    free(member->incoming);
    member->incoming = NULL;
}

int socket_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size) {
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return enter(wsi, user);
    case LWS_CALLBACK_RECEIVE:
        return receive(wsi, user, data, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return send_queued(wsi, user);
    case LWS_CALLBACK_CLOSED:
        leave(server_of(wsi), user);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, data, size);
    }
}
