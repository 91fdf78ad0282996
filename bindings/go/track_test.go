// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"testing"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/slab"
)

func TestWhatWasAddedIsInTotalsAndReport(t *testing.T) {
	h := manual(t, Options{Node: "node-1", AnalyticsKey: "key"})
	h.pass(time.Second)
	track := h.track(TrackOptions{ParticipantSID: "PA_1"})
	must(t, track.AddBytes(1200, false))
	must(t, track.AddBytes(300, true))
	must(t, track.AddMessages(50, 0, true))
	must(t, track.AddMessages(70, 7, false))
	want := Traffic{SendBytes: 350, SendMessages: 1, RecvBytes: 1270, RecvMessages: 8}

	now, err := track.Totals()
	must(t, err)
	if now.Traffic != want || now.At.Monotonic() != time.Second || !now.At.Wall().Equal(epoch.Add(time.Second)) {
		t.Errorf("totals %+v", now)
	}
	h.pass(2 * time.Second)
	last, err := track.Stop()
	must(t, err)
	if last.Traffic != want || last.At.Monotonic() != 3*time.Second {
		t.Errorf("final totals %+v", last)
	}

	h.pass(0)
	batch := h.taken()
	if batch.Node() != "node-1" || batch.AnalyticsKey() != "key" || len(batch.Records()) != 1 {
		t.Fatalf("%q %q %+v", batch.Node(), batch.AnalyticsKey(), batch.Records())
	}
	r := batch.Records()[0]
	if r.Window != want || r.Running != want || r.Start.Monotonic() != time.Second || r.End.Monotonic() != 3*time.Second ||
		r.Key.Kind != RecordTraffic || r.Key.Sequence != 1 || r.Key.Epoch != 1 || r.TrackID != "TR_DTPA_1" {
		t.Errorf("%+v", r)
	}
	must(t, batch.Ack())
}

func TestAStopIsTheLastWord(t *testing.T) {
	h := manual(t, Options{})
	track := h.track(TrackOptions{})
	must(t, track.AddBytes(10, true))
	first, err := track.Stop()
	must(t, err)

	if err := track.AddBytes(10, true); err != ErrClosed {
		t.Errorf("an add after it: %v", err)
	}
	again, err := track.Stop()
	must(t, err)
	if again.Traffic != first.Traffic || first.SendBytes != 10 {
		t.Errorf("a second stop: %+v, the first %+v", again, first)
	}

	h.pass(0)
	h.drained()
	if err := track.AddBytes(10, true); err != ErrStale && err != ErrClosed {
		t.Errorf("an add when nothing is owed: %v", err)
	}
	_, err = track.Stop()
	refuses(t, "a stop when nothing is owed", err, ErrStale)
	_, err = track.Totals()
	refuses(t, "totals when nothing is owed", err, ErrStale)
}

func TestAStaleTrackDoesNotCountForItsSuccessor(t *testing.T) {
	h := manual(t, Options{MaxTracks: 1})
	old := h.track(TrackOptions{})
	must(t, old.AddBytes(1, true))
	_, err := old.Stop()
	must(t, err)
	for range 30 { // the slot rests
		h.pass(time.Second)
		h.drained()
	}
	successor := h.track(TrackOptions{})
	if uint32(successor.handle) != uint32(old.handle) {
		t.Fatal("another slot")
	}
	if err := old.AddBytes(1, true); err != ErrStale {
		t.Errorf("an add: %v", err)
	}
	_, err = old.Stop()
	refuses(t, "a stop", err, ErrStale)
	must(t, successor.AddBytes(5, true))
	totals, err := successor.Totals()
	must(t, err)
	if totals.Traffic != (Traffic{SendBytes: 5, SendMessages: 1}) {
		t.Errorf("%+v", totals)
	}
}

func TestATrackThatCouldNotBeMadeIsHarmless(t *testing.T) {
	h := manual(t, Options{MaxTracks: 1})
	h.track(TrackOptions{})
	track, err := h.NewTrack(TrackOptions{})
	refuses(t, "the second track", err, ErrFull)
	signal, err := h.NewSignal(SignalOptions{})
	refuses(t, "a signal connection", err, ErrFull)
	for _, inert := range []interface {
		AddBytes(uint64, bool) error
		Stop() (Totals, error)
	}{track, signal} {
		if err := inert.AddBytes(1, true); err != ErrStale {
			t.Errorf("an add: %v", err)
		}
		_, err = inert.Stop()
		refuses(t, "a stop", err, ErrStale)
	}
}

func TestAnAddAllocatesNothing(t *testing.T) {
	h := manual(t, Options{})
	track, signal := h.track(TrackOptions{}), h.signal(SignalOptions{})
	stopped := h.track(TrackOptions{})
	must(t, stopped.AddBytes(1, true))
	_, err := stopped.Stop()
	must(t, err)
	for what, add := range map[string]func() error{
		"bytes":     func() error { return track.AddBytes(100, true) },
		"messages":  func() error { return track.AddMessages(100, 3, false) },
		"of signal": func() error { return signal.AddBytes(100, false) },
		"refused":   func() error { return stopped.AddBytes(100, true) },
		"too large": func() error { return track.AddBytes(1<<40, true) },
	} {
		var last error
		if allocations := testing.AllocsPerRun(1000, func() { last = add() }); allocations != 0 {
			t.Errorf("%s: %v allocations", what, allocations)
		}
		if refused := what == "refused" || what == "too large"; (last != nil) != refused {
			t.Errorf("%s: %v", what, last)
		}
	}
}

func TestWithoutTheSlotAddsAreCalls(t *testing.T) {
	h := manual(t, Options{})
	track := h.track(TrackOptions{})
	must(t, track.AddBytes(5, true))
	defer slab.Use(slab.Use(nil)) // another layout of the slab
	must(t, track.AddBytes(7, true))
	must(t, track.AddMessages(11, 2, false))
	totals, err := track.Stop()
	must(t, err)
	if want := (Traffic{12, 2, 11, 2}); totals.Traffic != want {
		t.Errorf("%+v, not %+v", totals.Traffic, want)
	}
	if err := track.AddBytes(1, true); err != ErrClosed {
		t.Errorf("after the stop: %v", err)
	}
	if allocations := testing.AllocsPerRun(100, func() { _ = track.AddBytes(1, true) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
