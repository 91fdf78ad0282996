// SPDX-License-Identifier: Apache-2.0

// This file takes the place of pkg/rtc/signalanddatastats.go in a build with -overlay. What it names is
// github.com/lkstats/lkstats/bindings/go/livekit's.

package rtc

import (
	"context"

	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/livekit-server/pkg/telemetry"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go/livekit"
)

type (
	BytesTrackType   = lkstats.BytesTrackType
	TrafficTotals    = lkstats.TrafficTotals
	BytesTrackStats  = lkstats.BytesTrackStats
	BytesSignalStats = lkstats.BytesSignalStats
)

const (
	BytesTrackTypeData   = lkstats.BytesTrackTypeData
	BytesTrackTypeSignal = lkstats.BytesTrackTypeSignal
)

func init() {
	lkstats.RoomOf = func(listener types.ParticipantTelemetryListener) (sid, name string) {
		if of, known := listener.(*participantTelemetryListener); known {
			sid, name = string(of.room.ID()), string(of.room.Name())
		}
		return sid, name
	}
	lkstats.ParticipantOf = func(listener types.ParticipantTelemetryListener, sid livekit.ParticipantID) (
		identity string, attributes map[string]string,
	) {
		if of, known := listener.(*participantTelemetryListener); known {
			if participant := of.room.GetParticipantByID(sid); participant != nil {
				identity, attributes = string(participant.Identity()), participant.ClaimGrants().Attributes
			}
		}
		return identity, attributes
	}
}

func NewBytesTrackStats(
	country string,
	trackID livekit.TrackID,
	pID livekit.ParticipantID,
	kind livekit.ParticipantInfo_Kind,
	kindDetails []livekit.ParticipantInfo_KindDetail,
	telemetryListener lkstats.Listener,
	participantReporter roomobs.ParticipantSessionReporter,
) *BytesTrackStats {
	return lkstats.NewBytesTrackStats(country, trackID, pID, kind, kindDetails, telemetryListener, participantReporter)
}

func NewBytesSignalStats(ctx context.Context, telemetryService telemetry.TelemetryService) *BytesSignalStats {
	return lkstats.NewBytesSignalStats(ctx, telemetryService)
}

func BytesTrackIDForParticipantID(typ BytesTrackType, participantID livekit.ParticipantID) livekit.TrackID {
	return lkstats.BytesTrackIDForParticipantID(typ, participantID)
}
