// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/livekit/livekit-server/pkg/rtc/types/typesfakes"
	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/livekit-server/pkg/telemetry/telemetryfakes"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// witness is LiveKit's telemetry and listener, and remembers what they were told, in order.
type witness struct {
	telemetryfakes.FakeTelemetryService
	listener typesfakes.FakeParticipantTelemetryListener
	// during is called while a stat is told, before it is remembered.
	during func(key telemetry.StatsKey)

	mu     sync.Mutex
	events []event
	guards []*telemetry.ReferenceGuard
}

// event is one thing that was told.
type event struct {
	what        string // joined, left, received, sent
	room        string // of a connection
	participant livekit.ParticipantID
	identity    string
	track       livekit.TrackID
	country     string
	bytes       uint64
	messages    uint64
}

func newWitness() *witness {
	w := &witness{}
	w.RoomProjectReporterReturns(roomobs.NewNoopProjectReporter())
	w.ParticipantJoinedStub = func(_ context.Context, room *livekit.Room, who *livekit.ParticipantInfo, _ *livekit.ClientInfo,
		_ *livekit.AnalyticsClientMeta, _ bool, guard *telemetry.ReferenceGuard) {
		w.remember(event{what: "joined", room: room.Name, participant: livekit.ParticipantID(who.Sid), identity: who.Identity}, guard)
	}
	w.ParticipantLeftStub = func(_ context.Context, room *livekit.Room, who *livekit.ParticipantInfo, _ bool,
		guard *telemetry.ReferenceGuard) {
		w.remember(event{what: "left", room: room.Name, participant: livekit.ParticipantID(who.Sid), identity: who.Identity}, guard)
	}
	w.TrackStatsStub = func(_ livekit.RoomID, room livekit.RoomName, key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
		w.stat(string(room), key, stat)
	}
	w.listener.OnTrackStatsStub = func(key telemetry.StatsKey, stat *livekit.AnalyticsStat) { w.stat("", key, stat) }
	return w
}

func (w *witness) stat(room string, key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
	if w.during != nil {
		w.during(key)
	}
	parts := reflect.ValueOf(key) // a key has nothing to ask for its parts
	e := event{
		what: "received", room: room, participant: livekit.ParticipantID(parts.FieldByName("participantID").String()),
		track: livekit.TrackID(parts.FieldByName("trackID").String()), country: parts.FieldByName("country").String(),
		bytes: stat.Streams[0].PrimaryBytes, messages: uint64(stat.Streams[0].PrimaryPackets),
	}
	if livekit.StreamType(parts.FieldByName("streamType").Int()) == livekit.StreamType_DOWNSTREAM {
		e.what = "sent"
	}
	w.remember(e, nil)
}

func (w *witness) remember(e event, guard *telemetry.ReferenceGuard) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
	if guard != nil {
		w.guards = append(w.guards, guard)
	}
}

// told is everything so far.
func (w *witness) told() []event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events)
}

// mustHaveTold says what is not as it was to be.
func (w *witness) mustHaveTold(t *testing.T, when string, expected ...event) {
	t.Helper()
	if told := w.told(); !slices.Equal(told, expected) {
		t.Errorf("%s LiveKit was told\n  %+v, not\n  %+v", when, told, expected)
	}
}

// sum is of all windows of that track; of all tracks, where it is empty.
func (w *witness) sum(track livekit.TrackID) (sum lkstats.Traffic) {
	for _, e := range w.told() {
		if track != "" && e.track != track {
			continue
		}
		switch e.what {
		case "sent":
			sum.SendBytes += e.bytes
			sum.SendMessages += e.messages
		case "received":
			sum.RecvBytes += e.bytes
			sum.RecvMessages += e.messages
		}
	}
	return sum
}

// mustSum holds a witness to it that these are the figures, and the object itself says the same.
func (w *witness) mustSum(t *testing.T, object counted, track livekit.TrackID, expected lkstats.Traffic) {
	t.Helper()
	if sum := w.sum(track); sum != expected {
		t.Errorf("LiveKit was told %+v of %s, not %+v", sum, track, expected)
	}
	mustTotal(t, object, expected)
}

// counted is what both kinds of objects have.
type counted interface {
	AddBytes(bytes uint64, isSend bool)
	GetTrafficTotals() *TrafficTotals
	Stop()
}

func mustTotal(t *testing.T, object counted, expected lkstats.Traffic) {
	t.Helper()
	is := object.GetTrafficTotals()
	if is.SendBytes != expected.SendBytes || uint64(is.SendMessages) != expected.SendMessages ||
		is.RecvBytes != expected.RecvBytes || uint64(is.RecvMessages) != expected.RecvMessages {
		t.Errorf("totals are %+v, not %+v", is, expected)
	}
}

// signalOf and dataOf are a participant's track ids.
func signalOf(sid livekit.ParticipantID) livekit.TrackID {
	return livekit.TrackID(fmt.Sprint("TR_SG", sid))
}
func dataOf(sid livekit.ParticipantID) livekit.TrackID {
	return livekit.TrackID(fmt.Sprint("TR_DT", sid))
}

// count is how often that was told.
func (w *witness) count(what string) (times int) {
	for _, e := range w.told() {
		if e.what == what {
			times++
		}
	}
	return times
}

// has says whether that was told.
func (w *witness) has(e event) bool { return slices.Contains(w.told(), e) }
