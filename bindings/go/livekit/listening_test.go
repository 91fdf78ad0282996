// SPDX-License-Identifier: Apache-2.0

//go:build !livekit_listener_func

package livekit

import "github.com/livekit/livekit-server/pkg/rtc/types"

// listening is a listener as a server up to v1.13.5 gives it.
func listening(to types.ParticipantTelemetryListener) Listener { return to }

// What this is compiled with, and what a listener is then: Listener is that type, and none of its own.
const (
	theTag           = ""
	listenerOfTheTag = "types.ParticipantTelemetryListener"
)

var _ func(Listener) = func(types.ParticipantTelemetryListener) {}
