// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package verify_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
	"github.com/lkstats/lkstats/bindings/go/verify"
)

// What the proof needs of a record of the library's.
func recordOf(r *lkstats.Record) *verify.Record {
	k := r.Key
	return &verify.Record{
		Key: verify.Key{
			EpochKey: verify.EpochKey{Context: k.Context, Slot: k.Slot, Tag: k.Tag, Epoch: k.Epoch},
			Sequence: k.Sequence,
			Kind:     verify.Kind(k.Kind),
		},
		Window:       verify.Traffic(r.Window),
		Running:      verify.Traffic(r.Running),
		Signal:       r.Channel == lkstats.ChannelSignal,
		Unattributed: r.Unattributed,
	}
}

// A consumer that proves that it has everything.
func Example_library() {
	stats, err := lkstats.Open(lkstats.Options{Manual: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	track, _ := stats.NewTrack(lkstats.TrackOptions{ParticipantIdentity: "ana"})
	track.AddBytes(1200, false)
	stats.Close(0) // stops every track; the last reports are made, and come below

	epochs := map[verify.EpochKey]*verify.Epoch{}
	for batch, err := range stats.Batches(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, r := range batch.Records() {
			record := recordOf(&r)
			epoch := epochs[record.EpochKey]
			if epoch == nil {
				epoch = &verify.Epoch{}
				epochs[record.EpochKey] = epoch
			}
			if epoch.Take(record) == verify.Contradiction {
				fmt.Println(epoch.Why())
			}
		}
		batch.Ack()
	}
	for _, epoch := range epochs {
		fmt.Println("complete:", epoch.Complete(), "with", epoch.Running().RecvBytes, "bytes received")
	}
	// Output: complete: true with 1200 bytes received
}

// What a track and a connection of two epochs report, half of the batches given back once.
func reported(t *testing.T) []*verify.Record {
	t.Helper()
	stats, err := lkstats.Open(lkstats.Options{Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	var records []*verify.Record
	take := func(refuse bool) {
		for {
			batch, err := stats.TryNext()
			if err != nil && err != io.EOF {
				t.Fatal(err)
			}
			if batch == nil {
				return
			}
			for _, r := range batch.Records() {
				records = append(records, recordOf(&r))
			}
			if refuse {
				batch.Nack()
			} else {
				batch.Ack()
			}
			refuse = false
		}
	}
	track, _ := stats.NewTrack(lkstats.TrackOptions{})
	signal, _ := stats.NewSignal(lkstats.SignalOptions{})
	for tick := 1; tick <= 8; tick++ {
		if tick == 5 {
			signal.Reset()
		}
		if tick%4 == 1 {
			signal.ResolveRoom(lkstats.Room{SID: "RM_1"})
			signal.ResolveParticipant(lkstats.Participant{SID: "PA_1"})
		}
		track.AddBytes(uint64(tick), true)
		signal.AddBytes(uint64(tick), false)
		now := time.Duration(tick) * 5 * time.Second
		if err := stats.RunOnce(now, time.Unix(0, 0).Add(now)); err != nil {
			t.Fatal(err)
		}
		take(tick%2 == 0)
	}
	for {
		if _, err := stats.Close(0); err == nil {
			return records
		}
		take(false)
	}
}

func TestWhatTheLibraryReportsIsProvedComplete(t *testing.T) {
	epochs := map[verify.EpochKey]*verify.Epoch{}
	twice := 0
	for _, r := range reported(t) {
		epoch := epochs[r.EpochKey]
		if epoch == nil {
			epoch = &verify.Epoch{}
			epochs[r.EpochKey] = epoch
		}
		switch verdict := epoch.Take(r); verdict {
		case verify.Duplicate:
			twice++
		case verify.Next:
		default:
			t.Errorf("%v: %v, %+v", verdict, epoch.Why(), r)
		}
	}
	if len(epochs) != 3 || twice == 0 {
		t.Errorf("%d epochs, %d records came twice", len(epochs), twice)
	}
	for key, epoch := range epochs {
		former := key
		former.Epoch--
		if !epoch.Complete() || !epoch.Follows(epochs[former]) {
			t.Errorf("%+v", epoch)
		}
	}
}
