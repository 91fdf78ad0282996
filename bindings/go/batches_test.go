// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// owing has one batch of three records to give.
func owing(t *testing.T) *host {
	h := manual(t, Options{})
	for range 3 {
		must(t, h.track(TrackOptions{}).AddBytes(1, true))
	}
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	return h
}

func TestNothingNowIsNoError(t *testing.T) {
	h := manual(t, Options{})
	if batch, err := h.TryNext(); batch != nil || err != nil {
		t.Errorf("%v, %v", batch, err)
	}
	_, err := h.Close(0)
	must(t, err)
	if batch, err := h.TryNext(); batch != nil || err != io.EOF {
		t.Errorf("closed: %v, %v", batch, err)
	}
}

func TestALoopEndsWhenNothingIsOwedAnyMore(t *testing.T) {
	h := owing(t)
	_, err := h.Close(0)
	refuses(t, "close", err, ErrTimedOut)
	records := 0
	for batch, err := range h.Batches(context.Background()) {
		must(t, err)
		records += len(batch.Records())
		must(t, batch.Ack())
	}
	if records != 3 {
		t.Errorf("%d records", records)
	}
	_, err = h.Close(0)
	must(t, err)
	for batch, err := range h.Batches(context.Background()) {
		t.Errorf("closed: %v, %v", batch, err)
	}
	// A close may also come between a loop's last look and its wait.
	if waiter, err := newWaiter(context.Background(), h.Context); waiter != nil || err != io.EOF {
		t.Errorf("a wait: %v, %v", waiter, err)
	}
}

func TestACanceledLoopSaysSoAndEnds(t *testing.T) {
	h := manual(t, Options{})
	for what, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"canceled while it waits": func(c context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(c)
			go func() {
				waitForParked(t, 1)
				cancel()
			}()
			return ctx, cancel
		},
		"canceled before": func(c context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(c)
			cancel()
			return ctx, cancel
		},
		"past its deadline": func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, time.Millisecond)
		},
	} {
		ctx, cancel := end(context.Background())
		var seen []error
		for batch, err := range h.Batches(ctx) {
			if batch != nil {
				t.Errorf("%s: a batch", what)
			}
			seen = append(seen, err)
		}
		if len(seen) != 1 || !errors.Is(seen[0], ctx.Err()) {
			t.Errorf("%s: %v", what, seen)
		}
		cancel()
	}
}

func TestABatchCanBeAnsweredLaterAndElsewhere(t *testing.T) {
	h := owing(t)
	var kept *Batch
	for batch, err := range h.Batches(context.Background()) {
		must(t, err)
		kept = batch
		break
	}
	if batch, err := h.TryNext(); batch != nil || err != nil {
		t.Fatalf("it came again: %v %v", batch, err)
	}
	answer := make(chan error)
	go func() { answer <- kept.Ack() }()
	must(t, <-answer)
	must(t, h.Flush(0))
	refuses(t, "a second answer", kept.Nack(), ErrStale)
	_, err := kept.AnalyticsStats()
	refuses(t, "stats of an answered batch", err, ErrStale)
}

func TestABatchThatTheBodyPanicsOverIsGivenBack(t *testing.T) {
	h := owing(t)
	var want []Key
	for what, end := range map[string]func(){"panic": func() { panic("consumer") }, "Goexit": runtime.Goexit} {
		recovered := make(chan any)
		go func() {
			defer func() { recovered <- recover() }()
			for batch, err := range h.Batches(context.Background()) {
				must(t, err)
				want = keys(batch.Records())
				end()
			}
		}()
		if got := <-recovered; what == "panic" && got != "consumer" {
			t.Errorf("the panic became %v", got)
		}
		batch := h.taken()
		if got := keys(batch.Records()); len(got) != 3 || !slices.Equal(got, want) {
			t.Errorf("%s: %v, then %v", what, want, got)
		}
		must(t, batch.Nack())
	}
}

func TestABatchThatIsLostIsGivenBack(t *testing.T) {
	h := owing(t)
	want := func() []Key { return keys(h.taken().Records()) }()
	var batch *Batch
	eventually(t, "the batch comes again", func() bool {
		runtime.GC()
		var err error
		batch, err = h.TryNext()
		must(t, err)
		return batch != nil
	})
	if got := keys(batch.Records()); !slices.Equal(got, want) {
		t.Errorf("%v, then %v", want, got)
	}
	must(t, batch.Ack())
}

func TestARedeliveryHasTheSameKeysOnce(t *testing.T) {
	h := owing(t)
	first := h.taken()
	must(t, h.Redeliver())
	second := h.taken()
	if a, b := keys(first.Records()), keys(second.Records()); !slices.Equal(a, b) {
		t.Errorf("%v, then %v", a, b)
	}
	must(t, first.Ack())
	must(t, second.Ack())
	must(t, h.Flush(0))
}

func TestOfTwoAnswersOneCounts(t *testing.T) {
	h := manual(t, Options{})
	track := h.track(TrackOptions{})
	for range 200 {
		must(t, track.AddBytes(1, true))
		refuses(t, "flush", h.Flush(0), ErrTimedOut)
		batch := h.taken()
		var wait sync.WaitGroup
		var answers [2]error
		for i := range answers {
			wait.Add(2)
			go func() { defer wait.Done(); answers[i] = batch.Ack() }()
			go func() {
				defer wait.Done()
				if stats, err := batch.AnalyticsStats(); err == nil && len(stats) == 0 || err != nil && !errors.Is(err, ErrStale) {
					t.Errorf("stats %q, %v", stats, err)
				}
			}()
		}
		wait.Wait()
		if (answers[0] == nil) == (answers[1] == nil) || !errors.Is(errors.Join(answers[:]...), ErrStale) {
			t.Fatalf("%v", answers)
		}
		must(t, h.Flush(0))
	}
}
