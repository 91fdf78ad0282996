// SPDX-License-Identifier: Apache-2.0

package verify

import "slices"

// GapsMax is how many gaps of an epoch are told apart. One more, and the two with the fewest records between them
// become one: which records of those came is forgotten. What comes in there later is Unsure, which to a store with one
// row a key makes no difference, and what is missing is "at least" from then on. In the order of their keys no record
// comes into a gap, so a second run over the store is exact.
const GapsMax = 8

// Hole is sequences that did not come: from First to Last.
type Hole struct {
	First, Last uint32
	Missing     uint32  // of these, at least; exactly, where Exact
	Exact       bool    // not so where unsure records came, or a left may have come without traffic
	Merged      bool    // of several: some of the sequences came
	Before      Traffic // running totals where it begins
	After       Traffic // and ends: between them is its traffic, all of it missing unless it is merged
}

// A new list, so that an Epoch may be copied: with holes in the place of those from at to end.
func put(list []Hole, at, end int, holes ...Hole) []Hole {
	all := slices.Concat(list[:at], holes, list[end:])
	if len(all) <= GapsMax {
		return all
	}
	least := 0
	for i := 1; i+1 < len(all); i++ {
		if all[i+1].First-all[i].Last < all[least+1].First-all[least].Last {
			least = i
		}
	}
	one, other := all[least], all[least+1]
	merged := Hole{one.First, other.Last, one.Missing + other.Missing, one.Exact && other.Exact, true, one.Before,
		other.After}
	return slices.Replace(all, least, least+2, merged)
}

// A run of sequences, maybe empty, in which neither bound can overflow.
type run struct {
	first, last   uint64
	open          bool // the last may be a left alone, without traffic
	before, after Traffic
}

// How many of them have traffic for certain. joins: sequence 1 has none.
func (r run) windows(joins bool) uint64 {
	count := r.last - r.first + 1
	if joins && r.first == 1 {
		count--
	}
	if r.open {
		count--
	}
	return count
}

// Whether running totals can be those.
func (r run) possible(joins bool) bool {
	switch {
	case r.first > r.last:
		return r.before == r.after
	case !r.before.atMost(r.after):
		return false
	case r.windows(joins) != 0:
		return r.before != r.after
	}
	return r.open || r.before == r.after
}

// What is on either side of a record.
func (r run) around(record *Record) (run, run) {
	sequence := uint64(record.Sequence)
	return run{r.first, sequence - 1, false, r.before, record.before()},
		run{sequence + 1, r.last, r.open, record.Running, r.after}
}

// The hole that it is when nothing of it came, if it is one. alone: a left at its end is without traffic.
func (r run) hole(joins bool) (holes []Hole, alone bool) {
	if r.first <= r.last && r.open && r.before == r.after {
		alone = true
		r.open = false
		r.last--
	}
	if r.first > r.last {
		return nil, alone
	}
	missing := uint32(r.last - r.first + 1)
	unknown := r.open && r.windows(joins) != 0 // else only that one can have had the traffic
	if unknown {
		missing--
	}
	return []Hole{{uint32(r.first), uint32(r.last), missing, !unknown, false, r.before, r.after}}, alone
}
