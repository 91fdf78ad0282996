/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include "socket.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *accepted; /* by those who get this one */
    const char *content_type;
    uint32_t format;
} formats[] = {{"application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8",
                LKSTATS_METRICS_OPENMETRICS},
               {"", "text/plain; version=0.0.4; charset=utf-8", LKSTATS_METRICS_PROMETHEUS}};

static size_t choose_format(struct lws *wsi) {
    char accept[1024] = "";
    size_t i = 0;

    if (lws_hdr_copy(wsi, accept, sizeof accept, WSI_TOKEN_HTTP_ACCEPT) < 0)
        accept[0] = '\0';
    while (!strstr(accept, formats[i].accepted))
        i++;
    return i;
}

static void forget(struct metrics_answer *answer) {
    free(answer->memory);
    *answer = (struct metrics_answer){0};
}

/* Numbers grow while they are written, so the size that was needed may be too small a moment later. */
static bool fill(struct metrics_answer *answer, const struct accounting *accounting, uint32_t format) {
    lkstats_status_t status = LKSTATS_ERANGE;
    uint64_t capacity = 16384, need = 0;

    while (status == LKSTATS_ERANGE) {
        forget(answer);
        answer->memory = malloc(LWS_PRE + capacity);
        if (!answer->memory)
            return false;
        status = accounting->api->metrics(accounting->ctx, format, (char *)answer->memory + LWS_PRE, capacity,
                                          &need);
        answer->size = need;
        capacity = 2 * need;
    }
    return status == LKSTATS_OK;
}

static int say_status(struct lws *wsi, unsigned status) {
    return lws_return_http_status(wsi, status, NULL) || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int answer_request(struct lws *wsi, struct metrics_answer *answer) {
    const struct server *server = lws_context_user(lws_get_context(wsi));
    unsigned char head[LWS_PRE + 1024], *start = head + LWS_PRE, *at = start, *end = head + sizeof head - 1;
    char path[16];
    size_t chosen;

    /* Too long a path is not copied, and not this one. */
    if (lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) < 0 || strcmp(path, "/metrics") != 0)
        return say_status(wsi, HTTP_STATUS_NOT_FOUND);
    chosen = choose_format(wsi);
    if (!fill(answer, &server->accounting, formats[chosen].format))
        return say_status(wsi, HTTP_STATUS_INTERNAL_SERVER_ERROR);
    if (lws_add_http_common_headers(wsi, HTTP_STATUS_OK, formats[chosen].content_type, answer->size, &at,
                                    end) ||
        lws_finalize_write_http_header(wsi, start, &at, end))
        return -1;
    lws_callback_on_writable(wsi);
    return 0;
}

static int write_answer(struct lws *wsi, struct metrics_answer *answer) {
    int written;

    if (!answer->memory)
        return 0;
    /* What the socket does not take at once libwebsockets keeps and sends later. */
    written = lws_write(wsi, answer->memory + LWS_PRE, answer->size, LWS_WRITE_HTTP_FINAL);
    forget(answer);
    return written < 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
}

int metrics_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *data, size_t size) {
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return answer_request(wsi, user);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return write_answer(wsi, user);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* a WebSocket that asks for this protocol */
        return -1;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (user)
            forget(user);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, data, size);
    }
}
