// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"math"
	"slices"
)

// Epoch is what came of one epoch of one handle. The zero value is one of which nothing came. It may be copied. One
// goroutine at a time calls Take, and the others not meanwhile.
type Epoch struct {
	key            EpochKey
	signal         bool
	unattributed   bool
	over           bool // the last record came
	alone          bool // which is a left without traffic
	newest         uint32
	running        Traffic // of the newest
	window         Traffic // likewise
	known          Traffic // sum of the windows that came
	holes          []Hole
	contradictions uint32
	why            Why
}

// Take takes a record. All that are given to one Epoch are of one epoch; their order does not matter, nor how often
// each comes. That a key came before with another content is seen of the newest record, and of others as far as their
// figures don't fit between their neighbours'. A kind of record that this package does not know is a Contradiction,
// which changes nothing but Why and, unless that is State, Contradictions.
func (e *Epoch) Take(r *Record) Verdict {
	if e == nil {
		return Contradiction
	}
	if r == nil || (e.newest != 0 && r.EpochKey != e.key) {
		e.why = State
		return Contradiction
	}
	if !r.wellFormed() {
		return e.contradiction(Form)
	}
	if e.newest != 0 && (r.Signal != e.signal || r.Unattributed != e.unattributed) {
		return e.contradiction(Content)
	}
	if r.Sequence > e.newest {
		return e.newer(r)
	}
	if r.Kind == KindLeft {
		return e.left(r)
	}
	number := 0
	for number < len(e.holes) && e.holes[number].Last < r.Sequence {
		number++
	}
	if number < len(e.holes) && e.holes[number].First <= r.Sequence {
		return e.late(number, r)
	}
	return e.again(number, r)
}

func (e *Epoch) contradiction(why Why) Verdict {
	e.why = why
	if e.contradictions != math.MaxUint32 {
		e.contradictions++
	}
	return Contradiction
}

func (e *Epoch) newer(r *Record) Verdict {
	if e.over {
		return e.contradiction(Over)
	}
	left := r.Kind == KindLeft
	between := run{uint64(e.newest) + 1, uint64(r.Sequence) - 1, left, e.running, r.before()}
	if left {
		between.last++ // its traffic, if there is any
	}
	if !between.possible(r.joins()) {
		return e.contradiction(Totals)
	}
	holes, alone := between.hole(r.joins())
	e.key, e.signal, e.unattributed = r.EpochKey, r.Signal, r.Unattributed
	e.over, e.alone = left || r.Unattributed, alone
	e.newest, e.running, e.window = r.Sequence, r.Running, r.Window
	e.known = e.known.plus(r.Window, e.running)
	if holes == nil {
		return Next
	}
	e.holes = put(e.holes, len(e.holes), len(e.holes), holes...)
	return Gap
}

// A left that is not newer.
func (e *Epoch) left(r *Record) Verdict {
	agrees := r.Running == e.running
	switch {
	case e.over && r.Sequence == e.newest && agrees:
		return Duplicate
	case e.over:
		return e.contradiction(Content)
	case r.Sequence != e.newest:
		return e.contradiction(Over)
	case !agrees:
		return e.contradiction(Totals)
	}
	e.over = true
	return Next
}

// One whose sequence is in the hole of that number.
func (e *Epoch) late(number int, r *Record) Verdict {
	hole := e.holes[number]
	// A left came with the last sequence, its traffic did not.
	open := e.over && hole.Last == e.newest
	before, after := run{uint64(hole.First), uint64(hole.Last), open, hole.Before, hole.After}.around(r)
	if !before.possible(r.joins()) || !after.possible(r.joins()) {
		return e.contradiction(Totals)
	}
	e.known = e.known.plus(r.Window, e.running)
	if hole.Merged {
		hole.Exact = false
		hole.Missing -= min(hole.Missing, 1)
		e.holes = put(e.holes, number, number+1, hole)
		return Unsure
	}
	if r.Sequence == e.newest {
		e.window = r.Window
	}
	rest, _ := before.hole(r.joins())
	more, alone := after.hole(r.joins())
	e.alone = e.alone || alone
	e.holes = put(e.holes, number, number+1, append(rest, more...)...)
	return Late
}

// One that came already, between the hole of that number and the one before it.
func (e *Epoch) again(number int, r *Record) Verdict {
	among := run{first: 1, last: uint64(e.newest), after: e.running}
	if e.alone {
		among.last--
	}
	if number > 0 {
		among.first, among.before = uint64(e.holes[number-1].Last)+1, e.holes[number-1].After
	}
	if number < len(e.holes) {
		among.last, among.after = uint64(e.holes[number].First)-1, e.holes[number].Before
	}
	before, after := among.around(r)
	if uint64(r.Sequence) > among.last || !before.possible(r.joins()) || !after.possible(r.joins()) ||
		(r.Sequence == e.newest && r.Window != e.window) {
		return e.contradiction(Content)
	}
	return Duplicate
}

// Missing is what did not come, before the newest record that did.
type Missing struct {
	Sequences uint32
	Exact     bool // if not, it is at least that much
	Traffic   Traffic
}

// Missing is what is missing before the newest record that came. Where nothing came nothing is missing, as far as one
// can see.
func (e *Epoch) Missing() Missing {
	missing := Missing{Exact: true}
	if e == nil {
		return missing
	}
	for _, hole := range e.holes {
		missing.Sequences += hole.Missing
		missing.Exact = missing.Exact && hole.Exact
	}
	missing.Traffic = e.running.less(e.known)
	return missing
}

// Holes is where it is missing, the oldest first: a copy, nil where there is none.
func (e *Epoch) Holes() []Hole {
	if e == nil || len(e.holes) == 0 {
		return nil
	}
	return slices.Clone(e.holes)
}

// Gapless says that something came, and everything before the newest of it did: nothing is missing so far.
func (e *Epoch) Gapless() bool { return e != nil && e.newest != 0 && len(e.holes) == 0 }

// Complete says that it is gapless, nothing contradicted, and, of a signal connection, its last record came. Of a data
// track, whose records don't say which is the last, it means so far.
func (e *Epoch) Complete() bool {
	return e.Gapless() && e.contradictions == 0 && (!e.signal || e.over)
}

// Follows says that nothing is missing between two epochs: e is of the same handle as former, of the epoch after it,
// and former is complete. Where former is nil it says that e is of epoch 1. Where it is so of all epochs of a handle,
// one after the other, and the last is complete, every byte came that was reported of it.
func (e *Epoch) Follows(former *Epoch) bool {
	if e == nil || e.newest == 0 {
		return false
	}
	if former == nil {
		return e.key.Epoch == 1
	}
	next := former.key
	next.Epoch++
	return former.Complete() && !former.unattributed && e.key == next
}

// Key is of the first record that came; zero where none did.
func (e *Epoch) Key() EpochKey {
	if e == nil {
		return EpochKey{}
	}
	return e.key
}

// Newest is the highest sequence that came; 0 where none did.
func (e *Epoch) Newest() uint32 {
	if e == nil {
		return 0
	}
	return e.newest
}

// Running is the running totals of the newest record: with what is missing, all that is known of the epoch's traffic.
func (e *Epoch) Running() Traffic {
	if e == nil {
		return Traffic{}
	}
	return e.running
}

// Over says that the epoch's last record came: a left, or an unattributed one.
func (e *Epoch) Over() bool { return e != nil && e.over }

// Contradictions is how many records were one.
func (e *Epoch) Contradictions() uint32 {
	if e == nil {
		return 0
	}
	return e.contradictions
}

// Why is what contradicted last.
func (e *Epoch) Why() Why {
	if e == nil {
		return State
	}
	return e.why
}
