// SPDX-License-Identifier: Apache-2.0

//go:build !livekit_listener_func

package livekit

import "github.com/livekit/livekit-server/pkg/rtc/types"

// Listener is what a server up to v1.13.5 gives: whom to tell.
type Listener = types.ParticipantTelemetryListener

func current(listener Listener) types.ParticipantTelemetryListener { return listener }
