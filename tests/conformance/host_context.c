/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the context. */
#include "host.h"
#include "transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t wall_at_0_ns = 1700000000000000000;

void end_story(struct host *host) {
    if (host->ctx)
        host->lk->close(host->ctx, LKSTATS_ABANDON, NULL);
    host->ctx = NULL;
    host->is_open = 0;
    names_forget(&host->names);
}

static void story(struct host *host) {
    end_story(host);
    printf("story %s\n", script_word(host->script));
    script_end(host->script);
}

static void open_context(struct host *host) {
    struct script *script = host->script;
    lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    options.node = script_string(script);
    options.analytics_key = script_string(script);
    options.report_interval_ms = (uint32_t)script_number(script, UINT32_MAX);
    options.max_tracks = (uint32_t)script_number(script, UINT32_MAX);
    if (script_number(script, 1))
        options.flags |= LKSTATS_PREALLOCATE;
    if (script_number(script, 1))
        options.flags |= LKSTATS_NO_REPORTS;
    script_end(script);
    if (host->is_open)
        script_not_understood(script, "a context is open already; close it first");
    host->ctx = NULL;
    const lkstats_status_t status = host->lk->open(&options, &host->ctx);
    host->is_open = status == LKSTATS_OK;
    answer_line(host, status);
}

static void run_once(struct host *host) {
    const int64_t ns = (int64_t)script_number(host->script, (uint64_t)(INT64_MAX - wall_at_0_ns));
    script_end(host->script);
    answer_line(host, host->ctx ? host->lk->run_once(host->ctx, ns, wall_at_0_ns + ns) : LKSTATS_ESTALE);
}

static void redeliver(struct host *host) {
    script_end(host->script);
    answer_line(host, host->ctx ? host->lk->redeliver(host->ctx) : LKSTATS_ESTALE);
}

static void metrics(struct host *host) {
    const uint32_t format = (uint32_t)script_number(host->script, UINT32_MAX);
    uint64_t size = 0;
    script_end(host->script);
    lkstats_status_t status =
        host->ctx ? host->lk->metrics(host->ctx, format, NULL, 0, &size) : LKSTATS_ESTALE;
    char *text = status == LKSTATS_ERANGE ? malloc(size) : NULL;
    if (text)
        status = host->lk->metrics(host->ctx, format, text, size, &size);
    answer_line(host, status);
    if (status == LKSTATS_OK)
        tell_metrics(text, size);
    free(text);
}

static void close_with(struct host *host, int64_t timeout_ms) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    script_end(host->script);
    const lkstats_status_t status =
        host->ctx ? host->lk->close(host->ctx, timeout_ms, &residue) : LKSTATS_ESTALE;
    answer(host, status);
    if (status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT) {
        printf(" tracks=%" PRIu64 " traffic=", residue.tracks);
        tell_traffic(&residue.traffic);
    }
    if (status == LKSTATS_OK)
        host->is_open = 0;
    putchar('\n');
}

static void close_context(struct host *host) { close_with(host, 0); }

static void abandon_context(struct host *host) { close_with(host, LKSTATS_ABANDON); }

const struct command context_commands[] = {{"story", story},
                                           {"open", open_context},
                                           {"run", run_once},
                                           {"redeliver", redeliver},
                                           {"metrics", metrics},
                                           {"close", close_context},
                                           {"abandon", abandon_context},
                                           {NULL, NULL}};
