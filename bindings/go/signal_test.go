// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"slices"
	"testing"
	"time"
)

func TestAConnectionCountsBeforeAnybodyKnowsWhoseItIs(t *testing.T) {
	h := manual(t, Options{})
	h.pass(time.Second)
	signal := h.signal(SignalOptions{Country: "NL", Tenant: "acme"})
	must(t, signal.AddBytes(80, false))
	must(t, signal.ResolveRoom(Room{SID: "RM_1", Name: "atrium"}))
	ana := Participant{SID: "PA_1", Identity: "ana", Kind: 3, KindDetails: []int32{2, -1}}
	must(t, signal.ResolveParticipant(ana))
	refuses(t, "a second room", signal.ResolveRoom(Room{SID: "RM_2"}), ErrResolved)
	h.pass(6 * time.Second)
	_, err := signal.Stop()
	must(t, err)

	h.pass(time.Second)
	records := h.drained()
	h.pass(time.Second)
	records = append(records, h.drained()...)
	var kinds []RecordKind
	for _, r := range records {
		kinds = append(kinds, r.Key.Kind)
		if r.Country != "NL" || r.Tenant != "acme" || r.RoomSID != "RM_1" || r.RoomName != "atrium" ||
			r.ParticipantSID != ana.SID || r.ParticipantIdentity != ana.Identity || r.ParticipantKind != ana.Kind ||
			!slices.Equal(r.KindDetails, ana.KindDetails) || r.TrackID != "TR_SGPA_1" || r.Channel != ChannelSignal ||
			r.Unattributed {
			t.Errorf("%+v", r)
		}
	}
	if want := []RecordKind{RecordJoined, RecordTraffic, RecordLeft}; !slices.Equal(kinds, want) {
		t.Errorf("%v, not %v", kinds, want)
	}
	if got := sum(records); got != (Traffic{RecvBytes: 80, RecvMessages: 1}) {
		t.Errorf("traffic %+v", got)
	}
}

func TestAResetDividesTheTraffic(t *testing.T) {
	h := manual(t, Options{})
	signal := h.signal(SignalOptions{})
	for _, room := range []string{"RM_1", "RM_2"} {
		must(t, signal.ResolveRoom(Room{SID: room}))
		must(t, signal.ResolveParticipant(Participant{SID: "PA_1"}))
		must(t, signal.AddBytes(10, true))
		must(t, signal.Reset())
	}
	_, err := signal.Stop()
	must(t, err)
	var records []Record
	for range 60 { // also the last, unattributed epoch's wait, which had nothing
		h.pass(time.Second)
		records = append(records, h.drained()...)
	}
	for epoch, room := range []string{"RM_1", "RM_2"} {
		var got Traffic
		for _, r := range records {
			if r.RoomSID == room {
				got.add(r.Window)
				if r.Key.Epoch != uint32(epoch+1) {
					t.Errorf("%s has epoch %d", room, r.Key.Epoch)
				}
			}
		}
		if got != (Traffic{SendBytes: 10, SendMessages: 1}) {
			t.Errorf("%s: %+v", room, got)
		}
	}
}

func TestAStrangersTrafficIsUnattributed(t *testing.T) {
	h := manual(t, Options{})
	signal := h.signal(SignalOptions{Tenant: "acme"})
	must(t, signal.AddBytes(12, false))
	_, err := signal.Stop()
	must(t, err)
	h.pass(time.Minute)
	records := h.drained()
	if len(records) != 1 || !records[0].Unattributed || records[0].Tenant != "acme" || records[0].Window.RecvBytes != 12 {
		t.Errorf("%+v", records)
	}
}

func TestTheNearestTenantPays(t *testing.T) {
	h := manual(t, Options{})
	h.pass(time.Second)
	signal := h.signal(SignalOptions{Tenant: "connection"})
	want := []string{"participant", "participant", "room", "connection"}
	for epoch := range want {
		room, who := Room{SID: "RM_1"}, Participant{SID: "PA_1"}
		if epoch == 1 || epoch == 2 {
			room.Tenant = "room"
		}
		if epoch < 2 {
			who.Tenant = "participant"
		}
		must(t, signal.ResolveRoom(room))
		must(t, signal.ResolveParticipant(who))
		must(t, signal.AddBytes(10, true))
		must(t, signal.Reset())
	}
	seen := 0
	for range 60 {
		h.pass(time.Second)
		for _, r := range h.drained() {
			if seen++; r.Tenant != want[r.Key.Epoch-1] {
				t.Errorf("epoch %d: %q, not %q", r.Key.Epoch, r.Tenant, want[r.Key.Epoch-1])
			}
		}
	}
	if seen != 3*len(want) { // joined, traffic, left
		t.Errorf("%d records", seen)
	}
}

func TestAFlushOfOneHandleFreezesIt(t *testing.T) {
	h := manual(t, Options{})
	signal, track := h.signal(SignalOptions{}), h.track(TrackOptions{Tenant: "acme"})
	must(t, signal.Flush(0)) // nobody knows whose it is, so nothing is owed
	must(t, track.AddBytes(9, true))
	refuses(t, "a flush that nobody answered", track.Flush(0), ErrTimedOut)
	if got := h.drained(); len(got) != 1 || got[0].Tenant != "acme" || got[0].Window.SendBytes != 9 {
		t.Errorf("%+v", got)
	}
	must(t, track.Flush(0))
	must(t, h.Flush(0))
}
