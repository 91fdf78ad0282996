// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/protocol/livekit"
)

// What a server knows of whom a listener tells of. Its own package sets these, before anything counts, as nobody else can
// look into its listeners. An empty answer: it does not know.
var (
	RoomOf        func(listener types.ParticipantTelemetryListener) (sid, name string)
	ParticipantOf func(listener types.ParticipantTelemetryListener, sid livekit.ParticipantID) (
		identity string, attributes map[string]string)
)

func roomOf(listener types.ParticipantTelemetryListener) (sid, name string) {
	if RoomOf == nil || listener == nil {
		return "", ""
	}
	return RoomOf(listener)
}

// personOf is who a participant is. Where the signal connection has not said so, as it is with another node of a cluster,
// or there is none, the server is asked.
func (e *engine) personOf(sid livekit.ParticipantID, listener types.ParticipantTelemetryListener) person {
	who := e.people.find(sid)
	if who.identity != "" || ParticipantOf == nil || listener == nil {
		return who
	}
	identity, attributes := ParticipantOf(listener, sid)
	e.people.met(sid, identity, e.tenants.participant(attributes))
	return e.people.find(sid)
}
