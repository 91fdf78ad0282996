// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"testing"

	"github.com/lkstats/lkstats/bindings/go/verify"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// told is a session of which everything is known beforehand.
type told struct {
	counts client.Counts
}

func (told) Room() string            { return "acme-standup" }
func (told) RoomSid() string         { return "RM_1" }
func (told) Identity() string        { return "ana" }
func (told) Sid() string             { return "PA_1" }
func (t told) Counts() client.Counts { return t.counts }

// A connection that was resumed, one data channel, one data track of one's own and one of somebody else's.
func ana() told {
	return told{client.Counts{
		Signal: client.Traffic{Sent: client.Flow{Bytes: 30, Messages: 3}, Got: client.Flow{Bytes: 700, Messages: 5}},
		Data:   client.Traffic{Sent: client.Flow{Bytes: 90, Messages: 1}},
		Tracks: map[string]client.Traffic{
			"DTR_own":   {Sent: client.Flow{Bytes: 40, Messages: 2}},
			"DTR_other": {Got: client.Flow{Bytes: 16, Messages: 1}},
		},
	}}
}

func of(slot, sequence uint32, kind verify.Kind, track string, window, before verify.Traffic) record {
	return record{
		Record: verify.Record{
			Key:    verify.Key{EpochKey: verify.EpochKey{Slot: slot, Tag: 1, Epoch: 1}, Sequence: sequence, Kind: kind},
			Window: window, Running: plus(window, before), Signal: strings.HasPrefix(track, "TR_SG"),
		},
		Node: nodeName,
		whom: whom{
			RoomSID: "RM_1", RoomName: "acme-standup", ParticipantSID: "PA_1", Identity: "ana", TrackID: track, Tenant: "acme",
		},
	}
}

func plus(one, other verify.Traffic) verify.Traffic {
	return verify.Traffic{
		SendBytes: one.SendBytes + other.SendBytes, SendMessages: one.SendMessages + other.SendMessages,
		RecvBytes: one.RecvBytes + other.RecvBytes, RecvMessages: one.RecvMessages + other.RecvMessages,
	}
}

// anasJournal is the same, as a server reports it.
func anasJournal() []record {
	none := verify.Traffic{}
	first := verify.Traffic{SendBytes: 500, SendMessages: 4, RecvBytes: 10, RecvMessages: 1}
	resumed := verify.Traffic{SendBytes: 200, SendMessages: 1, RecvBytes: 15, RecvMessages: 1}
	more := verify.Traffic{RecvBytes: 5, RecvMessages: 1}
	return []record{
		of(1, 1, verify.KindJoined, "TR_SGPA_1", none, none),
		of(1, 2, verify.KindTraffic, "TR_SGPA_1", first, none),
		of(1, 2, verify.KindLeft, "TR_SGPA_1", none, first),
		of(2, 1, verify.KindJoined, "TR_SGPA_1", none, none),
		of(2, 2, verify.KindTraffic, "TR_SGPA_1", resumed, none),
		of(2, 3, verify.KindTraffic, "TR_SGPA_1", more, resumed),
		of(2, 3, verify.KindLeft, "TR_SGPA_1", none, plus(resumed, more)),
		of(3, 1, verify.KindTraffic, "TR_DTPA_1", verify.Traffic{RecvBytes: 90, RecvMessages: 1}, none),
		of(4, 1, verify.KindTraffic, "DTR_own", verify.Traffic{RecvBytes: 40, RecvMessages: 2}, none),
		of(5, 1, verify.KindTraffic, "DTR_other", verify.Traffic{SendBytes: 16, SendMessages: 1}, none),
	}
}

func compared(records []record) string {
	c := newComparison(io.Discard)
	c.journal([]session{ana()}, sum(records))
	var verdict strings.Builder
	_ = c.end(&verdict)
	return verdict.String()
}

func TestWhatIsReportedInFullIsEqual(t *testing.T) {
	if verdict := compared(anasJournal()); verdict != "equal\n" {
		t.Error(verdict)
	}
	twice := append(anasJournal(), anasJournal()...)
	if verdict := compared(twice); verdict != "equal\n" {
		t.Error("each report twice: ", verdict)
	}
}

func TestNothingOfItMayBeMissing(t *testing.T) {
	for i, missing := range anasJournal() {
		records := anasJournal()
		if verdict := compared(append(records[:i], records[i+1:]...)); !strings.Contains(verdict, "not equal") {
			t.Errorf("without record %d, %s, %v: %s", i, missing.TrackID, missing.Kind, verdict)
		}
	}
}

func TestEachByteAndMessageAndNameCounts(t *testing.T) {
	for name, change := range map[string]func(*record){
		"a byte received":    func(r *record) { r.Window.RecvBytes++; r.Running.RecvBytes++ },
		"a message received": func(r *record) { r.Window.RecvMessages++; r.Running.RecvMessages++ },
		"a byte sent":        func(r *record) { r.Window.SendBytes++; r.Running.SendBytes++ },
		"a message sent":     func(r *record) { r.Window.SendMessages++; r.Running.SendMessages++ },
		"the room":           func(r *record) { r.RoomName = "acme-other" },
		"the room's sid":     func(r *record) { r.RoomSID = "RM_2" },
		"the participant":    func(r *record) { r.ParticipantSID = "PA_2" },
		"the identity":       func(r *record) { r.Identity = "" },
		"the track":          func(r *record) { r.TrackID = "DTR_none" },
		"the tenant":         func(r *record) { r.Tenant = "globex" },
		"the node":           func(r *record) { r.Node = "another" },
		"unattributed":       func(r *record) { r.Unattributed = true },
	} {
		for _, which := range []int{7, 8, 9} {
			records := anasJournal()
			change(&records[which])
			if verdict := compared(records); !strings.Contains(verdict, "not equal") {
				t.Errorf("%s of record %d: %s", name, which, verdict)
			}
		}
	}
}

func TestWhoWasNotThereIsADifference(t *testing.T) {
	stranger := of(9, 1, verify.KindTraffic, "TR_DTPA_9", verify.Traffic{RecvBytes: 1, RecvMessages: 1}, verify.Traffic{})
	stranger.ParticipantSID = "PA_9"
	if verdict := compared(append(anasJournal(), stranger)); !strings.Contains(verdict, "none of the participants") {
		t.Error(verdict)
	}
}
