// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// TrafficTotals is what an object has counted since it was made. Messages are of 32 bits, as LiveKit has them.
type TrafficTotals struct {
	At           time.Time
	SendBytes    uint64
	SendMessages uint32
	RecvBytes    uint64
	RecvMessages uint32
}

func sum(a, b lkstats.Traffic) lkstats.Traffic {
	return lkstats.Traffic{
		SendBytes: a.SendBytes + b.SendBytes, SendMessages: a.SendMessages + b.SendMessages,
		RecvBytes: a.RecvBytes + b.RecvBytes, RecvMessages: a.RecvMessages + b.RecvMessages,
	}
}

func totalsNow(counted lkstats.Traffic) *TrafficTotals {
	return &TrafficTotals{time.Now(), counted.SendBytes, uint32(counted.SendMessages), counted.RecvBytes,
		uint32(counted.RecvMessages)}
}
