// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"testing"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// bothKinds tells a story of a data track, and of a connection whose participant is known.
func bothKinds(t *testing.T, story func(h host, object counted, w *witness)) {
	t.Helper()
	serveBoth(t, func(h host) {
		w := newWitness()
		story(h, h.track("PA_ana", w), w)
		w = newWitness()
		signal := h.signal(w)
		connect(signal, "lounge", "PA_ana")
		story(h, signal, w)
	})
}

// Given an object that counted, when it is stopped, twice, and messages come late, then its totals are those of the first
// stop for good, the report has the same, and there is one.
func TestTotalsAfterAStopAreFinal(t *testing.T) {
	bothKinds(t, func(h host, object counted, w *witness) {
		object.AddBytes(10, true)
		object.AddBytes(300, false)
		final := lkstats.Traffic{SendBytes: 10, SendMessages: 1, RecvBytes: 300, RecvMessages: 1}
		mustTotal(h.t, object, final)

		object.Stop()
		object.AddBytes(5, true)
		object.Stop()
		object.AddBytes(5, false)
		mustTotal(h.t, object, final)

		h.windows()
		w.mustSum(h.t, object, "", final)
		reports := len(w.told())
		object.AddBytes(5, true)
		h.pass(10 * time.Minute) // its place is somebody else's by now
		object.Stop()
		w.mustSum(h.t, object, "", final)
		if more := len(w.told()) - reports; more != 0 {
			h.t.Errorf("%d reports after the last", more)
		}
	})
}

// Given a connection that stopped before anybody said whose it was, when a message comes late, and it is said then, then the
// late one is nobody's: joined, what was in time, and left are told.
func TestALateMessageIsNobodys(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		signal := h.signal(w)
		signal.AddBytes(10, true)
		signal.Stop()
		signal.AddBytes(5, true)
		connect(signal, "lounge", "PA_ana")
		signal.AddBytes(5, true)
		h.windows()
		w.mustHaveTold(h.t, "at the end", joined("lounge", "PA_ana"), windowOf("sent", "lounge", "PA_ana", 10, 1), left("lounge", "PA_ana"))
		mustTotal(h.t, signal, lkstats.Traffic{SendBytes: 10, SendMessages: 1})
	})
}

// Given an object that nobody has added to, when it is asked, stopped, and asked again, then it has counted nothing and
// LiveKit is told of no window.
func TestWhatNeverCountedHasNothingToSay(t *testing.T) {
	bothKinds(t, func(h host, object counted, w *witness) {
		mustTotal(h.t, object, lkstats.Traffic{})
		object.Stop()
		object.AddBytes(7, true)
		h.windows()
		w.mustSum(h.t, object, "", lkstats.Traffic{})
	})
}

// Given a message of 2^35 bytes, which there is not, when it is added first, between others, and last, then it counts for
// nothing, and one byte less is told to the byte.
func TestNoMessageHas32GiB(t *testing.T) {
	bothKinds(t, func(h host, object counted, w *witness) {
		for _, bytes := range []uint64{1 << 35, 1<<64 - 1, 1<<35 - 1, 0, 1 << 35} {
			object.AddBytes(bytes, false)
		}
		due := lkstats.Traffic{RecvBytes: 1<<35 - 1, RecvMessages: 2}
		mustTotal(h.t, object, due)
		h.windows()
		w.mustSum(h.t, object, "", due)
		object.Stop()
		h.windows()
		w.mustSum(h.t, object, "", due)
	})
}

// Given totals, when time passes, then the time that they are of is when they were asked for.
func TestTotalsSayWhen(t *testing.T) {
	bothKinds(t, func(h host, object counted, _ *witness) {
		for range 2 {
			if at := object.GetTrafficTotals().At; !at.Equal(time.Now()) {
				h.t.Errorf("totals of %v at %v", at, time.Now())
			}
			h.pass(3 * time.Second)
			object.Stop()
		}
	})
}
