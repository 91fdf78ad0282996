// SPDX-License-Identifier: Apache-2.0
// What the checks know: which adds were accepted and whose they are, and every report that anybody has seen. The store
// keeps one row a key, as a consumer's does.

#define EPOCHS 3 // the connection's two, and the stranger's

// Row flags, beside JOINED and LEFT.
#define SEEN 1
#define STORED 2
#define NOBODYS 16
#define HAS_ROOM 32
#define HAS_PART 64

byte row[EPOCHS * REPORTS];   // totals of the window
byte about[EPOCHS * REPORTS]; // 0: nobody has seen a report under that key
byte credit[4];               // of each add: 0: not accepted; 1 + its epoch, and MAYBE_NEXT while a reset is under way
#define MAYBE_NEXT 4
byte current;    // the connection's epoch, from 0
bit cutting;     // a reset is under way: an add may still be in the old epoch, or already in the new one
byte meant[2];   // whose each of its epochs is: counts what was forgotten

#define epoch_of(r) (R[r].tag == 1 -> R[r].epoch - 1 : 2)
#define row_of(e, q) \
    ((mistake == KEY_WITHOUT_EPOCH && e == 1 -> 0 : e) * REPORTS + (mistake == KEY_WITHOUT_SEQUENCE -> 0 : q - 1))

// A consumer has the pending report of a record: whoever took it, its content is what its key had before.
inline see(r) {
    e = epoch_of(r);
    t = R[r].snap[other(r)];
    assert(R[r].pend && R[r].complete[other(r)]);
    assert(within(acked(r), t) && within(R[r].base, t)); // nothing is taken back
    f = SEEN | R[r].flags[other(r)] | (NOBODYS * R[r].unatt) | (HAS_ROOM * R[r].room) | (HAS_PART * R[r].part);
    // It is somebody's, and of no identity that was forgotten.
    assert((R[r].room && R[r].part) || R[r].unatt);
    assert(!R[r].signal || !R[r].room || R[r].roomwho == meant[e & 1]);
    assert(!R[r].signal || !R[r].part || R[r].partwho == meant[e & 1]);
    i = row_of(e, R[r].seq);
    a = t - acked(r);
    if
    :: about[i] != 0 -> assert(row[i] == a && (about[i] & ~STORED) == f)
    :: else ->
        row[i] = a;
        about[i] = f;
        // Its turn has come: everything before it is acknowledged, and was no left.
        k = 1;
        do
        :: k < R[r].seq ->
            i = row_of(e, k);
            assert((about[i] & STORED) && !(about[i] & LEFT));
            a = a + row[i];
            k++
        :: else -> break
        od;
        assert(a == t - R[r].base); // the windows make the running totals
        assert(!R[r].signal || R[r].unatt || ((f & JOINED) != 0) == (R[r].seq == 1));
        assert(R[r].signal || !(f & (JOINED | LEFT)));
        if
        :: e == 1 && R[r].seq == 1 ->
            i = 0;
            k = 0;
            do
            :: i < REPORTS ->
                k = k | (about[i] & LEFT);
                i++
            :: else -> break
            od;
            assert(k != 0)
        :: else
        fi
    fi;
    e = 0;
    f = 0;
    t = 0;
    a = 0;
    i = 0;
    k = 0
}

inline store(e, q) { about[row_of(e, q)] = about[row_of(e, q)] | STORED }

// The files go: every add that was accepted is in exactly one report that was acknowledged, under whoever it was
// for, and no other add is in any.
inline audit() {
    assert(!gone);
    i = 0;
    do
    :: i < EPOCHS * REPORTS ->
        assert(about[i] == 0 || (about[i] & STORED));
        i++
    :: else -> break
    od;
    k = 0;
    do
    :: k < 4 ->
        t = 0; // in how many
        e = 0; // of the epochs that it may be in
        i = 0;
        do
        :: i < EPOCHS * REPORTS ->
            a = (row[i] >> (2 * k)) & 3;
            t = t + a;
            if
            :: credit[k] != 0 && (i / REPORTS == (credit[k] & 3) - 1 ||
                                  ((credit[k] & MAYBE_NEXT) && i / REPORTS == (credit[k] & 3))) ->
                e = e + a
            :: else
            fi;
            i++
        :: else -> break
        od;
        assert(t == (credit[k] != 0) && e == t);
        k++
    :: else -> break
    od;
    i = 0;
    do
    :: i < SLOTS ->
        assert(!is_linked(i));
        i++
    :: else -> break
    od;
    t = 0;
    e = 0;
    a = 0;
    i = 0;
    k = 0
}
