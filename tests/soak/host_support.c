/* SPDX-License-Identifier: Apache-2.0 */
/* What every host of a soak needs before it can count: a ledger, a context, and words for what goes wrong. */
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void soak_fail(const struct soak_host *host, const char *format, ...) {
    char text[SOAK_MESSAGE_SIZE];
    va_list rest;
    va_start(rest, format);
    vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    fprintf(stderr, "life %u: %s\n", host->life, text);
    if (host->ledger != NULL && __atomic_exchange_n(&host->ledger->failed, 1, __ATOMIC_RELAXED) == 0)
        memcpy(host->ledger->message, text, sizeof text);
    _exit(1);
}

void soak_expect(const struct soak_host *host, const char *call, lkstats_status_t status,
                 lkstats_status_t allowed, lkstats_status_t also_allowed) {
    if (status != allowed && status != also_allowed)
        soak_fail(host, "%s: %s, errno %d", call, lkstats_status_name(status), errno);
}

struct soak_random soak_thread_random(const struct soak_host *host, uint32_t thread) {
    return soak_seeded(host->seed, thread + 1);
}

lkstats_string_t soak_string(const char *text) { return (lkstats_string_t){text, strlen(text)}; }

void soak_pause(struct soak_random *random, uint64_t most_us) {
    nanosleep(&(struct timespec){0, (long)soak_below(random, most_us + 1) * 1000}, NULL);
}

void soak_wait_for_the_end(void) {
    for (;;)
        pause();
}

/* Nothing in a soak is damaged but by lkstats. */
static void on_log(uint64_t user_data, int32_t level, const char *message, uint64_t size) {
    const struct soak_host *host = (const struct soak_host *)(uintptr_t)user_data;
    if (level == LKSTATS_LOG_ERROR)
        soak_fail(host, "on_log: %.*s", (int)size, message);
    fprintf(stderr, "life %u: log %d: %.*s\n", host->life, level, (int)size, message);
}

void soak_open_context(struct soak_host *host, bool with_thread) {
    char node[32], key[32];
    snprintf(node, sizeof node, "n%u", host->life);
    snprintf(key, sizeof key, "k%u", host->life);
    lkstats_options_t options = {
        .struct_size = sizeof options,
        .flags = with_thread ? 0 : LKSTATS_NO_THREAD,
        .report_interval_ms = LKSTATS_REPORT_INTERVAL_MIN_MS,
        .node = soak_string(node),
        .analytics_key = soak_string(key),
        .on_batch = host->push ? soak_on_batch : NULL,
        .user_data = (uintptr_t)host,
        .slab_dir = soak_string(host->slab_dir),
        .on_log = on_log,
    };
    if (host->journal_dir != NULL) {
        options.journal_dir = soak_string(host->journal_dir);
        options.journal_segment_bytes = LKSTATS_JOURNAL_SEGMENT_MIN_BYTES;
        options.flags |= host->seed % 2 == 0 ? LKSTATS_JOURNAL_SYNC : 0;
    }
    const lkstats_status_t status = lkstats_open(&options, &host->ctx);
    if (host->small && status == LKSTATS_ENOMEM)
        soak_wait_for_the_end();
    soak_expect(host, "lkstats_open", status, LKSTATS_OK, LKSTATS_OK);
    host->slab.struct_size = sizeof host->slab;
    soak_expect(host, "lkstats_slab_attach", lkstats_slab_attach(LKSTATS_SLAB_VERSION, &host->slab),
                LKSTATS_OK, LKSTATS_OK);
}

void soak_map_ledger(struct soak_host *host, const char *path) {
    struct stat about;
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0)
        soak_fail(host, "%s: %s", path, strerror(errno));
    void *at = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        soak_fail(host, "%s: %s", path, strerror(errno));
    close(fd);
    host->ledger = at;
    if (host->ledger->magic != SOAK_LEDGER_MAGIC)
        soak_fail(host, "%s is no ledger", path);
}

void soak_open_rows(struct soak_host *host) {
    if (host->rows_path == NULL)
        return;
    host->rows = open(host->rows_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (host->rows < 0)
        soak_fail(host, "%s: %s", host->rows_path, strerror(errno));
}
