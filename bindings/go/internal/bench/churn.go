// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"runtime"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	crowd         = 10000
	allowedMoreNs = 1000

	// Long enough that every slot has rested: three passes and ten seconds, both with some to spare.
	rest = 12 * time.Second
)

// measureChurn: participants who come and go, on slots and records that others had before.
func measureChurn(finished func(line)) {
	// No more slots than two crowds need: from the third on all of them are recycled.
	h := openHost(lkstats.Options{MaxTracks: 2 * crowd})
	defer h.close()
	people := make([]lkstats.TrackOptions, crowd)
	for number := range people {
		people[number] = identity(number)
	}
	c := openInC(crowd, 2*crowd)
	defer c.close()
	for range 3 {
		h.comeAndGo(people)
		c.comeAndGo()
	}

	l := line{what: "Go create + stop / C's + 1 us", target: 1}
	for range rounds {
		l.ours = append(l.ours, h.comeAndGo(people))
		l.limit = append(l.limit, c.comeAndGo()+allowedMoreNs)
	}
	finished(l)
}

// comeAndGo: everybody comes, says something, and goes. The nanoseconds are those of coming and going, for each.
func (h *host) comeAndGo(people []lkstats.TrackOptions) float64 {
	tracks := make([]*lkstats.Track, len(people))
	runtime.GC() // what was left by the round before is not this one's
	ns := nanosecondsOf(processTime, func() {
		for i := range people {
			tracks[i] = h.start(people[i])
		}
	})
	for _, track := range tracks {
		add(track, 1)
	}
	ns += nanosecondsOf(processTime, func() {
		for _, track := range tracks {
			_, err := track.Stop()
			must("Stop", err)
		}
	})
	for rested := time.Duration(0); rested < rest; rested += interval {
		h.advance(interval)
		h.drain(ignore)
	}
	return ns / float64(len(people))
}
