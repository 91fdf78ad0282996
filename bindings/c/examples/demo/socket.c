/* SPDX-License-Identifier: Apache-2.0 */
#include "socket.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small on purpose: a message larger than this arrives in pieces, as it does on a real network. */
enum { RECEIVE_SIZE = 4096, MESSAGE_MAX = 1024 * 1024 };

static struct server *server_of(struct lws *wsi) { return lws_context_user(lws_get_context(wsi)); }

/* A failure to count is said and survived: people go on talking. */
static void notice(const struct server *server, const char *what, lkstats_status_t status) {
    if (status != LKSTATS_OK)
        fprintf(stderr, "relay: %s: %s\n", what, server->api->strerror(status));
}

static bool url_name(struct lws *wsi, const char *argument, char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    char buffer[NAME_MAX_LENGTH + 32];
    const char *value = lws_get_urlarg_by_name(wsi, argument, buffer, sizeof buffer);
    size_t length = value ? strlen(value) : 0;

    if (length == 0 || length > NAME_MAX_LENGTH || strspn(value, plain) != length)
        return false;
    memcpy(name, value, length + 1);
    return true;
}

static lkstats_string_t text(const char *string) { return (lkstats_string_t){string, strlen(string)}; }

/* A participant that comes back, or comes twice, is another connection and so another track; the identity
 * says who it is. */
static lkstats_track_t track_new(struct server *server, const char *room, const char *participant) {
    char room_sid[NAME_MAX_LENGTH + 8], participant_sid[NAME_MAX_LENGTH + 32];
    lkstats_track_options_t options = {.struct_size = sizeof options, .channel = LKSTATS_CHANNEL_DATA};
    lkstats_track_t track;

    snprintf(room_sid, sizeof room_sid, "RM_%s", room);
    snprintf(participant_sid, sizeof participant_sid, "PA_%s_%" PRIu64, participant, ++server->connections);
    options.room_sid = text(room_sid);
    options.room_name = text(room);
    options.participant_sid = text(participant_sid);
    options.participant_identity = text(participant);
    notice(server, "a track is not counted", server->api->track_new(server->ctx, &options, &track));
    return track;
}

static int refuse(struct lws *wsi, enum lws_close_status status, const char *why) {
    unsigned char reason[64];
    int size = snprintf((char *)reason, sizeof reason, "%s", why);

    lws_close_reason(wsi, status, reason, (size_t)size);
    return -1;
}

static int join(struct lws *wsi, struct member *member) {
    struct server *server = server_of(wsi);
    char room[NAME_MAX_LENGTH + 1], participant[NAME_MAX_LENGTH + 1];

    if (!url_name(wsi, "room=", room) || !url_name(wsi, "participant=", participant))
        return refuse(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, "join with ?room=NAME&participant=IDENTITY");
    member->wsi = wsi;
    member->track = track_new(server, room, participant);
    room_join(&server->rooms, room, member);
    return 0;
}

static void leave(struct server *server, struct member *member) {
    free(member->incoming);
    member->incoming = NULL;
    if (!member->room)
        return;
    notice(server, "a track does not stop", server->api->track_stop(member->track, NULL));
    room_leave(&server->rooms, member);
}

static bool assemble(struct member *member, const void *data, size_t size) {
    size_t need = member->incoming_size + size;

    if (need > MESSAGE_MAX)
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

static int receive(struct lws *wsi, struct member *member, const void *data, size_t size) {
    struct server *server = server_of(wsi);
    struct message *message;

    if (!lws_frame_is_binary(wsi))
        return 0;
    if (!assemble(member, data, size))
        return refuse(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "the message is too large");
    if (!lws_is_final_fragment(wsi))
        return 0;
    notice(server, "a received message is not counted",
           server->api->add_bytes(member->track, member->incoming_size, 0));
    message = message_new(LWS_WRITE_BINARY, member->incoming, member->incoming_size);
    room_relay(member->room, member, message);
    message_release(message);
    member->incoming_size = 0;
    return 0;
}

static int send_queued(struct lws *wsi, struct member *member) {
    struct server *server = server_of(wsi);
    struct message *message;

    while (!lws_send_pipe_choked(wsi) && (message = member_take(member))) {
        bool taken =
            lws_write(wsi, message->data + LWS_PRE, message->size, message->kind) >= (int)message->size;

        if (taken && message->kind == LWS_WRITE_BINARY)
            notice(server, "a sent message is not counted",
                   server->api->add_bytes(member->track, message->size, 1));
        message_release(message);
        if (!taken)
            return -1;
    }
    if (member->queued)
        lws_callback_on_writable(wsi);
    return 0;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *member, void *data,
                     size_t size) {
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return join(wsi, member);
    case LWS_CALLBACK_RECEIVE:
        return receive(wsi, member, data, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return send_queued(wsi, member);
    case LWS_CALLBACK_CLOSED:
        leave(server_of(wsi), member);
        return 0;
    default:
        return 0;
    }
}

const struct lws_protocols socket_protocols[] = {
    {"lkstats-demo", on_socket, sizeof(struct member), RECEIVE_SIZE, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0}};
