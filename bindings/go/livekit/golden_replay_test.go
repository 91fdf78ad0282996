// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// goldenMode is a way in which an object can count. What LiveKit is told is the same: windows of an object that counts in
// Go alone begin with the object, or when it is known whose it is, and not with its slot's turn, which no trace can see.
type goldenMode struct {
	name  string
	serve func(t *testing.T, story func(h host))
}

var (
	goldenOnLkstats = goldenMode{"lkstats", func(t *testing.T, story func(h host)) {
		t.Helper()
		serve(t, lkstats.Options{}, tenantRule{}, story)
	}}
	goldenModes = []goldenMode{goldenOnLkstats, {"in Go", serveInGo}}
)

// tell tells a story that begins with a turn, and after which nothing may be left. What it makes it has to stop.
func (m goldenMode) tell(t *testing.T, story func(h host)) {
	t.Helper()
	m.serve(t, func(h host) {
		h.pass(pace)
		story(h)
		h.mustForget()
	})
}

// mustForget holds the engine to it that what is stopped costs nothing for long.
func (h host) mustForget() {
	h.t.Helper()
	h.pass(time.Minute)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.objects)+len(h.ending)+len(h.plain) != 0 {
		h.t.Errorf("%d objects, %d that end, %d plain ones are kept a minute after all was stopped", len(h.objects), len(h.ending), len(h.plain))
	}
}

// goldenObject is what both kinds of objects have.
type goldenObject interface {
	AddBytes(bytes uint64, isSend bool)
	GetTrafficTotals() *TrafficTotals
	Stop()
}

var (
	_ goldenObject = (*BytesTrackStats)(nil)
	_ goldenObject = (*BytesSignalStats)(nil)
)

func countsPlain(object goldenObject) bool {
	switch object := object.(type) {
	case *BytesTrackStats:
		return object.plain != nil
	case *BytesSignalStats:
		_, is := object.meter().(*plain)
		return is
	}
	panic("an object of a third kind")
}

func (h host) goldenTrack(told *goldenTold, trace *goldenTrace) *BytesTrackStats {
	c := &trace.Config
	return h.newTrackStats(c.Country, livekit.TrackID(c.TrackID), livekit.ParticipantID(c.ParticipantID),
		livekit.ParticipantInfo_Kind(c.Kind), c.details(), listening(&told.listener), goldenSession{told: told})
}

// replay does what a trace says, and stops its object at the end of it.
func (h host) replay(trace *goldenTrace) *goldenTold {
	told := newGoldenTold()
	var object goldenObject
	var signal *BytesSignalStats
	if trace.Kind == "signal" {
		signal = h.newSignalStats(told.ctx, told)
		object = signal
	} else {
		object = h.goldenTrack(told, trace)
	}
	for i := range trace.Ops {
		told.next(i)
		h.call(&trace.Ops[i], object, signal, told)
	}
	told.next(len(trace.Ops))
	h.call(&goldenOp{Op: "stop"}, object, signal, told)
	told.plain = countsPlain(object)
	told.next(len(trace.Ops) + 1) // what comes now nobody expects
	return told
}

// call waits for nothing but the time that a tick takes, and the 100 milliseconds that a stop has: joined has to be
// there when the resolution returns, left when the reset does.
func (h host) call(op *goldenOp, object goldenObject, signal *BytesSignalStats, told *goldenTold) {
	switch op.Op {
	case "add":
		object.AddBytes(op.Bytes, op.IsSend)
	case "totals":
		totals := object.GetTrafficTotals()
		if !totals.At.Equal(time.Now()) {
			h.t.Errorf("totals of %v at %v", totals.At, time.Now())
		}
		told.add(func(afterOp int) any {
			return goldenEvent{AfterOp: afterOp, Event: "totals", goldenTraffic: goldenTraffic{
				totals.SendBytes, uint64(totals.SendMessages), totals.RecvBytes, uint64(totals.RecvMessages)}}
		})
	case "tick":
		h.pass(interval)
	case "stop":
		object.Stop()
		h.pass(pace)
	case "resolve_room":
		signal.ResolveRoom(&livekit.Room{Sid: op.SID, Name: op.Name})
	case "resolve_room_nil":
		signal.ResolveRoom(nil)
	case "resolve_participant":
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: op.SID, Identity: op.Identity,
			Kind: livekit.ParticipantInfo_Kind(op.Kind), KindDetails: op.details()})
	case "resolve_participant_nil":
		signal.ResolveParticipant(nil)
	case "reset":
		signal.Reset()
	default:
		h.t.Fatalf("an unknown op: %s", op.Op)
	}
}
