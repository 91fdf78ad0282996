// SPDX-License-Identifier: Apache-2.0

package lkstats

import "time"

// Traffic is bytes and messages of both directions. Sent is what LiveKit calls DOWNSTREAM, received is UPSTREAM. An
// add is in all figures or in none: bytes and messages belong together.
type Traffic struct {
	SendBytes, SendMessages, RecvBytes, RecvMessages uint64
}

// Time is one instant on two clocks, in nanoseconds: as numbers, since a consumer may have millions of them.
type Time struct {
	MonotonicNs int64 // CLOCK_MONOTONIC, which measures
	WallNs      int64 // CLOCK_REALTIME, since 1970, which may be set while the server runs
}

// Monotonic is the instant on CLOCK_MONOTONIC, since some moment in the past.
func (t Time) Monotonic() time.Duration { return time.Duration(t.MonotonicNs) }

// Wall is the instant on CLOCK_REALTIME, in UTC.
func (t Time) Wall() time.Time { return time.Unix(0, t.WallNs).UTC() }

// Totals is what a track counted since it was made, over all epochs.
type Totals struct {
	At Time
	Traffic
}

// Residue is what was counted and is not acknowledged.
type Residue struct {
	Tracks uint64 // that have some
	Traffic
}

// Channel is what a track carries.
type Channel int32

const (
	// ChannelData is a participant's data channels: the default of a track.
	ChannelData Channel = 1
	// ChannelDataTrack is a published data track, or one subscriber of it.
	ChannelDataTrack Channel = 2
	// ChannelSignal is a signal connection.
	ChannelSignal Channel = 3
)

// String is "data", "data_track" or "signal", as the metrics have it.
func (c Channel) String() string {
	switch c {
	case ChannelData:
		return "data"
	case ChannelDataTrack:
		return "data_track"
	case ChannelSignal:
		return "signal"
	}
	return "unknown"
}
