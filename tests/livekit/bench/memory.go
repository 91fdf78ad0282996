// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// memory of this process, in bytes, after its garbage is collected and given back to the system.
type memory struct {
	Resident float64 // whatever is in memory, lkstats' counters included
	Heap     float64 // Go's live objects
	Stacks   float64 // Go's
}

func memoryNow() memory {
	// What a pool or a finalizer holds goes with the second.
	runtime.GC()
	runtime.GC()
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return memory{resident(), float64(stats.HeapAlloc), float64(stats.StackInuse)}
}

func (m memory) less(before memory) memory {
	return memory{m.Resident - before.Resident, m.Heap - before.Heap, m.Stacks - before.Stacks}
}

func resident() float64 {
	status, err := os.ReadFile("/proc/self/status")
	must("memory", err)
	for line := range bytes.Lines(status) {
		if value, found := bytes.CutPrefix(line, []byte("VmRSS:")); found {
			var kib float64
			_, err := fmt.Sscanf(string(value), "%g kB", &kib)
			must("VmRSS", err)
			return kib * 1024
		}
	}
	fail("memory", fmt.Errorf("/proc/self/status has no VmRSS"))
	return 0
}
