/* SPDX-License-Identifier: Apache-2.0 */
/* host [--library PATH] SCRIPT: makes the calls of a script in C, and writes what they answered. */
#include "host.h"
#include "library.h"

#include <stdio.h>
#include <string.h>

int answer(const struct host *host, lkstats_status_t status) {
    printf("%lu: %s", script_line(host->script), host->lk->status_name(status));
    return status == LKSTATS_OK;
}

void answer_line(const struct host *host, lkstats_status_t status) {
    answer(host, status);
    putchar('\n');
}

static void run_line(struct host *host) {
    static const struct command *const all[] = {context_commands, handle_commands, batch_commands,
                                                library_commands};
    const char *word = script_word(host->script);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (const struct command *command = all[i]; command->name; command++) {
            if (strcmp(command->name, word) == 0) {
                command->run(host);
                return;
            }
        }
    }
    script_not_understood(host->script, "no such command");
}

int main(int count, char **words) {
    struct host host = {.slab = {.struct_size = sizeof host.slab}};
    char error[512] = "";
    const char *path = NULL;
    int at = 1;
    if (library_is_loaded && count > 2 && strcmp(words[1], "--library") == 0) {
        path = words[2];
        at = 3;
    }
    if (at + 1 != count || (library_is_loaded && !path)) {
        fprintf(stderr, "usage: %s%s SCRIPT\n", words[0], library_is_loaded ? " --library PATH" : "");
        return 2;
    }
    host.lk = library_find(path, error, sizeof error);
    if (!host.lk) {
        fprintf(stderr, "%s\n", error);
        return 3;
    }
    host.inline_adds = host.lk->slab_attach(LKSTATS_SLAB_VERSION, &host.slab) == LKSTATS_OK;
    host.script = script_open(words[at]);
    while (script_next(host.script))
        run_line(&host);
    end_story(&host);
    script_close(host.script);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "the transcript cannot be written\n");
        return 1;
    }
    return 0;
}
