// SPDX-License-Identifier: Apache-2.0
// How a byte gets from an add to an acknowledged report, with a kill at every step: see README.md. The bounds and the
// seeded mistake come from the environment, so one verifier serves them all.

#define SLOTS 2
#ifndef RECORDS
#define RECORDS 2
#endif
#ifndef REPORTS
#define REPORTS 3 // of one epoch: joined, windows, left
#endif

// Seeded mistakes.
#define LINKED_EARLY 1          // a record is linked before it is written
#define READ_TWICE 2            // a reset's base comes from a second read
#define PENDING_EARLY 3         // a snapshot is published before its content
#define ACK_BY_SLOT 4           // an acknowledgement is matched by its slot alone
#define KEY_WITHOUT_EPOCH 5
#define FREED_EARLY 6           // a record is freed before its left is acknowledged
#define RECOMPUTED 7            // recovery makes a window that was frozen anew
#define NO_QUARANTINE 8
#define LOCK_IGNORED 9          // two recover at once
#define LEFT_EARLY 10           // left is said while the epoch goes on
#define SHUT_EARLY 11           // a word is closed before its final is written
#define FREED_LINKED 12         // a former epoch's record is freed while its successor names it
#define SLOT_FIRST 13           // recovery writes a slot back before its record
#define EPOCHS_MIXED 14         // an epoch is reported before the left of the one before
#define LIVE_TOUCHED 15         // recovery does not look whether the owner lives
#define KNOWN_EARLY 16          // a part of an identity is known before it is written
#define WRITTEN_TWICE 17        // recovery writes what a window holds, and then that it counts
#define KEY_WITHOUT_SEQUENCE 18
#define SHUT_BLINDLY 19         // a word is closed without a look whether it moved since its final was read
#define FROZEN_AGAIN 20         // a pending report is frozen again
#define JOINED_OVERTAKES 21     // a joined hides the totals that were written down

byte mistake;
byte strangers; // at most so many
byte kills;
bit apart; // the stranger is in slot 1, beside the connection; otherwise behind it in slot 0
byte die;  // which recovery is killed next

#include "memory.pml"
#include "ledger.pml"
#include "host.pml"
#include "recovery.pml"

c_code {
    \#include <stdlib.h>
    static int bound(const char *name, int otherwise) {
        const char *given = getenv(name);
        return given ? atoi(given) : otherwise;
    }
}

proctype killer() {
    byte i;
end:
    do
    :: d_step {
           up && kills != 0 ->
           kills--;
           up = 0;
           checked[0] = 0;
           checked[1] = 0;
           left_to_add[0] = 0;
           left_to_add[1] = 0;
           i = 0;
           do
           :: i < SLOTS ->
               oldest[i] = 0;
               i++
           :: else -> break
           od;
           i = 0;
           do
           :: i < RECORDS ->
               used[i] = 0;
               i++
           :: else -> break
           od;
           i = 0;
           waited = 0;
           out[0] = 0;
           out[1] = 0;
           resets = 0;
           forgets = 0;
           folds = 0;
           made = 0;
           made_other = 0;
           cutting = 0;
           strangers = 0
       }
    :: d_step {
           host_gone && !gone && lock != 0 && die == 0 && kills != 0 ->
           kills--;
           die = lock
       }
    od
}

init {
    atomic {
        c_code {
            now.mistake = bound("MISTAKE", 0);
            now.kills = bound("KILLS", 2);
            now.left_to_add[0] = bound("ADDS_SENT", 2);
            now.left_to_add[1] = bound("ADDS_RECEIVED", 1);
            now.resets = bound("RESETS", 1);
            now.forgets = bound("FORGETS", 1);
            now.folds = bound("FOLDS", 0);
            now.strangers = bound("STRANGERS", 1);
            now.apart = bound("APART", 0);
        };
        run killer();
        run adder(0);
        run adder(1);
        run host();
        run recovery(1);
        run recovery(2)
    }
}
