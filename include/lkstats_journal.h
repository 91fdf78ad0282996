/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format of the journal: what lkstats writes with journal_dir, for whoever reads it. All numbers are
 * little-endian. Offsets and bytes are asserted by tests/unit; a change of anything here changes
 * LKSTATS_JOURNAL_VERSION.
 *
 * A journal is segments: files "lkstats-<uuid>-<number>.journal" with the uuid of the context that writes
 * them and a number of at least eight digits, from 1 on. Each can be read without any other: a header
 * (lkstats_journal_segment_t), then frames. The context that writes a segment has its byte
 * LKSTATS_JOURNAL_LOCK_WRITER locked (F_OFD_SETLK); a file without that lock gets no more frames.
 *
 * A frame is lkstats_journal_frame_t and its payload: one batch of reports, whole or not at all. It is
 * acknowledged by being there.
 *   - A torn tail: the file ends within its header or a frame, or the last frame has the wrong checksum, or
 *     nothing but zeros follows. A batch is being written, or a kill came between: it was not acknowledged,
 *     and its reports come again elsewhere if their counters survived. After a crash of the machine it may
 *     have been acknowledged, unless the writer has LKSTATS_JOURNAL_SYNC.
 *   - Damage: a wrong checksum with more behind it. The next frame follows where the size says. A damaged
 *     size that points past the end looks like a torn tail: who wants to be sure compares sequences and
 *     running totals.
 *   - The same key may be there twice, always with the same content: where the disk failed to write or to
 *     sync and then to cut the batch off again, or the process died between its write and the mark in
 *     slab_dir. A store that keeps one row a key sees nothing of it.
 *
 * A payload is entries, each with a tag of one byte. Behind it are varints as protobuf has them: seven bits a
 * byte, the lowest first, 0x80 says that more follow. A "signed" one is zigzag: (n << 1) ^ (n >> 63).
 * Differences are taken modulo 2^64. A string is its size and its bytes, UTF-8 without NUL.
 *
 *   LKSTATS_JOURNAL_ORIGIN  A context other than the header's, whose reports the writer recovered: its number
 *                           in this segment (1 and up; 0 is the header's), the 16 bytes of its uuid, node,
 *                           analytics key.
 *   LKSTATS_JOURNAL_TRACK   Whom reports are about, once in a segment: its number in this segment, the
 *                           origin's number, slot, tag, epoch, sequence of its first report here, flags
 *                           (LKSTATS_UNATTRIBUTED); signed: channel, participant kind; how many kind details
 *                           there are, each of them, signed; country, room sid, room name, participant sid,
 *                           participant identity, track id, tenant.
 *   LKSTATS_JOURNAL_WINDOW  One report. The other bits of the tag say what there is behind the sequence,
 *                           which is written as the difference to that of the track's first, modulo 2^32.
 *
 * What a window leaves out:
 *   number      one more than that of the window before it in the frame; where a track came between, that
 *               track's; of the first in the frame, 0
 *   kind        LKSTATS_RECORD_TRAFFIC
 *   monotonic   the end is at the instant of the window before it in the frame; of the first, of the header's
 *               created
 *   wall        wall time minus monotonic time is the same as there
 *   whole       start and running totals follow from the report before of the same number: start is its end
 *               (its start, where it is a joined; a left's start is its own end), running is its running and
 *               this window. That report has this sequence minus one, or this sequence where the kind says
 *               LKSTATS_JOURNAL_SAME_SEQUENCE. Who has not seen it, because its frame is damaged, knows
 *               neither, nor any running that follows from this one; the window is right all the same.
 *   send, recv  no bytes and no messages
 */
#ifndef LKSTATS_JOURNAL_H
#define LKSTATS_JOURNAL_H

#include "lkstats.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LKSTATS_JOURNAL_VERSION 1
#define LKSTATS_JOURNAL_MAGIC "lkstatsj" /* eight bytes, without a terminator */

typedef struct lkstats_journal_segment {
    uint8_t magic[8];
    uint32_t version;
    uint32_t header_size; /* sizeof of this: the first frame is there */
    uint8_t context[16];
    uint32_t number;
    uint32_t node_size;
    uint32_t analytics_key_size;
    uint32_t reserved;
    lkstats_time_t created;
    uint8_t node[LKSTATS_STRING_MAX];
    uint8_t analytics_key[LKSTATS_STRING_MAX];
    uint32_t reserved2;
    uint32_t checksum; /* CRC-32C of all before it */
} lkstats_journal_segment_t;

typedef struct lkstats_journal_frame {
    uint32_t size;     /* bytes of payload, at least 1, at most LKSTATS_JOURNAL_FRAME_MAX */
    uint32_t checksum; /* CRC-32C of size and the payload */
} lkstats_journal_frame_t;

enum { LKSTATS_JOURNAL_LOCK_WRITER = 0, LKSTATS_JOURNAL_FRAME_MAX = 1 << 30 };

/* Tags. */
enum { LKSTATS_JOURNAL_ORIGIN = 1, LKSTATS_JOURNAL_TRACK = 2, LKSTATS_JOURNAL_WINDOW = 0x80 };

/* Bits of a window's tag: what follows the sequence, in this order. */
enum {
    LKSTATS_JOURNAL_HAS_NUMBER = 1,    /* signed, minus the number that is implied */
    LKSTATS_JOURNAL_HAS_KIND = 2,      /* one byte: LKSTATS_RECORD_..., LKSTATS_JOURNAL_SAME_SEQUENCE */
    LKSTATS_JOURNAL_HAS_MONOTONIC = 4, /* of the end, signed, nanoseconds, minus what is implied */
    LKSTATS_JOURNAL_HAS_WALL = 8,      /* wall minus monotonic, signed, minus what is implied */
    /* end minus start: monotonic, and wall minus monotonic, both signed; running: bytes and messages sent, bytes
       and messages received */
    LKSTATS_JOURNAL_HAS_WHOLE = 16,
    LKSTATS_JOURNAL_HAS_SEND = 32, /* of the window: bytes, messages */
    LKSTATS_JOURNAL_HAS_RECV = 64
};
enum { LKSTATS_JOURNAL_SAME_SEQUENCE = 0x80 }; /* a left with the traffic that came last */

/* What a track id has at most: one that is made of a participant's sid is longer than that. */
enum { LKSTATS_JOURNAL_TRACK_ID_MAX = LKSTATS_STRING_MAX + 5 };

#ifdef __cplusplus
}
#endif

#endif
