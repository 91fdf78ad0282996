// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// host is a server with an engine of its own, on Go's fake clock.
type host struct {
	*engine
	t *testing.T
}

// serve runs an engine with these options for the time of a story. Options.Log has to be nil: its reader waits in a system
// call, and the fake clock with it.
func serve(t *testing.T, options lkstats.Options, tenants tenantRule, story func(h host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		options.Manual = true
		e, err := openEngine(options, tenants)
		if err != nil {
			t.Fatal(err)
		}
		runWhile(t, e, story)
	})
}

// serveInGo is the same without lkstats.
func serveInGo(t *testing.T, story func(h host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { runWhile(t, makeEngine(), story) })
}

// serveBoth tells a story of a server on lkstats, and of one that has to do without.
func serveBoth(t *testing.T, story func(h host)) {
	t.Helper()
	t.Run("lkstats", func(t *testing.T) { serve(t, lkstats.Options{}, tenantRule{}, story) })
	t.Run("in Go", func(t *testing.T) { serveInGo(t, story) })
}

func runWhile(t *testing.T, e *engine, story func(h host)) {
	over := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { e.run(over) })
	defer func() {
		close(over)
		running.Wait()
		if e.context != nil {
			_, _ = e.context.Close(lkstats.Abandon)
		}
	}()
	story(host{e, t})
}

// pass lets time go by, and all that is due be done.
func (h host) pass(long time.Duration) {
	time.Sleep(long)
	synctest.Wait()
}

// windows lets every window that is open end, and what is stopped be reported.
func (h host) windows() { h.pass(interval + pace) }

// track is a data track of a participant's.
func (h host) track(of livekit.ParticipantID, to *witness) *BytesTrackStats {
	return h.object("DTR_"+livekit.TrackID(of), of, to)
}

// channels are a participant's data channels.
func (h host) channels(of livekit.ParticipantID, to *witness) *BytesTrackStats {
	return h.object(BytesTrackIDForParticipantID(BytesTrackTypeData, of), of, to)
}

func (h host) object(id livekit.TrackID, of livekit.ParticipantID, to *witness) *BytesTrackStats {
	return h.newTrackStats("de", id, of, livekit.ParticipantInfo_STANDARD, nil, listening(&to.listener),
		roomobs.NewNoopParticipantSessionReporter())
}

// signal is a connection that nobody is known of.
func (h host) signal(to *witness) *BytesSignalStats { return h.newSignalStats(h.t.Context(), to) }

// connect says whose a connection is.
func connect(signal *BytesSignalStats, room string, participant livekit.ParticipantID) {
	signal.ResolveRoom(&livekit.Room{Sid: "RM_" + room, Name: room})
	signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: string(participant), Identity: "id of " + string(participant)})
}

// on is the meter that an object counts on: nil, no message came.
func on(s *BytesTrackStats) meter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.meter()
}

// within calls what a server calls and answers how long that took, on the fake clock.
func within(call func()) time.Duration {
	begun := time.Now()
	call()
	return time.Since(begun)
}
