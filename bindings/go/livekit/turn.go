// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"errors"
	"io"
	"maps"
	"runtime"
	"strings"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// turn is what somebody asks of one.
type turn struct {
	of       meter         // only what is due of it, as far as that can be said; nil: of all
	all      bool          // windows that are not over too
	patience time.Duration // until another one is over
}

// report runs a turn for a caller who has just brought something about.
func (e *engine) report(of meter) { e.turn(turn{of: of, patience: patience}) }

// turn hands out what is due. False: another one is at it, and did not end in time; or the caller is in it, as a listener
// that calls back, and whoever is at it goes on when that returns.
func (e *engine) turn(asked turn) bool {
	if !e.enter(asked.patience) {
		return false
	}
	defer e.exit()
	now := time.Now()
	drained := true
	only, isPlain := asked.of.(*plain)
	if e.context != nil && !isPlain {
		e.sayAgain()
		drained = e.runContext(now, asked.all)
	}
	switch {
	case isPlain:
		e.reportOne(only, now, asked.all)
	case asked.of == nil:
		e.reportPlain(now, asked.all)
	}
	if drained && now.Sub(e.swept) >= pace {
		e.swept = now
		e.sweep(now)
	}
	return true
}

// within calls what has to be apart from a turn.
func (e *engine) within(do func()) {
	if e.enter(patience) {
		defer e.exit()
	}
	do()
}

func (e *engine) enter(patience time.Duration) bool {
	select {
	case e.turns <- struct{}{}:
		return true
	default:
	}
	if patience <= 0 || inTurn() {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case e.turns <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

func (e *engine) exit() { <-e.turns }

// inTurn says whether the caller was called by a turn: Go has no lock that knows its owner, but the stack does.
func inTurn() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for n > 0 {
			frame, more := frames.Next()
			if strings.HasSuffix(frame.Function, ".(*engine).takeBatch") || strings.HasSuffix(frame.Function, ".(*engine).reportOne") {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

// runContext runs the library's reporter and hands out what that brings. What an acknowledgement makes due is there at
// once, and the instant stays, so this ends. Nothing may wait when the reporter runs: it would hand out what has no place
// here, and only the journal would have it. False: something waits still, for want of memory.
func (e *engine) runContext(now time.Time, all bool) bool {
	_, err := e.takeBatches()
	for err == nil && e.context.RunOnce(now.Sub(e.opened), now) == nil {
		var some bool
		some, err = e.takeBatches()
		if !some && all && err == nil {
			all = false
			_ = e.context.Flush(0) // it does not wait: this turn goes on with what it froze
			some, err = e.takeBatches()
		}
		if !some {
			break
		}
	}
	return err == nil
}

// takeBatches hands out what there is.
func (e *engine) takeBatches() (some bool, err error) {
	for {
		more, err := e.takeBatch()
		if !more || err != nil {
			return some, err
		}
		some = true
	}
}

// takeBatch answers the batch whatever a listener does: it may panic, and somebody catch that.
func (e *engine) takeBatch() (some bool, err error) {
	batch, err := e.context.TryNext()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if batch == nil || err != nil {
		return false, err
	}
	defer func() {
		if refused := batch.Ack(); !errors.Is(refused, lkstats.ErrStale) {
			err = refused
		}
	}()
	if batch.Recovered() {
		return true, nil // what a dead server had counted is in the journal, and nobody's here
	}
	for record := range batch.All() {
		e.mu.Lock()
		of := e.objects[record.Key.Handle()]
		e.mu.Unlock()
		if of != nil {
			of.take(record)
		}
	}
	return true, nil
}

// reportPlain is for what lkstats had no place for.
func (e *engine) reportPlain(now time.Time, cut bool) {
	e.mu.Lock()
	all := maps.Clone(e.plain)
	e.mu.Unlock()
	for p := range all {
		e.reportOne(p, now, cut)
	}
}

func (e *engine) reportOne(p *plain, now time.Time, cut bool) {
	e.mu.Lock()
	of := e.plain[p]
	e.mu.Unlock()
	// What a listener calls may owe more.
	for owed := p.collect(now, cut); len(owed) != 0; owed = p.collect(now, false) {
		for i := range owed {
			of.take(&owed[i])
		}
	}
	if p.gone(now) {
		e.mu.Lock()
		delete(e.plain, p)
		e.mu.Unlock()
	}
}

// sayAgain tries what there was no memory for.
func (e *engine) sayAgain() {
	e.mu.Lock()
	again := maps.Clone(e.again)
	e.mu.Unlock()
	for signal := range again {
		e.mu.Lock()
		delete(e.again, signal)
		e.mu.Unlock()
		signal.sayAgain()
	}
}

// sweep forgets what nothing can come of any more.
func (e *engine) sweep(now time.Time) {
	e.mu.Lock()
	over := maps.Clone(e.ending)
	e.mu.Unlock()
	maps.DeleteFunc(over, func(_ lkstats.Handle, at meter) bool {
		_, err := at.Totals()
		return err == nil
	})
	e.mu.Lock()
	for handle := range over {
		delete(e.ending, handle)
		delete(e.objects, handle)
	}
	e.mu.Unlock()
	e.people.forget(now)
}
