/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of lkstats' shared memory, and the add that a host compiles into its own code.
 *
 * A context's counters are slots of one cache line. What is needed only when a slot has moved is in epoch
 * records; a directory says which chunks of both there are. All numbers are in the host's byte order;
 * nothing here is a pointer or depends on the size of one, but for the two structs that say "this process
 * only". Offsets are asserted by tests/contract; a change of any of them changes LKSTATS_SLAB_VERSION.
 *
 * The word of one direction: [63..37 messages: 27 bits][36..1 bytes: 36 bits][0 closed]. An add is one
 * fetch-and-add on it, of (messages << 37) + (bytes << 1). It only grows, modulo 2^63. The add that sees
 * bit 36 fall has carried out of the bytes (into the messages), the one that sees the word wrap has
 * carried out of the messages: it posts that on the carry of its direction, bytes in the low 32 bits,
 * messages in the high ones. Adds below half a field's range make "bit 36 fell" the same as "carried".
 */
#ifndef LKSTATS_SLAB_H
#define LKSTATS_SLAB_H

#include "lkstats.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LKSTATS_SLAB_VERSION 1

enum { LKSTATS_SLAB_BYTE_BITS = 36, LKSTATS_SLAB_MESSAGE_BITS = 27, LKSTATS_SLAB_INDEX_BITS = 24 };

/* Index of a direction in word, carry and last. */
enum { LKSTATS_SLAB_SEND = 0, LKSTATS_SLAB_RECV = 1 };

/* A slot's state: one of these plus the slot's index. Adds are taken while it is live: then the 8 bytes of
 * state and tag are the handle plus LKSTATS_SLAB_LIVE, one comparison for an add. */
enum {
    LKSTATS_SLAB_FREE = 0,
    LKSTATS_SLAB_LIVE = 1 << LKSTATS_SLAB_INDEX_BITS,
    LKSTATS_SLAB_STOPPING = 2 << LKSTATS_SLAB_INDEX_BITS,
    LKSTATS_SLAB_CLOSED = 3 << LKSTATS_SLAB_INDEX_BITS
};

typedef struct lkstats_slab_slot {
    uint32_t state; /* read with tag in one 8-byte load: (tag << 32) + state */
    uint32_t tag;   /* never 0 while the slot is or was in use */
    uint64_t word[2];
    uint64_t carry[2];
    uint64_t last[2]; /* word at the last fold, closed bit left out */
    uint32_t record;  /* index of the newest epoch record, 0: none; stored with epoch in one 8-byte store */
    uint32_t epoch;
} lkstats_slab_slot_t;

/* Totals since the slot went live, with a sequence: of the two in a record, the newest that is valid
 * counts, and of those, the snapshots and the base the one with the most. They say which word they were read from:
 * ((messages << 36) + bytes) mod 2^63. A slot's last is less than a quarter of a field ahead of it, or,
 * after a kill, older: then the word of these takes its place. */
typedef struct lkstats_slab_totals {
    lkstats_traffic_t traffic;
    uint32_t sequence;
    uint32_t checksum; /* of all before it */
} lkstats_slab_totals_t;

/* Flags of a snapshot. */
enum {
    LKSTATS_SLAB_JOINED =
        1,                /* the first of a signal connection's epoch: says joined, has the base's totals */
    LKSTATS_SLAB_LEFT = 2 /* the last of one: says left */
};

typedef struct lkstats_slab_snapshot {
    lkstats_traffic_t traffic; /* totals since the slot went live */
    uint32_t sequence;
    uint32_t flags; /* LKSTATS_SLAB_JOINED, LKSTATS_SLAB_LEFT */
    lkstats_time_t at;
    uint32_t checksum; /* of all before it */
    uint32_t reserved;
} lkstats_slab_snapshot_t;

/* A part of an identity: size bytes from at on, encoded as protobuf fields: first those of
 * livekit.AnalyticsStat, in the order of their numbers, then those of src/wire's TrackIdentity. at counts
 * through the record's identity and then through the bytes of its chain of overflow blocks. Each of the three may
 * have a tenant: of those that are known, the participant's counts before the room's before the connection's. */
typedef struct lkstats_slab_part {
    uint16_t at;
    uint16_t size;
    uint16_t stat_size; /* of the AnalyticsStat fields in front */
} lkstats_slab_part_t;

/* Bits of an epoch record's control word. */
enum {
    LKSTATS_SLAB_ACKNOWLEDGED = 1, /* which of the two snapshots is acknowledged; the other may be pending */
    LKSTATS_SLAB_PENDING = 2,
    LKSTATS_SLAB_ROOM_KNOWN = 4, /* room is written; without this bit it says nothing */
    LKSTATS_SLAB_PARTICIPANT_KNOWN = 8,
    LKSTATS_SLAB_FIRST = 16,           /* nothing is acknowledged yet: base stands for the snapshot */
    LKSTATS_SLAB_UNATTRIBUTED = 32,    /* never resolved, and reported so */
    LKSTATS_SLAB_RUNNING = 64,         /* the newest totals are running ones, not a snapshot's or base */
    LKSTATS_SLAB_LATE = 128,           /* both became known after the end */
    LKSTATS_SLAB_CHANNEL_SHIFT = 8,    /* from here eight bits: LKSTATS_CHANNEL_... */
    LKSTATS_SLAB_FORGOTTEN_SHIFT = 16, /* sixteen bits: how often room and participant were forgotten */
    LKSTATS_SLAB_SEQUENCE_SHIFT = 32   /* from here: sequence of the newest snapshot, 0 before the first */
};

enum { LKSTATS_SLAB_IDENTITY_SIZE = 192 };

/* One epoch of a handle. Another process reads a slot's link, the record, and the link again: where both are the
 * same, the record was that slot's all the time. Beside it, control before and after what is read of the identity:
 * the same known bits and the same count of forgettings mean that it did not change.
 *
 * Eight cache lines. What an acknowledgement touches is in the first, what a freeze touches in the first and
 * the two of the snapshots. */
typedef struct lkstats_slab_record {
    uint32_t slot;
    uint32_t tag;
    uint32_t epoch;
    uint32_t previous; /* record of the previous epoch, 0: none */
    uint64_t control;
    lkstats_time_t start;
    uint32_t overflow;              /* index of the first block, 0: none */
    lkstats_slab_part_t connection; /* country and tenant */
    lkstats_slab_part_t room;
    lkstats_slab_part_t participant;
    uint16_t identity_sum;  /* checksums of the known parts, exclusive or; see src/track/identity.hpp */
    lkstats_traffic_t base; /* totals of the handle when the epoch began; zero in epoch 1 */
    lkstats_slab_totals_t running[2];
    lkstats_time_t end; /* says something only of a record that is not a slot's newest, or of a closed slot */
    lkstats_slab_snapshot_t snapshot[2];
    uint8_t identity[LKSTATS_SLAB_IDENTITY_SIZE];
} lkstats_slab_record_t;

/* What a record's place holds while it carries the rest of a long identity. */
enum { LKSTATS_SLAB_OVERFLOW_SIZE = 504 };

typedef struct lkstats_slab_overflow {
    uint32_t next; /* index of the next block, 0: none */
    uint32_t reserved;
    uint8_t bytes[LKSTATS_SLAB_OVERFLOW_SIZE];
} lkstats_slab_overflow_t;

/* One chunk of slots or records: the count of them from index first on, in the memory file, or the file in slab_dir,
 * "lkstats:<uuid>:slots<n>" or "lkstats:<uuid>:records<n>", n being its number among those of its kind. */
typedef struct lkstats_slab_chunk {
    uint32_t first;
    uint32_t count;
} lkstats_slab_chunk_t;

enum { LKSTATS_SLAB_CHUNKS_MAX = 500 };

/* Bytes of a directory's file in slab_dir that are locked, one each. The owner's lock is its descriptor's (F_OFD_SETLK):
 * what a child has inherited, so the process itself decides whether it lives where that can be told. A recoverer's is
 * its process's (F_SETLK). */
enum {
    LKSTATS_SLAB_LOCK_OWNER = 0,   /* by the context, as long as it is open */
    LKSTATS_SLAB_LOCK_RECOVERY = 1 /* by whoever recovers it */
};

/* "lkstats:<uuid>:dir": how another process finds its way. A chunk's entry is complete before the count
 * that includes it is stored. */
enum { LKSTATS_SLAB_OVER = 0x7265766f };

typedef struct lkstats_slab_directory {
    char magic[8]; /* "lkstats" and NUL, stored last */
    uint32_t version;
    uint32_t size; /* of this struct */
    uint8_t context[16];
    int64_t owner_pid;
    lkstats_time_t opened;
    uint32_t report_interval_ms;
    uint32_t node_size;
    uint32_t analytics_key_size;
    uint32_t slot_chunks;
    uint32_t record_chunks;
    uint32_t over; /* LKSTATS_SLAB_OVER: nothing is owed, the files are being removed; else 0 */
    /* Whose process this is: after a kill nobody else has the same four. 0: not known. */
    uint64_t owner_start;         /* /proc/<pid>/stat, field 22 */
    uint64_t owner_pid_namespace; /* inode of /proc/self/ns/pid */
    uint8_t boot[16];             /* /proc/sys/kernel/random/boot_id */
    lkstats_time_t alive;         /* when the reporter ran last */
    uint8_t node[LKSTATS_STRING_MAX];
    uint8_t analytics_key[LKSTATS_STRING_MAX];
    lkstats_slab_chunk_t slots[LKSTATS_SLAB_CHUNKS_MAX];
    lkstats_slab_chunk_t records[LKSTATS_SLAB_CHUNKS_MAX];
} lkstats_slab_directory_t;

/* This process only: where the slots are. In a forked child both read 0 until it opens a context of its own, also in
 * one that no fork() made: an add looks at limit each time, for there the parent's slots are still shared. In a child
 * of fork() those read 0. A slot's address stays good for reading as long as the process lives. */
typedef struct lkstats_slab_anchor {
    uint64_t limit; /* slot indexes are below it */
    lkstats_slab_slot_t *slots;
} lkstats_slab_anchor_t;

/* This process only: what lkstats_slab_attach fills. */
typedef struct lkstats_slab {
    uint32_t struct_size;
    uint32_t version;
    const lkstats_slab_anchor_t *anchor;
    /* lkstats_add_messages: takes every add that the inline one does not. */
    lkstats_status_t (*add)(lkstats_track_t track, uint64_t bytes, uint64_t messages, int32_t is_send);
} lkstats_slab_t;

/* lkstats_add_messages, inline: same arguments, same statuses, same thread rules. slab was filled by
 * lkstats_slab_attach. Needs gcc's or clang's atomic builtins.
 * Since: 0.1.0 */
LKSTATS_INLINE lkstats_status_t lkstats_slab_add(const lkstats_slab_t *slab, lkstats_track_t track,
                                                 uint64_t bytes, uint64_t messages, int32_t is_send) {
    const uint64_t falls = ((uint64_t)1 << LKSTATS_SLAB_BYTE_BITS) | ((uint64_t)1 << 63);
    const uint64_t index = track & 0xffffffffu;
    const uint64_t increment = (messages << (LKSTATS_SLAB_BYTE_BITS + 1)) + (bytes << 1);
    const int32_t direction = is_send ? LKSTATS_SLAB_SEND : LKSTATS_SLAB_RECV;
    const lkstats_slab_anchor_t *anchor = slab->anchor;
    lkstats_slab_slot_t *slot;
    uint64_t old, moved;

    if (__builtin_expect(
            ((bytes >> (LKSTATS_SLAB_BYTE_BITS - 1)) | (messages >> (LKSTATS_SLAB_MESSAGE_BITS - 1))) != 0,
            0))
        goto call;
    /* The eight zero bits of a handle are above every limit. */
    if (__builtin_expect(index >= __atomic_load_n(&anchor->limit, __ATOMIC_ACQUIRE), 0))
        goto call;
    slot = anchor->slots + index; /* stored before limit */
    if (__builtin_expect(__atomic_load_n((const uint64_t *)(const void *)slot, __ATOMIC_RELAXED) !=
                             track + LKSTATS_SLAB_LIVE,
                         0))
        goto call;

    old = __atomic_fetch_add(&slot->word[direction], increment, __ATOMIC_RELAXED);
    /* A bit that rose is told from one that fell on the rare path: the fewer instructions between two locked
     * ones, the better they overlap. */
    moved = old ^ (old + increment);
    if (__builtin_expect((moved & falls) != 0, 0) || __builtin_expect((old & 1) != 0, 0)) {
        const uint64_t fallen = moved & old & falls;
        if (old & 1) /* stopped in between: this one does not count, and add() says so */
            goto call;
        if (fallen)
            __atomic_fetch_add(&slot->carry[direction],
                               (fallen >> LKSTATS_SLAB_BYTE_BITS & 1) + (fallen >> 63 << 32),
                               __ATOMIC_RELEASE);
    }
    return LKSTATS_OK;

call:
    return slab->add(track, bytes, messages, is_send);
}

#ifdef __cplusplus
}
#endif

#endif
