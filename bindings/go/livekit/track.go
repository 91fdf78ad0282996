// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// BytesTrackStats counts one participant's data channels, one data track, or what one subscriber gets of it.
type BytesTrackStats struct {
	engine      *engine
	listener    Listener
	reporter    roomobs.TrackReporter
	country     string
	participant livekit.ParticipantID
	track       livekit.TrackID
	kindDetails []livekit.ParticipantInfo_KindDetail
	kind        livekit.ParticipantInfo_Kind

	counts atomic.Pointer[lkstats.Track] // nil: no message yet, or not in lkstats

	mu    sync.Mutex
	plain *plain           // where lkstats had no place
	final *lkstats.Traffic // of a stopped one
}

// NewBytesTrackStats begins to count. listener and reporter are told each window until Stop and the report after it.
func NewBytesTrackStats(
	country string,
	trackID livekit.TrackID,
	pID livekit.ParticipantID,
	kind livekit.ParticipantInfo_Kind,
	kindDetails []livekit.ParticipantInfo_KindDetail,
	telemetryListener Listener,
	participantReporter roomobs.ParticipantSessionReporter,
) *BytesTrackStats {
	return theEngine().newTrackStats(country, trackID, pID, kind, kindDetails, telemetryListener, participantReporter)
}

func (e *engine) newTrackStats(
	country string,
	trackID livekit.TrackID,
	pID livekit.ParticipantID,
	kind livekit.ParticipantInfo_Kind,
	kindDetails []livekit.ParticipantInfo_KindDetail,
	telemetryListener Listener,
	participantReporter roomobs.ParticipantSessionReporter,
) *BytesTrackStats {
	e.people.begins(pID)
	return &BytesTrackStats{
		engine:      e,
		listener:    telemetryListener,
		reporter:    participantReporter.WithTrack(trackID.String()),
		country:     country,
		participant: pID,
		track:       trackID,
		kind:        kind,
		kindDetails: slices.Clone(kindDetails),
	}
}

// AddBytes counts one message: one atomic instruction, but for the first one.
func (s *BytesTrackStats) AddBytes(bytes uint64, isSend bool) {
	if counts := s.counts.Load(); counts != nil {
		_ = counts.AddBytes(bytes, isSend) // refused: it is stopped, or no message is that long
		return
	}
	s.addElsewhere(bytes, isSend)
}

// addElsewhere is for the first message, and where lkstats had no place.
func (s *BytesTrackStats) addElsewhere(bytes uint64, isSend bool) {
	s.mu.Lock()
	at := s.meter()
	s.mu.Unlock()
	if at == nil {
		at = s.begin(s.options()) // the server is asked there, so no lock is held
	}
	if at != nil {
		_ = at.AddBytes(bytes, isSend)
	}
}

// begin finds a place to count, unless somebody else has, or it is stopped.
func (s *BytesTrackStats) begin(options lkstats.TrackOptions) meter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.final == nil && s.meter() == nil {
		if track, err := s.engine.newTrack(options, s); err == nil {
			s.counts.Store(track)
		} else {
			s.plain = s.engine.newPlain(s, false)
		}
	}
	return s.meter()
}

func (s *BytesTrackStats) options() lkstats.TrackOptions {
	channel := lkstats.ChannelData
	if s.track != BytesTrackIDForParticipantID(BytesTrackTypeData, s.participant) {
		channel = lkstats.ChannelDataTrack
	}
	listener := current(s.listener)
	roomSID, roomName := roomOf(listener)
	who := s.engine.personOf(s.participant, listener)
	tenant := who.tenant
	if tenant == "" {
		tenant = s.engine.tenants.room(roomName)
	}
	return lkstats.TrackOptions{
		Channel: channel, Country: fitting(s.country), RoomSID: roomSID, RoomName: fitting(roomName),
		ParticipantSID: string(s.participant), ParticipantIdentity: fitting(who.identity), TrackID: string(s.track), Tenant: tenant,
		ParticipantKind: int32(s.kind),
		KindDetails:     roomobs.ParticipantKindDetailsCodes(s.kindDetails[:min(len(s.kindDetails), kindDetailsMax)]),
	}
}

// GetTrafficTotals is what was counted since the object was made. A stopped one has its final figures for good.
func (s *BytesTrackStats) GetTrafficTotals() *TrafficTotals {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.final != nil {
		return totalsNow(*s.final)
	}
	var counted lkstats.Totals
	if at := s.meter(); at != nil {
		counted, _ = at.Totals()
	}
	return totalsNow(counted.Traffic)
}

// Stop ends the counting; the last report follows within 100 milliseconds. When the server is about to leave, a
// participant's data channels, whose Stop is the last thing that it waits for, wait for that.
func (s *BytesTrackStats) Stop() {
	s.mu.Lock()
	at := s.meter()
	first := s.final == nil
	if first {
		s.final = &lkstats.Traffic{}
		if at != nil {
			if totals, err := at.Stop(); err == nil {
				*s.final = totals.Traffic
			}
			s.engine.stopped(at)
		}
	}
	s.mu.Unlock()
	if first {
		s.engine.people.ends(s.participant, at)
		if s.track == BytesTrackIDForParticipantID(BytesTrackTypeData, s.participant) {
			s.engine.participantStopped(s.participant)
		}
	}
}

// meter is where it counts; nil: there was no message. mu is held.
func (s *BytesTrackStats) meter() meter {
	if counts := s.counts.Load(); counts != nil {
		return counts
	}
	if s.plain != nil {
		return s.plain
	}
	return nil
}

func (s *BytesTrackStats) take(record *lkstats.Record) {
	listener := current(s.listener)
	tell(window{s.country, s.participant, s.track, s.kind, s.kindDetails, record.Window}, s.reporter,
		func(key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
			if listener != nil {
				listener.OnTrackStats(key, stat)
			}
		})
}
