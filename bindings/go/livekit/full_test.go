// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livekit/livekit-server/pkg/rtc/types"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// Given a server whose lkstats has two places, both taken, when a data track and a connection come, then they count in Go
// alone, LiveKit is told of them what it is told of the others, and its log says so once.
func TestWhereLkstatsIsFullAnObjectCountsInGo(t *testing.T) {
	log := listenToLog(t)
	serve(t, lkstats.Options{MaxTracks: 2}, tenantRule{}, func(h host) {
		inside, outside := newWitness(), newWitness()
		live := func(w *witness) (*BytesTrackStats, *BytesSignalStats) {
			signal, track := h.signal(w), h.track("PA_ana", w)
			connect(signal, "lounge", "PA_ana")
			for _, object := range []counted{signal, track} {
				object.AddBytes(5, false)
				object.AddBytes(0, false)
				object.AddBytes(700, true)
			}
			return track, signal
		}
		trackIn, signalIn := live(inside)
		trackOut, signalOut := live(outside)
		if _, ok := on(trackIn).(*lkstats.Track); !ok {
			h.t.Fatalf("the first track counts on %T", on(trackIn))
		}
		if _, ok := on(trackOut).(*plain); !ok || on(trackOut) == nil {
			h.t.Fatalf("the second track counts on %T", on(trackOut))
		}
		if _, ok := signalOut.meter().(*plain); !ok {
			h.t.Fatalf("the second connection counts on %T", signalOut.meter())
		}

		h.windows()
		signalIn.Reset()
		signalOut.Reset()
		connect(signalIn, "stage", "PA_ana")
		connect(signalOut, "stage", "PA_ana")
		for _, object := range []counted{trackIn, signalIn, trackOut, signalOut} {
			object.AddBytes(1, true)
			object.Stop()
		}
		h.windows()

		traffic := lkstats.Traffic{RecvBytes: 5, RecvMessages: 2, SendBytes: 701, SendMessages: 2}
		for _, w := range []*witness{inside, outside} {
			for _, what := range []string{"joined", "left"} {
				if times := w.count(what); times != 2 {
					h.t.Errorf("%s was told %d times", what, times)
				}
			}
		}
		inside.mustSum(h.t, trackIn, "DTR_PA_ana", traffic)
		inside.mustSum(h.t, signalIn, "TR_SGPA_ana", traffic)
		outside.mustSum(h.t, trackOut, "DTR_PA_ana", traffic)
		outside.mustSum(h.t, signalOut, "TR_SGPA_ana", traffic)

		if errs := log.errors(); len(errs) != 1 || !errors.Is(errs[0], lkstats.ErrFull) {
			h.t.Errorf("LiveKit's log has %v", errs)
		}

		// The places are free again after a rest, and used.
		h.pass(time.Minute)
		track := h.track("PA_bob", inside)
		track.AddBytes(1, true)
		if _, ok := on(track).(*lkstats.Track); !ok {
			h.t.Errorf("a minute later a track counts on %T", on(track))
		}
		track.Stop()
		if kept := len(h.plain); kept != 0 {
			h.t.Errorf("%d objects in Go are kept", kept)
		}
	})
}

// Given a server with one place, when a hundred objects come and go that nothing is added to, then they take none, and the
// one that counts has it.
func TestObjectsThatNeverCountTakeNoPlace(t *testing.T) {
	serve(t, lkstats.Options{MaxTracks: 1}, tenantRule{}, func(h host) {
		w := newWitness()
		var idle []*BytesTrackStats
		for range 100 {
			idle = append(idle, h.track("PA_idle", w))
		}
		idle[7].Stop()
		idle[7].AddBytes(1, true)
		track := h.track("PA_ana", w)
		track.AddBytes(1, true)
		if _, ok := on(track).(*lkstats.Track); !ok {
			h.t.Errorf("the one that counts does so on %T", on(track))
		}
		for _, each := range append(idle, track) {
			each.Stop()
		}
		h.windows()
		w.mustHaveTold(h.t, "at the end", event{what: "sent", participant: "PA_ana", track: "DTR_PA_ana", country: "de", bytes: 1, messages: 1})
	})
}

// Given a server with one place, when the first messages of an object come from many goroutines, all before it has found that
// place, then it takes it once and every message counts.
func TestFirstMessagesAtOnceTakeOnePlace(t *testing.T) {
	const crowd = 10
	before := RoomOf
	t.Cleanup(func() { RoomOf = before })
	serve(t, lkstats.Options{MaxTracks: 1}, tenantRule{}, func(h host) {
		w := newWitness()
		track := h.track("PA_ana", w)
		var arrived, all sync.WaitGroup
		arrived.Add(crowd)
		RoomOf = func(types.ParticipantTelemetryListener) (string, string) { // it is asked before a place is looked for
			arrived.Done()
			arrived.Wait()
			return "RM_x", "x"
		}
		for range crowd {
			all.Go(func() { track.AddBytes(2, true) })
		}
		all.Wait()
		if _, ok := on(track).(*lkstats.Track); !ok || len(h.plain) != 0 {
			h.t.Errorf("it counts on %T, and %d objects in Go", on(track), len(h.plain))
		}
		track.Stop()
		h.windows()
		w.mustSum(h.t, track, "DTR_PA_ana", lkstats.Traffic{SendBytes: 2 * crowd, SendMessages: crowd})
	})
}

// Given an object that has no place yet, when two goroutines each have a first message of it, one a little after the other,
// then both messages count, however near the second one is to the first one's finding a place.
func TestNoFirstMessageIsLost(t *testing.T) {
	serve(t, lkstats.Options{}, tenantRule{}, func(h host) {
		w := newWitness()
		for i := range 20_000 {
			track := h.track("PA_ana", w)
			var both sync.WaitGroup
			var ready atomic.Int32
			for first := range 2 {
				both.Go(func() {
					ready.Add(1)
					for wait := first * (i % 200); ready.Load() < 2 || wait > 0; wait-- {
						continue
					}
					track.AddBytes(3, true)
				})
			}
			both.Wait()
			track.Stop()
			if totals := track.GetTrafficTotals(); totals.SendMessages != 2 || totals.SendBytes != 6 {
				h.t.Fatalf("of two messages %d count, %d bytes", totals.SendMessages, totals.SendBytes)
			}
		}
	})
}
