// SPDX-License-Identifier: Apache-2.0

//go:build livekit_listener_func

package livekit

import "github.com/livekit/livekit-server/pkg/rtc/types"

// Listener is what a server from v1.13.6 on gives: who is to be told now.
type Listener = func() types.ParticipantTelemetryListener

func current(listener Listener) types.ParticipantTelemetryListener {
	if listener == nil {
		return nil
	}
	return listener()
}
