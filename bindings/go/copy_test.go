// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
	"github.com/lkstats/lkstats/bindings/go/internal/layout"
)

func crowd(h *host, count int) []TrackOptions {
	all := make([]TrackOptions, count)
	for i := range all {
		name := func(what string) string { return fmt.Sprintf("%s-%d", what, i) }
		all[i] = TrackOptions{Channel: ChannelData, Country: name("country"), RoomSID: name("room"), RoomName: name("название"),
			ParticipantSID: name("participant"), ParticipantIdentity: strings.Repeat("i", i%(stringMax+1)), TrackID: name("track"),
			Tenant: name("tenant"), ParticipantKind: int32(-i), KindDetails: []int32{int32(i), 7}}
		if i%2 == 1 {
			all[i].Channel, all[i].KindDetails = ChannelDataTrack, nil
		}
		must(h.t, h.track(all[i]).AddMessages(uint64(i), 1, i%3 == 0))
	}
	return all
}

func identity(r *Record) TrackOptions {
	return TrackOptions{r.Channel, r.Country, r.RoomSID, r.RoomName, r.ParticipantSID, r.ParticipantIdentity, r.TrackID, r.Tenant,
		r.ParticipantKind, r.KindDetails}
}

func TestRecordsAreWholeAndStayGoodAfterTheAnswer(t *testing.T) {
	h := manual(t, Options{})
	const count = 5000 // more than a batch takes
	want := crowd(h, count)
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	records := h.drained()
	if len(records) != count {
		t.Fatalf("%d records", len(records))
	}
	second := crowd(h, count) // the library uses its memory again
	refuses(t, "flush", h.Flush(0), ErrTimedOut)
	again := h.drained()
	for i := range records {
		if got := identity(&records[i]); !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("%d: %+v, not %+v", i, got, want[i])
		}
		if records[i].Window.SendBytes+records[i].Window.RecvBytes != uint64(i) {
			t.Fatalf("%d: %+v", i, records[i].Window)
		}
	}
	if len(again) != len(second) {
		t.Errorf("%d records of the second crowd", len(again))
	}
}

func TestTheRecordIsTheHeadersAndTheSlotIsOneCacheLine(t *testing.T) {
	r := abi.Record{}
	ours := map[string]uintptr{
		"slot.size": 64, "slot.state": 0, "slot.tag": 4, "slot.word": 8, "slot.carry": 24, "slot.last": 40,
		"slot.record": 56, "slot.epoch": 60,
		"record.size": unsafe.Sizeof(r), "record.window": unsafe.Offsetof(r.Window),
		"record.running": unsafe.Offsetof(r.Running), "record.country": unsafe.Offsetof(r.Country),
		"record.kind_details": unsafe.Offsetof(r.KindDetails), "record.flags": unsafe.Offsetof(r.Flags),
		"key.size": unsafe.Offsetof(r.Start), "key.kind": unsafe.Offsetof(r.Kind),
	}
	seen := 0
	for _, figure := range layout.Figures() {
		if want, ok := ours[figure.Name]; ok {
			seen++
			if figure.Bytes != want {
				t.Errorf("%s is %d, not %d", figure.Name, figure.Bytes, want)
			}
		}
	}
	if seen != len(ours) {
		t.Errorf("%d of %d figures", seen, len(ours))
	}
}

func TestStatsAreTheSameBytesEachTime(t *testing.T) {
	h := manual(t, Options{Node: "node-1", AnalyticsKey: "key"})
	must(t, h.track(TrackOptions{RoomSID: "RM_1"}).AddBytes(5, true))
	h.pass(6 * time.Second)
	batch := h.taken()
	first, err := batch.AnalyticsStats()
	must(t, err)
	for _, part := range []string{"node-1", "key", "RM_1", "AS_"} {
		if !strings.Contains(string(first), part) {
			t.Errorf("%q is not in %q", part, first)
		}
	}
	must(t, batch.Nack())
	again := h.taken()
	second, err := again.AnalyticsStats()
	must(t, err)
	if string(first) != string(second) {
		t.Errorf("%q, then %q", first, second)
	}
	must(t, again.Ack())
}
