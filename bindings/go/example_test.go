// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// A participant's data traffic, counted and reported.
func Example() {
	stats, err := lkstats.Open(lkstats.Options{Node: "node-1"})
	if err != nil {
		log.Fatal(err)
	}
	consumed := make(chan struct{})
	go func() {
		defer close(consumed)
		for batch, err := range stats.Batches(context.Background()) {
			if err != nil {
				log.Fatal(err)
			}
			for _, r := range batch.Records() {
				fmt.Println(r.ParticipantIdentity, r.Window.RecvBytes, "received,", r.Window.SendBytes, "sent")
			}
			batch.Ack()
		}
	}()

	track, err := stats.NewTrack(lkstats.TrackOptions{ParticipantIdentity: "ana"})
	if err != nil {
		log.Print(err) // the server runs on
	}
	track.AddBytes(1200, false)
	track.AddBytes(300, true)
	track.Stop()

	if residue, err := stats.Close(time.Second); err != nil {
		log.Print(err, residue) // not acknowledged in time
	}
	<-consumed
	// Output: ana 1200 received, 300 sent
}

// A connection that counts before anybody knows whose it is, then moves to another room.
func ExampleSignal() {
	stats, err := lkstats.Open(lkstats.Options{Manual: true})
	if err != nil {
		log.Fatal(err)
	}
	signal, _ := stats.NewSignal(lkstats.SignalOptions{})
	signal.AddBytes(80, false)
	signal.ResolveRoom(lkstats.Room{SID: "RM_1", Name: "atrium"})
	signal.ResolveParticipant(lkstats.Participant{SID: "PA_1", Identity: "ana"})
	signal.Reset()
	signal.ResolveRoom(lkstats.Room{SID: "RM_2", Name: "library"})
	signal.ResolveParticipant(lkstats.Participant{SID: "PA_1", Identity: "ana"})
	signal.AddBytes(20, true)

	stats.Close(0) // the last reports are made; they are taken now
	for batch, err := range stats.Batches(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		for _, r := range batch.Records() {
			fmt.Println(r.ParticipantIdentity, r.Key.Kind, r.RoomName, r.Window.RecvBytes, r.Window.SendBytes)
		}
		batch.Ack()
	}
	stats.Close(0)
	// Output:
	// ana joined atrium 0 0
	// ana traffic atrium 80 0
	// ana left atrium 0 0
	// ana joined library 0 0
	// ana traffic library 0 20
	// ana left library 0 0
}

// A server that has its own clock and its own loop, as tests do.
func ExampleContext_RunOnce() {
	stats, err := lkstats.Open(lkstats.Options{Manual: true, ReportInterval: time.Second})
	if err != nil {
		log.Fatal(err)
	}
	defer stats.Close(lkstats.Abandon)
	track, _ := stats.NewTrack(lkstats.TrackOptions{})
	start := time.Unix(1700000000, 0)
	for now := time.Duration(0); now <= 2*time.Second; now += 500 * time.Millisecond {
		track.AddBytes(10, true)
		stats.RunOnce(now, start.Add(now))
		if batch, _ := stats.TryNext(); batch != nil {
			for _, r := range batch.Records() {
				fmt.Println(r.End.Wall().Format(time.TimeOnly), r.Window.SendBytes)
			}
			batch.Ack()
		}
	}
	// Output:
	// 22:13:21 30
	// 22:13:22 20
}

// Errors satisfy errors.Is, and a track that could not be made is harmless.
func ExampleStatus() {
	stats, err := lkstats.Open(lkstats.Options{Manual: true, MaxTracks: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer stats.Close(lkstats.Abandon)
	stats.NewTrack(lkstats.TrackOptions{})
	track, err := stats.NewTrack(lkstats.TrackOptions{})
	fmt.Println(errors.Is(err, lkstats.ErrFull))
	fmt.Println(track.AddBytes(1, true))
	// Output:
	// true
	// lkstats: the handle, context or batch is not, or no longer, known (LKSTATS_ESTALE)
}
