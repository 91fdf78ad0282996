// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"strings"
	"testing"
	"time"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// short is a connection's meter whose library has no memory for so many calls.
type short struct {
	*lkstats.Signal
	resolves, resets int
}

func (s *short) ResolveRoom(room lkstats.Room) error {
	if s.resolves > 0 {
		s.resolves--
		return lkstats.ErrNoMemory
	}
	return s.Signal.ResolveRoom(room)
}

func (s *short) ResolveParticipant(participant lkstats.Participant) error {
	if s.resolves > 0 {
		s.resolves--
		return lkstats.ErrNoMemory
	}
	return s.Signal.ResolveParticipant(participant)
}

func (s *short) Reset() error {
	if s.resets > 0 {
		s.resets--
		return lkstats.ErrFull
	}
	return s.Signal.Reset()
}

// shortSignal is a connection whose first calls of each kind find no memory.
func (h host) shortSignal(to *witness, resolves, resets int) *BytesSignalStats {
	signal := h.signal(to)
	var counts connection = &short{signal.meter().(*lkstats.Signal), resolves, resets}
	signal.counts.Store(&counts)
	return signal
}

// Given a library that has no memory for who a connection is, when it has some later, then LiveKit and the journal have the
// connection's whole traffic as that participant's, who was said first.
func TestWhatThereWasNoMemoryForIsSaidAgain(t *testing.T) {
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, tenantRule{}, func(h host) {
		log, w := listenToLog(h.t), newWitness()
		signal := h.shortSignal(w, 3, 0)
		signal.AddBytes(5, true)
		connect(signal, "lounge", "PA_ana")
		connect(signal, "kitchen", "PA_bob") // the first one counts
		h.pass(10 * pace)
		signal.AddBytes(7, true)
		signal.Stop()
		h.windows()
		if told := w.told(); len(told) == 0 || told[0] != joined("lounge", "PA_ana") || told[len(told)-1] != left("lounge", "PA_ana") ||
			w.count("joined") != 1 {
			h.t.Errorf("LiveKit was told %+v", told)
		}
		w.mustSum(h.t, signal, signalOf("PA_ana"), lkstats.Traffic{SendBytes: 12, SendMessages: 2})
		if errors := log.errors(); len(errors) != 1 {
			h.t.Errorf("the log has %v", errors)
		}
	})
	if is := mustBeWritten(t, directory, "TR_SGPA_ana"); is.counted.SendBytes != 12 || is.joined != 1 || is.left != 1 {
		t.Errorf("the journal has %+v", is)
	}
}

// Given a library that has no place for one more epoch, when a connection moves on to somebody else, then no byte of theirs
// is the one's who was there before; LiveKit, the journal and the totals have all.
func TestAResetThatFindsNoPlaceGivesNobodySomebodyElsesTraffic(t *testing.T) {
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, tenantRule{}, func(h host) {
		w := newWitness()
		signal := h.shortSignal(w, 0, 1)
		connect(signal, "lounge", "PA_ana")
		signal.AddBytes(5, true)
		signal.Reset()
		w.mustHaveTold(h.t, "at the reset", joined("lounge", "PA_ana"), windowOf("sent", "lounge", "PA_ana", 5, 1), left("lounge", "PA_ana"))
		signal.AddBytes(7, true)
		connect(signal, "kitchen", "PA_bob")
		signal.AddBytes(2, false)
		signal.Reset()
		connect(signal, "attic", "PA_eve")
		signal.AddBytes(1, false)
		signal.Stop()
		h.windows()
		if is, all := *signal.GetTrafficTotals(), (TrafficTotals{time.Time{}, 12, 2, 3, 2}); is.SendBytes != all.SendBytes ||
			is.SendMessages != all.SendMessages || is.RecvBytes != all.RecvBytes || is.RecvMessages != all.RecvMessages {
			h.t.Errorf("the totals are %+v, not %+v", is, all)
		}
		for participant, sum := range map[livekit.ParticipantID]lkstats.Traffic{"PA_ana": {SendBytes: 5, SendMessages: 1},
			"PA_bob": {SendBytes: 7, SendMessages: 1, RecvBytes: 2, RecvMessages: 1}, "PA_eve": {RecvBytes: 1, RecvMessages: 1}} {
			if told := w.sum(signalOf(participant)); told != sum {
				h.t.Errorf("of %s LiveKit was told %+v, not %+v", participant, told, sum)
			}
		}
		if joins, leaves := w.count("joined"), w.count("left"); joins != 3 || leaves != 3 {
			h.t.Errorf("LiveKit was told of %d joins, %d leaves", joins, leaves)
		}
	})
	for track, sent := range map[string]uint64{"TR_SGPA_ana": 5, "TR_SGPA_bob": 7, "TR_SGPA_eve": 0} {
		if is := mustBeWritten(t, directory, track); is.counted.SendBytes != sent || is.joined != 1 || is.left != 1 {
			t.Errorf("the journal has %+v", is)
		}
	}
}

// Given a listener that panics while it is told, and a caller who catches that, when time goes on, then LiveKit is told of
// what comes after, and the journal has all.
func TestAListenerThatPanicsStopsNothing(t *testing.T) {
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, tenantRule{}, func(h host) {
		w := newWitness()
		signal := h.signal(w)
		connect(signal, "lounge", "PA_ana")
		signal.AddBytes(5, true)
		w.during = func(telemetry.StatsKey) {
			w.during = nil
			panic("a listener's")
		}
		func() {
			defer func() {
				if recover() == nil {
					h.t.Error("the listener was not told")
				}
			}()
			signal.Reset()
		}()
		connect(signal, "kitchen", "PA_bob")
		signal.AddBytes(7, true)
		signal.Stop()
		h.windows()
		if sum := w.sum(signalOf("PA_bob")); sum != (lkstats.Traffic{SendBytes: 7, SendMessages: 1}) {
			h.t.Errorf("LiveKit was told %+v", sum)
		}
		if counts, _ := h.context.Metrics(lkstats.Prometheus); !strings.Contains(string(counts), "lkstats_unacknowledged_reports 0\n") {
			h.t.Error("a report waits for its acknowledgement")
		}
	})
	if is := mustBeWritten(t, directory, "TR_SGPA_ana"); is.counted.SendBytes != 5 || is.left != 1 {
		t.Errorf("the journal has %+v", is)
	}
}
