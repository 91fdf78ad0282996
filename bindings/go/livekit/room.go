// SPDX-License-Identifier: Apache-2.0

package livekit

import "github.com/livekit/livekit-server/pkg/rtc/types"

// RoomOf answers the room that a listener tells of; false: it is none that it knows. The server's own package sets it,
// before anything counts, as nobody else can look into its listeners.
var RoomOf func(listener types.ParticipantTelemetryListener) (sid, name string, known bool)

func roomOf(listener types.ParticipantTelemetryListener) (sid, name string) {
	if RoomOf == nil || listener == nil {
		return "", ""
	}
	sid, name, _ = RoomOf(listener)
	return sid, name
}
