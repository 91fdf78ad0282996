/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lkstats counts the bytes and messages that a real-time server moves on its signal connections and data
 * channels, per participant and per track, and reports them in LiveKit's analytics format. This header is the
 * manual.
 *
 * The way of the data: lkstats_add_bytes counts with one atomic instruction; once an interval the
 * reporter freezes what has moved on a track into a report with a key; a consumer takes reports in
 * batches with lkstats_next and answers with lkstats_ack, or is called with them (options.on_batch). Until a
 * report is acknowledged it keeps its key and its content and can be had again; the counters hold on to
 * everything else.
 *
 * Rules that hold for every call:
 *   - It returns a status: LKSTATS_OK (0) or one of the negative numbers below. What it makes comes out
 *     through its last parameters, and only when the status is LKSTATS_OK (where a call says otherwise, it
 *     says so). A refused call has no effect. Each may answer, said or not, LKSTATS_EINVAL for a NULL where
 *     something has to be, LKSTATS_ESTALE for a context, handle or batch that never was, LKSTATS_ECLOSED for one
 *     of a context that is closed, LKSTATS_EFORKED for one of the parent's, and LKSTATS_EINTERNAL.
 *   - It may be called from any thread, several at once, unless it says otherwise. None of them may be
 *     called from a signal handler, but for the adds.
 *   - errno is left as it was.
 *   - In a forked child, handles and contexts of the parent answer LKSTATS_EFORKED; lkstats_open starts
 *     afresh there.
 *   - Structs begin with struct_size, set by the caller to sizeof of the struct it was compiled with: at
 *     least the size in release 0.1.0, at most 4096, else LKSTATS_EINVAL. An input struct that is larger
 *     than the library's is taken when the tail that the library does not know is zero. An output struct
 *     is filled up to its struct_size, and zero beyond what the library knows. In every input struct a
 *     field that is zero has its default.
 *   - Strings are pointer and size in bytes, without a terminator, copied before the call returns. They
 *     are valid UTF-8 without NUL and at most 256 bytes long, else LKSTATS_EINVAL.
 *   - Every descriptor the library opens is close-on-exec and at least 3. Nothing is written to standard
 *     output or error, no environment variable is read, no signal handler is set.
 *   - Once loaded the library stays in the process: dlclose does nothing, open contexts stay open.
 */
#ifndef LKSTATS_H
#define LKSTATS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LKSTATS_VERSION_MAJOR 0
#define LKSTATS_VERSION_MINOR 1
#define LKSTATS_VERSION_PATCH 0

#if defined(__GNUC__)
#define LKSTATS_API __attribute__((visibility("default")))
#else
#define LKSTATS_API
#endif
/* What is not in the library but in the host's own code. */
#ifdef __cplusplus
#define LKSTATS_INLINE inline
#else
#define LKSTATS_INLINE static inline
#endif

/* ---- Status codes ------------------------------------------------------------------------------- */

/* X(name, value, text). Values never change and are never errno's. */
#define LKSTATS_STATUS_LIST(X)                                                                               \
    X(LKSTATS_OK, 0, "done")                                                                                 \
    X(LKSTATS_EINVAL, -1, "an argument is outside its range, or a struct or string is malformed")            \
    X(LKSTATS_ESTALE, -2, "the handle, context or batch is not, or no longer, known")                        \
    X(LKSTATS_ECLOSED, -3, "the track is stopped or the context is closed")                                  \
    X(LKSTATS_EFULL, -4, "no place is free for one more track or epoch; nothing changed")                    \
    X(LKSTATS_EAGAIN, -5, "nothing to take now; wait for the event descriptor")                              \
    X(LKSTATS_EOF, -6, "nothing to take, and nothing will come: the context is closed")                      \
    X(LKSTATS_ETIMEDOUT, -7, "the time was over before everything was acknowledged")                         \
    X(LKSTATS_EFORKED, -8, "the handle or context belongs to the process that this one was forked from")     \
    X(LKSTATS_ELAYOUT, -9, "this library has another slab layout or function table than the one asked for")  \
    X(LKSTATS_ENOMEM, -10, "memory, address space or the file-size limit is exhausted")                      \
    X(LKSTATS_ENOFILE, -11, "too few free file descriptors")                                                 \
    X(LKSTATS_ENOTHREAD, -12, "a thread could not be started")                                               \
    X(LKSTATS_ERANGE, -13, "the buffer is too small; the size it needs was stored")                          \
    X(LKSTATS_ESYSTEM, -14, "the operating system refused a call that the library needs")                    \
    X(LKSTATS_EINTERNAL, -15, "a defect in the library; please report it")                                   \
    X(LKSTATS_EREENTRANT, -16, "on_batch may not make this call: it would wait for itself")                  \
    X(LKSTATS_ERESOLVED, -17, "this is known already: the first resolution counts")                          \
    X(LKSTATS_EDIR, -18, "not a directory, not to be written to, or others may replace files in it")

typedef int32_t lkstats_status_t;

#define LKSTATS_STATUS_CONSTANT(name, value, text) name = value,
enum { LKSTATS_STATUS_LIST(LKSTATS_STATUS_CONSTANT) LKSTATS_STATUS_LIST_END = 1 };
#undef LKSTATS_STATUS_CONSTANT

/* ---- Types -------------------------------------------------------------------------------------- */

/* A context: one set of counters, one reporter, one acknowledging consumer. A token that only the library
 * can read; it never points to anything. NULL is never valid. */
typedef struct lkstats_context lkstats_t;

/* A track: 32 bits of tag, 8 zero bits, 24 bits of slot index. 0 is never valid, and harmless to add on.
 * A handle that is stale or invented is refused with LKSTATS_ESTALE, never followed. */
typedef uint64_t lkstats_track_t;

/* A signal connection: the same type, and every lkstats_add_... and lkstats_track_... call but lkstats_track_new
 * is for it too. */
typedef lkstats_track_t lkstats_signal_t;

/* size bytes at data; data may be NULL when size is 0. */
typedef struct lkstats_string {
    const char *data;
    uint64_t size;
} lkstats_string_t;

/* Bytes and messages of both directions. Sent is what LiveKit calls DOWNSTREAM, received is UPSTREAM.
 * One call of an add is in all figures or in none: a window's bytes and messages belong together. */
typedef struct lkstats_traffic {
    uint64_t send_bytes;
    uint64_t send_messages;
    uint64_t recv_bytes;
    uint64_t recv_messages;
} lkstats_traffic_t;

/* The same instant on two clocks, in nanoseconds: CLOCK_MONOTONIC, which measures, and CLOCK_REALTIME
 * (since 1970, UTC), which may be set while the server runs. */
typedef struct lkstats_time {
    int64_t monotonic_ns;
    int64_t wall_ns;
} lkstats_time_t;

/* What a track carries. */
enum {
    LKSTATS_CHANNEL_DATA = 1,       /* a participant's data channels; the default of a track */
    LKSTATS_CHANNEL_DATA_TRACK = 2, /* a published data track, or one subscriber of it */
    LKSTATS_CHANNEL_SIGNAL = 3      /* a signal connection */
};

/* ---- Contexts ----------------------------------------------------------------------------------- */

/* Flags of lkstats_options_t. Unknown ones are LKSTATS_EINVAL. */
enum {
    /* No thread, no event loop: the host calls lkstats_run_once, and its clocks are the only ones. */
    LKSTATS_NO_THREAD = 1,
    /* Memory for all of max_tracks, which then has to be given, is taken by lkstats_open; identities of more
     * than some 150 bytes take more when their track is made, resolutions and resets when they are called. */
    LKSTATS_PREALLOCATE = 2,
    /* Count, and show it in lkstats_metrics; there is no consumer, so no on_batch either, and every report is
     * acknowledged at once. */
    LKSTATS_NO_REPORTS = 4,
    /* With journal_dir: what was written is on the disk (fdatasync) before it counts as acknowledged. */
    LKSTATS_JOURNAL_SYNC = 8
};

struct lkstats_batch;

/* Takes a batch: LKSTATS_OK acknowledges it, anything else gives it back, as lkstats_nack does; so does an
 * exception, which goes no further. What was given back comes again after an interval, or a second where
 * that is shorter; meanwhile nothing else is delivered, except that lkstats_flush, lkstats_track_flush and
 * lkstats_close have one more try made, at once or when the call that is under way has returned. While it
 * runs nothing is folded (see lkstats_add_messages for the bound) and no stop is reported: it should be
 * short. What the batch points to is the library's, until the call returns.
 * A call that never returns loses nothing and keeps no thread from adding, creating or stopping: windows get
 * longer. It must return or throw: neither longjmp nor the end of its thread will do, and a child that is forked
 * in it must not return but exec or exit.
 * Thread: the library's own; under LKSTATS_NO_THREAD whichever is in lkstats_run_once, lkstats_flush,
 *         lkstats_track_flush or lkstats_close. One call at a time, no lock held: it may call anything but those
 *         four with its own context, which answer LKSTATS_EREENTRANT. */
typedef lkstats_status_t (*lkstats_on_batch_t)(uint64_t user_data, const struct lkstats_batch *batch);

/* What on_log is told. */
enum {
    LKSTATS_LOG_ERROR = 1,   /* something was damaged, or is lost to the library */
    LKSTATS_LOG_WARNING = 2, /* nothing is lost, but somebody should look: a full disk, a slow directory */
    LKSTATS_LOG_INFO = 3     /* a dead context was recovered, writing goes on again */
};

/* Takes one line of text, size bytes of UTF-8 without a terminator, which is the library's until it returns. A
 * state is told when it begins and when it ends, not over and over.
 * Thread: whichever found out, the library's own included; several at once. No lock is held: it may call anything
 *         but lkstats_close, lkstats_flush, lkstats_track_flush and lkstats_run_once with its own context, which
 *         answer LKSTATS_EREENTRANT. It must return or throw, as on_batch. */
typedef void (*lkstats_on_log_t)(uint64_t user_data, int32_t level, const char *message, uint64_t size);

enum {
    LKSTATS_STRING_MAX = 256,      /* bytes of any string given to the library */
    LKSTATS_KIND_DETAILS_MAX = 32, /* entries */
    LKSTATS_REPORT_INTERVAL_MIN_MS = 100,
    LKSTATS_REPORT_INTERVAL_DEFAULT_MS = 5000, /* LiveKit's */
    LKSTATS_REPORT_INTERVAL_MAX_MS = 3600000,
    LKSTATS_TRACKS_MAX = 16777216,    /* 2^24, in a process, whatever the number of contexts */
    LKSTATS_CONTEXTS_MAX = 64,        /* open at a time in a process */
    LKSTATS_BATCH_RECORDS_MAX = 1024, /* more leave a processor's nearest caches before they are read */
    LKSTATS_BATCH_BYTES_MAX = 1048576 /* of a batch's serialized livekit.AnalyticsStats; a single record may
                                         exceed it when its window has some 10^13 messages */
};

enum {
    LKSTATS_JOURNAL_SEGMENT_MIN_BYTES = 65536,
    LKSTATS_JOURNAL_SEGMENT_DEFAULT_BYTES = 67108864,
    LKSTATS_JOURNAL_SEGMENT_MAX_BYTES = 1073741824,
    LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS = 1000,
    LKSTATS_JOURNAL_SEGMENT_AGE_DEFAULT_MS = 3600000, /* an hour */
    LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS = 604800000    /* a week */
};

typedef struct lkstats_options {
    uint32_t struct_size;
    uint32_t flags;
    uint32_t report_interval_ms;    /* LKSTATS_REPORT_INTERVAL_MIN_MS and up */
    uint32_t max_tracks;            /* of this context, stopped ones included until they are acknowledged and
                                       their slot has rested; default LKSTATS_TRACKS_MAX */
    lkstats_string_t node;          /* the id of this server, AnalyticsStat.node */
    lkstats_string_t analytics_key; /* AnalyticsStat.analytics_key */
    lkstats_on_batch_t on_batch;    /* the consumer, in place of lkstats_event_fd and lkstats_next */
    uint64_t user_data;             /* handed to on_batch and on_log */
    lkstats_string_t slab_dir;      /* counters survive the process: see below; default: they don't */
    lkstats_string_t journal_dir;   /* the acknowledging consumer is a file: see below */
    uint64_t journal_segment_bytes; /* a segment ends before it is larger (one batch may be) */
    uint64_t
        journal_keep_bytes; /* of all segments in the directory when another is begun; default: no limit */
    uint32_t journal_keep_segments;  /* of them, with that one; default: no limit */
    uint32_t journal_segment_age_ms; /* a segment that is older takes nothing more */
    lkstats_on_log_t on_log;         /* default: nobody is told */
} lkstats_options_t;

/*
 * slab_dir. The counters lie in files of this directory, "lkstats:<uuid>:...", mode 0600: some 600 bytes a track. A
 * process that dies leaves them, and the next context of the same user that is opened with the same directory finds
 * them, once, in its first turn (see lkstats_run_once; under LKSTATS_NO_REPORTS it leaves them alone). It stops every
 * track of the dead context and hands out what is owed to its own consumer, before its own reports, in batches of
 * their own with the dead context's node. Their keys are those that they would have had, their last windows end when
 * the dead one's reporter ran last; what was frozen before has the same content. Once all is acknowledged the files
 * are removed; what is not, when this context ends, is left for the next one: lkstats_flush and lkstats_close do not
 * wait for it.
 * A context whose process lives is never touched, whatever became of its descriptors; in another pid namespace its
 * lock says so. After exec its files are for the same process's next context, or for anybody's once that has ended.
 * A track whose memory does not fit together is left out, told through on_log, and its context's files are kept as
 * "lkstats-damaged:<uuid>:..." for a person to look at and to remove.
 * The directory belongs in memory (tmpfs: /dev/shm, /run; a container's may be small, and go with it): elsewhere adds
 * wait for writeback now and then, which on_log is told. It belongs to this user or to root, and nobody else may write
 * to it, unless it has the sticky bit. lkstats_close that answers LKSTATS_OK removes the files, with LKSTATS_ABANDON
 * too.
 *
 * journal_dir. Reports are appended to segments "lkstats-<uuid>-<number>.journal" of this directory, which has to be
 * as safe, mode 0600, several processes in one directory; lkstats_journal.h has the format. A full write is the
 * acknowledgement. When the disk is full or fails, what was written of a batch is cut off again and tried later, with
 * the same keys and content; meanwhile the counters hold on to everything. on_batch, or lkstats_next until
 * lkstats_close returns, may be used beside it: each record comes once, after it is in the journal; an lkstats_nack or
 * lkstats_redeliver brings nothing again, and of a consumer that takes or answers too slowly some batches are left
 * out, which lkstats_metrics counts. journal_keep_bytes and journal_keep_segments remove the oldest segments that no
 * living process writes to, each time a segment is begun.
 * Under LKSTATS_NO_THREAD a host that takes until LKSTATS_EAGAIN before its first lkstats_run_once and between any
 * two is left out of nothing: what has no place meanwhile is for the next call. lkstats_flush and lkstats_track_flush
 * with a timeout of 0 are as good as one; with another timeout, and in lkstats_close, what has no place is left out.
 */

/* Opens a context. options may be NULL: all defaults. Without LKSTATS_NO_THREAD it starts a thread with
 * an event loop (libuv), which blocks every signal but the synchronous ones; a host that means to become a
 * daemon, or to close descriptors it did not open, does so before.
 * Returns: LKSTATS_EINVAL; LKSTATS_EDIR: slab_dir or journal_dir; LKSTATS_ENOFILE: fewer than eight descriptors
 *          are free, or fewer than twelve for a context with a thread (two of them libuv keeps for the life of the
 *          process), and a few more with slab_dir and journal_dir; LKSTATS_ENOMEM: also when slab_dir is full;
 *          LKSTATS_ENOTHREAD; LKSTATS_EFULL: LKSTATS_CONTEXTS_MAX are open, or other
 *          contexts have the tracks that LKSTATS_PREALLOCATE asks for; LKSTATS_ESYSTEM.
 * Owns: the caller the context, until lkstats_close.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_open(const lkstats_options_t *options, lkstats_t **ctx);

/* What was counted and is not acknowledged. */
typedef struct lkstats_residue {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t tracks;
    lkstats_traffic_t traffic;
} lkstats_residue_t;

/* As timeout_ms of lkstats_close: what is not acknowledged is given up. */
enum { LKSTATS_ABANDON = -1 };

/* Closes a context: refuses new tracks, stops every track, freezes the last reports, and waits at most
 * timeout_ms for their acknowledgement; other threads take and acknowledge them meanwhile. With LKSTATS_ABANDON it
 * does not wait, and the batches that are out become invalid, memory included: what was acknowledged before and
 * the residue are all that was counted. residue may be NULL; it is filled whenever the status is LKSTATS_OK or
 * LKSTATS_ETIMEDOUT. What a signal connection has that is not resolved by then is reported as unattributed.
 * Returns: LKSTATS_ETIMEDOUT: still closing, reports can still be taken and acknowledged, call again. Or, with
 *          LKSTATS_ABANDON or after it: everything is given up but on_batch has not returned, call again.
 *          LKSTATS_OK: the context is gone. It answers LKSTATS_ECLOSED from now on (lkstats_next:
 *          LKSTATS_EOF), and its event descriptor is closed. LKSTATS_ECLOSED: another thread has closed it, or is
 *          at the end of doing so.
 *          LKSTATS_EREENTRANT. After any status but these two last and LKSTATS_ETIMEDOUT on_batch and on_log are not
 *          running, and never will again.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_close(lkstats_t *ctx, int64_t timeout_ms, lkstats_residue_t *residue);

/* Does all the reporting work that is due at that instant, under LKSTATS_NO_THREAD. The instants given here
 * are the context's clocks: windows, totals and the rest of a slot before its reuse are measured with them
 * alone; before the first call they stand at 0, and that call starts the first interval. After a long pause
 * each track is still reported once, with a long window. Call it at least once a second: see
 * lkstats_add_messages for the bound. Calls on_batch, if there is one.
 * Returns: LKSTATS_EINVAL: the context has a thread, or monotonic_ns is below 0 or below an earlier call's;
 *          LKSTATS_EREENTRANT.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_run_once(lkstats_t *ctx, int64_t monotonic_ns, int64_t wall_ns);

/* ---- Tracks ------------------------------------------------------------------------------------- */

typedef struct lkstats_track_options {
    uint32_t struct_size;
    int32_t channel;             /* LKSTATS_CHANNEL_DATA or LKSTATS_CHANNEL_DATA_TRACK */
    int32_t participant_kind;    /* livekit.ParticipantInfo.Kind; any number */
    uint32_t kind_details_count; /* at most LKSTATS_KIND_DETAILS_MAX */
    const int32_t *kind_details; /* livekit.ParticipantInfo.KindDetail; any numbers; copied */
    lkstats_string_t country;
    lkstats_string_t room_sid;
    lkstats_string_t room_name;
    lkstats_string_t participant_sid;
    lkstats_string_t participant_identity;
    lkstats_string_t track_id; /* default: "TR_DT" + participant_sid, or empty where that is empty too */
    lkstats_string_t tenant;   /* whoever pays; opaque to the library */
} lkstats_track_options_t;

/* Starts to count a data track. When it fails *track is 0, on which an add is harmless: a server runs on.
 * Returns: LKSTATS_EINVAL; LKSTATS_EFULL: max_tracks are in use; LKSTATS_ECLOSED; where memory has to grow for it,
 *          also LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ESYSTEM.
 * Owns: the caller the track, until lkstats_track_stop.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_track_new(lkstats_t *ctx, const lkstats_track_options_t *options,
                                               lkstats_track_t *track);

/* ---- Signal connections ------------------------------------------------------------------------- */

/*
 * A signal connection counts from the first byte, before anybody knows whose it is. Its identity comes in two
 * parts, in either order: the room and the participant. When both are known its epoch says joined
 * (LKSTATS_RECORD_JOINED), reports its traffic, all that was counted since the epoch's start included, and when
 * it ends says left (LKSTATS_RECORD_LEFT). lkstats_signal_reset ends an epoch and begins the next one, on the same
 * handle, while other threads go on adding: each byte is in exactly one of the two. Epochs are numbered
 * from 1 and reported one after the other: the next one begins once the left before it is acknowledged.
 *
 * Whoever pays (tenant) may be said with the connection, the room and the participant: of those that are known and
 * say one, a record has the participant's before the room's before the connection's.
 *
 * Stopped before both are known it waits for six report intervals; they may still become known in that time. Past
 * it, its traffic is reported as unattributed, with whatever is known, in one record without joined and left.
 */

typedef struct lkstats_signal_options {
    uint32_t struct_size;
    uint32_t reserved; /* 0, else LKSTATS_EINVAL */
    lkstats_string_t country;
    lkstats_string_t tenant; /* whoever pays where neither participant nor room says; country and tenant stay
                                with the connection in all its epochs */
} lkstats_signal_options_t;

typedef struct lkstats_room {
    uint32_t struct_size;
    uint32_t reserved;    /* 0, else LKSTATS_EINVAL */
    lkstats_string_t sid; /* not empty */
    lkstats_string_t name;
    lkstats_string_t tenant; /* whoever pays in this epoch; empty: as the connection says */
} lkstats_room_t;

typedef struct lkstats_participant {
    uint32_t struct_size;
    int32_t kind;                /* livekit.ParticipantInfo.Kind; any number */
    const int32_t *kind_details; /* livekit.ParticipantInfo.KindDetail; any numbers; copied */
    uint32_t kind_details_count; /* at most LKSTATS_KIND_DETAILS_MAX */
    uint32_t reserved;           /* 0, else LKSTATS_EINVAL */
    lkstats_string_t sid;        /* not empty; the track id of the reports is "TR_SG" and this */
    lkstats_string_t identity;
    lkstats_string_t tenant; /* whoever pays in this epoch; empty: as the room or the connection says */
} lkstats_participant_t;

/* Starts to count a signal connection. options may be NULL: all defaults. When it fails *signal is 0.
 * Returns: as lkstats_track_new.
 * Owns: the caller the connection, until lkstats_track_stop.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_signal_new(lkstats_t *ctx, const lkstats_signal_options_t *options,
                                                lkstats_signal_t *signal);

/* Says which room, or who, the present epoch is of. The first resolution wins.
 * Returns: LKSTATS_ERESOLVED: it is known already, nothing changed; LKSTATS_EINVAL: sid is empty, or the handle is
 *          a data track's; LKSTATS_ECLOSED: stopped, and six report intervals have passed or lkstats_close began;
 *          LKSTATS_ESTALE; for a long identity also LKSTATS_EFULL, LKSTATS_ENOMEM, LKSTATS_ENOFILE,
 *          LKSTATS_ESYSTEM.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_signal_resolve_room(lkstats_signal_t signal, const lkstats_room_t *room);
LKSTATS_API lkstats_status_t lkstats_signal_resolve_participant(lkstats_signal_t signal,
                                                                const lkstats_participant_t *participant);

/* Ends the present epoch and begins the next, of which neither room nor participant is known: a room move is a
 * reset and two resolutions. It never waits; what the old epoch owes, left included, follows within 100 ms, or as
 * soon as what comes before it is acknowledged (lkstats_track_flush waits for that). Where not both were known
 * there is no epoch to end: it forgets what was known, and the traffic so far belongs to whoever is resolved next.
 * An epoch takes some 512 bytes, more with a long identity, until its left is acknowledged.
 * Returns: LKSTATS_EFULL: too many epochs wait for their acknowledgement (2^20 of a context, or what six times
 *          max_tracks comes to where that is less); nothing changed, so what follows counts for who is known, call
 *          again after acknowledgements; LKSTATS_ECLOSED: stopped, and both were known or nobody waits for them any
 *          more; LKSTATS_EINVAL: the handle is a data track's; LKSTATS_ESTALE; LKSTATS_ENOMEM,
 *          LKSTATS_ENOFILE, LKSTATS_ESYSTEM.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_signal_reset(lkstats_signal_t signal);

/* ---- Counting ----------------------------------------------------------------------------------- */

/* Counts one message of that many bytes; is_send other than 0: sent. No lock, no allocation, no system
 * call: one atomic instruction. lkstats_slab.h has the same inline.
 * Returns: LKSTATS_EINVAL: bytes is 2^35 or more; LKSTATS_ESTALE; LKSTATS_ECLOSED: the track is stopped.
 *          A refused add is in no report and in no total; lkstats_metrics has their number.
 * Thread: any, also a signal handler.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_add_bytes(lkstats_track_t track, uint64_t bytes, int32_t is_send);

/* Counts messages together, bytes being their sum. messages is below 2^26 and may be 0.
 * The bound: fewer than 2^36 bytes and fewer than 2^27 messages in one direction of one track between two
 * folds, of which there is at least one a second (lkstats_run_once folds too). Within it every window is
 * exact at every instant; past it totals are exact again as soon as the adds that were under way returned,
 * but a stop that comes while such an add is under way may be 2^36 bytes short.
 * Thread: any, also a signal handler.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_add_messages(lkstats_track_t track, uint64_t bytes, uint64_t messages,
                                                  int32_t is_send);

/* Asks the processor to fetch the track's counter, for a host with very many tracks that knows early which
 * one it will add on. Never fails; any handle will do.
 * Since: 0.1.0 */
LKSTATS_API void lkstats_prefetch(lkstats_track_t track);

typedef struct lkstats_totals {
    uint32_t struct_size;
    uint32_t reserved;
    lkstats_time_t at;
    lkstats_traffic_t traffic; /* since the track was made */
} lkstats_totals_t;

/* What was counted since the track was made, over all epochs. Of a stopped track: the final totals, until nothing
 * of it is owed any more. A total past 2^63 bytes in one direction is outside the contract.
 * Returns: LKSTATS_ESTALE; LKSTATS_ECLOSED: the context is closed.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_track_totals(lkstats_track_t track, lkstats_totals_t *totals);

/* Stops a track and hands out its final totals; totals may be NULL. Adds that have returned LKSTATS_OK are in
 * them, later ones are refused. The last report, if anything is owed, follows within 100 ms, or as soon as the
 * one before is acknowledged (of a signal connection that nobody resolved, later: see there). A second stop is
 * the same stop, as long as something is owed.
 * Returns: LKSTATS_ESTALE: nothing of the track is left; LKSTATS_ECLOSED: the context is closed.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_track_stop(lkstats_track_t track, lkstats_totals_t *totals);

/* Freezes what this track owes, earlier epochs included, and waits at most timeout_ms, 0 or more, until everything
 * that was counted before the call is acknowledged. The consumer is another thread, or, with 0, the caller
 * afterwards. What a signal connection has while its room or participant is not known is not owed yet.
 * Returns: LKSTATS_ETIMEDOUT: frozen and delivered as far as could be, not all acknowledged;
 *          LKSTATS_ECLOSED: the context was closed meanwhile; LKSTATS_ESTALE; LKSTATS_EINVAL;
 *          LKSTATS_EREENTRANT.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_track_flush(lkstats_track_t track, int64_t timeout_ms);

/* The same for every track of the context. With on_batch and LKSTATS_NO_THREAD both hand out batches until nothing is
 * left, the consumer refuses, or the time is over, one at least; lkstats_close does so too.
 * Returns: LKSTATS_ETIMEDOUT; LKSTATS_ECLOSED; LKSTATS_ENOMEM; LKSTATS_EINVAL; LKSTATS_EREENTRANT.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_flush(lkstats_t *ctx, int64_t timeout_ms);

/* ---- Reports ------------------------------------------------------------------------------------ */

/* Kinds of record. */
enum {
    LKSTATS_RECORD_TRAFFIC = 1,
    LKSTATS_RECORD_JOINED = 2, /* a signal connection's epoch has both room and participant; no traffic */
    LKSTATS_RECORD_LEFT = 3    /* it is over, and this is its last record; no traffic */
};

/* Flags of a record. */
enum {
    LKSTATS_UNATTRIBUTED = 1 /* a signal connection's that was never resolved; identity as far as known */
};

/* Names one record for good: the same key always has the same content. */
typedef struct lkstats_key {
    uint8_t context[16]; /* uuid, new with each lkstats_open */
    uint32_t slot;
    uint32_t tag;
    uint32_t epoch; /* of the handle: 1, 2, 3 ...; 1 for a data track */
    uint32_t
        sequence;  /* of the handle's epoch: 1, 2, 3 ... without a gap; a left has that of the traffic that
                          came last, where that is of the same instant */
    uint32_t kind; /* LKSTATS_RECORD_... */
    uint32_t reserved;
} lkstats_key_t;

/* One window of one track, or one event of a signal connection. */
typedef struct lkstats_record {
    lkstats_key_t key;
    /* Of a window, from the previous one's end, or the epoch's start, on. A joined: from the epoch's start
     * until it was seen that both are known, at the latest the epoch's end where they were known before it. A
     * left: the epoch's end, twice. */
    lkstats_time_t start;
    lkstats_time_t end;
    lkstats_traffic_t window;
    lkstats_traffic_t running; /* since the epoch's start, this window included: a consumer that has them
                                  all finds running equal to the sum of the windows */
    lkstats_string_t country;
    lkstats_string_t room_sid;
    lkstats_string_t room_name;
    lkstats_string_t participant_sid;
    lkstats_string_t participant_identity;
    lkstats_string_t track_id;
    lkstats_string_t tenant;
    const int32_t *kind_details;
    uint32_t kind_details_count;
    int32_t participant_kind;
    int32_t channel; /* LKSTATS_CHANNEL_... */
    uint32_t flags;  /* LKSTATS_UNATTRIBUTED */
} lkstats_record_t;

/* Flags of a batch. */
enum {
    LKSTATS_RECOVERED =
        1 /* these are reports of a dead context's (slab_dir): its handles may be the same as this one's */
};

/* Reports that are taken together and answered together. Filled by lkstats_next. */
typedef struct lkstats_batch {
    uint32_t struct_size;
    uint32_t record_size;  /* step by this: a newer library has longer records */
    uint32_t record_count; /* at most LKSTATS_BATCH_RECORDS_MAX */
    uint32_t flags;        /* LKSTATS_RECOVERED */
    lkstats_t *ctx;
    uint64_t id; /* never 0, never used twice in a context */
    const lkstats_record_t *records;
    lkstats_string_t node;
    lkstats_string_t analytics_key;
} lkstats_batch_t;

/* The record of that number, below record_count, in a batch of a library that may be newer than this header.
 * Since: 0.1.0 */
LKSTATS_INLINE const lkstats_record_t *lkstats_batch_record(const lkstats_batch_t *batch, uint32_t number) {
    return (const lkstats_record_t *)(const void *)((const char *)batch->records +
                                                    (uint64_t)number * batch->record_size);
}

/* Stores a descriptor for poll, epoll or an async runtime: readable while lkstats_next would answer with
 * something other than LKSTATS_EAGAIN (and, after a redelivery, once for nothing). The host never reads it.
 * Each new report makes it readable anew, so edge-triggered waiting works for a host that takes batches until
 * LKSTATS_EAGAIN.
 * Owns: the library the descriptor; lkstats_close closes it. A host that polls beyond that uses dup.
 * Returns: LKSTATS_EINVAL: the context has on_batch.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_event_fd(lkstats_t *ctx, int32_t *fd);

/* Takes the next batch. Several may be out at a time; a report is in one of them only, unless
 * lkstats_redeliver asked for it again. Never blocks.
 * Returns: LKSTATS_EAGAIN; LKSTATS_EOF: lkstats_close began and nothing is owed any more; LKSTATS_ENOMEM;
 *          LKSTATS_EINVAL: the context has on_batch.
 * Owns: the library what batch points to, until lkstats_ack, lkstats_nack or the end of lkstats_close.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_next(lkstats_t *ctx, lkstats_batch_t *batch);

/* Serializes a batch as one livekit.AnalyticsStats message: for each record, a stat UPSTREAM where
 * something was received, then a stat DOWNSTREAM where something was sent; more than one where a window
 * exceeds 2^31-1 packets. No two stats share an id, and a record's stats are the same bytes each time.
 * Thread: one at a time for the same batch.
 * Owns: the library the bytes, as long as the batch is out.
 * Returns: LKSTATS_ESTALE; LKSTATS_ECLOSED; LKSTATS_ENOMEM.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_batch_analytics_stats(const lkstats_batch_t *batch, const uint8_t **data,
                                                           uint64_t *size);

/* Acknowledges every record of a batch: they are never delivered again. The batch is known by its ctx and
 * id alone. on_batch may answer so too; then what it returns is not looked at.
 * Returns: LKSTATS_ESTALE: already answered, or never handed out; LKSTATS_ECLOSED: the context is closed.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_ack(const lkstats_batch_t *batch);

/* Gives a batch back: its records are delivered again, same keys, same content, before newer
 * ones.
 * Returns: as lkstats_ack.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_nack(const lkstats_batch_t *batch);

/* Delivers again whatever is not acknowledged, batches that are out included: for a consumer that has
 * forgotten what it took. Whichever of two batches with the same record is acknowledged first counts.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_redeliver(lkstats_t *ctx);

/* ---- Metrics ------------------------------------------------------------------------------------ */

enum {
    LKSTATS_METRICS_OPENMETRICS = 0, /* application/openmetrics-text; version=1.0.0; charset=utf-8 */
    LKSTATS_METRICS_PROMETHEUS = 1   /* text/plain; version=0.0.4; charset=utf-8: the same figures, for older
                                        scrapers and promtool */
};

/* Writes what a metrics endpoint of the host's would answer, without a terminator. *need gets the size in bytes
 * whatever the capacity: some seven thousand, whatever the number of tracks. Bytes and messages by channel type
 * and direction, exact at the instant of the call, refused adds, and how the library itself is doing; each metric
 * has its help text. There is no series per participant or track.
 * Counts every add that returned before the call. Walks over all slots, a few milliseconds for a million.
 * Returns: LKSTATS_ERANGE: capacity is below *need, nothing was written (buffer may be NULL then);
 *          LKSTATS_EINVAL: another format; LKSTATS_ENOMEM.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_metrics(lkstats_t *ctx, uint32_t format, char *buffer, uint64_t capacity,
                                             uint64_t *need);

/* ---- Track ids ---------------------------------------------------------------------------------- */

/* Writes "TR_DT" (LKSTATS_CHANNEL_DATA) or "TR_SG" (LKSTATS_CHANNEL_SIGNAL) and participant_sid, of any
 * length and any bytes, to buffer, without a terminator. *need gets the size in bytes whatever the capacity.
 * Returns: LKSTATS_ERANGE: capacity is below *need, nothing was written (buffer may be NULL then);
 *          LKSTATS_EINVAL: another channel.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_track_id_for_participant(int32_t channel,
                                                              lkstats_string_t participant_sid, char *buffer,
                                                              uint64_t capacity, uint64_t *need);

/* ---- The library -------------------------------------------------------------------------------- */

/* What lkstats_slab.h describes. */
struct lkstats_slab;

/* Fills slab for the inline add. version is LKSTATS_SLAB_VERSION of the header the caller was compiled with.
 * May be called before lkstats_open, once a process will do, and what it filled stays good, also for
 * contexts opened later; in a forked child it is the same.
 * Returns: LKSTATS_ELAYOUT: this library's slots look different; call lkstats_add_bytes instead.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_slab_attach(uint32_t version, struct lkstats_slab *slab);

/* LKSTATS_VERSION_MAJOR << 16 | LKSTATS_VERSION_MINOR << 8 | LKSTATS_VERSION_PATCH of the library.
 * Since: 0.1.0 */
LKSTATS_API uint32_t lkstats_version(void);

/* A sentence for a status, and its name ("LKSTATS_ESTALE"). Never NULL; static.
 * Since: 0.1.0 */
LKSTATS_API const char *lkstats_strerror(lkstats_status_t status);
LKSTATS_API const char *lkstats_status_name(lkstats_status_t status);

/* All of the above as a table, for a host that uses dlopen and one dlsym. Functions are only ever
 * appended; struct_size says how many there are: check it before calling one that is newer than the
 * library may be. */
typedef struct lkstats_api {
    uint32_t struct_size;
    uint32_t version; /* lkstats_version() */
    lkstats_status_t (*open)(const lkstats_options_t *, lkstats_t **);
    lkstats_status_t (*close)(lkstats_t *, int64_t, lkstats_residue_t *);
    lkstats_status_t (*run_once)(lkstats_t *, int64_t, int64_t);
    lkstats_status_t (*track_new)(lkstats_t *, const lkstats_track_options_t *, lkstats_track_t *);
    lkstats_status_t (*add_bytes)(lkstats_track_t, uint64_t, int32_t);
    lkstats_status_t (*add_messages)(lkstats_track_t, uint64_t, uint64_t, int32_t);
    void (*prefetch)(lkstats_track_t);
    lkstats_status_t (*track_totals)(lkstats_track_t, lkstats_totals_t *);
    lkstats_status_t (*track_stop)(lkstats_track_t, lkstats_totals_t *);
    lkstats_status_t (*track_flush)(lkstats_track_t, int64_t);
    lkstats_status_t (*flush)(lkstats_t *, int64_t);
    lkstats_status_t (*event_fd)(lkstats_t *, int32_t *);
    lkstats_status_t (*next)(lkstats_t *, lkstats_batch_t *);
    lkstats_status_t (*batch_analytics_stats)(const lkstats_batch_t *, const uint8_t **, uint64_t *);
    lkstats_status_t (*ack)(const lkstats_batch_t *);
    lkstats_status_t (*nack)(const lkstats_batch_t *);
    lkstats_status_t (*redeliver)(lkstats_t *);
    lkstats_status_t (*track_id_for_participant)(int32_t, lkstats_string_t, char *, uint64_t, uint64_t *);
    lkstats_status_t (*slab_attach)(uint32_t, struct lkstats_slab *);
    const char *(*strerror)(lkstats_status_t);
    const char *(*status_name)(lkstats_status_t);
    lkstats_status_t (*signal_new)(lkstats_t *, const lkstats_signal_options_t *, lkstats_signal_t *);
    lkstats_status_t (*signal_resolve_room)(lkstats_signal_t, const lkstats_room_t *);
    lkstats_status_t (*signal_resolve_participant)(lkstats_signal_t, const lkstats_participant_t *);
    lkstats_status_t (*signal_reset)(lkstats_signal_t);
    lkstats_status_t (*metrics)(lkstats_t *, uint32_t, char *, uint64_t, uint64_t *);
} lkstats_api_t;

#define LKSTATS_API_VERSION 1

/* Stores the table, which lives as long as the process. version is LKSTATS_API_VERSION.
 * Returns: LKSTATS_ELAYOUT: this library has no table of that version; LKSTATS_EINVAL.
 * Since: 0.1.0 */
LKSTATS_API lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api);

#ifdef __cplusplus
}
#endif

#endif
