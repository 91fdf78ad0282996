/* SPDX-License-Identifier: Apache-2.0 */
#include "stranger.h"

#include <stdio.h>
#include <string.h>

/* Longer than anything that the relay would listen to. */
enum { SPEECH_SIZE = 1000 };

static const struct visit {
    const char *says; /* NULL: a speech */
    enum lws_write_protocol kind;
    bool counted; /* a text that the relay had whole */
} visits[] = {{"knock, knock", LWS_WRITE_TEXT, true},
              {"join atrium", LWS_WRITE_TEXT, true},
              {"move atrium", LWS_WRITE_TEXT, true},
              {"join at/rium ana", LWS_WRITE_TEXT, true},
              {"", LWS_WRITE_TEXT, true},
              {"join atrium ana", LWS_WRITE_BINARY, false},
              {NULL, LWS_WRITE_TEXT, false}};

enum { VISITS = sizeof visits / sizeof *visits };

static void fail(struct stranger *stranger, const char *what) {
    crowd_fail(stranger->crowd, "a stranger", "no room", what);
}

static void visit(struct stranger *stranger) {
    struct lws_client_connect_info info = {.context = stranger->crowd->sockets,
                                           .port = stranger->crowd->port};

    info.address = info.host = info.origin = "127.0.0.1";
    info.path = "/";
    info.local_protocol_name = "stranger";
    info.opaque_user_data = stranger;
    info.pwsi = &stranger->wsi;
    stranger->heard_why = false;
    if (!lws_client_connect_via_info(&info))
        fail(stranger, "cannot connect");
}

void stranger_start(struct stranger *stranger, struct crowd *crowd) {
    *stranger = (struct stranger){.crowd = crowd};
    visit(stranger);
}

static int speak(struct stranger *stranger) {
    const struct visit *now = &visits[stranger->visits];
    unsigned char buffer[LWS_PRE + SPEECH_SIZE];
    size_t size = now->says ? strlen(now->says) : SPEECH_SIZE;

    memset(buffer + LWS_PRE, 'x', SPEECH_SIZE);
    if (now->says)
        memcpy(buffer + LWS_PRE, now->says, size);
    if (lws_write(stranger->wsi, buffer + LWS_PRE, size, now->kind) < (int)size) {
        fail(stranger, "cannot speak");
        return -1;
    }
    if (now->counted) {
        struct ledger_row *row =
            ledger_row(&stranger->crowd->ledger, LEDGER_UNKNOWN, LEDGER_UNKNOWN, "signal");

        row->up_messages++;
        row->up_bytes += size;
    }
    return 0;
}

/* data: a status of two bytes, and the relay's reason. */
static void hear_why(struct stranger *stranger, const char *data, size_t size) {
    stranger->heard_why = size > 2;
    if (stranger->heard_why && stranger->visits == 0)
        printf("clients: a stranger who says \"%s\" is told \"%.*s\"\n", visits[0].says, (int)size - 2,
               data + 2);
}

static void next_visit(struct stranger *stranger) {
    if (!stranger->heard_why)
        fail(stranger, "turned away without a reason");
    stranger->wsi = NULL;
    if (++stranger->visits < VISITS)
        visit(stranger);
    else
        stranger->done = true;
}

int stranger_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data,
                      size_t size) {
    struct stranger *stranger = lws_get_opaque_user_data(wsi);

    (void)user;
    if (!stranger || stranger->wsi != wsi || stranger->crowd->failed)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return speak(stranger);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        fail(stranger, "the relay talks to strangers");
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        hear_why(stranger, data, size);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fail(stranger, data ? data : "cannot connect");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        next_visit(stranger);
        return 0;
    default:
        return 0;
    }
}
