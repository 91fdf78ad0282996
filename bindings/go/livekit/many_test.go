// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// Given a journal, and a room so large that its end brings more reports at once than lkstats keeps for those who read beside
// a journal, when all of its tracks stop, or the server is told to leave in the middle of it, then LiveKit is told of each
// track, and so is the journal.
func TestAJournalLeavesNobodyOut(t *testing.T) {
	const many = 20_000
	for name, end := range map[string]func(h host, tracks []*BytesTrackStats){
		"all stop": func(h host, tracks []*BytesTrackStats) {
			for _, track := range tracks {
				track.Stop()
			}
			h.pass(100 * time.Millisecond)
		},
		"the server is told to leave": func(h host, _ []*BytesTrackStats) { h.toldToLeave() },
	} {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			serve(t, lkstats.Options{JournalDir: directory}, tenantRule{}, func(h host) {
				w := newWitness()
				var tracks []*BytesTrackStats
				for range many {
					track := h.track("PA_ana", w)
					track.AddBytes(3, true)
					tracks = append(tracks, track)
				}
				end(h, tracks)
				if sum := w.sum(""); sum != (lkstats.Traffic{SendBytes: 3 * many, SendMessages: many}) {
					h.t.Errorf("LiveKit was told %+v", sum)
				}
			})
			var sent uint64
			all, _ := readJournal(t, directory)
			for _, one := range all {
				sent += one.counted.SendBytes
			}
			if sent != 3*many {
				t.Errorf("the journal has %d bytes", sent)
			}
		})
	}
}

// Given objects of both kinds, when goroutines add on each of them, connections move from room to room, somebody asks for
// totals all the time, and all is stopped by several at once in the middle of it, then what LiveKit was told of each is what
// its totals say, to the last message that was in time, and that is no less than what was added before the stop.
func TestWhatIsToldIsWhatIsCountedWhoeverIsFaster(t *testing.T) {
	serveBoth(t, func(h host) {
		var crowd sync.WaitGroup
		var all []*member
		for number := range 12 {
			m := &member{witness: newWitness()}
			all = append(all, m)
			if number%2 == 0 {
				m.signal = h.signal(m.witness)
				m.object = m.signal
				crowd.Go(func() { m.move(number) })
			} else {
				m.object = h.track(livekit.ParticipantID(fmt.Sprint("PA_", number)), m.witness)
			}
			for adder := range 3 {
				crowd.Go(func() { m.add(rand.New(rand.NewPCG(uint64(number), uint64(adder)))) })
			}
		}
		crowd.Wait()
		h.pass(time.Minute)

		for number, m := range all {
			totals := m.object.GetTrafficTotals()
			m.mustSum(h.t, m.object, "", lkstats.Traffic{SendBytes: totals.SendBytes, SendMessages: uint64(totals.SendMessages),
				RecvBytes: totals.RecvBytes, RecvMessages: uint64(totals.RecvMessages)})
			if sent := totals.SendBytes; sent < m.before || sent > m.all {
				h.t.Errorf("%d: %d bytes counted; %d were added before the stop, %d in all", number, sent, m.before, m.all)
			}
			if m.count("joined") != m.count("left") {
				h.t.Errorf("%d: joined %d times, left %d times", number, m.count("joined"), m.count("left"))
			}
		}
	})
}

// member is one object of the crowd.
type member struct {
	*witness
	object counted
	signal *BytesSignalStats // nil: a track

	mu     sync.Mutex
	before uint64 // bytes sent before anybody stopped it
	all    uint64
}

// rounds of adding; somewhere in the last ones it is stopped.
const rounds = 40

func (m *member) add(random *rand.Rand) {
	for round := range rounds {
		var sent uint64
		for range 100 {
			bytes := uint64(random.IntN(1 << 12))
			m.object.AddBytes(bytes, true)
			m.object.AddBytes(1, false)
			sent += bytes
		}
		m.mu.Lock()
		m.all += sent
		if round < rounds/2 {
			m.before += sent
		}
		m.mu.Unlock()
		m.object.GetTrafficTotals()
		time.Sleep(pace) // to the instant of a turn: it runs beside the next adds
		if round >= rounds/2 && random.IntN(5) == 0 {
			m.object.Stop()
		}
	}
	m.object.Stop()
}

func (m *member) move(number int) {
	for room := range rounds / 4 {
		connect(m.signal, fmt.Sprint("room ", room), livekit.ParticipantID(fmt.Sprint("PA_", number)))
		time.Sleep(3 * pace)
		m.signal.Reset()
	}
	connect(m.signal, "the last", livekit.ParticipantID(fmt.Sprint("PA_", number)))
}
