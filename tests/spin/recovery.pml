// SPDX-License-Identifier: Apache-2.0
// A new context that finds the files of a dead one. It works on a copy in its own memory, so what it does there is one
// step; what it writes back to the files is one step for each write. Two are at it at once.

#define file(r) ((r) % RECORDS)

inline copy_record(x) {
    R[x].slot = R[file(x)].slot;
    R[x].tag = R[file(x)].tag;
    R[x].epoch = R[file(x)].epoch;
    R[x].prev = R[file(x)].prev;
    R[x].base = R[file(x)].base;
    R[x].signal = R[file(x)].signal;
    R[x].ack = R[file(x)].ack;
    R[x].pend = R[file(x)].pend;
    R[x].first = R[file(x)].first;
    R[x].room = R[file(x)].room;
    R[x].part = R[file(x)].part;
    R[x].unatt = R[file(x)].unatt;
    R[x].running = R[file(x)].running;
    R[x].seq = R[file(x)].seq;
    R[x].newer = R[file(x)].newer;
    R[x].whole0 = R[file(x)].whole0;
    R[x].whole1 = R[file(x)].whole1;
    R[x].totals[0] = R[file(x)].totals[0];
    R[x].totals[1] = R[file(x)].totals[1];
    R[x].snap[0] = R[file(x)].snap[0];
    R[x].snap[1] = R[file(x)].snap[1];
    R[x].flags[0] = R[file(x)].flags[0];
    R[x].flags[1] = R[file(x)].flags[1];
    R[x].complete[0] = R[file(x)].complete[0];
    R[x].complete[1] = R[file(x)].complete[1];
    R[x].roomwho = R[file(x)].roomwho;
    R[x].partwho = R[file(x)].partwho
}

// Totals and snapshots.
inline write_figures(x) {
    R[file(x)].newer = R[x].newer;
    R[file(x)].whole0 = R[x].whole0;
    R[file(x)].whole1 = R[x].whole1;
    R[file(x)].totals[0] = R[x].totals[0];
    R[file(x)].totals[1] = R[x].totals[1];
    R[file(x)].snap[0] = R[x].snap[0];
    R[file(x)].snap[1] = R[x].snap[1];
    R[file(x)].flags[0] = R[x].flags[0];
    R[file(x)].flags[1] = R[x].flags[1];
    R[file(x)].complete[0] = R[x].complete[0];
    R[file(x)].complete[1] = R[x].complete[1]
}

// What says which of them count, and whether there is an epoch before.
inline write_control(x) {
    R[file(x)].prev = R[x].prev;
    R[file(x)].ack = R[x].ack;
    R[file(x)].pend = R[x].pend;
    R[file(x)].first = R[x].first;
    R[file(x)].unatt = R[x].unatt;
    R[file(x)].running = R[x].running;
    R[file(x)].seq = R[x].seq
}

inline write_slot(z) {
    S[(z) % SLOTS].state = S[z].state;
    S[(z) % SLOTS].shut = S[z].shut;
    S[(z) % SLOTS].link = S[z].link
}

// A kill leaves nothing that looks damaged: what control names is whole, and a chain leads to its own records only.
inline check_record(x, z) {
    assert(R[x].slot == (z) % SLOTS && R[x].tag == S[z].tag);
    assert(!R[x].pend || R[x].complete[other(x)]);
    assert(R[x].first || R[x].complete[R[x].ack]);
    assert(within(R[x].base, acked(x)) && within(acked(x), reported(x)));
    assert(!R[x].signal || ((!R[x].room || R[x].roomwho != 3) && (!R[x].part || R[x].partwho != 3)))
}

// z: a slot of the copy.
inline read_slot(z) {
    S[z].tag = S[(z) % SLOTS].tag;
    S[z].state = S[(z) % SLOTS].state;
    S[z].shut = S[(z) % SLOTS].shut;
    S[z].link = S[(z) % SLOTS].link;
    S[z].word[0] = S[(z) % SLOTS].word[0];
    S[z].word[1] = S[(z) % SLOTS].word[1];
    if
    :: S[z].link != 0 ->
        r = linked(z);
        copy_record(r);
        if
        :: R[r].tag != S[z].tag ->
            assert(S[z].state == 0 || S[z].state == CLOSED);
            S[z].link = 0; // a track that was being made
            S[z].state = CLOSED
        :: else ->
            do
            :: check_record(r, z);
               oldest[z] = r;
               if
               :: R[r].prev == 0 -> break
               :: else ->
                   i = r;
                   r = previous(i);
                   copy_record(r);
                   assert(R[r].tag == R[i].tag && R[r].epoch + 1 == R[i].epoch);
                   newest_whole(r, t);
                   assert(t == R[i].base) // what an epoch ended with is what the next one began with
               fi
            od
        fi;
        r = 0;
        i = 0;
        t = 0
    :: else
    fi
}

// A stop that was cut short is begun anew, but for a word that is closed: its final stands.
inline stop_copy(z) {
    if
    :: S[z].link != 0 && S[z].state != CLOSED ->
        r = linked(z);
        newest_whole(r, t);
        if
        :: !(S[z].shut & 1) -> t = received(t) | S[z].word[0]
        :: else
        fi;
        if
        :: !(S[z].shut & 2) -> t = sent(t) | S[z].word[1]
        :: else
        fi;
        R[r].newer = 1 - R[r].newer;
        c = R[r].newer;
        R[r].totals[c] = t;
        set_whole(r, c, 1);
        R[r].running = 1;
        S[z].shut = 3;
        S[z].state = CLOSED;
        r = 0;
        c = 0;
        t = 0
    :: else
    fi
}

// All that needs no consumer: until a report of the slot waits for one, or nothing is left.
inline settle_copy(z) {
    do
    :: duty(z, 1);
       if
       :: act == NOTHING -> break
       :: act == UNATTRIBUTED -> R[r].unatt = 1
       :: act == DONE && older ->
           oldest[z] = linked(z);
           R[linked(z)].prev = 0
       :: act == DONE && !older -> S[z].link = 0
       :: act == FREEZE ->
           i = other(r);
           R[r].snap[i] = t;
           R[r].complete[i] = 1;
           R[r].flags[i] = f;
           publish_snapshot(r, f)
       fi
    od;
    act = 0;
    r = 0;
    t = 0;
    f = 0;
    i = 0;
    older = 0;
    ended = 0;
    events = 0
}

inline recompute(z) {
    r = oldest[z];
    if
    :: S[z].link != 0 && R[r].pend && R[r].flags[other(r)] != JOINED ->
        t = (r == linked(z) -> words(z, r) : newest(r));
        R[r].snap[other(r)] = t;
        t = 0
    :: else
    fi;
    r = 0
}

// Record by record, newest first, each in one write, then the slot. The next window goes where the file has the last
// acknowledged one, so what it holds and that it counts may not come one after the other.
inline write_back(z) {
    d_step {
        r = (S[z].link != 0 -> linked(z) : 0);
        if
        :: mistake == SLOT_FIRST -> write_slot(z)
        :: else
        fi
    };
    do
    :: d_step {
           r != 0 && mistake != WRITTEN_TWICE ->
           write_figures(r);
           write_control(r);
           r = (R[r].prev != 0 -> previous(r) : 0)
       }
    :: d_step {
           r != 0 && mistake == WRITTEN_TWICE ->
           write_figures(r)
       };
       d_step {
           write_control(r);
           r = (R[r].prev != 0 -> previous(r) : 0)
       }
    :: d_step {
           r == 0 ->
           write_slot(z)
       };
       break
    od
}

inline deliver(z) {
    d_step {
        r = oldest[z];
        c = epoch_of(r);
        w = R[r].seq;
        see(r)
    };
    d_step {
        store(c, w);
        c = 0;
        w = 0;
        acknowledge(r);
        r = 0;
        settle_copy(z)
    };
    write_back(z)
}

inline forget_all() {
    i = 0;
    do
    :: i < SLOTS ->
        k = me * SLOTS + i;
        S[k].tag = 0;
        S[k].state = 0;
        S[k].shut = 0;
        S[k].link = 0;
        S[k].word[0] = 0;
        S[k].word[1] = 0;
        oldest[k] = 0;
        i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < RECORDS ->
        k = me * RECORDS + i;
        R[k].slot = 0;
        R[k].tag = 0;
        R[k].epoch = 0;
        R[k].prev = 0;
        R[k].base = 0;
        R[k].signal = 0;
        R[k].ack = 0;
        R[k].pend = 0;
        R[k].first = 0;
        R[k].room = 0;
        R[k].part = 0;
        R[k].unatt = 0;
        R[k].running = 0;
        R[k].seq = 0;
        R[k].newer = 0;
        R[k].whole0 = 0;
        R[k].whole1 = 0;
        R[k].totals[0] = 0;
        R[k].totals[1] = 0;
        R[k].snap[0] = 0;
        R[k].snap[1] = 0;
        R[k].flags[0] = 0;
        R[k].flags[1] = 0;
        R[k].complete[0] = 0;
        R[k].complete[1] = 0;
        R[k].roomwho = 0;
        R[k].partwho = 0;
        i++
    :: else -> break
    od;
    r = 0;
    s = 0;
    t = 0;
    f = 0;
    c = 0;
    w = 0;
    e = 0;
    a = 0;
    i = 0;
    k = 0;
    act = 0;
    older = 0;
    ended = 0;
    events = 0
}

#define found ((host_gone || (mistake == LIVE_TOUCHED && magic)) && !gone)
#define to_deliver(z) (S[z].link != 0 && R[oldest[z]].pend)

inline recover() {
    d_step {
        assert(host_gone);
        s = me * SLOTS;
        do
        :: magic && !over && s < (me + 1) * SLOTS ->
            read_slot(s);
            if
            :: mistake == RECOMPUTED -> recompute(s)
            :: else
            fi;
            stop_copy(s);
            settle_copy(s);
            s++
        :: else -> break
        od;
        s = (magic && !over -> 0 : SLOTS)
    };
    do
    :: s < SLOTS && is_linked(s) ->
        write_back(me * SLOTS + s);
        s++
    :: s < SLOTS && !is_linked(s) -> s++
    :: s == SLOTS && to_deliver(me * SLOTS) -> deliver(me * SLOTS)
    :: s == SLOTS && to_deliver(me * SLOTS + SLOTS - 1) -> deliver(me * SLOTS + SLOTS - 1)
    :: s == SLOTS && !to_deliver(me * SLOTS) && !to_deliver(me * SLOTS + SLOTS - 1) ->
        over = 1;
        break
    od;
    skip;
    d_step {
        audit();
        gone = 1;
        lock = (lock == me -> 0 : lock);
        forget_all()
    }
}


proctype recovery(byte me) {
    byte r, s, t, f, c, w, e, a, i, k, act;
    bit older, ended, events;
again:
    {
        do
        :: gone -> break
        // Its process does not exist: it is not one that lives. Number 1 is whoever is the first.
        :: d_step {
               found && lock == 0 && me == 1 ->
               lock = me
           };
           recover()
        :: found && lock != me && (lock != 0 || mistake == LOCK_IGNORED) ->
            d_step {
                lock == 0 || mistake == LOCK_IGNORED ->
                lock = me
            };
            if
            // Somebody else has been here meanwhile: the file has no name any more.
            :: d_step {
                   gone ->
                   lock = (lock == me -> 0 : lock)
               }
            :: !gone -> recover()
            fi
        od
    } unless {
        d_step {
            die == me ->
            die = 0;
            lock = (lock == me -> 0 : lock);
            forget_all()
        };
        goto again
    }
}
