/* SPDX-License-Identifier: Apache-2.0 */
#include "seat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A longer message goes out in frames of this size, so that the relay has something to put together. */
enum { FRAME_SIZE = 6000 };

void crowd_fail(struct crowd *crowd, const struct seat *seat, const char *what) {
    if (!crowd->failed)
        fprintf(stderr, "clients: %s in %s: %s\n", seat->participant, seat->room, what);
    crowd->failed = true;
}

/* xorshift64: the sizes need not be more random than that. */
uint64_t crowd_random(struct crowd *crowd, uint64_t below) {
    crowd->random ^= crowd->random << 13;
    crowd->random ^= crowd->random >> 7;
    crowd->random ^= crowd->random << 17;
    return crowd->random % below;
}

void seat_connect(struct seat *seat) {
    struct lws_client_connect_info info = {.context = seat->crowd->sockets, .port = seat->crowd->port};
    char path[160];

    snprintf(path, sizeof path, "/?room=%s&participant=%s", seat->room, seat->participant);
    info.address = info.host = info.origin = "127.0.0.1";
    info.path = path;
    info.protocol = info.local_protocol_name = seat_protocols[0].name;
    info.opaque_user_data = seat;
    info.pwsi = &seat->wsi;
    seat->state = SEAT_CONNECTING;
    seat->told = 0;
    if (!lws_client_connect_via_info(&info))
        crowd_fail(seat->crowd, seat, "cannot connect");
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
    seat->sending = true;
    seat->handed = 0;
    seat->size = message_size(seat->crowd);
    lws_callback_on_writable(seat->wsi);
}

void seat_part(struct seat *seat, enum parting how) {
    struct lws *wsi = seat->wsi;

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
            crowd_fail(seat->crowd, seat, "the socket cannot be reset");
    }
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

bool seat_quiet(const struct seat *seat) {
    return !seat->sending && seat->received.messages == seat->owed.messages &&
           seat->received.bytes == seat->owed.bytes;
}

/* From here on every other member is owed the message. */
static void sent(struct seat *seat) {
    seat->sending = false;
    seat->sent.messages++;
    seat->sent.bytes += seat->size;
    for (size_t i = 0; i < seat->others_count; i++) {
        struct seat *other = &seat->others[i];

        if (other == seat || other->state != SEAT_TAKEN)
            continue;
        other->owed.messages++;
        other->owed.bytes += seat->size;
    }
}

static int write_frame(struct seat *seat) {
    static unsigned char buffer[LWS_PRE + FRAME_SIZE];
    size_t rest = seat->size - seat->handed, size = rest < FRAME_SIZE ? rest : FRAME_SIZE;
    int flags = lws_write_ws_flags(LWS_WRITE_BINARY, seat->handed == 0, size == rest);

    memset(buffer + LWS_PRE, (int)seat->sent.messages, size);
    if (lws_write(seat->wsi, buffer + LWS_PRE, size, (enum lws_write_protocol)flags) < (int)size) {
        crowd_fail(seat->crowd, seat, "a message could not be sent");
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

static void receive_text(struct seat *seat, const char *data, size_t size) {
    char text[32];

    snprintf(text, sizeof text, "%.*s", (int)size, data);
    if (sscanf(text, "members %zu", &seat->told) != 1)
        crowd_fail(seat->crowd, seat, "the relay says something that is not known here");
}

static void receive(struct seat *seat, const char *data, size_t size) {
    if (!lws_frame_is_binary(seat->wsi)) {
        receive_text(seat, data, size);
        return;
    }
    seat->incoming += size;
    if (!lws_is_final_fragment(seat->wsi))
        return;
    seat->received.messages++;
    seat->received.bytes += seat->incoming;
    seat->incoming = 0;
    if (seat->received.messages > seat->owed.messages || seat->received.bytes > seat->owed.bytes)
        crowd_fail(seat->crowd, seat, "receives more than anybody sent");
}

static void gone(struct seat *seat) {
    if (seat->state != SEAT_LEAVING)
        crowd_fail(seat->crowd, seat, "the connection was closed from the other side");
    seat->state = SEAT_EMPTY;
    seat->wsi = NULL;
}

static int on_seat(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size) {
    struct seat *seat = lws_get_opaque_user_data(wsi);

    (void)user;
    /* A connection that was cut off before its callbacks were through is nobody's any more. */
    if (!seat || seat->wsi != wsi)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        seat->state = SEAT_TAKEN;
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        receive(seat, data, size);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return writeable(seat);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        crowd_fail(seat->crowd, seat, data ? data : "cannot connect");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        gone(seat);
        return 0;
    default:
        return 0;
    }
}

const struct lws_protocols seat_protocols[] = {{"lkstats-demo", on_seat, 0, 4096, 0, NULL, 0},
                                               {NULL, NULL, 0, 0, 0, NULL, 0}};
