// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"runtime"
	"strings"
)

// inTurn says whether the caller was called by a turn: Go has no lock that knows its owner, but the stack does.
func inTurn() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for n > 0 {
			frame, more := frames.Next()
			if strings.HasSuffix(frame.Function, ".(*engine).takeBatches") || strings.HasSuffix(frame.Function, ".(*engine).reportPlain") {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}
