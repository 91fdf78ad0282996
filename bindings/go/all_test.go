// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"iter"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// crowded has one batch of that crowd to give: more than two chunks hold, with strings that make some of them short.
func crowded(t *testing.T) (*host, *Batch, []TrackOptions) {
	h := manual(t, Options{})
	want := crowd(h, 500)
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	return h, h.taken(), want
}

func cloned(records iter.Seq[*Record]) (all []Record) {
	for r := range records {
		all = append(all, r.Clone())
	}
	return all
}

func are(t *testing.T, what string, records []Record, want []TrackOptions) {
	t.Helper()
	if len(records) != len(want) {
		t.Fatalf("%s: %d records, not %d", what, len(records), len(want))
	}
	for i := range records {
		if got := identity(&records[i]); !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("%s: %d: %+v, not %+v", what, i, got, want[i])
		}
	}
}

func TestALoopOverAllSeesWhatRecordsHas(t *testing.T) {
	_, batch, want := crowded(t)
	all := cloned(batch.All())
	are(t, "all", all, want)
	if !reflect.DeepEqual(all, batch.Records()) {
		t.Error("the copies differ")
	}
	are(t, "all of the copy", cloned(batch.All()), want)
	must(t, batch.Ack())
	are(t, "records after the answer", batch.Records(), want)
	are(t, "all after the answer", cloned(batch.All()), want)
}

// So that few share a chunk.
func TestLongRecordsTakeShortChunks(t *testing.T) {
	h := manual(t, Options{})
	var want []TrackOptions
	for i := range 200 {
		s := strings.Repeat(string(rune('a'+i%26)), stringMax)
		want = append(want, TrackOptions{Channel: ChannelData, Country: s, RoomSID: s, RoomName: s, ParticipantSID: s,
			ParticipantIdentity: s, TrackID: s, Tenant: s, KindDetails: []int32{1, 2, 3, 4, 5, 6, 7, int32(i)}})
		must(t, h.track(want[i]).AddBytes(1, true))
	}
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	are(t, "all", cloned(h.taken().All()), want)

	h, want = manual(t, Options{}), nil
	for i := range 200 { // no text, many numbers
		want = append(want, TrackOptions{Channel: ChannelData, TrackID: "T", KindDetails: []int32{1, 2, 3, 4, 5, 6, 7, int32(i)}})
		must(t, h.track(want[i]).AddBytes(1, true))
	}
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	are(t, "all", cloned(h.taken().All()), want)

	_, batch, crowd := crowded(t)
	tiny := newCopy(3, 0, 0)
	for done := range crowd { // place for not even one
		records := batch.next(done, tiny)
		are(t, "one", records[:1], crowd[done:done+1])
	}
}

// Nothing is lost that nobody was given.
func TestAnAcknowledgementKeepsWhatWasNotSeen(t *testing.T) {
	for what, look := range map[string]func(*Batch){
		"nothing": func(*Batch) {},
		"a part": func(b *Batch) {
			for range b.All() {
				break
			}
		},
		"a body that panics": func(b *Batch) {
			defer func() { _ = recover() }()
			for range b.All() {
				panic("consumer")
			}
		},
		"a body that ends its goroutine": func(b *Batch) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				for range b.All() {
					runtime.Goexit()
				}
			}()
			<-done
		},
	} {
		h, batch, want := crowded(t)
		look(batch)
		must(t, batch.Ack())
		if batch.loops != 0 {
			t.Errorf("%s: %d loops are still there", what, batch.loops)
		}
		crowd(h, 500) // the library uses its memory again
		refuses(t, "flush", h.Flush(0), ErrTimedOut)
		h.drained()
		are(t, what, batch.Records(), want)
		are(t, what, cloned(batch.All()), want)
	}
}

func TestWhatWasGivenInWholeIsNotCopied(t *testing.T) {
	for what, look := range map[string]func(*Batch){
		"all":   func(b *Batch) { cloned(b.All()) },
		"stats": func(b *Batch) { _, err := b.AnalyticsStats(); must(t, err) },
	} {
		_, batch, _ := crowded(t)
		look(batch)
		must(t, batch.Ack())
		if batch.Records() != nil || cloned(batch.All()) != nil {
			t.Errorf("%s: records after the answer", what)
		}
	}
	h, batch, want := crowded(t)
	must(t, batch.Nack())
	if batch.Records() != nil || cloned(batch.All()) != nil {
		t.Error("records of a batch that was given back")
	}
	are(t, "they come again", h.taken().Records(), want)
}

func TestTheRecordThatALoopBreaksOutOfStaysGood(t *testing.T) {
	_, batch, want := crowded(t)
	var kept []*Record
	for number := range 8 {
		seen := 0
		for r := range batch.All() {
			if seen++; seen > 50*number {
				kept = append(kept, r)
				break
			}
		}
		cloned(batch.All())
	}
	for number, r := range kept {
		if got := identity(r); !reflect.DeepEqual(got, want[50*number]) {
			t.Errorf("%d: %+v, not %+v", number, got, want[50*number])
		}
	}
}

func TestLoopsOverOneBatchDoNotDisturbEachOther(t *testing.T) {
	_, batch, want := crowded(t)
	number := 0
	for outer := range batch.All() {
		if number%100 == 0 {
			are(t, "the inner", cloned(batch.All()), want)
		}
		if got := identity(outer); !reflect.DeepEqual(got, want[number]) {
			t.Fatalf("%d: %+v, not %+v", number, got, want[number])
		}
		number++
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if got := len(cloned(batch.All())); got != len(want) {
				t.Errorf("%d records", got)
			}
		}()
	}
	wait.Wait()
}

func TestALoopGoesOnWhenItsBatchIsAcknowledged(t *testing.T) {
	h, batch, want := crowded(t)
	cloned(batch.All()) // somebody has seen it all, this loop has not
	var seen []Record
	for r := range batch.All() {
		if len(seen) == 10 {
			must(t, batch.Ack())
			crowd(h, 500) // the library uses its memory again
			refuses(t, "flush", h.Flush(0), ErrTimedOut)
			h.drained()
		}
		seen = append(seen, r.Clone())
	}
	are(t, "the loop", seen, want)
}

func TestALoopEndsWhenItsBatchIsGone(t *testing.T) {
	for what, end := range map[string]func(*host, *Batch){
		"given back": func(_ *host, b *Batch) { must(t, b.Nack()) },
		"abandoned":  func(h *host, _ *Batch) { _, err := h.Close(Abandon); must(t, err) },
	} {
		h, batch, want := crowded(t)
		seen := 0
		for range batch.All() {
			if seen++; seen == 1 {
				end(h, batch)
			}
		}
		if seen == 0 || seen >= len(want) {
			t.Errorf("%s: %d records", what, seen)
		}
		if batch.Records() != nil || batch.Ack() == nil {
			t.Errorf("%s: there is more", what)
		}
	}
}

func TestLoopsRaceWithAnswersAndTheClose(t *testing.T) {
	for round := range 50 {
		h, batch, want := crowded(t)
		var wait sync.WaitGroup
		for range 2 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				number := 0
				for r := range batch.All() {
					if got := identity(r); !reflect.DeepEqual(got, want[number]) {
						t.Errorf("%d: %+v, not %+v", number, got, want[number])
						return
					}
					number++
				}
			}()
		}
		switch round % 3 {
		case 0:
			_, err := h.Close(Abandon)
			must(t, err)
		case 1:
			must(t, batch.Ack())
		case 2:
			must(t, batch.Nack())
		}
		wait.Wait()
	}
}

func TestAllOfNoBatchIsNothing(t *testing.T) {
	for _, batch := range []*Batch{nil, {}} {
		for r := range batch.All() {
			t.Errorf("%+v", r)
		}
	}
}

// A close frees what a loop copies from.
func TestNobodyFreesWhatALoopCopies(t *testing.T) {
	for caller, read := range map[string]func(*Batch){
		"(*Batch).next": func(b *Batch) { cloned(b.All()) },
		"(*Batch).keep": func(b *Batch) { b.Records() },
	} {
		h, batch, _ := crowded(t)
		h.memory.Lock()
		release := sync.OnceFunc(h.memory.Unlock)
		defer release()
		done := make(chan struct{})
		go func() { defer close(done); read(batch) }()
		waitForStack(t, "sync.RWMutex.RLock", caller, 1)
		release()
		<-done
	}
}

func TestACloneSharesNothing(t *testing.T) {
	_, batch, want := crowded(t)
	var clones []Record
	for r := range batch.All() {
		clones = append(clones, r.Clone())
		*r = Record{}
	}
	cloned(batch.All())
	are(t, "clones", clones, want)
	if got := (*Record)(nil).Clone(); !reflect.DeepEqual(got, Record{}) {
		t.Errorf("%+v of nil", got)
	}
}
