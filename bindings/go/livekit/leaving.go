// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livekit/protocol/livekit"
)

const (
	// farewell is how long a participant's last Stop may take when the server is about to leave.
	farewell = 500 * time.Millisecond
	// retry is how long what could not be reported waits for another try meanwhile.
	retry = 10 * time.Millisecond
)

// leaving is set from the first signal on that has the server drain. The process ends at its own time, without a word to
// this package: the last thing that it waits for is the Stop of each participant's data channels.
type leaving struct {
	begun atomic.Bool
}

// watch is beside the server's own handling of the same signals.
func (l *leaving) watch(e *engine) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	go func() {
		for range signals {
			l.begun.Store(true)
			e.reportAll(time.Now().Add(farewell))
		}
	}()
}

// participantStopped waits, when the server leaves, until nothing of that participant counts any more and all that was
// counted so far is reported, or the time is over.
func (e *engine) participantStopped(sid livekit.ParticipantID) {
	if !e.leaving.begun.Load() {
		return
	}
	until := time.Now().Add(farewell)
	over := time.NewTimer(farewell)
	defer over.Stop()
	e.people.awaitStopped(sid, over.C)
	e.reportAll(until.Add(farewell))
}

// reportAll reports what every object owes now. A journal that can't be written to is tried until then.
func (e *engine) reportAll(until time.Time) {
	for e.context != nil && time.Now().Before(until) {
		if e.context.Flush(0) == nil || !e.report() || e.context.Flush(0) == nil {
			break
		}
		time.Sleep(retry)
	}
	e.turn(true)
}
