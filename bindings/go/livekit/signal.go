// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

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

// epoch is one of a connection's, as records name it.
type epoch struct {
	handle lkstats.Handle
	number uint32
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
	counts              atomic.Pointer[connection] // where it counts; another one after a Reset that found no memory

	mu          sync.Mutex
	room        bool                  // is known, in this epoch
	participant livekit.ParticipantID // the same; empty: not
	again       []func() error        // what was said of this epoch when there was no memory
	ended       uint32                // epochs of counts that were somebody's
	whole       map[epoch]*whole      // what lkstats has in part
	before      lkstats.Traffic       // what is not in counts
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
	epoch       epoch
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
	counts := e.newSignal(s)
	s.counts.Store(&counts)
	return s
}

// AddBytes counts one message: one atomic instruction.
func (s *BytesSignalStats) AddBytes(bytes uint64, isSend bool) {
	for at := s.counts.Load(); (*at).AddBytes(bytes, isSend) != nil; {
		now := s.counts.Load()
		if now == at {
			return // refused: it is stopped, or no message is that long
		}
		at = now
	}
}

// meter is where it counts. A caller who has more to do with it than an add holds mu.
func (s *BytesSignalStats) meter() connection { return *s.counts.Load() }

// present is the epoch that is not over. mu is held.
func (s *BytesSignalStats) present() epoch { return epoch{handleOf(s.meter()), s.ended + 1} }

// GetTrafficTotals is what was counted since the object was made, over all epochs. A stopped one has its final figures
// for good.
func (s *BytesSignalStats) GetTrafficTotals() *TrafficTotals {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		if totals, err := s.meter().Totals(); err == nil {
			return totalsNow(sum(s.before, totals.Traffic))
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
	name := ri.Name
	room := lkstats.Room{SID: ri.Sid, Name: fitting(name), Tenant: s.engine.tenants.room(name)}
	s.say(func() error {
		err := s.meter().ResolveRoom(room)
		if err == nil {
			s.room = true
			if room.Name != name {
				s.keepWhole().roomName = name
			}
		}
		return err
	})
}

// ResolveParticipant says whose the connection is; the first one counts. When the room is known too, telemetry has been
// told of the join when it returns.
func (s *BytesSignalStats) ResolveParticipant(pi *livekit.ParticipantInfo) {
	if pi.GetSid() == "" {
		return
	}
	sid, identity, details := livekit.ParticipantID(pi.Sid), pi.Identity, slices.Clone(pi.KindDetails)
	tenant := s.engine.tenants.participant(pi.Attributes)
	participant := lkstats.Participant{
		SID: string(sid), Identity: fitting(identity), Kind: int32(pi.Kind),
		KindDetails: roomobs.ParticipantKindDetailsCodes(details[:min(len(details), kindDetailsMax)]),
		Tenant:      s.engine.people.tenant(sid, identity, tenant),
	}
	s.say(func() error {
		err := s.meter().ResolveParticipant(participant)
		if err == nil {
			s.participant = sid
			s.engine.people.met(sid, identity, tenant)
			if participant.Identity != identity || len(details) > kindDetailsMax {
				s.keepWhole().identity, s.keepWhole().kindDetails = identity, details
			}
			if !s.stopped {
				s.engine.people.begins(sid)
			}
		}
		return err
	})
}

// say says something of the present epoch. What there is no memory for is said again with each turn, after what was said
// before it.
func (s *BytesSignalStats) say(what func() error) {
	s.mu.Lock()
	var err error
	if len(s.again) != 0 {
		s.again = append(s.again, what)
	} else if err = what(); isShort(err) {
		s.again = append(s.again, what)
		s.engine.tryAgain(s)
	}
	joined := err == nil && s.room && s.participant != ""
	at := s.meter()
	s.mu.Unlock()
	if joined {
		s.engine.report(at)
	}
	if err != nil && !errors.Is(err, lkstats.ErrResolved) && !errors.Is(err, lkstats.ErrClosed) && !errors.Is(err, lkstats.ErrStale) {
		s.engine.refused(err)
	}
}

// sayAgain is a turn's.
func (s *BytesSignalStats) sayAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.again) != 0 && !isShort(s.again[0]()) {
		s.again = s.again[1:]
	}
	if len(s.again) != 0 {
		s.engine.tryAgain(s)
	}
}

// isShort: of places, memory or descriptors, and there may be some later.
func isShort(err error) bool {
	return errors.Is(err, lkstats.ErrFull) || errors.Is(err, lkstats.ErrNoMemory) || errors.Is(err, lkstats.ErrNoFile) ||
		errors.Is(err, lkstats.ErrSystem)
}

// keepWhole is the present epoch's. mu is held.
func (s *BytesSignalStats) keepWhole() *whole {
	if s.whole == nil {
		s.whole = map[epoch]*whole{}
	}
	present := s.present()
	if s.whole[present] == nil {
		s.whole[present] = &whole{}
	}
	return s.whole[present]
}

// Reset ends the epoch of whoever is known, and begins one of nobody's: telemetry has the last report and the leave when
// it returns, unless a listener holds a report up for longer than a second, or is the caller.
func (s *BytesSignalStats) Reset() {
	s.mu.Lock()
	at := s.meter()
	known := s.room && s.participant != ""
	present := s.present()
	err := at.Reset()
	switch {
	case isShort(err):
		s.goElsewhere()
	case err != nil:
		s.mu.Unlock()
		return
	case known:
		s.ended++
	}
	s.again = nil
	s.forgetParticipant()
	s.room = false
	if !known {
		delete(s.whole, present)
	}
	s.mu.Unlock()
	if known {
		s.engine.report(at)
	} else {
		s.engine.within(s.unresolve)
	}
	if isShort(err) {
		s.engine.refused(err)
	}
}

// goElsewhere ends the epoch where there is no memory for another one: by a stop of all that counts there. What comes
// next must not be whoever's was there before. mu is held.
func (s *BytesSignalStats) goElsewhere() {
	at := s.meter()
	next := s.engine.newSignal(s)
	s.counts.Store(&next)
	if totals, err := at.Stop(); err == nil {
		s.before = sum(s.before, totals.Traffic)
	}
	s.ended = 0
	s.engine.stopped(at)
}

// forgetParticipant: mu is held.
func (s *BytesSignalStats) forgetParticipant() {
	if s.participant != "" && !s.stopped {
		s.engine.people.ends(s.participant, nil)
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
	at := s.meter()
	s.final = s.before
	if totals, err := at.Stop(); err == nil {
		s.final = sum(s.before, totals.Traffic)
	}
	s.engine.stopped(at)
	if s.participant != "" {
		s.engine.people.ends(s.participant, at)
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
	of := epoch{record.Key.Handle(), record.Key.Epoch}
	if s.told.epoch != of {
		s.join(of, record) // with whatever comes first: each record says whose it is
	}
	switch record.Key.Kind {
	case lkstats.RecordLeft:
		s.telemetry.ParticipantLeft(s.ctx, s.told.room, s.told.participant, false, s.told.guard)
		s.mu.Lock()
		reset := of != s.present()
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

func (s *BytesSignalStats) join(of epoch, record *lkstats.Record) {
	r := record.Clone()
	var details []livekit.ParticipantInfo_KindDetail
	for _, detail := range r.KindDetails {
		details = append(details, livekit.ParticipantInfo_KindDetail(detail))
	}
	sid := livekit.ParticipantID(r.ParticipantSID)
	s.mu.Lock()
	if whole := s.whole[of]; whole != nil {
		r.RoomName = cmp.Or(whole.roomName, r.RoomName)
		r.ParticipantIdentity = cmp.Or(whole.identity, r.ParticipantIdentity)
		if whole.kindDetails != nil {
			details = whole.kindDetails
		}
		delete(s.whole, of)
	}
	s.mu.Unlock()
	s.told = told{
		epoch: of,
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
