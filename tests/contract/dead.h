/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that are killed, and heirs: contexts that find what those left. */
#ifndef DEAD_H
#define DEAD_H

#include "folder.h"
#include "ledger.h"

/* Nodes, by which their reports are told apart. */
#define DEAD_NODE "ND_dead"
#define HEIR_NODE "ND_heir"

/* ---- The dead ----------------------------------------------------------------------------------- */

/* A context in virtual time with its files there; node, slab_dir, struct_size and LKSTATS_NO_THREAD are filled in. */
lkstats_t *dead_open(const folder_t *folder, lkstats_options_t options);

typedef void (*life_t)(lkstats_t *ctx, void *argument);
/* A process that opens such a context, lives, and is killed. It is reaped when this returns. */
void dead_make_with(const folder_t *folder, lkstats_options_t options, life_t life, void *argument);
void dead_make(const folder_t *folder, life_t life, void *argument);

/* As main does that returns; a sanitizer would look for leaks then, in a child that has half of everything. */
_Noreturn void leave(void);
/* A child that ends so, and whoever waits for it. */
_Noreturn void die(void);
void expect_killed(int pid);
/* The story in a child that is killed in its course. */
void in_killed_child(void (*story)(void *), void *argument);

/* ---- The heirs ---------------------------------------------------------------------------------- */

/* The same as the dead one's, with another node; its first turn is over. */
lkstats_t *heir_open_with(const folder_t *folder, lkstats_options_t options);
lkstats_t *heir_open(const folder_t *folder);

/* Reports, by whose they are. */
typedef struct estate {
    host_records_t left; /* DEAD_NODE's */
    host_records_t own;
    size_t left_after_own; /* batches in the wrong order */
} estate_t;

/* Keeps a batch. */
void estate_keep(estate_t *estate, const lkstats_batch_t *batch);
/* Takes, keeps and acknowledges all there is; hands back lkstats_next's last word. */
lkstats_status_t estate_drain(estate_t *estate, lkstats_t *ctx);
void estate_free(estate_t *estate);
/* An heir that takes everything there is, and is closed; it leaves the folder without files of a context. */
void estate_settle(estate_t *estate, const folder_t *folder);

/* ---- on_log ------------------------------------------------------------------------------------- */

typedef struct told {
    size_t count[LKSTATS_LOG_INFO + 1];   /* by level */
    char last[LKSTATS_LOG_INFO + 1][512]; /* lines */
} told_t;

/* on_log and user_data of options. */
lkstats_options_t told_to(told_t *told, lkstats_options_t options);

#endif
