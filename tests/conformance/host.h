/* SPDX-License-Identifier: Apache-2.0 */
/* The host in C: what a story has open, and the calls by their subject. */
#ifndef HOST_H
#define HOST_H

#include "lkstats.h"
#include "lkstats_slab.h"
#include "names.h"
#include "script.h"

struct host {
    const lkstats_api_t *lk;
    struct script *script;
    lkstats_slab_t slab;
    int inline_adds; /* 0: the library has another layout, so adds are calls */
    lkstats_t *ctx;  /* NULL: none; that of a closed one stays until the next is opened */
    int is_open;     /* ctx is not closed yet */
    lkstats_options_t
        files; /* those of slab_dir and journal_dir, for the next open; its strings are the host's */
    struct names names;
};

/* Writes the line's number and the status, and returns whether something may follow: LKSTATS_OK. */
int answer(const struct host *host, lkstats_status_t status);
/* The whole line. */
void answer_line(const struct host *host, lkstats_status_t status);

struct command {
    const char *name;
    void (*run)(struct host *host);
};

extern const struct command context_commands[];
extern const struct command handle_commands[];
extern const struct command batch_commands[];
extern const struct command library_commands[];

/* What is open is given up, what has a name is forgotten. */
void end_story(struct host *host);

#endif
