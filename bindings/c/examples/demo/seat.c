/* SPDX-License-Identifier: Apache-2.0 */
#include "seat.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A longer message goes out in frames of this size, so that the relay has something to put together. */
enum { BINARY_FRAME_SIZE = 6000, TEXT_FRAME_SIZE = 9 };

void crowd_fail(struct crowd *crowd, const char *who, const char *where, const char *what) {
    if (!crowd->failed)
        fprintf(stderr, "clients: %s in %s: %s\n", who, where, what);
    crowd->failed = true;
}

static void fail(const struct seat *seat, const char *what) {
    crowd_fail(seat->crowd, seat->participant, seat->room, what);
}

/* xorshift64: the sizes need not be more random than that. */
uint64_t crowd_random(struct crowd *crowd, uint64_t below) {
    crowd->random ^= crowd->random << 13;
    crowd->random ^= crowd->random >> 7;
    crowd->random ^= crowd->random << 17;
    return crowd->random % below;
}

static struct ledger_row *row(const struct seat *seat, bool text) {
    return ledger_row(&seat->crowd->ledger, seat->room, seat->participant, text ? "signal" : "data");
}

void seat_connect(struct seat *seat) {
    struct lws_client_connect_info info = {.context = seat->crowd->sockets, .port = seat->crowd->port};

    info.address = info.host = info.origin = "127.0.0.1";
    info.path = "/";
    info.protocol = info.local_protocol_name = "lkstats-demo";
    info.opaque_user_data = seat;
    info.pwsi = &seat->wsi;
    seat->state = SEAT_CONNECTING;
    seat->told = 0;
    if (!lws_client_connect_via_info(&info))
        fail(seat, "cannot connect");
}

static void start_sending(struct seat *seat, size_t size) {
    seat->sending = true;
    seat->handed = 0;
    seat->size = size;
    lws_callback_on_writable(seat->wsi);
}

static void say(struct seat *seat, const char *format, ...) {
    va_list values;
    int size;

    va_start(values, format);
    size = vsnprintf(seat->text, sizeof seat->text, format, values);
    va_end(values);
    start_sending(seat, (size_t)size);
}

/* Many small ones, some empty, some as large as they get. */
static size_t message_size(struct crowd *crowd) {
    uint64_t kind = crowd_random(crowd, 16);

    if (kind == 0)
        return 0;
    if (kind == 1)
        return MESSAGE_MAX;
    return (size_t)crowd_random(crowd, (uint64_t)1 << (4 + crowd_random(crowd, 11)));
}

void seat_send(struct seat *seat) {
    seat->text[0] = '\0';
    start_sending(seat, message_size(seat->crowd));
}

static void enter(struct seat *seat) {
    seat->state = SEAT_TAKEN;
    row(seat, true)->joined++;
}

void seat_move(struct seat *seat, const char *room) {
    seat->state = SEAT_MOVING;
    seat->destination = room;
    say(seat, "move %s", room);
}

/* The relay's answer is the first that belongs to the new room. */
static void arrive(struct seat *seat) {
    row(seat, true)->left++;
    seat->room = seat->destination;
    seat->destination = NULL;
    seat->told = 0;
    enter(seat);
}

void seat_part(struct seat *seat, enum parting how) {
    struct lws *wsi = seat->wsi;

    row(seat, true)->left++;
    if (how == PARTING_POLITE) {
        seat->state = SEAT_LEAVING;
        lws_callback_on_writable(wsi);
        return;
    }
    seat->state = SEAT_EMPTY;
    seat->wsi = NULL;
    if (how == PARTING_RESET) {
        /* Linux answers the disconnection of a connected stream socket with a TCP reset. */
        struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

        if (connect(lws_get_socket_fd(wsi), &nowhere, sizeof nowhere) != 0)
            fail(seat, "the socket cannot be reset");
    }
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

bool seat_belongs(const struct seat *seat, const char *room) {
    return strcmp(seat->room, room) == 0 || (seat->destination && strcmp(seat->destination, room) == 0);
}

bool seat_quiet(const struct seat *seat) {
    return !seat->sending && seat->received.messages == seat->owed.messages &&
           seat->received.bytes == seat->owed.bytes;
}

/* From here on every other member is owed a binary message. */
static void sent(struct seat *seat) {
    struct crowd *crowd = seat->crowd;
    bool text = seat->text[0];
    struct ledger_row *counted = row(seat, text);

    seat->sending = false;
    counted->up_messages++;
    counted->up_bytes += seat->size;
    for (size_t i = 0; i < crowd->seat_count && !text; i++) {
        struct seat *other = &crowd->seats[i];

        if (other == seat || other->state != SEAT_TAKEN || strcmp(other->room, seat->room) != 0)
            continue;
        other->owed.messages++;
        other->owed.bytes += seat->size;
    }
}

static int write_frame(struct seat *seat) {
    static unsigned char buffer[LWS_PRE + BINARY_FRAME_SIZE];
    bool text = seat->text[0];
    size_t most = text ? TEXT_FRAME_SIZE : BINARY_FRAME_SIZE, rest = seat->size - seat->handed;
    size_t size = rest < most ? rest : most;
    int flags = lws_write_ws_flags(text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY, seat->handed == 0, size == rest);

    if (text)
        memcpy(buffer + LWS_PRE, seat->text + seat->handed, size);
    else
        memset(buffer + LWS_PRE, (int)seat->owed.messages, size);
    if (lws_write(seat->wsi, buffer + LWS_PRE, size, (enum lws_write_protocol)flags) < (int)size) {
        fail(seat, "a message could not be sent");
        return -1;
    }
    seat->handed += size;
    if (size == rest)
        sent(seat);
    else
        lws_callback_on_writable(seat->wsi);
    return 0;
}

static int writeable(struct seat *seat) {
    if (seat->state == SEAT_LEAVING) {
        lws_close_reason(seat->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
    }
    return seat->sending ? write_frame(seat) : 0;
}

static void hear(struct seat *seat) {
    static const char moved[] = "moved ";

    if (strncmp(seat->heard, moved, strlen(moved)) == 0 && seat->state == SEAT_MOVING &&
        strcmp(seat->heard + strlen(moved), seat->destination) == 0)
        arrive(seat);
    else if (sscanf(seat->heard, "members %zu", &seat->told) != 1)
        fail(seat, "the relay says something that is not known here");
}

static void receive(struct seat *seat, const char *data, size_t size) {
    bool text = !lws_frame_is_binary(seat->wsi);
    struct ledger_row *counted;

    if (text && seat->incoming + size <= TEXT_MAX)
        memcpy(seat->heard + seat->incoming, data, size);
    seat->incoming += size;
    if (!lws_is_final_fragment(seat->wsi))
        return;
    if (text) {
        seat->heard[seat->incoming <= TEXT_MAX ? seat->incoming : 0] = '\0';
        hear(seat);
    } else {
        seat->received.messages++;
        seat->received.bytes += seat->incoming;
        if (seat->received.messages > seat->owed.messages || seat->received.bytes > seat->owed.bytes)
            fail(seat, "receives more than anybody sent");
    }
    counted = row(seat, text);
    counted->down_messages++;
    counted->down_bytes += seat->incoming;
    seat->incoming = 0;
}

static void gone(struct seat *seat) {
    if (seat->state != SEAT_LEAVING)
        fail(seat, "the connection was closed from the other side");
    seat->state = SEAT_EMPTY;
    seat->wsi = NULL;
}

int seat_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size) {
    struct seat *seat = lws_get_opaque_user_data(wsi);

    (void)user;
    /* A connection that was cut off before its callbacks were through is nobody's any more. */
    if (!seat || seat->wsi != wsi)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        enter(seat);
        say(seat, "join %s %s", seat->room, seat->participant);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        receive(seat, data, size);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return writeable(seat);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fail(seat, data ? data : "cannot connect");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        gone(seat);
        return 0;
    default:
        return 0;
    }
}
