// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

var _ types.ParticipantTelemetryListener = (*BytesSignalStats)(nil)

// connection is a signal connection's meter.
type connection interface {
	meter
	ResolveRoom(lkstats.Room) error
	ResolveParticipant(lkstats.Participant) error
	Reset() error
}

// BytesSignalStats counts a signal connection from its first byte on, before anybody knows whose it is.
type BytesSignalStats struct {
	types.NullParticipantTelemetryListener

	engine              *engine
	ctx                 context.Context
	telemetry           telemetry.TelemetryService
	reporter            roomobs.TrackReporter
	participantResolver roomobs.ParticipantReporterResolver
	trackResolver       roomobs.KeyResolver
	counts              connection

	mu          sync.Mutex
	room        bool                  // is known, in this epoch
	participant livekit.ParticipantID // the same; empty: not
	resets      uint32                // of epochs that were somebody's
	whole       map[uint32]*whole     // by epoch: what lkstats has in part
	stopped     bool
	final       lkstats.Traffic

	told told // only a turn's
}

// whole is what the server said, where lkstats has no place for all of it.
type whole struct {
	roomName, identity string
	kindDetails        []livekit.ParticipantInfo_KindDetail
}

// told is the epoch that LiveKit knows of.
type told struct {
	epoch       uint32
	room        *livekit.Room
	participant *livekit.ParticipantInfo
	track       livekit.TrackID
	guard       *telemetry.ReferenceGuard
}

// NewBytesSignalStats begins to count. telemetryService is told when it is known whose the connection is, each window,
// and when an epoch is over.
func NewBytesSignalStats(ctx context.Context, telemetryService telemetry.TelemetryService) *BytesSignalStats {
	return theEngine().newSignalStats(ctx, telemetryService)
}

func (e *engine) newSignalStats(ctx context.Context, telemetryService telemetry.TelemetryService) *BytesSignalStats {
	project := telemetryService.RoomProjectReporter(ctx)
	participant, participantResolver := roomobs.DeferredParticipantReporter(project)
	track, trackResolver := participant.WithDeferredTrack()
	s := &BytesSignalStats{
		engine: e, ctx: ctx, telemetry: telemetryService, reporter: track, participantResolver: participantResolver,
		trackResolver: trackResolver,
	}
	if signal, err := e.newSignal(s); err == nil {
		s.counts = signal
	} else {
		s.counts = e.newPlain(s, true)
	}
	return s
}

// AddBytes counts one message: one atomic instruction.
func (s *BytesSignalStats) AddBytes(bytes uint64, isSend bool) { _ = s.counts.AddBytes(bytes, isSend) }

// GetTrafficTotals is what was counted since the object was made, over all epochs. A stopped one has its final figures
// for good.
func (s *BytesSignalStats) GetTrafficTotals() *TrafficTotals {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		if totals, err := s.counts.Totals(); err == nil {
			return totalsNow(totals.Traffic)
		}
	}
	return totalsNow(s.final)
}

// ResolveRoom says which room the connection is in; the first one counts. When the participant is known too, telemetry
// has been told of the join when it returns.
func (s *BytesSignalStats) ResolveRoom(ri *livekit.Room) {
	if ri.GetSid() == "" {
		return
	}
	s.mu.Lock()
	room := lkstats.Room{SID: ri.Sid, Name: fitting(ri.Name), Tenant: s.engine.tenants.room(ri.Name)}
	err := s.counts.ResolveRoom(room)
	s.room = s.room || err == nil
	if err == nil && room.Name != ri.Name {
		s.keepWhole().roomName = strings.Clone(ri.Name)
	}
	joined := err == nil && s.participant != ""
	s.mu.Unlock()
	s.resolved(joined, err)
}

// ResolveParticipant says whose the connection is; the first one counts. When the room is known too, telemetry has been
// told of the join when it returns.
func (s *BytesSignalStats) ResolveParticipant(pi *livekit.ParticipantInfo) {
	if pi.GetSid() == "" {
		return
	}
	sid := livekit.ParticipantID(pi.Sid)
	s.mu.Lock()
	known := s.engine.people.met(sid, pi.Identity, s.engine.tenants.participant(pi.Attributes))
	details := pi.KindDetails[:min(len(pi.KindDetails), kindDetailsMax)]
	participant := lkstats.Participant{
		SID: pi.Sid, Identity: fitting(pi.Identity), Kind: int32(pi.Kind),
		KindDetails: roomobs.ParticipantKindDetailsCodes(details), Tenant: known.tenant,
	}
	err := s.counts.ResolveParticipant(participant)
	if err == nil {
		if participant.Identity != pi.Identity || len(details) != len(pi.KindDetails) {
			s.keepWhole().identity = strings.Clone(pi.Identity)
			s.keepWhole().kindDetails = slices.Clone(pi.KindDetails)
		}
		s.participant = livekit.ParticipantID(strings.Clone(pi.Sid))
		if !s.stopped {
			s.engine.people.counts(s.participant, 1)
		}
	}
	joined := err == nil && s.room
	s.mu.Unlock()
	s.resolved(joined, err)
}

// keepWhole is the present epoch's. mu is held.
func (s *BytesSignalStats) keepWhole() *whole {
	if s.whole == nil {
		s.whole = map[uint32]*whole{}
	}
	epoch := s.resets + 1
	if s.whole[epoch] == nil {
		s.whole[epoch] = &whole{}
	}
	return s.whole[epoch]
}

func (s *BytesSignalStats) resolved(joined bool, err error) {
	if joined {
		s.engine.report()
	}
	if err != nil && !errors.Is(err, lkstats.ErrResolved) && !errors.Is(err, lkstats.ErrClosed) && !errors.Is(err, lkstats.ErrStale) {
		s.engine.refuse(err)
	}
}

// Reset ends the epoch of whoever is known, and begins one of nobody's: telemetry has the last report and the leave when
// it returns, unless a listener holds a report up for longer than a second, or is the caller.
func (s *BytesSignalStats) Reset() {
	s.mu.Lock()
	err := s.counts.Reset()
	if errors.Is(err, lkstats.ErrFull) { // of epochs that wait to be told
		s.mu.Unlock()
		s.engine.report()
		s.mu.Lock()
		err = s.counts.Reset()
	}
	if err != nil {
		s.mu.Unlock()
		s.resolved(false, err)
		return
	}
	left := s.room && s.participant != ""
	if left {
		s.resets++
	} else {
		delete(s.whole, s.resets+1)
	}
	s.forgetParticipant()
	s.room = false
	s.mu.Unlock()
	if left {
		s.engine.report()
	} else {
		s.unresolve()
	}
}

// forgetParticipant: mu is held.
func (s *BytesSignalStats) forgetParticipant() {
	if s.participant != "" && !s.stopped {
		s.engine.people.counts(s.participant, -1)
	}
	s.participant = ""
}

// Stop ends the counting for good. The last report and the leave follow within 100 milliseconds; of a connection that
// nobody is known of, when that is said within half a minute.
func (s *BytesSignalStats) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	if totals, err := s.counts.Stop(); err == nil {
		s.final = totals.Traffic
	}
	s.engine.stopped(s.counts)
	if s.participant != "" {
		s.engine.people.counts(s.participant, -1)
	}
	s.stopped = true
}

// OnTrackStats gives telemetry a stat of the connection's room.
func (s *BytesSignalStats) OnTrackStats(key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
	stat.RoomId, stat.RoomName = s.told.room.GetSid(), s.told.room.GetName()
	s.telemetry.TrackStats(livekit.RoomID(stat.RoomId), livekit.RoomName(stat.RoomName), key, stat)
}

func (s *BytesSignalStats) take(record *lkstats.Record) {
	if record.Unattributed {
		return // there is nobody to tell of; the journal has it
	}
	if s.told.epoch != record.Key.Epoch {
		s.join(record) // with whatever comes first: each record says whose it is
	}
	switch record.Key.Kind {
	case lkstats.RecordLeft:
		s.telemetry.ParticipantLeft(s.ctx, s.told.room, s.told.participant, false, s.told.guard)
		s.mu.Lock()
		reset := record.Key.Epoch <= s.resets
		s.mu.Unlock()
		if reset {
			s.unresolve()
		}
	case lkstats.RecordTraffic:
		who := s.told.participant
		tell(window{"", livekit.ParticipantID(who.Sid), s.told.track, who.Kind, who.KindDetails, record.Window},
			s.reporter, s.OnTrackStats)
	}
}

func (s *BytesSignalStats) join(record *lkstats.Record) {
	r := record.Clone()
	var details []livekit.ParticipantInfo_KindDetail
	for _, detail := range r.KindDetails {
		details = append(details, livekit.ParticipantInfo_KindDetail(detail))
	}
	sid := livekit.ParticipantID(r.ParticipantSID)
	s.mu.Lock()
	if whole := s.whole[r.Key.Epoch]; whole != nil {
		r.RoomName = cmp.Or(whole.roomName, r.RoomName)
		r.ParticipantIdentity = cmp.Or(whole.identity, r.ParticipantIdentity)
		if whole.kindDetails != nil {
			details = whole.kindDetails
		}
		delete(s.whole, r.Key.Epoch)
	}
	s.mu.Unlock()
	s.told = told{
		epoch: r.Key.Epoch,
		room:  &livekit.Room{Sid: r.RoomSID, Name: r.RoomName},
		participant: &livekit.ParticipantInfo{
			Sid: r.ParticipantSID, Identity: r.ParticipantIdentity, Kind: livekit.ParticipantInfo_Kind(r.ParticipantKind),
			KindDetails: details,
		},
		track: BytesTrackIDForParticipantID(BytesTrackTypeSignal, sid),
		guard: &telemetry.ReferenceGuard{},
	}
	s.participantResolver.Resolve(livekit.RoomName(r.RoomName), livekit.RoomID(r.RoomSID),
		livekit.ParticipantIdentity(r.ParticipantIdentity), sid)
	s.trackResolver.Resolve(string(s.told.track))
	s.telemetry.ParticipantJoined(s.ctx, s.told.room, s.told.participant, nil, nil, false, s.told.guard)
}

func (s *BytesSignalStats) unresolve() {
	s.participantResolver.Reset()
	s.trackResolver.Reset()
}
