// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"sync"
	"testing"
	"time"
)

// A word holds 36 bits of bytes and 27 of messages; what goes beyond them is carried.

func TestBytesAndMessagesGoBeyondTheirFields(t *testing.T) {
	h := manual(t, Options{})
	track := h.track(TrackOptions{})
	const bytes, messages = 1<<35 - 1, 1<<26 - 1
	var want, reported Traffic
	for range 10 {
		must(t, track.AddMessages(bytes, messages, true))
		must(t, track.AddMessages(bytes, 1, false))
		want.add(Traffic{bytes, messages, bytes, 1})
		h.pass(time.Second) // fewer than 2^36 and 2^27 between two folds: windows are exact
		totals, err := track.Totals()
		must(t, err)
		if totals.Traffic != want {
			t.Fatalf("%+v, not %+v", totals.Traffic, want)
		}
	}
	_, err := track.Stop()
	must(t, err)
	h.pass(time.Second)
	for _, r := range h.drained() {
		reported.add(r.Window)
		if r.Running != reported {
			t.Errorf("running %+v, windows %+v", r.Running, reported)
		}
	}
	if reported != want {
		t.Errorf("reported %+v, not %+v", reported, want)
	}
}

func TestCarriesOfManyAddersAreEachPostedOnce(t *testing.T) {
	h := manual(t, Options{})
	signal := h.signal(SignalOptions{})
	const adders, adds = 8, 2000
	const bytes, messages = 1<<35 - 12345, 1<<26 - 77
	var wait sync.WaitGroup
	for range adders {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range adds {
				if err := signal.AddMessages(bytes, messages, true); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	wait.Wait()
	totals, err := signal.Totals() // past the bound between two folds, but the adds have returned
	must(t, err)
	if want := (Traffic{SendBytes: adders * adds * bytes, SendMessages: adders * adds * messages}); totals.Traffic != want {
		t.Errorf("%+v, not %+v", totals.Traffic, want)
	}
}
