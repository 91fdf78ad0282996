// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

// #cgo pkg-config: lkstats
// #include "crowd.h"
import "C"

import (
	"fmt"
	"time"
)

// inC is the one crowd that crowd.c has, which does the same without Go.
type inC struct{ count float64 }

func openInC(count, maxTracks uint32) inC {
	mustC("crowd_open", C.crowd_open(C.uint32_t(count), C.uint32_t(maxTracks)))
	return inC{float64(count)}
}

func (inC) close() { C.crowd_close() }

func (inC) come() { mustC("crowd_come", C.crowd_come()) }

func (inC) talk() { mustC("crowd_talk", C.crowd_talk()) }

func (inC) advance(by time.Duration) { mustC("crowd_advance", C.crowd_advance(C.int64_t(by))) }

func (inC) drain() (records, bytes uint64) {
	var r, b C.uint64_t
	mustC("crowd_consume", C.crowd_consume(&r, &b))
	return uint64(r), uint64(b)
}

// comeAndGo is host.comeAndGo.
func (c inC) comeAndGo() float64 {
	ns := nanosecondsOf(processTime, c.come)
	c.talk()
	ns += nanosecondsOf(processTime, func() { mustC("crowd_go", C.crowd_go()) })
	for rested := time.Duration(0); rested < rest; rested += interval {
		c.advance(interval)
		c.drain()
	}
	return ns / c.count
}

func mustC(what string, status C.lkstats_status_t) {
	if status != C.LKSTATS_OK {
		fail(what, fmt.Errorf("status %d", status))
	}
}
