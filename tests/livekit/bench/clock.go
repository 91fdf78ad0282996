// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

// The machine may be shared, so what is measured is processor time.
const (
	processTime = 2 // CLOCK_PROCESS_CPUTIME_ID: of all threads, the garbage collector's included
	threadTime  = 3 // CLOCK_THREAD_CPUTIME_ID: for a goroutine that is locked to its thread
)

// nanosecondsOf is what work takes by that clock.
func nanosecondsOf(clock uintptr, work func()) float64 {
	start := now(clock)
	work()
	return float64(now(clock) - start)
}

func now(clock uintptr) int64 {
	time, err := read(clock)
	must("clock_gettime", err)
	return time
}

// timeOf is the processor time of another process, user's and system's, in nanoseconds: what utime and stime of its stat
// file are, which have hundredths of a second. The clock's number is the one that clock_getcpuclockid answers.
func timeOf(process int) (int64, error) {
	const schedulers = 2
	time, err := read(uintptr(uint32(^process<<3 | schedulers)))
	if err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", process, err)
	}
	return time, nil
}

func read(clock uintptr) (int64, error) {
	var time syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&time)), 0); errno != 0 {
		return 0, errno
	}
	return time.Nano(), nil
}
