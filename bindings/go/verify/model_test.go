// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"cmp"
	"slices"
)

// What an Epoch should say, from all records that came: it keeps every one, and works everything out anew each time.
// Only of what was merged it forgets what an Epoch forgets.
type model struct {
	came           map[uint32]Record // by sequence, lefts not among them
	left           *Record
	merged         []Hole
	known          Traffic
	unsure         bool
	contradictions uint32
	why            Why
}

func newModel() *model { return &model{came: map[uint32]Record{}} }

func (m *model) any() *Record {
	for _, r := range m.came {
		return &r
	}
	return m.left
}

func (m *model) newest() (sequence uint32, running Traffic) {
	for s, r := range m.came {
		if s > sequence {
			sequence, running = s, r.Running
		}
	}
	if m.left != nil && m.left.Sequence >= sequence {
		sequence, running = m.left.Sequence, m.left.Running
	}
	return
}

// A point at which the totals are known: after that sequence.
type point struct {
	sequence uint64
	totals   Traffic
}

// The ends of all that is known, in order, from 0 on. What was merged is not.
func (m *model) points() []point {
	list := []point{{}}
	for s, r := range m.came {
		if !slices.ContainsFunc(m.merged, func(h Hole) bool { return h.First <= s && s <= h.Last }) {
			list = append(list, point{uint64(s), r.Running})
		}
	}
	slices.SortFunc(list, func(a, b point) int { return cmp.Compare(a.sequence, b.sequence) })
	last := list[len(list)-1]
	if m.left != nil && last.sequence < uint64(m.left.Sequence) && last.totals == m.left.Running {
		list = append(list, point{uint64(m.left.Sequence), m.left.Running}) // it has no traffic
	}
	return list
}

// Whether the left stands for its sequence alone.
func (m *model) alone() bool {
	if m.left == nil {
		return false
	}
	_, traffic := m.came[m.left.Sequence]
	points := m.points()
	return !traffic && points[len(points)-1].sequence == uint64(m.left.Sequence)
}

func (m *model) holes() []Hole {
	points := m.points()
	var holes []Hole
	add := func(from point, last uint64, after Traffic, open bool) {
		first := from.sequence + 1
		for _, h := range m.merged {
			if uint64(h.First) == first {
				holes = append(holes, h)
				return
			}
		}
		joins := m.any().Signal && first == 1
		// With nothing else to carry it the left's sequence has the traffic.
		open = open && !(first == last || (joins && last == 2))
		hole := Hole{uint32(first), uint32(last), uint32(last - first + 1), !open, false, from.totals, after}
		if open {
			hole.Missing--
		}
		holes = append(holes, hole)
	}
	for i := 1; i < len(points); i++ {
		if points[i].sequence == points[i-1].sequence+1 {
			continue
		}
		if i == len(points)-1 && m.alone() {
			add(points[i-1], points[i].sequence-1, points[i].totals, false)
			continue
		}
		before := points[i].totals
		if r, ok := m.came[uint32(points[i].sequence)]; ok {
			before = r.before()
		}
		add(points[i-1], points[i].sequence-1, before, false)
	}
	newest, running := m.newest()
	if last := points[len(points)-1]; last.sequence < uint64(newest) {
		add(last, uint64(newest), running, true)
	}
	return holes
}

// Whether that many sequences lead from one total to the other; sure of them have traffic for certain.
func leads(before, after Traffic, all, sure uint64) bool {
	switch {
	case all == 0:
		return before == after
	case sure > 0:
		return before.atMost(after) && before != after
	case all > 1 || before == after:
		return before.atMost(after)
	}
	return false
}

// Whether r has its place among the sequences of a hole, or of what lies between two. open: the last may be a left.
func fits(r *Record, first, last uint64, before, after Traffic, open bool) bool {
	s := uint64(r.Sequence)
	joined := uint64(0)
	if r.Signal && !r.Unattributed && first == 1 {
		joined = 1
	}
	if r.Kind == KindLeft { // after it nothing
		all := last - first + 1
		return r.Running == after && (all == 1 || leads(before, after, all, all-1-joined)) && before.atMost(after)
	}
	ahead := s - first
	if ahead > 0 && !leads(before, r.before(), ahead, ahead-joined) || ahead == 0 && before != r.before() {
		return false
	}
	behind := last - s
	switch {
	case behind == 0:
		return r.Running == after
	case behind == 1 && open:
		return r.Running.atMost(after)
	case open:
		return leads(r.Running, after, behind, behind-1)
	}
	return leads(r.Running, after, behind, behind)
}

func (m *model) contradiction(why Why) Verdict {
	m.why = why
	if why != State {
		m.contradictions++
	}
	return Contradiction
}

func wellFormed(r *Record) bool {
	w, t := r.Window, r.Running
	if w.SendBytes > t.SendBytes || w.SendMessages > t.SendMessages || w.RecvBytes > t.RecvBytes ||
		w.RecvMessages > t.RecvMessages || r.Sequence == 0 || r.Epoch == 0 {
		return false
	}
	type form struct {
		kind                 Kind
		signal, unattributed bool
		first                bool
	}
	nothing := w == Traffic{}
	switch (form{r.Kind, r.Signal, r.Unattributed, r.Sequence == 1}) {
	case form{KindTraffic, false, false, true}, form{KindTraffic, false, false, false}:
		return !nothing && r.Epoch == 1
	case form{KindTraffic, true, true, true}, form{KindTraffic, true, false, false}:
		return !nothing
	case form{KindJoined, true, false, true}:
		return t == Traffic{}
	case form{KindLeft, true, false, false}:
		return nothing
	}
	return false
}

func (m *model) take(r *Record) Verdict {
	began := m.any()
	if began != nil && began.EpochKey != r.EpochKey {
		return m.contradiction(State)
	}
	if !wellFormed(r) {
		return m.contradiction(Form)
	}
	if began != nil && (began.Signal != r.Signal || began.Unattributed != r.Unattributed) {
		return m.contradiction(Content)
	}
	newest, running := m.newest()
	over := m.left != nil || (began != nil && began.Unattributed)
	if r.Sequence > newest {
		if over {
			return m.contradiction(Over)
		}
		if !fits(r, uint64(newest)+1, uint64(r.Sequence), running, r.Running, false) {
			return m.contradiction(Totals)
		}
		before := len(m.holes())
		m.enter(r)
		if len(m.holes()) > before {
			m.merge()
			return Gap
		}
		return Next
	}
	if r.Kind == KindLeft {
		switch {
		case m.left != nil && *m.left == *r:
			return Duplicate
		case m.left != nil:
			return m.contradiction(Content)
		case r.Sequence < newest:
			return m.contradiction(Over)
		case r.Running != running:
			return m.contradiction(Totals)
		}
		m.enter(r)
		return Next
	}
	first, last, before, after := uint64(1), uint64(newest), Traffic{}, running
	if m.alone() {
		last--
	}
	for _, h := range m.holes() {
		if h.First <= r.Sequence && r.Sequence <= h.Last {
			open := m.left != nil && h.Last == newest
			if !fits(r, uint64(h.First), uint64(h.Last), h.Before, h.After, open) {
				return m.contradiction(Totals)
			}
			if h.Merged {
				return m.touch(h.First, r)
			}
			m.enter(r)
			m.merge()
			return Late
		}
		if h.Last < r.Sequence {
			first, before = uint64(h.Last)+1, h.After
		} else if last > uint64(h.First)-1 {
			last, after = uint64(h.First)-1, h.Before
		}
	}
	kept, ok := m.came[r.Sequence]
	if !ok || !fits(r, first, last, before, after, false) ||
		(r.Sequence == newest && kept.Window != r.Window) {
		return m.contradiction(Content)
	}
	return Duplicate
}

func (m *model) enter(r *Record) {
	if r.Kind == KindLeft {
		kept := *r
		m.left = &kept
	} else {
		m.came[r.Sequence] = *r
	}
	m.count(r)
}

func (m *model) count(r *Record) {
	_, running := m.newest()
	for _, f := range []struct{ known, window, most *uint64 }{
		{&m.known.SendBytes, &r.Window.SendBytes, &running.SendBytes},
		{&m.known.SendMessages, &r.Window.SendMessages, &running.SendMessages},
		{&m.known.RecvBytes, &r.Window.RecvBytes, &running.RecvBytes},
		{&m.known.RecvMessages, &r.Window.RecvMessages, &running.RecvMessages},
	} {
		if *f.known > *f.most || *f.window > *f.most-*f.known {
			*f.known = *f.most
		} else {
			*f.known += *f.window
		}
	}
}

func (m *model) touch(first uint32, r *Record) Verdict {
	for i := range m.merged {
		if h := &m.merged[i]; h.First == first {
			h.Exact = false
			h.Missing = max(h.Missing, 1) - 1
		}
	}
	m.unsure = true
	m.count(r)
	return Unsure
}

func (m *model) merge() {
	holes := m.holes()
	if len(holes) <= GapsMax {
		return
	}
	best := 0
	for i := range holes[1:] {
		if holes[i+1].First-holes[i].Last < holes[best+1].First-holes[best].Last {
			best = i
		}
	}
	a, b := holes[best], holes[best+1]
	m.merged = slices.DeleteFunc(m.merged, func(h Hole) bool { return h.First == a.First || h.First == b.First })
	m.merged = append(m.merged, Hole{a.First, b.Last, a.Missing + b.Missing, a.Exact && b.Exact, true, a.Before, b.After})
}

func (m *model) missing() Missing {
	missing := Missing{Exact: true}
	for _, h := range m.holes() {
		missing.Sequences += h.Missing
		missing.Exact = missing.Exact && h.Exact
	}
	_, running := m.newest()
	missing.Traffic = running.less(m.known)
	return missing
}

func (m *model) gapless() bool { return m.any() != nil && len(m.holes()) == 0 }

func (m *model) complete() bool {
	return m.gapless() && m.contradictions == 0 && (!m.any().Signal || m.any().Unattributed || m.left != nil)
}
