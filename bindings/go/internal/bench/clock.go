// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"syscall"
	"unsafe"
)

// The machine may be shared, so what is measured is processor time.
const (
	processTime = 2 // CLOCK_PROCESS_CPUTIME_ID: the garbage collector's threads included
	threadTime  = 3 // CLOCK_THREAD_CPUTIME_ID: for a goroutine that is locked to its thread
)

// nanosecondsOf is what work takes by that clock.
func nanosecondsOf(clock uintptr, work func()) float64 {
	start := now(clock)
	work()
	return float64(now(clock) - start)
}

func now(clock uintptr) int64 {
	var time syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock,
		uintptr(unsafe.Pointer(&time)), 0); errno != 0 {
		fail("clock_gettime", errno)
	}
	return time.Nano()
}
