// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	rounds       = 25
	addsInARound = 2_000_000

	// Two goroutines begin each burst at the same instant: one is soon over, so that they are seldom parted where the
	// processors have others to serve, too.
	bursts      = 20
	addsInBurst = 10_000
)

var seventh = &target{1.0 / 7, "<= 1/7", false}

// measureAdds: AddBytes of both in this program, in turn. An add that was not counted ends it: a refused one is quick, and
// not what is to be measured.
func measureAdds(finished func(...line)) {
	alone := line{what: "AddBytes, one goroutine", unit: "ns", target: seventh}
	one := line{what: "AddBytes, two goroutines, one object", unit: "ns", target: seventh}
	own := line{what: "AddBytes, two goroutines, an object each", unit: "ns", target: seventh}
	allocations := line{what: "AddBytes, allocations", unit: "a call", target: none}

	// What two processors take to pass a cache line on depends on the line, so that each round has other objects.
	who := identities(2 * rounds)
	for round := range rounds {
		var objects [len(kinds)][2]object
		for _, k := range kinds {
			for i := range objects[k] {
				objects[k][i] = k.start(who[2*round+i])
				objects[k][i].add(1) // the first makes the place that the others are counted in
			}
		}
		alone.add(inTurn(round, func(k kind) float64 { return oneAdds(objects[k][0]) }))
		one.add(inTurn(round, func(k kind) float64 { return twoAdd(objects[k][0], objects[k][0]) }))
		own.add(inTurn(round, func(k kind) float64 { return twoAdd(objects[k][0], objects[k][1]) }))
		allocations.add(inTurn(round, func(k kind) float64 {
			return testing.AllocsPerRun(1000, func() { objects[k][0].add(1) })
		}))
		for _, k := range kinds {
			for _, o := range objects[k] {
				o.Stop()
			}
		}
	}
	finished(alone, one, own, allocations)
}

// oneAdds is nanoseconds of processor time an add, the garbage collector's share included: whoever allocates causes it.
func oneAdds(o object) float64 {
	runtime.GC() // what was left by the other is not this one's
	var ns float64
	counted(addsInARound, func() { ns = nanosecondsOf(processTime, func() { o.add(addsInARound) }) }, o)
	return ns / addsInARound
}

// twoAdd is the same with two goroutines, which may have one object. What they wait for each other is not counted.
func twoAdd(objects ...object) float64 {
	runtime.GC()
	var arrived atomic.Int32
	var waited [2]float64
	both := func(number int) {
		defer pin(number)()
		for all := int32(2); all <= 2*bursts; all += 2 {
			waited[number] += nanosecondsOf(threadTime, func() {
				for arrived.Add(1); arrived.Load() < all; {
				}
			})
			objects[number].add(addsInBurst)
		}
	}
	counters := objects
	if objects[0] == objects[1] {
		counters = objects[:1]
	}
	var ns float64
	counted(2*bursts*addsInBurst, func() {
		ns = nanosecondsOf(processTime, func() {
			var done sync.WaitGroup
			for number := range waited {
				done.Go(func() { both(number) })
			}
			done.Wait()
		})
	}, counters...)
	return (ns - waited[0] - waited[1]) / (2 * bursts * addsInBurst)
}

func counted(adds uint32, work func(), objects ...object) {
	before := sentOf(objects)
	work()
	if counted := sentOf(objects) - before; counted != adds {
		fail("AddBytes", fmt.Errorf("counted %d of %d", counted, adds))
	}
}

func sentOf(objects []object) (messages uint32) {
	for _, o := range objects {
		messages += o.sent()
	}
	return messages
}
