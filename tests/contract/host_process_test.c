/* SPDX-License-Identifier: Apache-2.0 */
/* A guest in a stranger's process: its threads, signals, errno and standard output are left alone. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lkstats_slab.h"

#include "host.h"

enum { TASKS = 64 };

static size_t tasks_of(long *tasks) {
    size_t count = 0;
    DIR *const directory = opendir("/proc/self/task");
    require(directory != NULL);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.') {
            require(count < TASKS);
            tasks[count++] = atol(entry->d_name);
        }
    closedir(directory);
    return count;
}

static uint64_t blocked_by(long task) {
    char path[64], line[256];
    unsigned long long blocked = 0;
    bool found = false;
    snprintf(path, sizeof path, "/proc/self/task/%ld/status", task);
    FILE *const file = fopen(path, "re");
    require(file != NULL);
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = sscanf(line, "SigBlk: %llx", &blocked) == 1;
    fclose(file);
    require(found);
    return blocked;
}

static bool blocks(uint64_t mask, int signal) { return (mask >> (signal - 1) & 1) != 0; }

/* A thread that has reported is past its beginning, where the C library blocks everything for a moment. */
static void await_a_report(lkstats_t *ctx) {
    struct pollfd waiting = {.fd = host_event_fd(ctx), .events = POLLIN};
    const lkstats_track_t track = host_track(ctx, "PA_awaited");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    require(poll(&waiting, 1, HOST_PATIENCE_MS) == 1);
}

static void masks_of_threads(void *unused) {
    (void)unused;
    static const int asynchronous[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGCHLD,
                                       SIGUSR1, SIGUSR2, SIGPROF, SIGURG,  SIGIO,   SIGXFSZ, SIGWINCH,
                                       SIGTSTP, SIGCONT, 34,      35,      64};
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    long before[TASKS], after[TASKS];
    sigset_t mine_before, mine_after;
    require(pthread_sigmask(SIG_SETMASK, NULL, &mine_before) == 0);
    const size_t had = tasks_of(before);
    lkstats_t *const ctx = host_open_threaded(0);
    await_a_report(ctx);
    const size_t have = tasks_of(after);
    require(have > had);
    require(pthread_sigmask(SIG_SETMASK, NULL, &mine_after) == 0);
    for (int signal = 1; signal < 32; ++signal)
        require(sigismember(&mine_before, signal) == sigismember(&mine_after, signal));

    for (size_t i = 0; i < have; ++i) {
        bool known = false;
        for (size_t j = 0; j < had; ++j)
            known |= before[j] == after[i];
        if (known)
            continue;
        const uint64_t mask = blocked_by(after[i]);
        for (size_t n = 0; n < sizeof asynchronous / sizeof asynchronous[0]; ++n)
            require(blocks(mask, asynchronous[n]));
        if (HOST_SANITIZED) /* its own thread blocks everything */
            continue;
        for (size_t n = 0; n < sizeof synchronous / sizeof synchronous[0]; ++n)
            require(!blocks(mask, synchronous[n]));
    }
    host_done(ctx);
}

STORY(a_signal_never_lands_on_the_librarys_thread) { host_in_child(masks_of_threads, NULL); }

static void handlers_stay(void *unused) {
    (void)unused;
    struct sigaction before[65], after;
    for (int signal = 1; signal <= 64; ++signal)
        if (sigaction(signal, NULL, &before[signal]) != 0)
            before[signal].sa_handler = SIG_ERR;
    lkstats_t *const ctx = host_open_threaded(0);
    require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_signal"), 1, 1));
    host_done(ctx);
    for (int signal = 1; signal <= 64; ++signal)
        if (before[signal].sa_handler != SIG_ERR)
            require(sigaction(signal, NULL, &after) == 0 && after.sa_handler == before[signal].sa_handler);
}

STORY(no_signal_handler_is_set) { host_in_child(handlers_stay, NULL); }

static void open_without_threads(void *unused) {
    (void)unused;
    const uid_t nobody = 65534;
    lkstats_t *ctx = NULL;
    struct rlimit limit;
    if (getuid() == 0)
        require(setgid(nobody) == 0 && setuid(nobody) == 0);
    require(getrlimit(RLIMIT_NPROC, &limit) == 0);
    limit.rlim_cur = 0;
    require(setrlimit(RLIMIT_NPROC, &limit) == 0);
    require_status(LKSTATS_ENOTHREAD, lkstats_open(NULL, &ctx));
    require(ctx == NULL);
    for (int fd = 3; fd < 64; ++fd)
        require(fcntl(fd, F_GETFD) == -1); /* nothing is left behind */
    host_done(host_open());

    limit.rlim_cur = limit.rlim_max;
    require(setrlimit(RLIMIT_NPROC, &limit) == 0);
    host_done(host_open_threaded(0));
}

static void close_the_rest_first(void *unused) {
    for (int fd = 3; fd < 64; ++fd)
        close(fd);
    open_without_threads(unused);
}

STORY(no_thread_to_be_had_is_said_so) {
    if (HOST_SANITIZED)
        skip(); /* a sanitizer that can not start its own threads ends the process */
    host_in_child(close_the_rest_first, NULL);
}

#define keeps_errno(call)                                                                                    \
    do {                                                                                                     \
        errno = 4711;                                                                                        \
        (void)(call);                                                                                        \
        assert_int_equal(errno, 4711);                                                                       \
    } while (0)

static void make_every_call(const lkstats_options_t *options, bool threaded) {
    const lkstats_track_options_t track_options = host_track_options("PA_errno");
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    const lkstats_api_t *api = NULL;
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    lkstats_t *ctx = NULL;
    lkstats_track_t track = 0;
    int32_t fd = -1;
    char id[64];
    keeps_errno(lkstats_open(options, &ctx));
    keeps_errno(lkstats_get_api(LKSTATS_API_VERSION, &api));
    keeps_errno(lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    keeps_errno(lkstats_event_fd(ctx, &fd));
    keeps_errno(lkstats_next(ctx, &batch));
    for (int i = 0; i < 40000; ++i) /* into a second chunk */
        keeps_errno(lkstats_track_new(ctx, &track_options, &track));
    keeps_errno(lkstats_add_bytes(track, 1, 1));
    keeps_errno(lkstats_add_messages(track, 1, UINT64_MAX, 1));
    keeps_errno(lkstats_prefetch(track));
    keeps_errno(lkstats_track_totals(track, &totals));
    keeps_errno(lkstats_track_flush(track, threaded ? 1 : 0));
    keeps_errno(lkstats_flush(ctx, threaded ? 1 : 0));
    keeps_errno(lkstats_run_once(ctx, HOST_START_NS, HOST_START_WALL_NS));
    keeps_errno(lkstats_next(ctx, &batch));
    keeps_errno(lkstats_batch_analytics_stats(&batch, &stats, &size));
    keeps_errno(lkstats_nack(&batch));
    keeps_errno(lkstats_redeliver(ctx));
    keeps_errno(lkstats_track_stop(track, &totals));
    keeps_errno(lkstats_close(ctx, 0, &residue));
    keeps_errno(lkstats_next(ctx, &batch));
    keeps_errno(lkstats_ack(&batch));
    keeps_errno(lkstats_ack(&batch));
    keeps_errno(lkstats_close(ctx, LKSTATS_ABANDON, &residue));
    keeps_errno(lkstats_close(ctx, 0, &residue));
    keeps_errno(lkstats_strerror(-1000));
    keeps_errno(lkstats_track_id_for_participant(LKSTATS_CHANNEL_DATA, host_string("PA"), id, 1, &size));
}

STORY(errno_is_left_as_it_was) {
    lkstats_options_t options = {.struct_size = sizeof options};
    make_every_call(&options, true);
    options.flags = LKSTATS_NO_THREAD;
    make_every_call(&options, false);
    options.flags = UINT32_MAX;
    make_every_call(&options, false);
}

static void with_output_to(void *argument) {
    const int file = *(const int *)argument;
    lkstats_track_t track = 0;
    lkstats_track_options_t bad = {.struct_size = 1};
    require(dup2(file, STDOUT_FILENO) >= 0 && dup2(file, STDERR_FILENO) >= 0);
    lkstats_t *const ctx = host_open_threaded(0);
    require_status(LKSTATS_EINVAL, lkstats_track_new(ctx, &bad, &track));
    require_status(LKSTATS_ESTALE, lkstats_add_bytes(0, 1, 1));
    require_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_silent"), 1, 1));
    require_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, NULL));
}

STORY(nothing_is_written_to_standard_output_or_error) {
    FILE *const kept = tmpfile();
    assert_non_null(kept);
    int file = fileno(kept);
    host_in_child(with_output_to, &file);
    assert_int_equal(lseek(file, 0, SEEK_END), 0);
    fclose(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_never_lands_on_the_librarys_thread),
        cmocka_unit_test(no_signal_handler_is_set),
        cmocka_unit_test(no_thread_to_be_had_is_said_so),
        cmocka_unit_test(nothing_is_written_to_standard_output_or_error),
        cmocka_unit_test(errno_is_left_as_it_was), /* the only one that opens in this process */
    };
    return cmocka_run_group_tests_name("host_process", tests, NULL, NULL);
}
