// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go/livekit"
)

// A room of ten who each publish a data track: everybody has the data channels, the track, and nine of others.
const (
	inARoom   = 10
	oneHas    = 2 + inARoom - 1
	aRoomHas  = inARoom * oneHas
	sidDigits = 12
)

// identity says whose an object is, and which.
type identity struct {
	participant livekit.ParticipantID
	track       livekit.TrackID
}

// identities are of as many objects, in rooms of ten, in the sizes that LiveKit's have. A string that several have in a
// server is one here.
func identities(count int) []identity {
	all := make([]identity, 0, count+aRoomHas)
	for room := 0; len(all) < count; room++ {
		var people [inARoom]livekit.ParticipantID
		var tracks [inARoom]livekit.TrackID
		for i := range people {
			number := room*inARoom + i
			people[i] = livekit.ParticipantID(fmt.Sprintf("PA_%0*d", sidDigits, number))
			tracks[i] = livekit.TrackID(fmt.Sprintf("DTR_%0*d", sidDigits, number))
		}
		for _, person := range people {
			all = append(all, identity{person, lkstats.BytesTrackIDForParticipantID(lkstats.BytesTrackTypeData, person)})
			for _, track := range tracks {
				all = append(all, identity{person, track})
			}
		}
	}
	return all[:count]
}
