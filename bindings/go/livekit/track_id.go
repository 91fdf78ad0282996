// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/utils"
)

// BytesTrackType is what a made-up track id has behind its prefix.
type BytesTrackType string

const (
	BytesTrackTypeData   BytesTrackType = "DT"
	BytesTrackTypeSignal BytesTrackType = "SG"
)

// BytesTrackIDForParticipantID is the id of a participant's data channels, or signal connection, as a track.
func BytesTrackIDForParticipantID(typ BytesTrackType, participantID livekit.ParticipantID) livekit.TrackID {
	return livekit.TrackID(utils.TrackPrefix + string(typ) + string(participantID))
}
