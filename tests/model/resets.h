/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that add while another one resets. Whose epoch an add is in can be told afterwards:
 *   - the adders' adds have one size a direction, so what is left of an epoch's bytes are its marks;
 *   - the thread that resets makes the marks: one right after an epoch began, one right before it ends;
 *   - around each reset it reads how many adds had returned and how many had begun: what lies in the epochs so
 *     far is no less than the one and no more than the other.
 */
#ifndef RESETS_H
#define RESETS_H

#include "lkstats.h"
#include "lkstats_slab.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { SEND, RECV, DIRECTIONS };
enum { ADDERS = 2, SIGNALS_MAX = 3 };
/* Bytes of one add. The sizes keep all of a play together within the bound, however long a fold takes. */
enum { SEND_SIZE = 3, RECV_SIZE = 5 };

/* What the reports said of one epoch, and what they may have said of all up to it. */
typedef struct epoch {
    lkstats_traffic_t reported;
    uint64_t least[DIRECTIONS]; /* messages of adds that had returned when its reset was called */
    uint64_t most[DIRECTIONS];  /* and of those that had begun when it returned */
} epoch_t;

/* One adder's messages on one signal connection. Nobody else writes this line. */
typedef struct adds {
    _Alignas(64) _Atomic uint64_t begun[DIRECTIONS];
    _Atomic uint64_t returned[DIRECTIONS]; /* with LKSTATS_OK */
} adds_t;

typedef struct connection {
    lkstats_signal_t signal;
    uint32_t number;
    epoch_t *epochs; /* by their number; none has the number 0 */
    adds_t adds[ADDERS];
    _Atomic uint32_t asked, resolved; /* epochs: the resolver follows */
    atomic_uint left;                 /* the epoch whose left was acknowledged last */
} connection_t;

typedef enum habit {
    KEEPS_UP,
    STALLS, /* takes nothing until a reset was refused */
    CLUMSY  /* gives back, asks again, answers late and in any order */
} habit_t;

typedef struct play {
    /* Given. */
    habit_t habit;
    uint32_t connections_count;
    uint32_t resets;
    int has_thread; /* the context; without, the consumer runs it */
    int has_resolver;
    /* Played. */
    lkstats_t *ctx;
    lkstats_slab_t slab;
    connection_t connections[SIGNALS_MAX];
    atomic_uint resets_done, refused, acknowledged, again;
    atomic_int unpaced;  /* adders go on as they like */
    atomic_int finished; /* they are done */
    atomic_int overdue;  /* whatever the consumer has is acknowledged at once */
    atomic_int calm;     /* and it has nothing any more, so that no batch outlives the context */
    atomic_uint faults;
    const char *_Atomic fault; /* the first */
} play_t;

/* resets_threads.c */
void *resets_add(void *adder);
void *resets_reset(void *play);
void *resets_resolve(void *play);

typedef struct adder {
    play_t *play;
    uint32_t number;
} adder_t;

/* resets_consumer.c */
void *resets_consume(void *play);

/* Whose an epoch is. */
enum { SID_SIZE = 32 };
void resets_sid(char sid[SID_SIZE], const char *kind, const connection_t *connection, uint32_t epoch);
/* Whether that epoch's room, or participant, says a tenant: its sid. */
int resets_room_pays(uint32_t epoch);
int resets_participant_pays(uint32_t epoch);

/* An epoch's mark. Few epochs that come one after the other have the same. */
uint64_t resets_mark(uint32_t epoch, int direction);

/* Assertions longjmp, which only the main thread may: the others note what they found, and come to an end. */
#define expect(play, condition) resets_expect((play), (condition), __FILE__ ": " #condition)
void resets_expect(play_t *play, int holds, const char *what);

/* Waits for other threads, not for ever: then, and after any fault, it goes on. */
#define wait_until(play, condition)                                                                          \
    for (uint64_t looks = 0; !(condition) && resets_wait((play), &looks, __FILE__ ": " #condition);)
int resets_wait(play_t *play, uint64_t *looks, const char *what);

#endif
