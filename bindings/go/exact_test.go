// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What adds returned nil for, by tenant: it stays with a connection in all its epochs.
type counted struct {
	sendBytes, sendMessages, recvBytes, recvMessages atomic.Uint64
}

func (c *counted) traffic() Traffic {
	return Traffic{c.sendBytes.Load(), c.sendMessages.Load(), c.recvBytes.Load(), c.recvMessages.Load()}
}

// reaches returns when that many messages were received: the adders are in the middle of it.
func (c *counted) reaches(messages uint64) {
	for c.recvMessages.Load() < messages {
		runtime.Gosched()
	}
}

// adds goes on until it is refused because the handle is stopped.
func (c *counted) adds(t *testing.T, seed uint64, add func(bytes uint64, isSend bool) error) {
	for n := seed; ; n++ {
		bytes, isSend := n%1500, n%3 == 0
		if err := add(bytes, isSend); err != nil {
			if err != ErrClosed && err != ErrStale {
				t.Errorf("an add: %v", err)
			}
			return
		}
		if isSend {
			c.sendBytes.Add(bytes)
			c.sendMessages.Add(1)
		} else {
			c.recvBytes.Add(bytes)
			c.recvMessages.Add(1)
		}
	}
}

// A consumer in a goroutine of its own sums up windows, until the context is closed.
func consume(t *testing.T, c *Context) (result func() map[string]Traffic) {
	sums := map[string]Traffic{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		number := 0
		for batch, err := range c.Batches(context.Background()) {
			if err != nil {
				t.Errorf("batches: %v", err)
				return
			}
			if number++; number%5 == 0 {
				if err := batch.Nack(); err != nil { // it comes again
					t.Errorf("nack: %v", err)
				}
				continue
			}
			for _, r := range batch.Records() {
				all := sums[r.Tenant]
				all.add(r.Window)
				sums[r.Tenant] = all
			}
			if err := batch.Ack(); err != nil {
				t.Errorf("ack: %v", err)
			}
		}
	}()
	return func() map[string]Traffic {
		<-done
		return sums
	}
}

func TestReportsHaveExactlyWhatAddsReturnedNilFor(t *testing.T) {
	c := opened(t, Options{ReportInterval: 100 * time.Millisecond})
	result := consume(t, c)
	const handles, adders = 6, 3
	var wait sync.WaitGroup
	var all [2 * handles]counted
	for i := range handles {
		track, err := c.NewTrack(TrackOptions{Tenant: fmt.Sprint(i)})
		must(t, err)
		signal, err := c.NewSignal(SignalOptions{Tenant: fmt.Sprint(handles + i)})
		must(t, err)
		for k := range adders {
			wait.Add(2)
			go func() { defer wait.Done(); all[i].adds(t, uint64(k), track.AddBytes) }()
			go func() { defer wait.Done(); all[handles+i].adds(t, uint64(k), signal.AddBytes) }()
		}
		wait.Add(1)
		go func() { // moves the connection from room to room, and ends both in the middle of it all
			defer wait.Done()
			for move := range uint64(40) {
				all[handles+i].reaches(100 * move)
				err := errors.Join(signal.ResolveRoom(Room{SID: fmt.Sprintf("RM_%d", move)}),
					signal.ResolveParticipant(Participant{SID: fmt.Sprintf("PA_%d", i)}))
				if err == nil {
					_, err = signal.Totals()
				}
				if err == nil && move < 39 {
					err = signal.Reset()
				}
				if err != nil {
					t.Errorf("move %d: %v", move, err)
				}
			}
			all[i].reaches(1000)
			_, trackErr := track.Stop()
			_, signalErr := signal.Stop()
			if err := errors.Join(trackErr, signalErr); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	residue, err := c.Close(time.Minute)
	must(t, err)
	if residue != (Residue{}) {
		t.Errorf("residue %+v", residue)
	}
	sums := result()
	for i := range all {
		want, got := all[i].traffic(), sums[fmt.Sprint(i)]
		if got != want || want.RecvBytes == 0 {
			t.Errorf("%d: reported %+v, added %+v", i, got, want)
		}
	}
}
