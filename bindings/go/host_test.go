// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"time"
)

// A host drives a context in virtual time.
type host struct {
	*Context
	t   *testing.T
	now time.Duration
}

// The wall clock of virtual time stands at its zero then.
var epoch = time.Unix(1_700_000_000, 0)

func manual(t *testing.T, options Options) *host {
	t.Helper()
	options.Manual = true
	return &host{Context: opened(t, options), t: t}
}

func opened(t *testing.T, options Options) *Context {
	t.Helper()
	c, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(Abandon) })
	return c
}

// pass lets that much time go by, a second at a time as a host has to.
func (h *host) pass(d time.Duration) {
	h.t.Helper()
	for end := h.now + d; ; h.now = min(h.now+time.Second, end) {
		if err := h.RunOnce(h.now, epoch.Add(h.now)); err != nil {
			h.t.Fatal(err)
		}
		if h.now == end {
			return
		}
	}
}

func (h *host) track(options TrackOptions) *Track {
	h.t.Helper()
	track, err := h.NewTrack(options)
	if err != nil {
		h.t.Fatal(err)
	}
	return track
}

func (h *host) signal(options SignalOptions) *Signal {
	h.t.Helper()
	signal, err := h.NewSignal(options)
	if err != nil {
		h.t.Fatal(err)
	}
	return signal
}

// taken is the batch that has to be there.
func (h *host) taken() *Batch {
	h.t.Helper()
	batch, err := h.TryNext()
	if err != nil || batch == nil {
		h.t.Fatalf("a batch: %v, %v", batch, err)
	}
	return batch
}

// drained acknowledges all that is there.
func (h *host) drained() (all []Record) {
	h.t.Helper()
	for {
		batch, err := h.TryNext()
		if err == io.EOF || batch == nil && err == nil {
			return all
		}
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, batch.Records()...)
		must(h.t, batch.Ack())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refuses(t *testing.T, what string, err error, status Status) {
	t.Helper()
	if !errors.Is(err, status) {
		t.Errorf("%s: %v, not %v", what, err, status)
	}
}

func keys(records []Record) (all []Key) {
	for i := range records {
		all = append(all, records[i].Key)
	}
	return all
}

func sum(records []Record) (all Traffic) {
	for i := range records {
		all.add(records[i].Window)
	}
	return all
}

func (t *Traffic) add(more Traffic) {
	t.SendBytes += more.SendBytes
	t.SendMessages += more.SendMessages
	t.RecvBytes += more.RecvBytes
	t.RecvMessages += more.RecvMessages
}

// eventually tries until it holds, and gives up only when something is wrong for certain.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
