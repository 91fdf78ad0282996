// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livekit/protocol/livekit"
)

const (
	// farewell is how long a participant's last Stop may take when the server is about to leave.
	farewell = 500 * time.Millisecond
	// farewells is how long those of all of them may take once the server does leave.
	farewells = 5 * time.Second
	// retry is how long what could not be reported waits for another try meanwhile.
	retry = 10 * time.Millisecond
)

// leaving is what the server was told. The first signal has it drain, the second one end: at its own time, without a word
// to this package. The last thing that it waits for is the Stop of each participant's data channels.
type leaving struct {
	begun atomic.Bool
	until atomic.Pointer[time.Time] // nil: there was no second signal
}

// watch is beside the server's own handling of the same signals.
func (e *engine) watch() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	go func() {
		for range signals {
			e.toldToLeave()
		}
	}()
}

// toldToLeave is what a signal has to bring about: what everybody counted so far is reported now.
func (e *engine) toldToLeave() {
	e.people.leave()
	if e.leaving.begun.Swap(true) {
		until := time.Now().Add(farewells)
		e.leaving.until.CompareAndSwap(nil, &until)
	}
	e.turn(turn{all: true, patience: patience})
}

// participantStopped waits, when the server is about to leave, until nothing of that participant counts any more and what
// it counted is reported, or the time is over.
func (e *engine) participantStopped(sid livekit.ParticipantID) {
	if !e.leaving.begun.Load() {
		return
	}
	until := time.Now().Add(farewell)
	if last := e.leaving.until.Load(); last != nil && last.Before(until) {
		until = *last
	}
	over := time.NewTimer(time.Until(until))
	defer over.Stop()
	ended, all := e.people.awaitEnds(sid, over.C)
	e.turn(turn{all: !all, patience: time.Until(until)})
	for slices.ContainsFunc(ended, owes) && time.Now().Before(until) {
		time.Sleep(retry) // the journal can't be written to, or somebody else's turn takes its time
		e.turn(turn{patience: time.Until(until)})
	}
}

// owes: not all of what a stopped meter counted is reported.
func owes(at meter) bool {
	if p, isPlain := at.(*plain); isPlain {
		return p.owes()
	}
	_, err := at.Totals()
	return err == nil
}
