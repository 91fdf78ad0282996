// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"
)

// Given twenty objects, half of them connections that move from room to room, when several goroutines add on each of
// them while windows are reported, then what LiveKit was told of each is what was added on it, to the byte.
func TestGoldenTwentyAtOnceAreTheirSums(t *testing.T) {
	for _, mode := range goldenModes {
		t.Run(mode.name, func(t *testing.T) {
			mode.tell(t, func(h host) {
				var crowd sync.WaitGroup
				var members []*goldenMember
				for i := range 20 {
					member := newGoldenMember(h, i)
					members = append(members, member)
					member.live(&crowd)
				}
				crowd.Wait()
				for _, member := range members {
					member.object.Stop()
				}
				h.pass(pace)
				for _, member := range members {
					member.check(t)
				}
			})
		})
	}
}

// goldenMember is one object of a crowd.
type goldenMember struct {
	number int
	told   *goldenTold
	object goldenObject
	signal *BytesSignalStats // nil: a track
	moves  []string          // the participants, one after the other

	mu    sync.Mutex
	added goldenTraffic
}

func newGoldenMember(h host, number int) *goldenMember {
	m := &goldenMember{number: number, told: newGoldenTold()}
	if number%2 == 0 {
		m.signal = h.newSignalStats(m.told.ctx, m.told)
		m.object = m.signal
		return m
	}
	trace := &goldenTrace{Kind: "track"}
	trace.Config.ParticipantID = fmt.Sprintf("PA_%d", number)
	trace.Config.TrackID = "DTR_" + trace.Config.ParticipantID
	m.object = h.goldenTrack(m.told, trace)
	return m
}

func (m *goldenMember) live(crowd *sync.WaitGroup) {
	for adder := range 3 {
		crowd.Go(func() { m.add(rand.New(rand.NewPCG(uint64(m.number), uint64(adder)))) })
	}
	if m.signal != nil {
		for move := range 4 {
			m.moves = append(m.moves, fmt.Sprintf("PA_%d_%d", m.number, move))
		}
		crowd.Go(m.move)
	}
}

func (m *goldenMember) add(random *rand.Rand) {
	var added goldenTraffic
	for range 60 {
		for range 50 {
			bytes, isSend := uint64(random.IntN(1<<16)), random.IntN(2) == 0
			m.object.AddBytes(bytes, isSend)
			added.add(isSend, bytes, 1)
		}
		time.Sleep(time.Duration(random.IntN(5)) * pace) // a turn's instant: it runs beside the next adds
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.added.add(true, added.SendBytes, added.SendMessages)
	m.added.add(false, added.RecvBytes, added.RecvMessages)
}

func (m *goldenMember) move() {
	for i, sid := range m.moves {
		if i > 0 {
			m.signal.Reset()
		}
		m.signal.ResolveRoom(&livekit.Room{Sid: fmt.Sprintf("RM_%d", i)})
		m.signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: sid})
		time.Sleep(3 * time.Second)
	}
}

func (m *goldenMember) check(t *testing.T) {
	t.Helper()
	if err := m.told.wrong; err != nil {
		t.Errorf("%d: %v", m.number, err)
	}
	var reported, observed goldenTraffic
	var joined []string
	windows := 0
	for _, e := range m.told.events() {
		switch e.Event {
		case "joined":
			joined = append(joined, e.Participant.SID)
		case "track_stats":
			windows++
			reported.add(e.StreamType == livekit.StreamType_DOWNSTREAM, e.Bytes, e.Packets)
		}
	}
	for _, tx := range m.told.txs() {
		observed.add(tx.isSend, tx.bytes, tx.packets)
	}
	totals := m.object.GetTrafficTotals()
	if reported != m.added || observed != m.added || totals.SendBytes != m.added.SendBytes || totals.RecvBytes != m.added.RecvBytes ||
		uint64(totals.SendMessages) != m.added.SendMessages || uint64(totals.RecvMessages) != m.added.RecvMessages {
		t.Errorf("%d: added %+v, reported %+v, observed %+v, totals %+v", m.number, m.added, reported, observed, totals)
	}
	if windows < 4 {
		t.Errorf("%d: only %d windows: nothing was reported while it was added on", m.number, windows)
	}
	if m.signal == nil {
		return
	}
	if err := m.told.inOrder(); err != nil {
		t.Errorf("%d: %v", m.number, err)
	}
	if !slices.Equal(joined, m.moves) || len(m.told.guards) != len(m.moves) {
		t.Errorf("%d: joined were %q with %d guards, not %q", m.number, joined, len(m.told.guards), m.moves)
	}
}

// Given a telemetry that resets the connection which tells it a stat, when a window is reported, then the reset returns
// at once, where it never does in LiveKit's own code, and the epoch is over and the next one good.
func TestGoldenAResetInsideAStatReturns(t *testing.T) {
	for _, mode := range goldenModes {
		t.Run(mode.name, func(t *testing.T) {
			mode.tell(t, func(h host) {
				told := newGoldenTold()
				signal := h.newSignalStats(told.ctx, told)
				tell, returned, waited := told.TrackStatsStub, 0, time.Duration(0)
				told.TrackStatsStub = func(sid livekit.RoomID, name livekit.RoomName, key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
					tell(sid, name, key, stat)
					if returned == 0 {
						called := time.Now()
						signal.Reset()
						returned++
						waited = time.Since(called)
					}
				}
				resolve := func(room, participant string) {
					signal.ResolveRoom(&livekit.Room{Sid: room})
					signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: participant})
				}

				resolve("RM_a", "PA_ana")
				signal.AddBytes(7, false)
				h.pass(interval)
				h.pass(pace) // at the latest what is over has been told
				told.next(1)
				resolve("RM_b", "PA_bob")
				signal.AddBytes(9, true)
				signal.Stop()
				h.pass(pace)

				if returned != 1 || waited != 0 {
					t.Errorf("the reset returned %d times, after %v", returned, waited)
				}
				event := func(afterOp int, name, room, participant string, more goldenEvent) goldenEvent {
					more.AfterOp, more.Event, more.Room.SID, more.Participant.SID = afterOp, name, room, participant
					if name == "track_stats" {
						more.TrackID = "TR_SG" + participant
					} else {
						more.Guard, more.Participant.KindDetails = afterOp+1, []int32{}
					}
					return more
				}
				if err := goldenSame("event", told.events(), []goldenEvent{
					event(0, "joined", "RM_a", "PA_ana", goldenEvent{}),
					event(0, "track_stats", "RM_a", "PA_ana", goldenEvent{StreamType: livekit.StreamType_UPSTREAM, Bytes: 7, Packets: 1}),
					event(0, "left", "RM_a", "PA_ana", goldenEvent{}),
					event(1, "joined", "RM_b", "PA_bob", goldenEvent{}),
					event(1, "track_stats", "RM_b", "PA_bob", goldenEvent{StreamType: livekit.StreamType_DOWNSTREAM, Bytes: 9, Packets: 1}),
					event(1, "left", "RM_b", "PA_bob", goldenEvent{}),
				}); err != nil {
					t.Error(err)
				}
				if err := told.inOrder(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
