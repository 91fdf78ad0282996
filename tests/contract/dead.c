/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dead.h"

static lkstats_t *open_in(const folder_t *folder, const char *node, lkstats_options_t options) {
    options.slab_dir = host_string(folder->path);
    options.node = host_string(node);
    return host_open_with(options);
}

lkstats_t *dead_open(const folder_t *folder, lkstats_options_t options) {
    return open_in(folder, DEAD_NODE, options);
}

lkstats_t *heir_open_with(const folder_t *folder, lkstats_options_t options) {
    return open_in(folder, HEIR_NODE, options);
}

lkstats_t *heir_open(const folder_t *folder) { return heir_open_with(folder, (lkstats_options_t){0}); }

/* ---- Processes ---------------------------------------------------------------------------------- */

void leave(void) {
    if (HOST_SANITIZED)
        _exit(0);
    exit(0);
}

void die(void) {
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

void expect_killed(int pid) {
    int status = 0;
    require(pid > 0);
    while (waitpid(pid, &status, 0) != pid)
        ;
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void in_killed_child(void (*story)(void *), void *argument) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        host_be_child(story, argument);
    expect_killed(child);
}

typedef struct dead {
    const folder_t *folder;
    lkstats_options_t options;
    life_t life;
    void *argument;
} dead_t;

static void live_and_die(void *argument) {
    const dead_t *const dead = argument;
    dead->life(dead_open(dead->folder, dead->options), dead->argument);
    die();
}

void dead_make_with(const folder_t *folder, lkstats_options_t options, life_t life, void *argument) {
    in_killed_child(live_and_die, &(dead_t){folder, options, life, argument});
}

void dead_make(const folder_t *folder, life_t life, void *argument) {
    dead_make_with(folder, (lkstats_options_t){0}, life, argument);
}

/* ---- Estates ------------------------------------------------------------------------------------ */

void estate_keep(estate_t *estate, const lkstats_batch_t *batch) {
    const bool left = host_string_is(batch->node, DEAD_NODE);
    estate->left_after_own += left && estate->own.count != 0;
    host_keep(left ? &estate->left : &estate->own, batch);
}

static void keep_in(void *estate, const lkstats_batch_t *batch) { estate_keep(estate, batch); }

lkstats_status_t estate_drain(estate_t *estate, lkstats_t *ctx) {
    return host_drain_to(ctx, keep_in, estate);
}

void estate_free(estate_t *estate) {
    host_records_free(&estate->left);
    host_records_free(&estate->own);
}

void estate_settle(estate_t *estate, const folder_t *folder) {
    lkstats_t *const heir = heir_open(folder);
    require_status(LKSTATS_EAGAIN, estate_drain(estate, heir));
    require_status(LKSTATS_OK, lkstats_close(heir, 0, NULL));
    require(folder_count(folder, "lkstats:") == 0);
}

/* ---- on_log ------------------------------------------------------------------------------------- */

static void note(uint64_t user_data, int32_t level, const char *message, uint64_t size) {
    told_t *const told = (told_t *)(uintptr_t)user_data;
    require(level >= LKSTATS_LOG_ERROR && level <= LKSTATS_LOG_INFO && size > 0);
    ++told->count[level];
    snprintf(told->last[level], sizeof told->last[level], "%.*s", (int)size, message);
}

lkstats_options_t told_to(told_t *told, lkstats_options_t options) {
    options.on_log = note;
    options.user_data = (uint64_t)(uintptr_t)told;
    return options;
}
