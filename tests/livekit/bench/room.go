// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// room is ten participants on a server, who each have a data track that all the others are subscribed to.
type room struct {
	people [inARoom]*client.Client
	tracks [inARoom]string
}

const (
	packetBytes = 200
	frameBytes  = 200
)

// openRoom returns when everybody has had something of everybody on every channel: all that counts does.
func openRoom(s *server) (*room, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r := &room{}
	err := r.all(func(i int) (err error) {
		r.people[i], err = client.Join(ctx, client.Options{
			Server: s.signals, Key: apiKey, Secret: apiSecret, Room: "bench", Identity: fmt.Sprintf("user-%d", i),
		})
		return err
	})
	if err == nil {
		err = r.all(func(i int) (err error) {
			r.tracks[i], err = r.people[i].Publish(ctx, "track")
			return err
		})
	}
	if err == nil {
		err = r.all(func(i int) error {
			return r.people[i].Await(ctx, "all tracks are subscribed to", func() bool {
				return r.ofOthers(i, func(other int) bool { return r.people[i].Subscribed(r.tracks[other]) })
			})
		})
	}
	if err == nil {
		err = r.all(r.say)
	}
	if err == nil {
		err = r.all(func(i int) error { return r.awaitFirst(ctx, i) })
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// say is one message on each of the three channels.
func (r *room) say(i int) error {
	return errors.Join(r.people[i].Send(client.Reliable, packetBytes), r.people[i].Send(client.Lossy, packetBytes),
		r.people[i].SendFrame(r.tracks[i], frameBytes))
}

// awaitFirst waits until somebody has got the first of everything.
func (r *room) awaitFirst(ctx context.Context, i int) error {
	me := r.people[i]
	return me.Await(ctx, "everybody is heard", func() bool {
		return r.ofOthers(i, func(other int) bool {
			sid := r.people[other].Sid()
			return me.Heard(sid, client.Reliable, 1) && me.Heard(sid, client.Lossy, 1) && me.HeardFrames(r.tracks[other], 1)
		})
	})
}

// awaitReliable waits until everybody has got all that may not get lost. What was sent before it and may, has been.
func (r *room) awaitReliable() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must("load", r.all(func(i int) error {
		me := r.people[i]
		return me.Await(ctx, "everybody is heard to the last", func() bool {
			return r.ofOthers(i, func(other int) bool {
				from := r.people[other]
				return me.Heard(from.Sid(), client.Reliable, from.Sent(client.Reliable))
			})
		})
	}))
}

func (r *room) ofOthers(i int, is func(other int) bool) bool {
	for other := range r.people {
		if other != i && !is(other) {
			return false
		}
	}
	return true
}

// all does it for everybody at once.
func (r *room) all(do func(i int) error) error {
	var group sync.WaitGroup
	var failed [inARoom]error
	for i := range r.people {
		group.Go(func() { failed[i] = do(i) })
	}
	group.Wait()
	return errors.Join(failed[:]...)
}

// got is how many messages everybody has got, that others had sent.
func (r *room) got() (messages uint64) {
	for _, who := range r.people {
		counts := who.Counts()
		messages += counts.Data.Got.Messages
		for _, track := range counts.Tracks {
			messages += track.Got.Messages
		}
	}
	return messages
}

func (r *room) close() {
	_ = r.all(func(i int) error {
		if r.people[i] != nil {
			r.people[i].Close()
		}
		return nil
	})
}
