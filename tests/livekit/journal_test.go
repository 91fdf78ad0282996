// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
	"github.com/lkstats/lkstats/bindings/go/verify"
)

// given is what the library has given to a consumer beside the journal, in the journal's words.
func given(r *lkstats.Record) record {
	one := record{
		Record: verify.Record{
			Key: verify.Key{
				EpochKey: verify.EpochKey{Context: r.Key.Context, Slot: r.Key.Slot, Tag: r.Key.Tag, Epoch: r.Key.Epoch},
				Sequence: r.Key.Sequence, Kind: verify.Kind(r.Key.Kind),
			},
			Window: verify.Traffic(r.Window), Running: verify.Traffic(r.Running),
			Signal: r.Channel == lkstats.ChannelSignal, Unattributed: r.Unattributed,
		},
		Node: "node", AnalyticsKey: "key",
		StartNs: r.Start.MonotonicNs, EndNs: r.End.MonotonicNs,
		StartWall: r.Start.WallNs, EndWall: r.End.WallNs,
		whom: whom{
			Channel: int64(r.Channel), ParticipantKind: int64(r.ParticipantKind), Country: r.Country,
			RoomSID: r.RoomSID, RoomName: r.RoomName, ParticipantSID: r.ParticipantSID, Identity: r.ParticipantIdentity,
			TrackID: r.TrackID, Tenant: r.Tenant,
		},
	}
	for _, detail := range r.KindDetails {
		one.KindDetails = append(one.KindDetails, int64(detail))
	}
	return one
}

// history has a library of its own write a journal, and answers what it gave to a consumer meanwhile.
func history(t *testing.T, directory string) []record {
	t.Helper()
	stats, err := lkstats.Open(lkstats.Options{Node: "node", AnalyticsKey: "key", Manual: true, JournalDir: directory})
	must(t, err)
	var all []record
	now, epoch := time.Duration(0), time.Unix(1_700_000_000, 0)
	turn := func() {
		now += 6 * time.Second
		must(t, stats.RunOnce(now, epoch.Add(now)))
		for {
			batch, err := stats.TryNext()
			must(t, err)
			if batch == nil {
				return
			}
			for _, r := range batch.Records() {
				all = append(all, given(&r))
			}
			must(t, batch.Ack())
		}
	}
	track, err := stats.NewTrack(lkstats.TrackOptions{
		Country: "NL", RoomSID: "RM_1", RoomName: "acme-standup", ParticipantSID: "PA_1", ParticipantIdentity: "ana",
		Tenant: "acme", ParticipantKind: 4, KindDetails: []int32{1, -2},
	})
	must(t, err)
	signal, err := stats.NewSignal(lkstats.SignalOptions{Country: "DE"})
	must(t, err)
	nobody, err := stats.NewSignal(lkstats.SignalOptions{})
	must(t, err)
	must(t, nobody.AddBytes(17, false))
	_, err = nobody.Stop()
	must(t, err)
	for epochs := range 3 {
		must(t, signal.ResolveRoom(lkstats.Room{SID: fmt.Sprint("RM_", epochs), Name: "acme-standup"}))
		must(t, signal.ResolveParticipant(lkstats.Participant{SID: fmt.Sprint("PA_", epochs), Identity: "ben"}))
		for i := range uint64(4) {
			must(t, errors.Join(track.AddBytes(1000*i, i%2 == 0), track.AddBytes(1<<34, true), signal.AddBytes(i, i == 2)))
			turn()
		}
		turn() // nothing moved: no window
		must(t, signal.Reset())
		turn()
	}
	_, err = track.Stop()
	must(t, err)
	_, err = signal.Stop()
	must(t, err)
	turn()
	for range 8 { // as long as nobody may still say whose the third one is
		turn()
	}
	_, err = stats.Close(time.Second)
	must(t, err)
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheJournalSaysWhatAConsumerWasGiven(t *testing.T) {
	directory := t.TempDir()
	want := history(t, directory)
	got, err := readJournal(directory)
	must(t, err)
	if len(want) < 20 || len(got) != len(want) {
		t.Fatalf("given %d records, read %d", len(want), len(got))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("record %d: read\n%+v, given\n%+v", i, got[i], want[i])
		}
	}
}

// A torn journal has the reports of its whole frames; a damaged one says so, or ends as a torn one does.
func TestATornJournalHasItsWholeFramesAndADamagedOneNothingElse(t *testing.T) {
	directory := t.TempDir()
	history(t, directory)
	names, err := filepath.Glob(filepath.Join(directory, "*.journal"))
	must(t, err)
	content, err := os.ReadFile(names[0])
	must(t, err)
	whole, err := readSegment(content)
	must(t, err)
	for size := range content {
		torn, err := readSegment(content[:size])
		if err != nil || len(torn) > len(whole) || (len(torn) > 0 && !reflect.DeepEqual(torn, whole[:len(torn)])) {
			t.Fatalf("%d of %d bytes: %d records, %v", size, len(content), len(torn), err)
		}
	}
	refused := 0
	for at := range content {
		damaged := bytes.Clone(content)
		damaged[at] ^= 0x40
		records, err := readSegment(damaged)
		if err != nil {
			refused++
		} else if len(records) >= len(whole) || (len(records) > 0 && !reflect.DeepEqual(records, whole[:len(records)])) {
			t.Fatalf("byte %d is damaged: %d records of %d, and no error", at, len(records), len(whole))
		}
	}
	if refused < len(content)/2 {
		t.Errorf("%d of %d damages were seen", refused, len(content))
	}
}
