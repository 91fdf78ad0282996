// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/livekit/protocol/observability/roomobs"
)

// goldenTx is one transaction of a track's reporter.
type goldenTx struct {
	afterOp int
	kind    goldenKind
	isSend  bool
	bytes   uint64
	packets uint64
}

// Each reporter here has nothing but what the accounting uses of it: any other call ends the test.
type (
	goldenProject struct {
		roomobs.ProjectReporter
		told *goldenTold
	}
	goldenRoomReporter struct {
		roomobs.RoomReporter
		told *goldenTold
	}
	goldenRoomSession struct {
		roomobs.RoomSessionReporter
		told *goldenTold
	}
	goldenParticipantReporter struct {
		roomobs.ParticipantReporter
		told *goldenTold
	}
	goldenSession struct {
		roomobs.ParticipantSessionReporter
		told *goldenTold
	}
	goldenTrackReporter struct {
		roomobs.TrackReporter
		told *goldenTold
	}
)

func (r goldenProject) WithDeferredRoom() (roomobs.RoomReporter, roomobs.KeyResolver) {
	return goldenRoomReporter{told: r.told}, goldenLevel{r.told, "room"}
}

func (r goldenRoomReporter) WithDeferredRoomSession() (roomobs.RoomSessionReporter, roomobs.KeyResolver) {
	return goldenRoomSession{told: r.told}, goldenLevel{r.told, "room_session"}
}

func (r goldenRoomSession) WithDeferredParticipant() (roomobs.ParticipantReporter, roomobs.KeyResolver) {
	return goldenParticipantReporter{told: r.told}, goldenLevel{r.told, "participant"}
}

func (r goldenParticipantReporter) WithDeferredParticipantSession() (roomobs.ParticipantSessionReporter, roomobs.KeyResolver) {
	return goldenSession{told: r.told}, goldenLevel{r.told, "participant_session"}
}

func (r goldenSession) WithDeferredTrack() (roomobs.TrackReporter, roomobs.KeyResolver) {
	return goldenTrackReporter{told: r.told}, goldenLevel{r.told, "track"}
}

func (r goldenSession) WithTrack(id string) roomobs.TrackReporter {
	r.told.mu.Lock()
	defer r.told.mu.Unlock()
	r.told.tracks = append(r.told.tracks, id)
	return goldenTrackReporter{told: r.told}
}

type goldenLevel struct {
	told *goldenTold
	name string
}

func (l goldenLevel) Resolve(value string) {
	l.told.add(func(afterOp int) any { return goldenResolver{afterOp, l.name, "resolve", value} })
}

func (l goldenLevel) Reset() {
	l.told.add(func(afterOp int) any { return goldenResolver{afterOp, l.name, "reset", ""} })
}

func (r goldenTrackReporter) Tx(f func(roomobs.TrackTx)) {
	tx := &goldenTrackTx{figures: map[string]uint32{}}
	f(tx)
	_, isSend := tx.figures["send_bytes"]
	way := "recv"
	if isSend {
		way = "send"
	}
	names := slices.Sorted(maps.Keys(tx.figures))
	if !slices.Equal(names, []string{way + "_bytes", way + "_packets"}) || !tx.kindKnown || !tx.detailsKnown ||
		tx.of != roomobs.TrackTypeData {
		r.told.fail(fmt.Errorf("a transaction says %v, kind %v, details %v, type %q", names, tx.kindKnown, tx.detailsKnown, tx.of))
	}
	r.told.add(func(afterOp int) any {
		return goldenTx{afterOp, tx.kind, isSend, uint64(tx.figures[way+"_bytes"]), uint64(tx.figures[way+"_packets"])}
	})
}

type goldenTrackTx struct {
	roomobs.TrackTx
	kind                    goldenKind
	kindKnown, detailsKnown bool
	of                      roomobs.TrackType
	figures                 map[string]uint32
}

func (t *goldenTrackTx) ParticipantSession() roomobs.ParticipantSessionTx {
	return goldenSessionTx{of: t}
}
func (t *goldenTrackTx) ReportType(of roomobs.TrackType) { t.of = of }
func (t *goldenTrackTx) ReportSendBytes(v uint32)        { t.figures["send_bytes"] = v }
func (t *goldenTrackTx) ReportSendPackets(v uint32)      { t.figures["send_packets"] = v }
func (t *goldenTrackTx) ReportRecvBytes(v uint32)        { t.figures["recv_bytes"] = v }
func (t *goldenTrackTx) ReportRecvPackets(v uint32)      { t.figures["recv_packets"] = v }

type goldenSessionTx struct {
	roomobs.ParticipantSessionTx
	of *goldenTrackTx
}

func (t goldenSessionTx) ReportKindCode(code int32) { t.of.kind.Kind, t.of.kindKnown = code, true }
func (t goldenSessionTx) ReportKindDetailsCodes(codes []int32) {
	t.of.kind.KindDetails, t.of.detailsKnown = append([]int32{}, codes...), true
}
