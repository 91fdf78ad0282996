// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"sync"
	"sync/atomic"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	// Two goroutines begin each burst at the same instant: one is soon over, so that they are seldom parted where the
	// processors have others to serve, too.
	bursts      = 25
	addsInBurst = 10_000
)

// contended compares two goroutines that add on one track with two that add on one bare counter.
func contended(h *host, tracks []*lkstats.Track, bare []bareCounter) line {
	l := line{what: "Go add, two goroutines on one track / bare contended", target: 1.5}
	for round, track := range tracks {
		l.ours = append(l.ours, h.counted(track, 2*bursts*addsInBurst, func() float64 {
			return twoAdd(func() { add(track, addsInBurst) })
		}))
		l.limit = append(l.limit, twoAdd(func() { bare[round].add(addsInBurst) }))
	}
	return l
}

// twoAdd is nanoseconds of processor time an add.
func twoAdd(burst func()) float64 {
	var arrived atomic.Int32
	var done sync.WaitGroup
	var took [2]float64
	for number := range took {
		done.Add(1)
		go func() {
			defer done.Done()
			defer pin(number)()
			for all := int32(2); all <= 2*bursts; all += 2 {
				for arrived.Add(1); arrived.Load() < all; {
				}
				took[number] += nanosecondsOf(threadTime, burst)
			}
		}()
	}
	done.Wait()
	return (took[0] + took[1]) / (2 * bursts * addsInBurst)
}
