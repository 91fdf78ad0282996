// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/livekit/livekit-server/pkg/rtc/types/typesfakes"
	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/livekit-server/pkg/telemetry/telemetryfakes"
	"github.com/livekit/protocol/livekit"
)

type goldenContext struct{}

// goldenTold is everything that LiveKit is told through its own fakes, in the order of the calls.
type goldenTold struct {
	telemetryfakes.FakeTelemetryService
	listener typesfakes.FakeParticipantTelemetryListener
	ctx      context.Context
	plain    bool // the object counts in Go alone

	mu      sync.Mutex
	afterOp int
	all     []any // goldenEvent, goldenTx, goldenResolver
	guards  []*telemetry.ReferenceGuard
	tracks  []string // that the session's reporter was asked for
	wrong   error    // what no caller of LiveKit's does
}

func newGoldenTold() *goldenTold {
	told := &goldenTold{ctx: context.WithValue(context.Background(), goldenContext{}, "the connection's")}
	told.RoomProjectReporterReturns(goldenProject{told: told})
	told.ParticipantJoinedStub = func(ctx context.Context, room *livekit.Room, participant *livekit.ParticipantInfo,
		client *livekit.ClientInfo, meta *livekit.AnalyticsClientMeta, sendEvent bool, guard *telemetry.ReferenceGuard) {
		if client != nil || meta != nil {
			told.fail(errors.New("joined tells of a client"))
		}
		told.presence("joined", ctx, room, participant, sendEvent, guard)
	}
	told.ParticipantLeftStub = func(ctx context.Context, room *livekit.Room, participant *livekit.ParticipantInfo,
		sendEvent bool, guard *telemetry.ReferenceGuard) {
		told.presence("left", ctx, room, participant, sendEvent, guard)
	}
	told.TrackStatsStub = func(sid livekit.RoomID, name livekit.RoomName, key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
		if stat.RoomId != string(sid) || stat.RoomName != string(name) {
			told.fail(fmt.Errorf("a stat of room %s is told of %s %s", stat.RoomId, sid, name))
		}
		told.stats(key, stat)
	}
	told.listener.OnTrackStatsStub = told.stats
	return told
}

func (o *goldenTold) add(what func(afterOp int) any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, what(o.afterOp))
}

func (o *goldenTold) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrong = errors.Join(o.wrong, err)
}

// next says that what comes from now on was brought about by the op of that number.
func (o *goldenTold) next(op int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.afterOp = op
}

func (o *goldenTold) presence(event string, ctx context.Context, room *livekit.Room,
	participant *livekit.ParticipantInfo, sendEvent bool, guard *telemetry.ReferenceGuard) {
	if ctx != o.ctx || sendEvent || guard == nil {
		o.fail(fmt.Errorf("%s with context %v, send event %v, guard %v", event, ctx, sendEvent, guard))
	}
	kind := goldenKind{int32(participant.GetKind()), []int32{}}
	for _, detail := range participant.GetKindDetails() {
		kind.KindDetails = append(kind.KindDetails, int32(detail))
	}
	o.add(func(afterOp int) any {
		return goldenEvent{
			AfterOp: afterOp, Event: event, Guard: o.ordinal(guard), Room: goldenRoom{room.GetSid(), room.GetName()},
			Participant: goldenParticipant{participant.GetSid(), goldenIdentity{participant.GetIdentity(), kind}},
		}
	})
}

// ordinal is 1 for the first guard that was seen. mu is held.
func (o *goldenTold) ordinal(guard *telemetry.ReferenceGuard) int {
	for i, seen := range o.guards {
		if seen == guard {
			return i + 1
		}
	}
	o.guards = append(o.guards, guard)
	return len(o.guards)
}

func (o *goldenTold) stats(key telemetry.StatsKey, stat *livekit.AnalyticsStat) {
	event, err := goldenStat(stat)
	// A key has nothing to ask for its parts.
	parts := reflect.ValueOf(key)
	event.Country = parts.FieldByName("country").String()
	event.StreamType = livekit.StreamType(parts.FieldByName("streamType").Int())
	event.Participant.SID = parts.FieldByName("participantID").String()
	event.TrackID = parts.FieldByName("trackID").String()
	if key != telemetry.StatsKeyForData(event.Country, event.StreamType, livekit.ParticipantID(event.Participant.SID),
		livekit.TrackID(event.TrackID)) {
		err = errors.Join(err, fmt.Errorf("the key is not one of data: %+v", key))
	}
	if err != nil {
		o.fail(err)
	}
	o.add(func(afterOp int) any {
		event.AfterOp = afterOp
		return event
	})
}

// others are the calls that neither object has any business to make.
func (o *goldenTold) others() (names []string) {
	for name := range o.Invocations() {
		switch name {
		case "RoomProjectReporter", "ParticipantJoined", "ParticipantLeft", "TrackStats":
		default:
			names = append(names, name)
		}
	}
	for name := range o.listener.Invocations() {
		if name != "OnTrackStats" {
			names = append(names, name)
		}
	}
	return names
}

func (o *goldenTold) events() []goldenEvent      { return goldenOf[goldenEvent](o) }
func (o *goldenTold) resolver() []goldenResolver { return goldenOf[goldenResolver](o) }
func (o *goldenTold) txs() []goldenTx            { return goldenOf[goldenTx](o) }

func goldenOf[What any](o *goldenTold) (some []What) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, one := range o.all {
		if what, ok := one.(What); ok {
			some = append(some, what)
		}
	}
	return some
}
