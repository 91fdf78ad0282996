// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// stopping calls Stop as the server does for a participant's data channels; returned is closed when that returns.
func stopping(object counted) (returned chan struct{}) {
	returned = make(chan struct{})
	go func() {
		defer close(returned)
		object.Stop()
	}()
	synctest.Wait()
	return returned
}

func over(returned chan struct{}) bool {
	synctest.Wait()
	select {
	case <-returned:
		return true
	default:
		return false
	}
}

// Given a server that was told to leave, when a participant's data channels are stopped, then that returns as soon as the
// participant's tracks and connection are stopped too, and by then LiveKit has been told of everything.
func TestWhenTheServerLeavesTheLastStopWaitsForTheOthers(t *testing.T) {
	serveBoth(t, func(h host) {
		h.toldToLeave()
		w, others := newWitness(), newWitness()
		bob := h.signal(others) // goes on: nobody waits for them
		connect(bob, "lounge", "PA_bob")
		bob.AddBytes(9, true)
		signal, track, channels := h.signal(w), h.track("PA_ana", w), h.channels("PA_ana", w)
		connect(signal, "lounge", "PA_ana")
		for _, object := range []counted{signal, track, channels} {
			object.AddBytes(5, true)
		}
		begun := time.Now()
		if took := within(track.Stop); took != 0 {
			h.t.Errorf("the stop of a data track took %v", took)
		}

		returned := stopping(channels)
		if over(returned) {
			h.t.Error("the last stop did not wait for the connection")
		}
		signal.AddBytes(2, false)
		signal.Stop()
		if !over(returned) {
			h.t.Error("the last stop waits, and nothing counts any more")
		}
		for _, due := range []event{joined("lounge", "PA_ana"), windowOf("received", "lounge", "PA_ana", 2, 1),
			windowOf("sent", "lounge", "PA_ana", 5, 1), left("lounge", "PA_ana"),
			{what: "sent", participant: "PA_ana", track: "DTR_PA_ana", country: "de", bytes: 5, messages: 1},
			{what: "sent", participant: "PA_ana", track: "TR_DTPA_ana", country: "de", bytes: 5, messages: 1}} {
			if !w.has(due) {
				h.t.Errorf("LiveKit was not told %+v", due)
			}
		}
		if took := time.Since(begun); took != 0 {
			h.t.Errorf("it took %v", took)
		}
		if sum := others.sum(""); sum != (lkstats.Traffic{}) { // theirs is a window that has not ended
			h.t.Errorf("of others LiveKit was told %+v", sum)
		}
		h.toldToLeave()
		if sum := others.sum(""); sum != (lkstats.Traffic{SendBytes: 9, SendMessages: 1}) {
			h.t.Errorf("at the second signal LiveKit was told %+v of who counts on", sum)
		}
		bob.Stop()
	})
}

// Given a server that was told to leave, and a connection that never stops, when the data channels are stopped, then that
// takes the farewell and no more, and what was counted so far is told.
func TestAConnectionThatStaysHoldsTheFarewellUpForItsTime(t *testing.T) {
	serveBoth(t, func(h host) {
		h.toldToLeave()
		w := newWitness()
		signal, channels := h.signal(w), h.channels("PA_ana", w)
		connect(signal, "lounge", "PA_ana")
		signal.AddBytes(5, true)
		channels.AddBytes(6, true)

		if took := within(channels.Stop); took != farewell {
			h.t.Errorf("the last stop took %v, not %v", took, farewell)
		}
		if took := within(channels.Stop); took != 0 {
			h.t.Errorf("a second one took %v", took)
		}
		w.mustSum(h.t, channels, dataOf("PA_ana"), lkstats.Traffic{SendBytes: 6, SendMessages: 1})
		w.mustSum(h.t, signal, signalOf("PA_ana"), lkstats.Traffic{SendBytes: 5, SendMessages: 1})
		signal.Stop()
	})
}

// Given a server that was told to leave, and a listener that hangs in the middle of a report, when the data channels are
// stopped, then that takes a bounded time.
func TestAListenerThatHangsDoesNotKeepTheServer(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		track, channels := h.track("PA_bob", w), h.channels("PA_ana", w)
		hangs, goOn := make(chan struct{}), make(chan struct{})
		w.during = func(telemetry.StatsKey) {
			w.during = nil
			close(hangs)
			<-goOn
		}
		track.AddBytes(1, true)
		track.Stop()
		<-hangs
		h.toldToLeave()
		channels.AddBytes(6, true)
		if took := within(channels.Stop); took > farewell+2*patience {
			h.t.Errorf("the last stop took %v", took)
		}
		close(goOn)
		h.windows()
		w.mustSum(h.t, channels, dataOf("PA_ana"), lkstats.Traffic{SendBytes: 6, SendMessages: 1})
	})
}

// Given a server that is told to leave a second time, and many participants whose connections never stop, when the data
// channels of one after the other are stopped, then all of that together takes the farewells and no more. Who is left after
// that is told of too, if there is time.
func TestAllFarewellsTogetherHaveABound(t *testing.T) {
	const many = 40
	serveBoth(t, func(h host) {
		h.toldToLeave()
		w := newWitness()
		var signals []*BytesSignalStats
		var all []*BytesTrackStats
		for i := range many {
			sid := livekit.ParticipantID(fmt.Sprintf("PA_%d", i))
			signals, all = append(signals, h.signal(w)), append(all, h.channels(sid, w))
			connect(signals[i], "lounge", sid)
			signals[i].AddBytes(1, true)
			all[i].AddBytes(1, false)
		}
		h.toldToLeave()
		begun := time.Now()
		for i, channels := range all {
			signals[i].AddBytes(1, true)
			channels.AddBytes(1, false)
			channels.Stop()
		}
		if took := time.Since(begun); took != farewells {
			h.t.Errorf("it took %v, not %v", took, farewells)
		}
		for _, signal := range signals {
			signal.Stop()
		}
		h.windows()
		if sum := w.sum(""); sum != (lkstats.Traffic{SendBytes: 2 * many, SendMessages: 2 * many, RecvBytes: 2 * many, RecvMessages: 2 * many}) {
			h.t.Errorf("LiveKit was told %+v", sum)
		}
	})
}

// Given a server that nobody told to leave, when data channels are stopped, then that takes no time, whatever else counts.
func TestAStopIsNoFarewell(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		signal, channels := h.signal(w), h.channels("PA_ana", w)
		connect(signal, "lounge", "PA_ana")
		channels.AddBytes(6, true)
		if took := within(channels.Stop); took != 0 {
			h.t.Errorf("the stop took %v", took)
		}
		h.pass(100 * time.Millisecond)
		w.mustSum(h.t, channels, dataOf("PA_ana"), lkstats.Traffic{SendBytes: 6, SendMessages: 1})
		signal.Stop()
	})
}
