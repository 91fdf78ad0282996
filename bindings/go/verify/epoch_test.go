// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"strings"
	"testing"
)

func whole(epoch uint32) *Epoch {
	e := &Epoch{}
	for _, r := range []Record{joined(), signal(2, 0, 4), left(2, 4)} {
		r.Epoch = epoch
		e.Take(&r)
	}
	return e
}

func TestAnEpochFollowsItsCompletePredecessorOnly(t *testing.T) {
	first, second, third := whole(1), whole(2), whole(3)
	for number, epoch := range []*Epoch{first, second, third} {
		if !epoch.Complete() || !epoch.Over() || epoch.Key().Epoch != uint32(number+1) {
			t.Fatal(epoch)
		}
	}
	if !first.Follows(nil) || !second.Follows(first) || !third.Follows(second) {
		t.Error("one after the other is refused")
	}
	open := &Epoch{}
	for _, r := range []Record{joined(), signal(2, 0, 4)} {
		r.Epoch = 1
		open.Take(&r)
	}
	another, nobodys := &Epoch{}, &Epoch{}
	for _, r := range []Record{joined(), left(2, 0)} {
		r.Epoch, r.Tag = 1, r.Tag+1
		another.Take(&r)
	}
	alone := unattributed(4)
	alone.Epoch = 1
	nobodys.Take(&alone)
	doubtful := whole(1)
	wrong := left(2, 5)
	wrong.Epoch = 1
	doubtful.Take(&wrong)
	if doubtful.Contradictions() != 1 || doubtful.Why() != Content {
		t.Error(doubtful)
	}
	for name, pair := range map[string][2]*Epoch{
		"one is left out": {third, first}, "backwards": {first, second}, "the same": {second, second},
		"not the first": {second, nil}, "nothing": {{}, nil}, "nil": {nil, nil}, "after nothing": {second, {}},
		"no left": {second, open}, "of another handle": {second, another}, "of nobody": {second, nobodys},
		"contradicted": {second, doubtful},
	} {
		if pair[0].Follows(pair[1]) {
			t.Error(name)
		}
	}
}

func TestNothingIsToldOfNothing(t *testing.T) {
	record := joined()
	for _, e := range []*Epoch{nil, {}} {
		if e.Gapless() || e.Complete() || e.Over() || e.Newest() != 0 || e.Running() != (Traffic{}) || e.Holes() != nil ||
			e.Missing() != (Missing{Exact: true}) || e.Key() != (EpochKey{}) || e.Contradictions() != 0 {
			t.Error(e)
		}
		if e.Take(nil) != Contradiction || e.Why() != State || e.Contradictions() != 0 {
			t.Error(e)
		}
	}
	if (*Epoch)(nil).Take(&record) != Contradiction {
		t.Error("nil took a record")
	}
}

func TestEachVerdictAndReasonHasItsWords(t *testing.T) {
	words, reasons := "", map[string]bool{}
	for v := Next - 1; v <= Contradiction+1; v++ {
		words += v.String() + " "
	}
	if words != "unknown next duplicate gap late unsure contradiction unknown " {
		t.Error(words)
	}
	for w := Nothing; w <= Over; w++ {
		reasons[w.String()] = strings.Contains(w.String(), " ")
	}
	if len(reasons) != 6 || (Over+1).String() != "unknown" || reasons["unknown"] {
		t.Error(reasons)
	}
}

func TestAnEpochMayBeCopied(t *testing.T) {
	// Given an epoch with as many gaps as are told apart, and one more
	var epoch Epoch
	for s := uint32(2); s <= 18; s += 2 {
		r := data(s, uint64(s)-1, uint64(s))
		epoch.Take(&r)
	}
	copied, before := epoch, epoch.Holes()
	// When the rest comes to the copy
	for s := uint32(1); s <= 17; s += 2 {
		r := data(s, uint64(s)-1, uint64(s))
		if v := copied.Take(&r); v != Late && v != Unsure {
			t.Error(v)
		}
	}
	// Then the epoch is as it was
	if after := epoch.Holes(); len(before) != len(after) || before[0] != after[0] || before[7] != after[7] ||
		epoch.Missing().Sequences != 9 || !epoch.Missing().Exact {
		t.Error(before, after)
	}
}
