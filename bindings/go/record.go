// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"slices"
	"strings"
)

// RecordKind is what a record says.
type RecordKind uint32

const (
	// RecordTraffic is one window of one track.
	RecordTraffic RecordKind = 1
	// RecordJoined says that a signal connection's epoch has both room and participant; no traffic.
	RecordJoined RecordKind = 2
	// RecordLeft says that it is over, and that this is its last record; no traffic.
	RecordLeft RecordKind = 3
)

// String is "traffic", "joined" or "left".
func (k RecordKind) String() string {
	switch k {
	case RecordTraffic:
		return "traffic"
	case RecordJoined:
		return "joined"
	case RecordLeft:
		return "left"
	}
	return "unknown"
}

// Key names one record for good: the same key always has the same content. It is comparable.
type Key struct {
	Context  [16]byte // uuid, new with each Open; of a dead context's records, that one's
	Slot     uint32
	Tag      uint32
	Epoch    uint32 // of the handle: 1, 2, 3 ...; 1 for a data track
	Sequence uint32 // of the handle's epoch: 1, 2, 3 ... without a gap; a left may have that of the traffic before it
	Kind     RecordKind
}

// Record is one window of one track, or one event of a signal connection. Batch.Records are good for good; they share
// memory, so Clone the few that are kept for long. Those of Batch.All are good until the loop goes on.
type Record struct {
	Key Key
	// Start and End of a window; it begins where the one before ended, or the epoch began. A joined: from the epoch's
	// start until it was seen that both are known. A left: the epoch's end, twice.
	Start, End Time
	// Window is what was counted in it; Running, since the epoch's start, this window included.
	Window, Running     Traffic
	Country             string
	RoomSID             string
	RoomName            string
	ParticipantSID      string
	ParticipantIdentity string
	TrackID             string
	Tenant              string
	KindDetails         []int32 // nil when there are none
	ParticipantKind     int32
	Channel             Channel
	// Unattributed: a signal connection's that was never resolved; identity as far as known.
	Unattributed bool
}

// Clone is a copy that shares no memory with r, strings and kind details included.
func (r *Record) Clone() Record {
	if r == nil {
		return Record{}
	}
	c := *r
	for _, text := range []*string{&c.Country, &c.RoomSID, &c.RoomName, &c.ParticipantSID, &c.ParticipantIdentity,
		&c.TrackID, &c.Tenant} {
		*text = strings.Clone(*text)
	}
	c.KindDetails = slices.Clone(c.KindDetails)
	return c
}
