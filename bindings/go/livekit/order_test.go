// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"slices"
	"testing"
	"time"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

func joined(room string, of livekit.ParticipantID) event {
	return event{what: "joined", room: room, participant: of, identity: "id of " + string(of)}
}

func left(room string, of livekit.ParticipantID) event {
	return event{what: "left", room: room, participant: of, identity: "id of " + string(of)}
}

// window is of a connection.
func windowOf(what, room string, of livekit.ParticipantID, bytes, messages uint64) event {
	return event{what: what, room: room, participant: of, track: signalOf(of), bytes: bytes, messages: messages}
}

// Given a connection that counted before it was known whose it is, when the second of the two is said, whichever that is,
// then telemetry has been told of the join when the call returns, no time having passed, and of nothing else yet.
func TestJoinedIsToldBeforeTheResolutionReturns(t *testing.T) {
	room, participant := &livekit.Room{Sid: "RM_lounge", Name: "lounge"}, &livekit.ParticipantInfo{Sid: "PA_ana", Identity: "id of PA_ana"}
	for name, order := range map[string][]func(*BytesSignalStats){
		"room first":        {func(s *BytesSignalStats) { s.ResolveRoom(room) }, func(s *BytesSignalStats) { s.ResolveParticipant(participant) }},
		"participant first": {func(s *BytesSignalStats) { s.ResolveParticipant(participant) }, func(s *BytesSignalStats) { s.ResolveRoom(room) }},
	} {
		t.Run(name, func(t *testing.T) {
			serveBoth(t, func(h host) {
				w := newWitness()
				signal := h.signal(w)
				signal.AddBytes(3, false)
				h.windows()
				order[0](signal)
				h.windows()
				w.mustHaveTold(h.t, "with one of the two")

				took := within(func() { order[1](signal) })
				w.mustHaveTold(h.t, "with both", joined("lounge", "PA_ana"))
				if took != 0 {
					h.t.Errorf("the resolution took %v", took)
				}
				order[0](signal) // the first one counts
				signal.Stop()
				h.windows()
				w.mustHaveTold(h.t, "after the stop", joined("lounge", "PA_ana"), windowOf("received", "lounge", "PA_ana", 3, 1), left("lounge", "PA_ana"))
			})
		})
	}
}

// Given a connection that moves from room to room and counts all the while, when it is reset, then telemetry has the last
// window and the leave when the call returns, and a new guard with each join.
func TestAResetReturnsWhenTheLeaveIsTold(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		signal := h.signal(w)
		var due []event
		for i, room := range []string{"lounge", "stage", "lounge"} {
			bytes := uint64(i + 1)
			signal.AddBytes(bytes, true) // nobody's yet: the next one's
			connect(signal, room, "PA_ana")
			signal.AddBytes(10*bytes, true)
			signal.AddBytes(0, false)

			took := within(signal.Reset)
			due = append(due, joined(room, "PA_ana"), windowOf("received", room, "PA_ana", 0, 1),
				windowOf("sent", room, "PA_ana", 11*bytes, 2), left(room, "PA_ana"))
			w.mustHaveTold(h.t, "when the reset returned", due...)
			if took != 0 {
				h.t.Errorf("the reset took %v", took)
			}
		}
		signal.Reset() // nobody is known: nothing ends
		signal.Stop()
		h.pass(time.Minute)
		w.mustHaveTold(h.t, "a minute later", due...)
		for i := 0; i < len(w.guards); i += 2 {
			if w.guards[i] != w.guards[i+1] || slices.Index(w.guards, w.guards[i]) != i {
				h.t.Errorf("guards of joined and left by epoch: %p", w.guards)
			}
		}
	})
}

// Given a data track whose listener resets a connection when it is told a window, when one ends, then that reset returns
// at once though it comes from within a report, and the connection's leave is told before anything of its next epoch.
func TestAListenerMayResetAConnection(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		signal, track := h.signal(w), h.track("PA_bob", w)
		connect(signal, "lounge", "PA_ana")
		signal.AddBytes(7, true)
		resets := 0
		w.during = func(key telemetry.StatsKey) {
			if key == telemetry.StatsKeyForData("de", livekit.StreamType_UPSTREAM, "PA_bob", "DTR_PA_bob") {
				took := within(func() {
					signal.Reset()
					connect(signal, "stage", "PA_ana")
				})
				if resets++; took != 0 {
					h.t.Errorf("reset and resolutions took %v", took)
				}
			}
		}
		track.AddBytes(1, false)
		track.Stop()
		h.pass(pace)
		signal.Stop()
		h.windows()

		if resets != 1 {
			h.t.Fatalf("the reset returned %d times", resets)
		}
		of := slices.DeleteFunc(w.told(), func(e event) bool { return e.participant != "PA_ana" })
		if due := []event{joined("lounge", "PA_ana"), windowOf("sent", "lounge", "PA_ana", 7, 1), left("lounge", "PA_ana"),
			joined("stage", "PA_ana"), left("stage", "PA_ana")}; !slices.Equal(of, due) {
			h.t.Errorf("of the connection LiveKit was told\n  %+v, not\n  %+v", of, due)
		}
	})
}

// Given a listener that hangs, when the server goes on calling, then adds, new objects, totals and stops take no time, a
// resolution and a reset no longer than their patience; and when the listener returns, nothing is lost and the order holds.
func TestAListenerThatHangsHoldsNobodyUpForLong(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		hangs, goOn := make(chan struct{}), make(chan struct{})
		track, signal := h.track("PA_bob", w), h.signal(w)
		connect(signal, "lounge", "PA_ana")
		w.during = func(key telemetry.StatsKey) {
			w.during = nil
			close(hangs)
			<-goOn
		}
		track.AddBytes(1, true)
		track.Stop()
		<-hangs

		var other *BytesTrackStats
		for what, call := range map[string]func(){
			"an add":        func() { signal.AddBytes(5, true) },
			"a new object":  func() { other = h.track("PA_eve", w); other.AddBytes(9, false) },
			"totals":        func() { signal.GetTrafficTotals() },
			"totals, after": func() { track.GetTrafficTotals() },
			"a second stop": track.Stop,
		} {
			if took := within(call); took != 0 {
				h.t.Errorf("%s took %v", what, took)
			}
		}
		if took := within(signal.Reset); took > patience {
			h.t.Errorf("the reset took %v", took)
		}
		if took := within(func() { connect(signal, "stage", "PA_ana") }); took > patience {
			h.t.Errorf("the resolutions took %v", took)
		}
		if took := within(func() { signal.AddBytes(6, true); signal.Stop(); other.Stop() }); took != 0 {
			h.t.Errorf("an add and two stops took %v", took)
		}

		close(goOn)
		h.windows()
		of := slices.DeleteFunc(w.told(), func(e event) bool { return e.participant != "PA_ana" })
		if due := []event{joined("lounge", "PA_ana"), windowOf("sent", "lounge", "PA_ana", 5, 1), left("lounge", "PA_ana"),
			joined("stage", "PA_ana"), windowOf("sent", "stage", "PA_ana", 6, 1), left("stage", "PA_ana")}; !slices.Equal(of, due) {
			h.t.Errorf("of the connection LiveKit was told\n  %+v, not\n  %+v", of, due)
		}
		w.mustSum(h.t, track, "DTR_PA_bob", lkstats.Traffic{SendBytes: 1, SendMessages: 1})
		w.mustSum(h.t, other, "DTR_PA_eve", lkstats.Traffic{RecvBytes: 9, RecvMessages: 1})
	})
}
