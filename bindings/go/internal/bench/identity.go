// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"fmt"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const participantsPerRoom = 10

// identity is of the number-th participant, in the sizes that LiveKit's have; crowd.c has the same.
func identity(number int) lkstats.TrackOptions {
	room := number / participantsPerRoom
	return lkstats.TrackOptions{
		RoomSID:             fmt.Sprintf("RM_%012d", room),
		RoomName:            fmt.Sprintf("lk-room-%07d", room),
		ParticipantSID:      fmt.Sprintf("PA_%012d", number),
		ParticipantIdentity: fmt.Sprintf("user-%010d", number),
	}
}
