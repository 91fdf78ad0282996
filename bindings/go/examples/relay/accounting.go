// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	closeTimeout = 10 * time.Second

	// A consumer that fails now and then gets the same reports again and counts them once: every so many
	// batches one is given back unread.
	giveBackEvery = 5
)

// accounting is what the relay does with lkstats: it counts every connection, takes the reports, and closes.
type accounting struct {
	context *lkstats.Context
	stays   atomic.Uint64 // of somebody in a room, so far
}

func openAccounting(interval time.Duration) (*accounting, error) {
	ctx, err := lkstats.Open(lkstats.Options{Node: "demo", ReportInterval: interval})
	if err != nil {
		return nil, err
	}
	return &accounting{context: ctx}, nil
}

// consume hands every report to reports and acknowledges it. It returns when close has seen to it that nothing is
// owed any more.
func (a *accounting) consume(reports *reports) error {
	for batch, err := range a.context.Batches(context.Background()) {
		if err != nil {
			return err
		}
		reports.batches++
		if reports.batches%giveBackEvery == 0 {
			reports.givenBack++
			err = batch.Nack()
		} else {
			reports.read(batch.Records())
			err = batch.Ack()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// close brings the last reports and waits until they are acknowledged.
func (a *accounting) close() error {
	residue, err := a.context.Close(closeTimeout)
	if err != nil {
		a.context.Close(lkstats.Abandon)
		return fmt.Errorf("%w; %d tracks are not acknowledged", err, residue.Tracks)
	}
	return nil
}

// account is how one connection is counted: its text messages are a signal connection of lkstats, its binary
// messages are the participant's data channel.
//
// One goroutine reads the connection and one writes it. Both add, which needs no lock. Who it is changes in join,
// before there is anything to write, and in move, while the other side waits for the answer.
type account struct {
	accounting  *accounting
	participant string
	signal      *lkstats.Signal
	data        *lkstats.Track // nil until it is known who this is
}

// A failure to count is said on stderr and survived: people go on talking.
func complain(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "relay: %s: %v\n", what, err)
	}
}

func (a *accounting) open() *account {
	signal, err := a.context.NewSignal(lkstats.SignalOptions{})
	complain("a signal connection is not counted", err)
	return &account{accounting: a, signal: signal}
}

func (a *account) join(room, participant string) {
	a.participant = participant
	a.enter(room)
}

// move leaves what was counted so far with the old room.
func (a *account) move(room string) {
	complain("a move is not seen, the old room counts on", a.signal.Reset())
	a.stopData()
	a.enter(room)
}

// enter: a participant that comes back, comes twice, or moves, is another participant to LiveKit. The sid says
// which stay it is, the identity who.
func (a *account) enter(room string) {
	where := lkstats.Room{SID: "RM_" + room, Name: room}
	who := lkstats.Participant{
		SID:      fmt.Sprintf("PA_%s_%d", a.participant, a.accounting.stays.Add(1)),
		Identity: a.participant,
	}
	complain("a room is not resolved", a.signal.ResolveRoom(where))
	complain("a participant is not resolved", a.signal.ResolveParticipant(who))

	var err error
	a.data, err = a.accounting.context.NewTrack(lkstats.TrackOptions{
		Channel:             lkstats.ChannelData,
		RoomSID:             where.SID,
		RoomName:            where.Name,
		ParticipantSID:      who.SID,
		ParticipantIdentity: who.Identity,
	})
	complain("a track is not counted", err)
}

// add counts the payload of one whole message.
func (a *account) add(text bool, size int, isSend bool) {
	if text {
		complain("a message is not counted", a.signal.AddBytes(uint64(size), isSend))
	} else {
		complain("a message is not counted", a.data.AddBytes(uint64(size), isSend))
	}
}

// close is for when both goroutines are done: an add that comes after a stop is refused.
func (a *account) close() {
	a.stopData()
	_, err := a.signal.Stop()
	complain("a signal connection does not stop", err)
}

func (a *account) stopData() {
	if a.data == nil {
		return
	}
	_, err := a.data.Stop()
	complain("a track does not stop", err)
	a.data = nil
}
