// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"testing"
	"time"
)

func TestARecordLeadsToTheObjectThatItIsOf(t *testing.T) {
	h := manual(t, Options{})
	h.pass(time.Second)
	// Given tracks and a connection with two epochs, each with bytes of its own
	sent := map[Handle]uint64{}
	for i := range uint64(3) {
		track := h.track(TrackOptions{})
		must(t, track.AddBytes(100+i, true))
		sent[track.Handle()] += 100 + i
	}
	signal := h.signal(SignalOptions{})
	for i := range uint64(2) {
		must(t, signal.ResolveRoom(Room{SID: "RM_1"}))
		must(t, signal.ResolveParticipant(Participant{SID: "PA_1"}))
		must(t, signal.AddBytes(200+i, true))
		sent[signal.Handle()] += 200 + i
		must(t, signal.Reset())
	}
	if len(sent) != 4 || sent[0] != 0 {
		t.Fatalf("handles that are not one an object: %v", sent)
	}

	// When all of it is reported, then each byte is at the object whose handle its record's key has
	for range 20 {
		h.pass(time.Second)
		for _, r := range h.drained() {
			if _, known := sent[r.Key.Handle()]; !known {
				t.Errorf("nobody's: %+v", r.Key)
			}
			sent[r.Key.Handle()] -= r.Window.SendBytes
		}
	}
	for handle, left := range sent {
		if left != 0 {
			t.Errorf("%x: %d bytes were not reported", handle, left)
		}
	}
}

func TestASlotThatIsUsedAgainHasAnotherHandle(t *testing.T) {
	h := manual(t, Options{MaxTracks: 1})
	old := h.track(TrackOptions{})
	_, err := old.Stop()
	must(t, err)
	h.pass(30 * time.Second) // the slot rests
	successor := h.track(TrackOptions{})
	must(t, successor.AddBytes(1, true))
	h.pass(10 * time.Second)
	records := h.drained()
	if len(records) != 1 || records[0].Key.Handle() != successor.Handle() || records[0].Key.Handle() == old.Handle() {
		t.Errorf("%x, then %x: %+v", old.Handle(), successor.Handle(), keys(records))
	}
}

func TestWhatIsInertHasNoHandle(t *testing.T) {
	h := manual(t, Options{MaxTracks: 1})
	h.track(TrackOptions{})
	track, err := h.NewTrack(TrackOptions{})
	refuses(t, "a second track", err, ErrFull)
	signal, err := h.NewSignal(SignalOptions{})
	refuses(t, "a signal connection", err, ErrFull)
	for _, inert := range []interface{ Handle() Handle }{track, signal, (*Track)(nil), (*Signal)(nil), &Track{}, &Signal{}, Key{}} {
		if inert.Handle() != 0 {
			t.Errorf("%T: %x", inert, inert.Handle())
		}
	}
}
