// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"fmt"
	"runtime"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	million          = 1_000_000
	allowedARecordNs = 100
)

// measureConsume: a record is taken, copied, looked at and acknowledged. What freezes it is not the consumer's.
func measureConsume(finished func(line)) {
	c := openInC(million, 0)
	defer c.close()
	c.come()
	streamed := line{what: "Go consume 10^6 records / 100 ns each", target: 1}
	besideC := line{what: "Go consume 10^6 records / C's next and ack"}
	consume((*host).stream, func(ns float64) {
		streamed.ours = append(streamed.ours, ns)
		streamed.limit = append(streamed.limit, allowedARecordNs)
		besideC.ours = append(besideC.ours, ns)
		besideC.limit = append(besideC.limit, consumeInC(c))
	})
	finished(streamed)
	finished(besideC)

	kept := line{what: "Go consume 10^6 records, kept / 100 ns each"}
	consume((*host).drain, func(ns float64) {
		kept.ours = append(kept.ours, ns)
		kept.limit = append(kept.limit, allowedARecordNs)
	})
	finished(kept)
}

// consume hands out the nanoseconds of processor time a record, the garbage collector's included, once a round.
func consume(drain func(*host, func(*lkstats.Record)), finished func(ns float64)) {
	h := openHost(lkstats.Options{})
	defer h.close()
	tracks := make([]*lkstats.Track, million)
	for number := range tracks {
		tracks[number] = h.start(identity(number))
	}
	for range rounds {
		for _, track := range tracks {
			add(track, 1)
		}
		h.advance(interval)
		runtime.GC() // what was left by the round before is not this one's
		var records, bytes uint64
		ns := nanosecondsOf(processTime, func() {
			drain(h, func(record *lkstats.Record) {
				records++
				bytes += record.Window.SendBytes
			})
		})
		allThere(records, bytes)
		finished(ns / million)
	}
	runtime.KeepAlive(tracks)
}

func consumeInC(c inC) float64 {
	c.talk()
	c.advance(interval)
	var records, bytes uint64
	ns := nanosecondsOf(processTime, func() { records, bytes = c.drain() })
	allThere(records, bytes)
	return ns / million
}

func allThere(records, bytes uint64) {
	if records != million || bytes != million*message.bytes {
		fail("consume", fmt.Errorf("%d records, %d bytes", records, bytes))
	}
}

// stream is drain for somebody who looks at records and keeps none.
func (h *host) stream(look func(*lkstats.Record)) {
	for {
		batch, err := h.context.TryNext()
		must("TryNext", err)
		if batch == nil {
			return
		}
		for record := range batch.All() {
			look(record)
		}
		must("Ack", batch.Ack())
	}
}
