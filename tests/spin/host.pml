// SPDX-License-Identifier: Apache-2.0
// The process that a kill takes away. Whatever is not an add holds the slot's cold lock, so one process, which chooses
// what comes next, stands for the owner of the connection, the reporter and the consumer. Each of its steps may be the
// last, and adds fall between any two. Handle 1 is a signal connection in slot 0, handle 2 a stranger's data track.

// Private memory: gone with the process.
byte checked[2]; // by each adder, before its fetch-and-add: the handle
byte left_to_add[2];
bit used[RECORDS];
bit waited;      // for an identity, long enough
byte out[2];     // batches: 1 + 8 * epoch + sequence
byte resets, forgets, folds;
bit made, made_other;

// Its slot, of what an adder has checked.
#define target(d) (checked[d] == 2 && apart)

// An add's two steps: tag and state, then the word. Each adder has a direction of its own.
proctype adder(byte d) {
    byte k;
end:
    do
    :: d_step { up && left_to_add[d] && !checked[d] && S[0].tag == 1 && S[0].state == LIVE -> checked[d] = 1 }
    :: d_step {
        up && left_to_add[d] && !checked[d] && S[apart].tag == 2 && S[apart].state == LIVE ->
        checked[d] = 2
    }
    :: d_step {
        checked[d] != 0 ->
        left_to_add[d]--;
        k = 2 * d + left_to_add[d];
        if
        :: ((S[target(d)].shut >> d) & 1) == 0 ->
            credit[k] = (checked[d] == 2 -> 3 : 1 + current + MAYBE_NEXT * cutting)
        :: else // refused, though it moves the word
        fi;
        S[target(d)].word[d] = S[target(d)].word[d] + (1 << (2 * k));
        checked[d] = 0;
        k = 0
    }
    od
}

inline take_record(r) {
    r = 0;
    do
    :: r < RECORDS && used[r] -> r++
    :: else -> break
    od
}

// In two steps, the second of which makes it count.
inline begin_running(r, t) {
    R[r].newer = c;
    R[r].totals[c] = t;
    set_whole(r, c, 0)
}

inline end_running(r) {
    set_whole(r, c, 1);
    R[r].running = 1
}

inline create(s, h, sig) {
    d_step {
        take_record(r);
        used[r] = 1;
        if
        :: mistake == LINKED_EARLY -> S[s].link = r + 1
        :: else
        fi
    };
    d_step { begin_record(r, s, h, 1, 0, 0, sig) };
    S[s].link = r + 1;
    d_step {
        S[s].word[0] = 0;
        S[s].word[1] = 0;
        S[s].shut = 0
    };
    d_step {
        S[s].tag = h;
        S[s].state = LIVE;
        oldest[s] = r;
        made = 1;
        r = 0
    }
}

// Its state is stopping: adds are refused, readers still read the words. Each word's final is written down, then the
// word is closed; where it has moved meanwhile, once more, in the same place.
inline stop(s) {
    do
    :: d_step {
           d < 2 ->
           r = linked(s);
           w = S[s].word[d];
           if
           :: k == 0 ->
               c = 1 - R[r].newer;
               k = 1;
               i = newest(r) & (d == 0 -> 240 : 15)
           :: else
           fi;
           t = i | w;
           if
           :: mistake == SHUT_EARLY -> S[s].shut = S[s].shut | (1 << d)
           :: else
           fi;
           begin_running(r, t)
       };
       d_step { end_running(r) };
       d_step {
           if
           :: S[s].word[d] == w || mistake == SHUT_BLINDLY || mistake == SHUT_EARLY ->
               S[s].shut = S[s].shut | (1 << d);
               d++;
               k = 0
           :: else
           fi
       }
    :: d_step {
           d == 2 ->
           S[s].state = CLOSED;
           d = 0;
           i = 0;
           r = 0;
           t = 0;
           w = 0;
           c = 0
       };
       break
    od
}

// A record for the connection's next epoch. Sent has been read.
inline reset() {
    d_step {
        t = t | received(words(0, r));
        t = at_least(t, reported(r));
        c = 1 - R[r].newer;
        if
        :: mistake == LINKED_EARLY -> S[0].link = n + 1
        :: else
        fi;
        begin_running(r, t)
    };
    d_step { end_running(r) };
    d_step {
        if
        :: mistake == READ_TWICE -> t = words(0, r)
        :: else
        fi;
        c = R[r].epoch + 1;
        begin_record(n, 0, 1, c, r + 1, t, 1)
    };
    d_step {
        S[0].link = n + 1;
        current++;
        cutting = 0;
        r = 0;
        t = 0;
        c = 0;
        n = 0
    }
}

inline done_settling() {
    act = 0;
    r = 0;
    t = 0;
    f = 0;
    c = 0;
    older = 0;
    ended = 0;
    events = 0
}

inline settle(s) {
    if
    :: act == UNATTRIBUTED ->
        d_step {
            R[r].unatt = 1;
            done_settling()
        }
    :: act == DONE && older ->
        // Its successor forgets it, then it is free.
        d_step {
            if
            :: mistake != FREED_LINKED -> R[linked(s)].prev = 0
            :: else
            fi
        };
        d_step {
            used[r] = 0;
            oldest[s] = linked(s);
            done_settling()
        }
    :: act == DONE && !older ->
        S[s].link = 0;
        d_step {
            used[r] = 0;
            oldest[s] = 0;
            done_settling()
        }
    :: act == FREEZE ->
        d_step {
            c = other(r);
            if
            :: mistake == PENDING_EARLY -> publish_snapshot(r, f)
            :: else ->
                R[r].snap[c] = t;
                R[r].complete[c] = 0
            fi
        };
        d_step {
            R[r].snap[c] = t;
            R[r].flags[c] = f;
            R[r].complete[c] = 1
        };
        d_step {
            if
            :: mistake != PENDING_EARLY -> publish_snapshot(r, f)
            :: else
            fi;
            done_settling()
        }
    :: act == NOTHING -> d_step { done_settling() }
    fi
}

#define held (made && S[0].link != 0 && S[0].tag == 1)
#define unknown(part) (held && !R[linked(0)].part && !(S[0].state == CLOSED && (waited || R[linked(0)].unatt)))

// A batch that is out is a key: whatever became of its report meanwhile.
#define key_epoch(j) ((out[j] - 1) / 8)
#define key_sequence(j) ((out[j] - 1) % 8)
#define key_slot(j) (key_epoch(j) == 2 -> apart : 0)
#define is_stored(j) (about[row_of(key_epoch(j), key_sequence(j))] & STORED)

inline in_order() {
    if
    :: out[0] < out[1] ->
        i = out[0];
        out[0] = out[1];
        out[1] = i;
        i = 0
    :: else
    fi
}

inline take(s) {
    r = oldest[s];
    out[1] = 1 + 8 * epoch_of(r) + R[r].seq;
    see(r);
    in_order();
    r = 0
}

inline commit(j) {
    s = key_slot(j);
    r = oldest[s];
    if
    :: S[s].link != 0 && R[r].pend &&
            ((epoch_of(r) == key_epoch(j) && R[r].seq == key_sequence(j)) || mistake == ACK_BY_SLOT) ->
        acknowledge(r)
    :: else
    fi;
    out[j] = 0;
    in_order();
    s = 0;
    r = 0
}

inline answer(j) {
    if
    :: d_step { out[j] != 0 && !is_stored(j) -> store(key_epoch(j), key_sequence(j)) }
    :: d_step { out[j] != 0 && is_stored(j) -> commit(j) }
    :: d_step {
           out[j] != 0 -> // given back, or the answer was lost
           out[j] = 0;
           in_order()
       }
    fi
}

#define record_free (!used[0] || !used[1] || (RECORDS > 2 && !used[RECORDS - 1]))
// A thread that sleeps between an add's two steps does not sleep through a quarantine: see README.md.
#define rested \
    (apart || (S[0].state == CLOSED && S[0].link == 0 && ((checked[0] | checked[1]) == 0 || mistake == NO_QUARANTINE)))
#define to_take(s) (S[s].link != 0 && R[oldest[s]].pend && out[1] == 0)
// What duty would find something for. A seeded mistake may find more.
#define resolved(r) (R[r].room && R[r].part)
#define owes(s, r) \
    (S[s].link != 0 && ((!R[r].pend && (r != linked(s) || S[s].state == CLOSED || resolved(r)) && \
                         (resolved(r) || R[r].unatt || waited) && \
                         (r != linked(s) || S[s].state == CLOSED || (R[r].signal && R[r].seq == 0) || \
                          (words(s, r) != acked(r) && R[r].seq < REPORTS - 1))) || \
                        mistake == FREED_EARLY || mistake == FROZEN_AGAIN || mistake == LEFT_EARLY || \
                        mistake == EPOCHS_MIXED))

proctype host() {
    byte r, n, s, t, f, c, w, d, e, a, i, k, act;
    bit older, ended, events;
    {
        magic = 1;
        create(0, 1, 1);
        do
        // The owner of the connection.
        :: d_step {
               unknown(room) ->
               r = linked(0);
               R[r].roomwho = (mistake == KNOWN_EARLY -> 3 : meant[current])
           };
           R[r].room = 1;
           d_step {
               R[r].roomwho = meant[current];
               r = 0
           }
        :: d_step {
               unknown(part) && R[linked(0)].room ->
               r = linked(0);
               R[r].partwho = meant[current]
           };
           d_step {
               R[r].part = 1;
               r = 0
           }
        :: d_step {
               held && resolved(linked(0)) && S[0].state == LIVE && resets != 0 && record_free ->
               resets--;
               cutting = 1;
               take_record(n);
               used[n] = 1;
               r = linked(0);
               t = sent(words(0, r))
           };
           reset()
        :: d_step {
               held && !resolved(linked(0)) && forgets != 0 &&
                   !(S[0].state == CLOSED && (waited || R[linked(0)].unatt)) ->
               forgets--;
               r = linked(0);
               R[r].room = 0;
               R[r].part = 0;
               meant[current]++;
               r = 0
           }
        :: d_step { held && S[0].state == LIVE -> S[0].state = STOPPING };
           stop(0)
        // A stranger, in a slot that has rested.
        :: d_step {
               made && !made_other && strangers != 0 && record_free && rested ->
               made_other = 1
           };
           create(apart, 2, 0)
        :: d_step {
               made_other && S[apart].tag == 2 && S[apart].state == LIVE ->
               S[apart].state = STOPPING
           };
           stop(apart)
        // The reporter.
        :: d_step {
               folds != 0 && held && S[0].state == LIVE ->
               folds--;
               r = linked(0);
               c = 1 - R[r].newer;
               t = words(0, r);
               begin_running(r, t)
           };
           d_step {
               end_running(r);
               r = 0;
               c = 0;
               t = 0
           }
        :: d_step { held && S[0].state == CLOSED && !resolved(linked(0)) && !waited -> waited = 1 }
        :: d_step { owes(0, oldest[0]) -> duty(0, waited) };
           settle(0)
        :: d_step { apart && owes(apart, oldest[apart]) -> duty(apart, waited) };
           settle(apart)
        // The consumer.
        :: d_step { to_take(0) -> take(0) }
        :: d_step { apart && to_take(apart) -> take(apart) }
        :: answer(0)
        :: answer(1)
        // The close, when nothing is owed any more.
        :: S[0].state == CLOSED && S[0].link == 0 && S[apart].link == 0 &&
               (!made_other || S[apart].state == CLOSED) && out[0] == 0 && out[1] == 0 ->
           break
        od;
        over = 1;
        d_step {
            i = 0;
            do
            :: i < RECORDS ->
                assert(!used[i]); // no record was lost
                i++
            :: else -> break
            od;
            audit();
            gone = 1;
            up = 0;
            left_to_add[0] = 0;
            left_to_add[1] = 0;
            checked[0] = 0;
            checked[1] = 0;
            host_gone = 1
        }
    } unless { d_step { !up && !host_gone -> host_gone = 1 } }
}
