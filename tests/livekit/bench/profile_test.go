// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

// As a server writes it: live objects and their bytes, then, in brackets, all that there ever were.
const heapProfile = `heap profile: 4: 1360 [9: 9000] @ heap/2
2: 240 [4: 480] @ 0x3 0x4
#	0x3	github.com/livekit/livekit-server/pkg/rtc.NewBytesTrackStats+0x1	/x/livekit-server/pkg/rtc/signalanddatastats.go:70
#	0x4	github.com/livekit/livekit-server/pkg/rtc.newParticipant+0x2	/x/livekit-server/pkg/rtc/participant.go:388

1: 1024 [2: 2048] @ 0x1 0x2
#	0x1	github.com/pion/sctp.createAssociation+0x1	/go/pkg/mod/github.com/pion/sctp@v1.11.0/association.go:300

1: 96 [3: 288] @ 0x5 0x6
#	0x5	time.NewTicker+0x1	/go/src/time/tick.go:50
#	0x6	github.com/lkstats/lkstats/bindings/go/livekit.(*engine).run+0x3	/x/vendor/github.com/lkstats/lkstats/bindings/go/livekit/engine.go:99


# runtime.MemStats
# Alloc = 5000
# HeapAlloc = 4096
# Stack = 2048 / 8192
`

func TestAHeapProfileSaysWhatTheCountingHasOfIt(t *testing.T) {
	// When a profile has one allocation of LiveKit's own counting, another one, and one of lkstats' further up the stack.
	h, err := readHeap(strings.NewReader(heapProfile))

	// Then the counting's are together, and what is gone does not count.
	if want := (heap{Live: 4096, Stacks: 2048, Counting: 240 + 96}); err != nil || h != want {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestAProfileThatIsCutOffIsNoFigure(t *testing.T) {
	if h, err := readHeap(strings.NewReader(heapProfile[:len(heapProfile)/2])); err == nil {
		t.Errorf("%+v", h)
	}
}
