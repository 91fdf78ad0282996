/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the context. */
#include "host.h"
#include "transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t wall_at_0_ns = 1700000000000000000;

static void forget_files(struct host *host) {
    free((void *)(uintptr_t)host->files.slab_dir.data);
    free((void *)(uintptr_t)host->files.journal_dir.data);
    memset(&host->files, 0, sizeof host->files);
}

void end_story(struct host *host) {
    if (host->ctx)
        host->lk->close(host->ctx, LKSTATS_ABANDON, NULL);
    host->ctx = NULL;
    host->is_open = 0;
    names_forget(&host->names);
    forget_files(host);
}

static void story(struct host *host) {
    end_story(host);
    printf("story %s\n", script_word(host->script));
    script_end(host->script);
}

/* The line does not last until the open. */
static lkstats_string_t kept(lkstats_string_t string) {
    char *copy = malloc(string.size + 1);
    if (!copy)
        abort();
    memcpy(copy, string.data, string.size);
    string.data = copy;
    return string;
}

static void files(struct host *host) {
    struct script *script = host->script;
    lkstats_options_t *options = &host->files;
    forget_files(host);
    options->slab_dir = kept(script_string(script));
    options->journal_dir = kept(script_string(script));
    options->journal_segment_bytes = script_number(script, UINT64_MAX);
    options->journal_keep_bytes = script_number(script, UINT64_MAX);
    options->journal_keep_segments = (uint32_t)script_number(script, UINT32_MAX);
    options->journal_segment_age_ms = (uint32_t)script_number(script, UINT32_MAX);
    if (script_number(script, 1))
        options->flags = LKSTATS_JOURNAL_SYNC;
    script_end(script);
    answer_line(host, LKSTATS_OK);
}

static void open_context(struct host *host) {
    struct script *script = host->script;
    lkstats_options_t options = host->files;
    options.struct_size = sizeof options;
    options.flags |= LKSTATS_NO_THREAD;
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
    forget_files(host);
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
                                           {"files", files},
                                           {"open", open_context},
                                           {"run", run_once},
                                           {"redeliver", redeliver},
                                           {"metrics", metrics},
                                           {"close", close_context},
                                           {"abandon", abandon_context},
                                           {NULL, NULL}};
