// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"testing"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// Given objects that have counted one message, when more come, in both directions, then nothing is allocated, with lkstats
// and without, before it is known whose a connection is and after.
func TestAnAddAllocatesNothing(t *testing.T) {
	serveBoth(t, func(h host) {
		w := newWitness()
		unknown, known := h.signal(w), h.signal(w)
		connect(known, "lounge", "PA_ana")
		for what, object := range map[string]counted{
			"a data track": h.track("PA_ana", w), "data channels": h.channels("PA_ana", w), "a connection": known, "an unknown one": unknown,
		} {
			object.AddBytes(1, true)
			const times = 1000
			if allocations := testing.AllocsPerRun(times, func() {
				object.AddBytes(2, true)
				object.AddBytes(0, false)
			}); allocations != 0 {
				h.t.Errorf("two adds on %s allocate %v times", what, allocations)
			}
			// One run more is AllocsPerRun's own.
			mustTotal(h.t, object, lkstats.Traffic{SendBytes: 1 + 2*(times+1), SendMessages: 1 + times + 1, RecvMessages: times + 1})
			object.Stop()
			if allocations := testing.AllocsPerRun(times, func() { object.AddBytes(2, true) }); allocations != 0 {
				h.t.Errorf("a late add on %s allocates %v times", what, allocations)
			}
		}
	})
}
