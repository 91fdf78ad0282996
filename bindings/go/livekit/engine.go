// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	// pace is how often there is a turn of the reporter in any case: the library asks for one a second.
	pace = time.Second
	// together is how long what ends waits for others that end: it is to be reported within 100 milliseconds.
	together = 50 * time.Millisecond
	// patience is how long a call waits for a turn that another one is at: a listener may hang.
	patience = time.Second
)

// meter is where an object counts.
type meter interface {
	AddBytes(bytes uint64, isSend bool) error
	Totals() (lkstats.Totals, error)
	Stop() (lkstats.Totals, error)
}

// receiver is an object that records are of. It is told under the turn, one record at a time, no lock held; the record is
// good until it returns.
type receiver interface {
	take(record *lkstats.Record)
}

// engine is the one context of a process and what goes with it.
type engine struct {
	context *lkstats.Context // nil: there is none, and all objects count in Go
	tenants tenantRule
	people  people
	opened  time.Time
	turns   chan struct{} // holds one while somebody is at a turn
	urgent  chan struct{} // holds one when something has ended since the last turn
	leaving leaving
	short   atomic.Bool // of places or memory, and the log has it
	swept   time.Time   // a turn's

	mu      sync.Mutex
	objects map[lkstats.Handle]receiver
	ending  map[lkstats.Handle]meter // stopped; they may still be told of
	plain   map[*plain]receiver
	again   map[*BytesSignalStats]struct{} // what was said of them is to be said to lkstats again
}

var theEngine = sync.OnceValue(func() *engine {
	e, err := newEngine(os.Getenv(ConfigVariable))
	if err != nil {
		logger.Errorw("lkstats can't be used: this server counts its data traffic as LiveKit itself does", err)
	} else {
		logger.Infow("lkstats counts this server's data traffic", "config", os.Getenv(ConfigVariable))
		registerMetrics(e.context)
	}
	if RoomOf != nil { // in the server, which has a handler of its own: elsewhere a signal has to end the process
		e.watch()
	}
	go e.run(nil)
	return e
})

// newEngine is good for use whatever the error. Nobody runs it yet.
func newEngine(path string) (*engine, error) {
	config, err := readConfig(path)
	if err != nil {
		return makeEngine(), err
	}
	tenants, err := config.Tenant.rule()
	var e *engine
	if err == nil {
		e, err = openEngine(config.options(), tenants)
	} else {
		e = makeEngine()
	}
	if err != nil && path != "" {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return e, err
}

func openEngine(options lkstats.Options, tenants tenantRule) (*engine, error) {
	e := makeEngine()
	e.tenants = tenants
	context, err := lkstats.Open(options)
	if err != nil {
		return e, err
	}
	e.context = context
	_, _ = context.TryNext() // there is nothing yet; from now on a turn brings no more than can be taken
	return e, nil
}

func makeEngine() *engine {
	return &engine{
		people: people{known: map[livekit.ParticipantID]*person{}, changed: make(chan struct{})},
		opened: time.Now(), turns: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		objects: map[lkstats.Handle]receiver{}, ending: map[lkstats.Handle]meter{}, plain: map[*plain]receiver{},
		again: map[*BytesSignalStats]struct{}{},
	}
}

func (e *engine) run(until <-chan struct{}) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for {
		select {
		case <-until:
			return
		case <-ticker.C:
		case <-e.urgent:
			time.Sleep(together)
		}
		e.turn(turn{patience: patience})
	}
}

func (e *engine) newTrack(options lkstats.TrackOptions, of receiver) (*lkstats.Track, error) {
	if e.context == nil {
		return nil, lkstats.ErrNoLibrary
	}
	track, err := e.context.NewTrack(options)
	if err != nil {
		e.refused(err)
		return nil, err
	}
	e.tellTo(track.Handle(), of)
	return track, nil
}

// newSignal is a plain one where lkstats has no place.
func (e *engine) newSignal(of receiver) connection {
	if e.context == nil {
		return e.newPlain(of, true)
	}
	signal, err := e.context.NewSignal(lkstats.SignalOptions{})
	if err != nil {
		e.refused(err)
		return e.newPlain(of, true)
	}
	e.tellTo(signal.Handle(), of)
	return signal
}

// tryAgain has the next turn call sayAgain.
func (e *engine) tryAgain(of *BytesSignalStats) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.again[of] = struct{}{}
}

func (e *engine) tellTo(handle lkstats.Handle, of receiver) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.objects[handle] = of
}

// refused says once that lkstats has no place or no memory.
func (e *engine) refused(err error) {
	if !e.short.Swap(true) {
		logger.Errorw("lkstats can't take all of this server's data traffic: some is counted as LiveKit itself does, or told late", err)
	}
}

func (e *engine) newPlain(of receiver, signal bool) *plain {
	p := newPlain(signal, time.Now())
	e.mu.Lock()
	defer e.mu.Unlock()
	e.plain[p] = of
	return p
}

// stopped says that an object's meter ends: it is forgotten when nothing of it is owed any more.
func (e *engine) stopped(at meter) {
	select {
	case e.urgent <- struct{}{}:
	default: // it is known already
	}
	if handle := handleOf(at); handle != 0 {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.ending[handle] = at
	}
}

// handleOf is 0 of a plain one.
func handleOf(at meter) lkstats.Handle {
	if counts, ok := at.(interface{ Handle() lkstats.Handle }); ok {
		return counts.Handle()
	}
	return 0
}
