// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	rounds       = 25
	addsInARound = 5_000_000
)

// What a host has at hand when it counts. Read anew in each pass: nothing of it is a constant.
var message = struct {
	bytes  uint64
	isSend bool
}{1200, true}

// bareCounter is as large as a track's, in cache lines of which one begins with it.
type bareCounter struct {
	word uint64
	_    [56]byte
}

func (c *bareCounter) add(count int) {
	for range count {
		atomic.AddUint64(&c.word, message.bytes)
	}
}

func add(track *lkstats.Track, count int) {
	for range count {
		if err := track.AddBytes(message.bytes, message.isSend); err != nil {
			fail("AddBytes", err)
		}
	}
}

func measureAdds(finished func(line)) {
	h := openHost(lkstats.Options{MaxTracks: rounds})
	defer h.close()
	// What two processors take to pass a cache line on depends on the line, so that each round has others. As one
	// piece of memory of that size they begin where a line does.
	var tracks [rounds]*lkstats.Track
	for number := range tracks {
		tracks[number] = h.start(identity(number))
	}
	bare := make([]bareCounter, rounds)
	allocations := testing.AllocsPerRun(1000, func() { add(tracks[0], 1) })
	if allocations != 0 {
		fail("AddBytes", fmt.Errorf("allocates %v times", allocations))
	}

	alone := line{what: "Go add / atomic.AddUint64", target: 2.3}
	for round, track := range tracks {
		alone.ours = append(alone.ours, h.counted(track, addsInARound, func() float64 {
			return oneAdds(func() { add(track, addsInARound) })
		}))
		alone.limit = append(alone.limit, oneAdds(func() { bare[round].add(addsInARound) }))
	}
	finished(alone)
	finished(contended(h, tracks[:], bare))
}

// oneAdds is nanoseconds of processor time an add.
func oneAdds(loop func()) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return nanosecondsOf(threadTime, loop) / addsInARound
}

// counted sees to it that every add was counted: a refused one is quick, and not what is to be measured.
func (h *host) counted(track *lkstats.Track, adds uint64, measure func() float64) float64 {
	before := totalsOf(track)
	result := measure()
	if counted := totalsOf(track).SendMessages - before.SendMessages; counted != adds {
		fail("AddBytes", fmt.Errorf("counted %d of %d", counted, adds))
	}
	h.advance(interval) // folds, as a server does at least once a second
	h.drain(ignore)
	return result
}

func totalsOf(track *lkstats.Track) lkstats.Traffic {
	totals, err := track.Totals()
	must("Totals", err)
	return totals.Traffic
}
