// SPDX-License-Identifier: Apache-2.0

// Package verify is the proof for whoever consumes the reports of lkstats, or has a store of them: an [Epoch] takes
// records one after the other, in any order and as often as they come, and says of each whether it is the next, came
// before, follows a gap or fills one, and what is missing. It is plain Go: no library, no cgo, any system.
//
// What it rests on:
//
//   - An epoch's sequences are 1, 2, 3 ...; the same key always has the same content.
//   - Running is the sum of the windows from 1 on. So a single record says how much traffic came before it, and what
//     is missing is known exactly without it: Running less the windows that came. Each window has some traffic.
//   - An epoch of a signal connection begins with joined, and left is its last; both have no traffic of their own. A
//     left has the sequence of the traffic that came last, or the one after. An unattributed record is alone in its
//     epoch.
//   - A data track has epoch 1 only, and nothing says which record is its last.
//
// What nobody can see in the records: a handle of which none came, and what would follow the newest that came. That
// nothing follows is what a Context.Close without an error says; an epoch that has left is over.
//
// A store that is sorted by [Key] needs one Epoch at a time. Whoever takes records as they come keeps a map of them; it
// may forget what is complete and over, if it knows the keys that may come again.
package verify
