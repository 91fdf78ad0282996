// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// waitForParked returns when that many goroutines wait in a loop for batches.
func waitForParked(t *testing.T, count int) { waitForStack(t, "IO wait", "(*waiter).next", count) }

// waitForStack returns when that many goroutines wait for that, called by that function.
func waitForStack(t *testing.T, what, caller string, count int) {
	stacks := make([]byte, 4<<20)
	eventually(t, what+" in "+caller, func() bool {
		waiting := 0
		for _, stack := range bytes.Split(stacks[:runtime.Stack(stacks, true)], []byte("\n\n")) {
			state, _, _ := bytes.Cut(stack, []byte("]:"))
			if bytes.Contains(state, []byte("["+what)) && bytes.Contains(stack, []byte(caller)) {
				waiting++
			}
		}
		return waiting >= count
	})
}

func threads(t *testing.T) (count int) {
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	_, after, _ := strings.Cut(string(status), "\nThreads:")
	_, err = fmt.Sscan(after, &count)
	must(t, err)
	return count
}

func TestLoopsThatWaitBlockNoThreadAndAllSeeTheEnd(t *testing.T) {
	h := manual(t, Options{})
	const loops = 100
	before := threads(t)
	var wait sync.WaitGroup
	for range loops {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for batch, err := range h.Batches(context.Background()) {
				t.Errorf("%v, %v", batch, err)
			}
		}()
	}
	waitForParked(t, loops)
	if now := threads(t); now > before+loops/4 {
		t.Errorf("%d threads, %d before", now, before)
	}
	_, err := h.Close(0)
	must(t, err)
	wait.Wait()
}

func TestEachBatchGoesToOneOfTheLoops(t *testing.T) {
	c := opened(t, Options{ReportInterval: 100 * time.Millisecond})
	const loops, tracks = 8, 500
	var wait sync.WaitGroup
	var records, bytes atomic.Uint64
	for range loops {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for batch, err := range c.Batches(context.Background()) {
				if err != nil {
					t.Error(err)
					return
				}
				for _, r := range batch.Records() {
					records.Add(1)
					bytes.Add(r.Window.SendBytes)
				}
				if err := batch.Ack(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	waitForParked(t, loops)
	for range tracks {
		track, err := c.NewTrack(TrackOptions{})
		must(t, err)
		must(t, track.AddBytes(3, true))
		_, err = track.Stop()
		must(t, err)
	}
	_, err := c.Close(time.Minute)
	must(t, err)
	wait.Wait()
	if records.Load() != tracks || bytes.Load() != 3*tracks {
		t.Errorf("%d records, %d bytes", records.Load(), bytes.Load())
	}
}

func TestNobodyReadsTheDescriptor(t *testing.T) {
	h := manual(t, Options{})
	for range 2 { // each makes it readable anew
		crowd(h, 3000)
		refuses(t, "flush", h.Flush(0), ErrTimedOut)
	}
	fd, status := abi.EventFD(h.token)
	if status != abi.OK {
		t.Fatal(status)
	}
	// The count that a read would take away.
	count := func() (count int) {
		info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
		must(t, err)
		_, after, _ := strings.Cut(string(info), "eventfd-count:")
		_, err = fmt.Sscanf(strings.TrimSpace(after), "%x", &count)
		must(t, err)
		return count
	}
	waiter, err := newWaiter(context.Background(), h.Context)
	must(t, err)
	defer waiter.close()
	before := count()
	batch, err := waiter.next()
	must(t, err)
	if now := count(); before < 2 || now < before || len(batch.Records()) == 0 {
		t.Errorf("%d, then %d", before, now)
	}
}
