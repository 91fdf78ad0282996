// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"errors"
	"fmt"
	"os"
	"sync"
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

	mu      sync.Mutex
	objects map[lkstats.Handle]receiver
	ending  map[lkstats.Handle]meter // stopped; they may still be told of
	plain   map[*plain]receiver
	refused bool // a place, and the log has it
	swept   time.Time
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
		e.leaving.watch(e)
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
		opened: time.Now(), turns: make(chan struct{}, 1), urgent: make(chan struct{}, 1), objects: map[lkstats.Handle]receiver{}, ending: map[lkstats.Handle]meter{}, plain: map[*plain]receiver{},
		people: people{known: map[livekit.ParticipantID]*person{}, changed: make(chan struct{})},
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
		e.report()
	}
}

// ---- Objects ----

func (e *engine) newTrack(options lkstats.TrackOptions, of receiver) (*lkstats.Track, error) {
	if e.context == nil {
		return nil, lkstats.ErrNoLibrary
	}
	track, err := e.context.NewTrack(options)
	if err != nil {
		e.refuse(err)
		return nil, err
	}
	e.tellTo(track.Handle(), of)
	return track, nil
}

func (e *engine) newSignal(of receiver) (*lkstats.Signal, error) {
	if e.context == nil {
		return nil, lkstats.ErrNoLibrary
	}
	signal, err := e.context.NewSignal(lkstats.SignalOptions{})
	if err != nil {
		e.refuse(err)
		return nil, err
	}
	e.tellTo(signal.Handle(), of)
	return signal, nil
}

func (e *engine) tellTo(handle lkstats.Handle, of receiver) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.objects[handle] = of
}

// refuse says once that lkstats has no place, or can't take an identity.
func (e *engine) refuse(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.refused {
		e.refused = true
		logger.Errorw("lkstats can't take some of this server's data traffic: it is counted as LiveKit itself does", err)
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
	counts, ok := at.(interface{ Handle() lkstats.Handle })
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ending[counts.Handle()] = at
}

// ---- Turns ----

// report runs a turn. False: another one is at it, and did not end in time; or the caller is in it, as a listener that
// calls back, and whoever is at it goes on when that returns.
func (e *engine) report() bool { return e.turn(false) }

// turn is report; with all, plain objects report windows that are not over too.
func (e *engine) turn(all bool) bool {
	if !e.enter() {
		return false
	}
	defer e.leave()
	now := time.Now()
	if e.context != nil {
		// What an acknowledgement makes due is there at once; the instant stays, so this ends.
		for {
			if err := e.context.RunOnce(now.Sub(e.opened), now); err != nil {
				break
			}
			if !e.takeBatches() {
				break
			}
		}
	}
	e.reportPlain(now, all)
	if now.Sub(e.swept) >= time.Second {
		e.swept = now
		e.sweep(now)
	}
	return true
}

func (e *engine) enter() bool {
	select {
	case e.turns <- struct{}{}:
		return true
	default:
	}
	if inTurn() {
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

func (e *engine) leave() { <-e.turns }

// takeBatches hands out what there is. False: nothing. It may be a lack of memory too: then it comes again.
func (e *engine) takeBatches() (some bool) {
	for {
		batch, err := e.context.TryNext()
		if batch == nil || err != nil {
			return some
		}
		some = true
		if !batch.Recovered() { // what a dead server had counted is in the journal, and nobody's here
			for record := range batch.All() {
				e.hand(record)
			}
		}
		if err := batch.Ack(); err != nil && !errors.Is(err, lkstats.ErrStale) {
			return false
		}
	}
}

func (e *engine) hand(record *lkstats.Record) {
	e.mu.Lock()
	of := e.objects[record.Key.Handle()]
	e.mu.Unlock()
	if of != nil {
		of.take(record)
	}
}

func (e *engine) reportPlain(now time.Time, cut bool) {
	e.mu.Lock()
	all := make(map[*plain]receiver, len(e.plain))
	for p, of := range e.plain {
		all[p] = of
	}
	e.mu.Unlock()
	for p, of := range all {
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
}

// sweep forgets what nothing can come of any more.
func (e *engine) sweep(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for handle, at := range e.ending {
		if _, err := at.Totals(); err != nil {
			delete(e.ending, handle)
			delete(e.objects, handle)
		}
	}
	e.people.forget(now)
}
