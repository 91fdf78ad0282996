/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

static const char *name_of(lkstats_status_t status) {
    switch (status) {
#define STATUS_CASE(name, value, text)                                                                       \
    case value:                                                                                              \
        return #name;
        LKSTATS_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
    default:
        return "an unknown status";
    }
}

void host_assert_status(lkstats_status_t expected, lkstats_status_t actual, const char *what,
                        const char *file, int line) {
    if (actual != expected) {
        print_error("%s\n  is %s (%d), not %s\n", what, name_of(actual), actual, name_of(expected));
        _fail(file, line);
    }
}

void host_assert_status_in(lkstats_status_t one, lkstats_status_t other, lkstats_status_t actual,
                           const char *what, const char *file, int line) {
    if (actual != one && actual != other) {
        print_error("%s\n  is %s (%d), neither %s nor %s\n", what, name_of(actual), actual, name_of(one),
                    name_of(other));
        _fail(file, line);
    }
}

void host_assert_traffic(const lkstats_traffic_t *actual, lkstats_traffic_t expected, const char *what,
                         const char *file, int line) {
    if (memcmp(actual, &expected, sizeof expected) != 0) {
        print_error("%s\n  is   sent %llu bytes %llu messages, received %llu bytes %llu messages\n"
                    "  not  sent %llu bytes %llu messages, received %llu bytes %llu messages\n",
                    what, (unsigned long long)actual->send_bytes, (unsigned long long)actual->send_messages,
                    (unsigned long long)actual->recv_bytes, (unsigned long long)actual->recv_messages,
                    (unsigned long long)expected.send_bytes, (unsigned long long)expected.send_messages,
                    (unsigned long long)expected.recv_bytes, (unsigned long long)expected.recv_messages);
        _fail(file, line);
    }
}

void host_require(bool holds, const char *what, const char *file, int line) {
    if (!holds) {
        dprintf(STDERR_FILENO, "%s:%d: %s does not hold\n", file, line, what);
        _exit(1);
    }
}

void host_require_status(lkstats_status_t expected, lkstats_status_t actual, const char *what,
                         const char *file, int line) {
    if (actual != expected) {
        dprintf(STDERR_FILENO, "%s:%d: %s is %s (%d), not %s\n", file, line, what, name_of(actual), actual,
                name_of(expected));
        _exit(1);
    }
}

lkstats_string_t host_string(const char *text) {
    return (lkstats_string_t){.data = text, .size = strlen(text)};
}

bool host_string_is(lkstats_string_t string, const char *text) {
    return string.size == strlen(text) && (string.size == 0 || memcmp(string.data, text, string.size) == 0);
}

lkstats_t *host_open_with(lkstats_options_t options) {
    lkstats_t *ctx = NULL;
    options.struct_size = sizeof options;
    options.flags |= LKSTATS_NO_THREAD;
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    host_run(ctx, 0);
    return ctx;
}

lkstats_t *host_open(void) { return host_open_with((lkstats_options_t){0}); }

lkstats_t *host_open_threaded(uint32_t report_interval_ms) {
    lkstats_options_t options = {.struct_size = sizeof options, .report_interval_ms = report_interval_ms};
    lkstats_t *ctx = NULL;
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    return ctx;
}

void host_run(lkstats_t *ctx, int64_t after_ns) {
    require_status(LKSTATS_OK,
                   lkstats_run_once(ctx, HOST_START_NS + after_ns, HOST_START_WALL_NS + after_ns));
}

void host_tick(lkstats_t *ctx, int64_t ticks) { host_run(ctx, ticks * HOST_TICK_NS); }

lkstats_track_options_t host_track_options(const char *participant_sid) {
    return (lkstats_track_options_t){.struct_size = sizeof(lkstats_track_options_t),
                                     .room_sid = host_string("RM_lobby"),
                                     .room_name = host_string("lobby"),
                                     .participant_sid = host_string(participant_sid),
                                     .participant_identity = host_string(participant_sid),
                                     .tenant = host_string("acme")};
}

lkstats_track_t host_track(lkstats_t *ctx, const char *participant_sid) {
    lkstats_track_options_t options = host_track_options(participant_sid);
    lkstats_track_t track = 0;
    require_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    require(track != 0);
    return track;
}

lkstats_signal_t host_signal(lkstats_t *ctx) {
    const lkstats_signal_options_t options = {.struct_size = sizeof options, .tenant = host_string("acme")};
    lkstats_signal_t signal = 0;
    require_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    require(signal != 0);
    return signal;
}

lkstats_status_t host_resolve_room(lkstats_signal_t signal, const char *room_sid) {
    const lkstats_room_t room = {
        .struct_size = sizeof room, .sid = host_string(room_sid), .name = host_string(room_sid)};
    return lkstats_signal_resolve_room(signal, &room);
}

lkstats_status_t host_resolve_participant(lkstats_signal_t signal, const char *participant_sid) {
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .sid = host_string(participant_sid),
                                               .identity = host_string(participant_sid)};
    return lkstats_signal_resolve_participant(signal, &participant);
}

void host_resolve(lkstats_signal_t signal, const char *room_sid, const char *participant_sid) {
    require_status(LKSTATS_OK, host_resolve_room(signal, room_sid));
    require_status(LKSTATS_OK, host_resolve_participant(signal, participant_sid));
}

lkstats_totals_t host_totals(lkstats_track_t track) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    require_status(LKSTATS_OK, lkstats_track_totals(track, &totals));
    return totals;
}

int32_t host_event_fd(lkstats_t *ctx) {
    int32_t fd = -1;
    require_status(LKSTATS_OK, lkstats_event_fd(ctx, &fd));
    require(fd >= 3);
    return fd;
}

bool host_readable(int32_t fd) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    const int ready = poll(&waiting, 1, 0);
    require(ready == 0 || (ready == 1 && waiting.revents == POLLIN));
    return ready == 1;
}

void host_be_child(void (*story)(void *), void *argument) {
    /* cmocka's handlers would go on with the next test, in the child. */
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; ++i)
        signal(crashes[i], SIG_DFL);
    story(argument);
    _exit(0);
}

void host_in_child(void (*story)(void *), void *argument) {
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        host_be_child(story, argument);
    host_expect_child(child);
}

void host_expect_child(int pid) {
    int status = 0;
    assert_true(pid > 0);
    while (waitpid(pid, &status, 0) != pid)
        ;
    if (WIFSIGNALED(status))
        fail_msg("the child was ended by signal %d", WTERMSIG(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
