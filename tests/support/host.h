/* SPDX-License-Identifier: Apache-2.0 */
/* What a test needs to be a host of lkstats: a context in virtual time, named tracks, and every report kept
 * as a copy. cmocka wants to be included last, so this header is. */
#ifndef HOST_H
#define HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lkstats.h"

#include <cmocka.h>

/* A test as cmocka calls it. */
#define STORY(name) static void name(void **state __attribute__((unused)))

/* Virtual time begins here; one tick is the default report interval. */
#define HOST_SECOND INT64_C(1000000000)
#define HOST_START_NS (1000 * HOST_SECOND)
#define HOST_START_WALL_NS (1700000000 * HOST_SECOND)
#define HOST_TICK_NS (5 * HOST_SECOND)

/* How long a test waits for another thread before it calls that a failure. */
enum { HOST_PATIENCE_MS = 30000 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOST_SANITIZED 1
#endif
#endif
#ifndef HOST_SANITIZED
#define HOST_SANITIZED 0
#endif

/* ---- Asserts ------------------------------------------------------------------------------------ */

#define assert_status(expected, call) host_assert_status((expected), (call), #call, __FILE__, __LINE__)
#define assert_status_in(one, other, call)                                                                   \
    host_assert_status_in((one), (other), (call), #call, __FILE__, __LINE__)
#define assert_traffic(actual, send_bytes, send_messages, recv_bytes, recv_messages)                         \
    host_assert_traffic(&(actual),                                                                           \
                        (lkstats_traffic_t){(send_bytes), (send_messages), (recv_bytes), (recv_messages)},   \
                        #actual, __FILE__, __LINE__)

void host_assert_status(lkstats_status_t expected, lkstats_status_t actual, const char *what,
                        const char *file, int line);
void host_assert_status_in(lkstats_status_t one, lkstats_status_t other, lkstats_status_t actual,
                           const char *what, const char *file, int line);
void host_assert_traffic(const lkstats_traffic_t *actual, lkstats_traffic_t expected, const char *what,
                         const char *file, int line);

/* Where a failed assert cannot jump back to cmocka, in a child or another thread: says why and ends the
 * process. */
#define require(condition) host_require((condition), #condition, __FILE__, __LINE__)
#define require_status(expected, call) host_require_status((expected), (call), #call, __FILE__, __LINE__)

void host_require(bool holds, const char *what, const char *file, int line);
void host_require_status(lkstats_status_t expected, lkstats_status_t actual, const char *what,
                         const char *file, int line);

/* ---- Contexts and tracks ------------------------------------------------------------------------ */

lkstats_string_t host_string(const char *text);
bool host_string_is(lkstats_string_t string, const char *text);

/* LKSTATS_NO_THREAD, all else default, its clocks at the start of virtual time. */
lkstats_t *host_open(void);
/* The same with other options; struct_size and LKSTATS_NO_THREAD are filled in. */
lkstats_t *host_open_with(lkstats_options_t options);
/* A context with a thread. */
lkstats_t *host_open_threaded(uint32_t report_interval_ms);

/* Runs the context that long after the start of virtual time. */
void host_run(lkstats_t *ctx, int64_t after_ns);
/* The same in ticks. */
void host_tick(lkstats_t *ctx, int64_t ticks);

/* A track of participant "PA_<name>" in room "lobby", its track id the default. */
lkstats_track_options_t host_track_options(const char *participant_sid);
lkstats_track_t host_track(lkstats_t *ctx, const char *participant_sid);

/* A signal connection of nobody yet, tenant "acme". */
lkstats_signal_t host_signal(lkstats_t *ctx);
/* Room name and participant identity are as the sids. */
lkstats_status_t host_resolve_room(lkstats_signal_t signal, const char *room_sid);
lkstats_status_t host_resolve_participant(lkstats_signal_t signal, const char *participant_sid);
/* Both, which has to succeed. */
void host_resolve(lkstats_signal_t signal, const char *room_sid, const char *participant_sid);

lkstats_totals_t host_totals(lkstats_track_t track);
bool host_readable(int32_t fd);
int32_t host_event_fd(lkstats_t *ctx);

/* ---- Reports ------------------------------------------------------------------------------------ */

/* Copies of records, in the order in which they came. */
typedef struct host_records {
    size_t count;
    size_t capacity;
    lkstats_record_t *items;
} host_records_t;

void host_records_free(host_records_t *all);
/* Copies a batch, and leaves it out. */
void host_keep(host_records_t *all, const lkstats_batch_t *batch);
/* The next batch, which there has to be. */
lkstats_batch_t host_take(lkstats_t *ctx);
/* Takes, copies and acknowledges until there is nothing; hands back lkstats_next's last word. */
lkstats_status_t host_drain(lkstats_t *ctx, host_records_t *all);
/* The same, and whoever it is handed to copies. */
lkstats_status_t host_drain_to(lkstats_t *ctx, void (*keep)(void *to, const lkstats_batch_t *batch),
                               void *to);
/* Runs and drains at that instant until nothing comes any more. */
void host_settle(lkstats_t *ctx, int64_t after_ns, host_records_t *all);
/* Closes in rounds of closing and draining. */
void host_close(lkstats_t *ctx, host_records_t *all);
/* The same when nobody looks at what is left. */
void host_done(lkstats_t *ctx);

/* What came, as "epoch.sequence what": joined, left, or a window's "bytes sent+bytes received", with a ? where it is
 * unattributed. Of use until the next call. */
const char *host_told(const host_records_t *all);
bool host_is_of(const lkstats_record_t *record, lkstats_track_t track);
/* NULL when there is none. */
const lkstats_record_t *host_find(const host_records_t *all, lkstats_track_t track, uint32_t sequence);
size_t host_count(const host_records_t *all, lkstats_track_t track);
size_t host_count_kind(const host_records_t *all, lkstats_track_t track, uint32_t kind);
lkstats_traffic_t host_sum(const host_records_t *all, lkstats_track_t track);
lkstats_traffic_t host_sum_of_epoch(const host_records_t *all, lkstats_track_t track, uint32_t epoch);
bool host_same_content(const lkstats_record_t *one, const lkstats_record_t *other);
/* Epochs 1, 2, 3 ..., one after the other, and in each: sequences 1, 2, 3 ..., each window beginning where the one
 * before ended, running totals the sums. A signal connection's begins with joined, unless it is unattributed,
 * has nothing after left, and is over before the next begins. */
void host_assert_gapless(const host_records_t *all, lkstats_track_t track);

/* ---- Children ----------------------------------------------------------------------------------- */

/* Runs a story in a forked child and fails unless it comes to its end. */
void host_in_child(void (*story)(void *), void *argument);
/* For a child that the test made itself: in the child, and for the parent to wait. */
_Noreturn void host_be_child(void (*story)(void *), void *argument);
void host_expect_child(int pid);

#endif
