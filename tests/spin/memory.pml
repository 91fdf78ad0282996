// SPDX-License-Identifier: Apache-2.0
// What survives a kill: slots and epoch records, as in include/lkstats_slab.h. A total is one byte: low half sent, high
// half received, two bits for each add, so it says which adds are in it, and how often. Records are numbered from 0,
// and links say one more, so that 0 is none.

#define LIVE 1
#define STOPPING 2
#define CLOSED 3

#define JOINED 4
#define LEFT 8

typedef Slot {
    unsigned tag : 2;
    unsigned state : 2;
    unsigned shut : 2; // closed bits of the two words
    unsigned link : 3;
    byte word[2]
}

typedef Record {
    unsigned slot : 1;
    unsigned tag : 2;
    unsigned epoch : 2;
    unsigned prev : 3;
    // control
    unsigned signal : 1;
    unsigned ack : 1;
    unsigned pend : 1;
    unsigned first : 1;
    unsigned room : 1;
    unsigned part : 1;
    unsigned unatt : 1;
    unsigned running : 1;
    unsigned seq : 3;
    // running totals: newer says whose sequence is the higher one
    unsigned newer : 1;
    unsigned whole0 : 1;
    unsigned whole1 : 1;
    byte totals[2];
    byte base;
    byte snap[2];
    byte flags[2];    // of the snapshots
    byte complete[2]; // likewise: the checksum is right
    unsigned roomwho : 2;
    unsigned partwho : 2 // whose identity is written: 3 is nobody's, what memory happens to hold
}

// The host's, which are in files; then each recovery's copy, at SLOTS and RECORDS times its number.
Slot S[3 * SLOTS];
Record R[3 * RECORDS];
byte oldest[3 * SLOTS]; // private to each: the record whose turn it is to be reported
bit magic;     // the directory can be followed
bit over;      // nothing is owed
bit gone;      // the files have no name any more
byte lock;     // who holds the recovery's byte
bit up = 1;    // the owner's process exists; after a kill it does not
bit host_gone; // it has been seen to be gone

#define sent(t) ((t) & 15)
#define received(t) ((t) & 240)
#define at_least(a, b) \
    (((sent(a) > sent(b)) -> sent(a) : sent(b)) | ((received(a) > received(b)) -> received(a) : received(b)))
#define within(a, b) (sent(a) <= sent(b) && received(a) <= received(b))

#define linked(s) ((s) / SLOTS * RECORDS + S[s].link - 1)
// Not so: a track that was being made.
#define is_linked(s) (S[s].link != 0 && R[linked(s)].tag == S[s].tag)
#define previous(r) ((r) / RECORDS * RECORDS + R[r].prev - 1)
#define other(r) (1 - R[r].ack)
#define acked(r) (R[r].first -> R[r].base : R[r].snap[R[r].ack])
#define acked_flags(r) (R[r].first -> 0 : R[r].flags[R[r].ack])
#define reported(r) (R[r].pend -> R[r].snap[other(r)] : acked(r))
#define newest(r) (R[r].running -> R[r].totals[R[r].newer] : reported(r))
#define words(s, r) \
    (((S[s].shut & 1) -> sent(newest(r)) : S[s].word[0]) | \
     ((S[s].shut & 2) -> received(newest(r)) : S[s].word[1]))

inline newest_whole(r, t) {
    t = at_least(R[r].base, acked(r));
    if
    :: R[r].pend -> t = at_least(t, R[r].snap[other(r)])
    :: else
    fi;
    if
    :: R[r].whole0 -> t = at_least(t, R[r].totals[0])
    :: else
    fi;
    if
    :: R[r].whole1 -> t = at_least(t, R[r].totals[1])
    :: else
    fi
}

inline set_whole(r, c, w) {
    if
    :: c == 0 -> R[r].whole0 = w
    :: else -> R[r].whole1 = w
    fi
}

inline begin_record(n, slot_, tag_, epoch_, prev_, base_, signal_) {
    R[n].slot = slot_;
    R[n].tag = tag_;
    R[n].epoch = epoch_;
    R[n].prev = prev_;
    R[n].base = base_;
    R[n].signal = signal_;
    R[n].ack = 0;
    R[n].pend = 0;
    R[n].first = 1;
    R[n].room = 1 - signal_;
    R[n].part = 1 - signal_;
    R[n].unatt = 0;
    R[n].running = 0;
    R[n].seq = 0;
    R[n].newer = 0;
    R[n].whole0 = 0;
    R[n].whole1 = 0;
    R[n].totals[0] = 0;
    R[n].totals[1] = 0;
    R[n].snap[0] = 0;
    R[n].snap[1] = 0;
    R[n].flags[0] = 0;
    R[n].flags[1] = 0;
    R[n].complete[0] = 0;
    R[n].complete[1] = 0;
    R[n].roomwho = 3;
    R[n].partwho = 3
}

// What a slot owes next: act, of record r, with totals t and flags f. enough: nobody waits for an identity any more.
#define NOTHING 0
#define UNATTRIBUTED 1
#define FREEZE 2
#define DONE 3

inline duty(s, enough) {
    act = NOTHING;
    r = oldest[s];
    t = 0;
    f = 0;
    if
    :: S[s].link == 0
    :: else ->
        if
        :: mistake == EPOCHS_MIXED -> r = linked(s)
        :: else
        fi;
        older = (r != linked(s));
        ended = (older || S[s].state == CLOSED);
        events = (R[r].signal && !R[r].unatt);
        t = (older -> newest(r) : words(s, r));
        t = at_least(t, acked(r));
        if
        :: R[r].pend && mistake == FREED_EARLY ->
            if
            :: ended && (!events || R[r].flags[other(r)] == LEFT) -> act = DONE
            :: else
            fi
        :: R[r].pend && mistake != FREED_EARLY && mistake != FROZEN_AGAIN
        :: else ->
            if
            :: events && !(R[r].room && R[r].part) ->
                if
                :: ended && enough -> act = UNATTRIBUTED
                :: else
                fi
            :: events && R[r].room && R[r].part && R[r].seq == 0 ->
                f = JOINED;
                t = acked(r);
                act = FREEZE
            :: events && R[r].room && R[r].part && R[r].seq != 0 && (ended || mistake == LEFT_EARLY) ->
                if
                :: acked_flags(r) == LEFT -> act = DONE
                :: else ->
                    f = LEFT;
                    act = FREEZE
                fi
            :: else ->
                if
                :: t != acked(r) -> act = FREEZE
                :: t == acked(r) && ended -> act = DONE
                :: else
                fi
            fi;
            // A bound of the model: the last report of an epoch is kept for its end.
            if
            :: act == FREEZE && f != JOINED && !ended && R[r].seq >= REPORTS - 1 -> act = NOTHING
            :: else
            fi
        fi
    fi
}

inline publish_snapshot(r, f) {
    R[r].seq = R[r].seq + 1 - (mistake == FROZEN_AGAIN && R[r].pend);
    R[r].pend = 1;
    if
    :: f != JOINED || mistake == JOINED_OVERTAKES -> R[r].running = 0
    :: else
    fi
}

inline acknowledge(r) {
    R[r].ack = 1 - R[r].ack;
    R[r].pend = 0;
    R[r].first = 0
}
