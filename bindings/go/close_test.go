// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"context"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

func TestACloseSaysWhatIsNotAcknowledged(t *testing.T) {
	h := owing(t)
	residue, err := h.Close(0)
	refuses(t, "close", err, ErrTimedOut)
	if want := (Residue{3, Traffic{SendBytes: 3, SendMessages: 3}}); residue != want {
		t.Errorf("%+v, not %+v", residue, want)
	}
	must(t, h.taken().Ack())
	residue, err = h.Close(0)
	must(t, err)
	if residue != (Residue{}) {
		t.Errorf("%+v", residue)
	}
	_, err = h.Close(0)
	refuses(t, "a second close", err, ErrClosed)
}

func TestACloseWaitsForTheAcknowledgement(t *testing.T) {
	for _, options := range []Options{{Manual: true}, {}} {
		c := opened(t, options)
		track, err := c.NewTrack(TrackOptions{})
		must(t, err)
		must(t, track.AddBytes(1, true))
		refuses(t, "flush", c.Flush(0), ErrTimedOut)
		batch, err := c.TryNext()
		must(t, err)
		closed := make(chan error)
		go func() {
			_, err := c.Close(time.Minute)
			closed <- err
		}()
		waitForStack(t, "syscall", "awaitAnswers", 1)
		must(t, batch.Ack())
		must(t, <-closed)
	}
}

func TestACloseThatNobodyAnswersTimesOut(t *testing.T) {
	h := owing(t)
	for _, timeout := range []time.Duration{0, time.Nanosecond, 5 * time.Millisecond} {
		residue, err := h.Close(timeout)
		refuses(t, "close", err, ErrTimedOut)
		if residue.Tracks != 3 {
			t.Errorf("%v: %+v", timeout, residue)
		}
	}
	h.drained()
	_, err := h.Close(0)
	must(t, err)
}

func TestAnAbandonedContextIsGoneForEverybody(t *testing.T) {
	h := owing(t)
	track, signal := h.track(TrackOptions{}), h.signal(SignalOptions{})
	batch := h.taken()
	records := batch.Records()
	residue, err := h.Close(Abandon)
	must(t, err)
	if residue.Tracks != 3 {
		t.Errorf("%+v", residue)
	}
	if len(records) != 3 || len(batch.Records()) != 3 {
		t.Error("the records went with it")
	}
	_, statsErr := batch.AnalyticsStats()
	_, totalsErr := track.Totals()
	_, stopErr := signal.Stop()
	_, metricsErr := h.Metrics(OpenMetrics)
	_, closeErr := h.Close(0)
	_, trackErr := h.NewTrack(TrackOptions{})
	_, signalErr := h.NewSignal(SignalOptions{})
	for what, err := range map[string]error{
		"ack": batch.Ack(), "stats": statsErr, "add": track.AddBytes(1, true), "add to signal": signal.AddBytes(1, true),
		"totals": totalsErr, "stop": stopErr, "metrics": metricsErr, "close": closeErr, "new track": trackErr,
		"new signal": signalErr, "flush": h.Flush(0), "redeliver": h.Redeliver(), "run": h.RunOnce(0, epoch),
		"resolve": signal.ResolveRoom(Room{SID: "RM_1"}), "reset": signal.Reset(),
	} {
		refuses(t, what, err, ErrClosed)
	}
	if batch, err := h.TryNext(); batch != nil || err != io.EOF {
		t.Errorf("next: %v, %v", batch, err)
	}
}

func TestAnAbandonEndsACloseThatWaits(t *testing.T) {
	h := owing(t)
	batch := h.taken()
	closed := make(chan error)
	go func() {
		_, err := h.Close(time.Hour)
		closed <- err
	}()
	waitForStack(t, "syscall", "awaitAnswers", 1)
	_, err := h.Close(Abandon)
	must(t, err)
	refuses(t, "the close that waited", <-closed, ErrClosed)
	runtime.KeepAlive(batch)
}

// A close frees the memory of batches: it waits for whoever is copying, and they for it.
func TestNobodyFreesWhatIsBeingCopied(t *testing.T) {
	h := owing(t)
	batch := h.taken()
	must(t, h.Redeliver())

	h.memory.RLock()
	release := sync.OnceFunc(h.memory.RUnlock)
	defer release()
	abandoned := make(chan error)
	go func() {
		_, err := h.Close(Abandon)
		abandoned <- err
	}()
	waitForStack(t, "sync.RWMutex.Lock", "closeNow", 1)
	if closed(h.token) {
		t.Error("closed under a copy")
	}
	release()
	must(t, <-abandoned)

	h = owing(t)
	batch = h.taken()
	must(t, h.Redeliver())
	h.memory.Lock()
	release = sync.OnceFunc(h.memory.Unlock)
	defer release()
	var wait sync.WaitGroup
	wait.Add(2)
	go func() {
		defer wait.Done()
		if _, err := batch.AnalyticsStats(); err != nil {
			t.Error(err)
		}
	}()
	go func() {
		defer wait.Done()
		if again, err := h.TryNext(); err != nil || again == nil {
			t.Error(again, err)
		}
	}()
	waitForStack(t, "sync.RWMutex.RLock", "AnalyticsStats", 1)
	waitForStack(t, "sync.RWMutex.RLock", "TryNext", 1)
	release()
	wait.Wait()
}

// An answer frees it too.
func TestNobodyAnswersWhileStatsAreCopied(t *testing.T) {
	h := owing(t)
	batch := h.taken()
	batch.state.Lock()
	answered := make(chan error)
	go func() { answered <- batch.Ack() }()
	waitForStack(t, "sync.Mutex.Lock", "(*Batch).Ack", 1)
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	batch.state.Unlock()
	must(t, <-answered)
	must(t, h.Flush(0))
}

func closed(token abi.Token) bool { return abi.Redeliver(token) == abi.EClosed }

func TestAContextThatIsLostIsClosedUnlessSomethingLeadsToIt(t *testing.T) {
	open := func(lead func(*Context) any) (abi.Token, any) {
		c, err := Open(Options{Manual: true})
		must(t, err)
		return c.token, lead(c)
	}
	track := func(c *Context) any { made, err := c.NewTrack(TrackOptions{}); must(t, err); return made }
	heldByTrack, leadTrack := open(track)
	heldBySignal, leadSignal := open(func(c *Context) any { made, err := c.NewSignal(SignalOptions{}); must(t, err); return made })
	heldByBatch, leadBatch := open(func(c *Context) any {
		must(t, track(c).(*Track).AddBytes(1, true))
		refuses(t, "flush", c.Flush(0), ErrTimedOut)
		batch, err := c.TryNext()
		must(t, err)
		return batch
	})
	lost, _ := open(func(c *Context) any { track(c); return nil })
	eventually(t, "the lost one is closed", func() bool {
		runtime.GC()
		return closed(lost)
	})
	for what, token := range map[string]abi.Token{"track": heldByTrack, "signal": heldBySignal, "batch": heldByBatch} {
		if closed(token) {
			t.Errorf("closed under a reachable %s", what)
		}
	}
	must(t, leadTrack.(*Track).AddBytes(1, true))
	must(t, leadSignal.(*Signal).AddBytes(1, true))
	must(t, leadBatch.(*Batch).Ack())
	leadTrack, leadSignal, leadBatch = nil, nil, nil
	eventually(t, "the others are closed too", func() bool {
		runtime.GC()
		return closed(heldByTrack) && closed(heldBySignal) && closed(heldByBatch)
	})
}

func TestALoopHoldsItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	token, loop := func() (abi.Token, func()) {
		c, err := Open(Options{Manual: true})
		must(t, err)
		batches := c.Batches(ctx)
		return c.token, func() {
			for range batches {
			}
		}
	}()
	done := make(chan struct{})
	go func() { defer close(done); loop() }()
	waitForParked(t, 1)
	runtime.GC()
	runtime.GC()
	if closed(token) {
		t.Error("closed under a loop")
	}
	cancel()
	<-done
	loop = nil
	eventually(t, "it is closed when the loop is over", func() bool {
		runtime.GC()
		return closed(token)
	})
}
