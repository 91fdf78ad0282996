// SPDX-License-Identifier: Apache-2.0

package main

import (
	"runtime"
	"syscall"
	"unsafe"
)

// processors is a set of them, as the system calls have it.
type processors [1024 / 64]uint64

// pin keeps the calling goroutine on a thread and a processor of its own, the number-th of those that the process may
// use: a scheduler may leave goroutines that are meant to meet on one processor. Where the system does not allow it they
// stay where they are.
func pin(number int) (unpin func()) {
	runtime.LockOSThread()
	var before, one processors
	if !affinity(syscall.SYS_SCHED_GETAFFINITY, &before) {
		return runtime.UnlockOSThread
	}
	usable := before.list()
	processor := usable[number%len(usable)]
	one[processor/64] |= 1 << (processor % 64)
	affinity(syscall.SYS_SCHED_SETAFFINITY, &one)
	return func() {
		affinity(syscall.SYS_SCHED_SETAFFINITY, &before)
		runtime.UnlockOSThread()
	}
}

func affinity(call uintptr, set *processors) bool {
	const thisThread = 0
	_, _, errno := syscall.RawSyscall(call, thisThread, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set)))
	return errno == 0
}

func (p *processors) list() []int {
	var list []int
	for processor := range len(p) * 64 {
		if p[processor/64]>>(processor%64)&1 != 0 {
			list = append(list, processor)
		}
	}
	return list
}
