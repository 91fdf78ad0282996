// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"flag"
	"slices"
	"testing"
)

var lives = flag.Uint64("lives", 800, "how many made up epochs are told to an Epoch and to the model")

// The same numbers in every version of Go.
type dice uint64

func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return int((z ^ (z >> 31)) % uint64(n))
}

// What an epoch really reports: that many freezes.
func epoch(d *dice, freezes int) []Record {
	key := EpochKey{[16]byte{byte(1 + d.below(255))}, uint32(d.below(1 << 24)), uint32(1 + d.below(1<<30)), 1}
	signal := d.below(2) == 0
	if signal {
		key.Epoch += uint32(d.below(3))
		if d.below(10) == 0 {
			window := Traffic{1, 1, uint64(d.below(2)), uint64(d.below(2))}
			return []Record{{Key{key, 1, KindTraffic}, window, window, true, true}}
		}
	}
	var records []Record
	var running Traffic
	for s := uint32(1); s <= uint32(freezes); s++ {
		record := Record{Key: Key{key, s, KindTraffic}, Signal: signal}
		last := s == uint32(freezes) && s > 1
		if signal && s == 1 {
			record.Kind = KindJoined
		} else if !(signal && last && d.below(2) == 0) {
			record.Window = Traffic{uint64(d.below(3)), uint64(d.below(2)), uint64(d.below(3)), 0}
			if record.Window.none() {
				record.Window.RecvMessages = 1
			}
			running = Traffic{running.SendBytes + record.Window.SendBytes,
				running.SendMessages + record.Window.SendMessages, running.RecvBytes + record.Window.RecvBytes,
				running.RecvMessages + record.Window.RecvMessages}
			record.Running = running
		} else {
			record.Kind, record.Running = KindLeft, running
		}
		records = append(records, record)
		if signal && last && record.Kind == KindTraffic && d.below(4) != 0 {
			record.Kind, record.Window = KindLeft, Traffic{}
			records = append(records, record)
		}
	}
	return records
}

// The same as it comes to somebody: some lost, some twice, some out of order, a few not true.
func life(seed uint64, freezes int) []Record {
	d := dice(seed)
	records := epoch(&d, 1+d.below(freezes))
	lost, again, swapped, untrue := d.below(60), d.below(40), d.below(1+d.below(100)), 4*d.below(4)
	var come []Record
	for _, r := range records {
		if d.below(100) >= lost {
			come = append(come, r)
		}
		for d.below(100) < again {
			come = append(come, records[d.below(len(records))])
		}
	}
	for i := range come {
		if d.below(100) < swapped {
			j := d.below(len(come))
			come[i], come[j] = come[j], come[i]
		}
	}
	for i := range come {
		if d.below(100) >= untrue {
			continue
		}
		r := &come[i]
		figures := []*uint64{&r.Window.SendBytes, &r.Running.SendBytes, &r.Running.RecvBytes, &r.Window.RecvMessages}
		figure := figures[d.below(len(figures))]
		switch d.below(8) {
		case 0:
			*figure += uint64(1 + d.below(2))
		case 1:
			*figure -= min(*figure, 1)
		case 2:
			r.Sequence += uint32(d.below(3)) - 1
		case 3:
			r.Kind = Kind(d.below(5))
		case 4:
			r.Signal = !r.Signal
		case 5:
			r.Unattributed = !r.Unattributed
		case 6:
			r.Epoch = uint32(d.below(3))
		case 7:
			r.Sequence, r.Kind = records[len(records)-1].Sequence+1, KindTraffic
		}
	}
	return come
}

func TestWhateverComesIsJudgedAsByAModelThatKeepsIt(t *testing.T) {
	verdicts := map[string]int{}
	reasons := map[string]int{}
	for seed := uint64(1000); seed < 1000+*lives; seed++ {
		var e Epoch
		m := newModel()
		for i, r := range life(seed, 20+40*int(seed%2)) {
			expected, said := m.judge(&r), e.judge(&r)
			verdicts[expected.Verdict]++
			reasons[expected.Why]++
			if said != expected {
				t.Fatalf("seed %d, record %d:\n%+v is expected,\n%+v is said", seed, i+1, expected, said)
			}
		}
	}
	if len(verdicts) != 6 || len(reasons) != 6 {
		t.Errorf("not all verdicts were met: %v, %v", verdicts, reasons)
	}
}

func TestInAnyOrderWhatIsMissingIsExactlyWhatWasLost(t *testing.T) {
	// Given every epoch of up to five freezes, of some shapes
	orders := 0
	for seed := uint64(1); seed <= 40; seed++ {
		d := dice(seed)
		records := epoch(&d, 1+d.below(5))
		final := records[len(records)-1]
		// When any of its records come, in any order
		var arrive func(e Epoch, came []Record)
		arrive = func(e Epoch, came []Record) {
			orders++
			check(t, e, records, came, final)
			for _, r := range records {
				if slices.Contains(came, r) {
					continue
				}
				next := e // which a copy of it has to survive
				if v := next.Take(&r); v == Contradiction || v == Duplicate || v == Unsure {
					t.Fatalf("seed %d: %v is said of %+v after %+v", seed, v, r, came)
				}
				arrive(next, append(slices.Clone(came), r))
			}
		}
		arrive(Epoch{}, nil)
		if t.Failed() {
			return
		}
	}
	if orders < 10000 {
		t.Errorf("only %d orders", orders)
	}
}

// Then the traffic that is missing before the newest is that of the others, and nothing less than all is complete.
func check(t *testing.T, e Epoch, all, came []Record, final Record) {
	t.Helper()
	newest := uint32(0)
	ended := false
	for _, r := range came {
		newest = max(newest, r.Sequence)
		ended = ended || r.Kind == KindLeft
	}
	var lost Traffic
	lostSequences := uint32(0)
	for _, r := range all {
		if r.Sequence <= newest && r.Kind != KindLeft && !slices.Contains(came, r) {
			lost = lost.plus(r.Window, Traffic{1 << 60, 1 << 60, 1 << 60, 1 << 60})
			lostSequences++
		}
	}
	missing := e.Missing()
	if missing.Traffic != lost {
		t.Errorf("%+v of %+v: %+v is missing, %+v was lost", came, all, missing, lost)
	}
	if missing.Sequences > lostSequences || (missing.Exact && missing.Sequences != lostSequences) ||
		(!missing.Exact && (!ended || missing.Sequences == 0)) {
		t.Errorf("%+v of %+v: %+v is missing, %d sequences were lost", came, all, missing, lostSequences)
	}
	if e.Gapless() != (len(came) > 0 && lostSequences == 0) {
		t.Errorf("%+v of %+v: gapless is %v", came, all, e.Gapless())
	}
	over := !final.Signal || final.Unattributed || ended
	if e.Complete() != (len(came) > 0 && lostSequences == 0 && over) {
		t.Errorf("%+v of %+v: complete is %v", came, all, e.Complete())
	}
}
