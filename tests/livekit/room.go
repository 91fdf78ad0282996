// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// room is one room's story.
type room struct {
	name    string
	server  string
	plan    plan
	members []*client.Client // who is in it
	former  []*client.Client // who was
}

// What becomes of whom, by number among those who join first.
const (
	resumes  = iota // breaks its signal connection off and resumes
	single          // has one peer connection, and stays
	leaves          // says so, and joins again under the same identity
	vanishes        // goes without a word, and joins again
	leastParticipants
)

// together does something with each, all at once.
func together[T any](all []T, do func(int, T) error) error {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { errs[i] = do(i, one) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// everybody is who is or was in it.
func (r *room) everybody() []*client.Client {
	return slices.Concat(r.former, r.members)
}

func (r *room) join(ctx context.Context, identity string, single bool) (*client.Client, error) {
	one, err := client.Join(ctx, client.Options{
		Server: r.server, Key: apiKey, Secret: apiSecret, Room: r.name, Identity: identity, SinglePeerConnection: single,
	})
	if err != nil {
		return nil, fmt.Errorf("%s joins %s: %w", identity, r.name, err)
	}
	if _, err := one.Publish(ctx, "position"); err != nil {
		one.Close()
		return nil, err
	}
	return one, nil
}

// open has the first ones join, all at once.
func (r *room) open(ctx context.Context, participants int) error {
	joined := make([]*client.Client, participants)
	err := together(joined, func(i int, _ *client.Client) (err error) {
		joined[i], err = r.join(ctx, fmt.Sprintf("participant-%d", i), i == single)
		return err
	})
	r.members = slices.DeleteFunc(joined, func(one *client.Client) bool { return one == nil })
	if err != nil {
		return err
	}
	return r.subscribed(ctx)
}

// subscribed waits until everybody has a handle for the data tracks of everybody else.
func (r *room) subscribed(ctx context.Context) error {
	return r.pairs(func(from, to *client.Client) error {
		for _, sid := range from.Published() {
			err := to.Await(ctx, "it is subscribed to "+sid, func() bool { return to.Subscribed(sid) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// pairs does something with each sender and each receiver.
func (r *room) pairs(do func(from, to *client.Client) error) error {
	for _, from := range r.members {
		for _, to := range r.members {
			if from == to {
				continue
			}
			if err := do(from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// load has everybody send at the plan's rate. Somebody joins meanwhile, when late names him: he gets what is replayed, and
// it goes on until he has heard of everybody and the server has said so much to all that it is silent.
func (r *room) load(ctx context.Context, long time.Duration, late string) error {
	sending, stop := context.WithCancel(ctx)
	defer stop()
	over := time.NewTimer(long)
	defer over.Stop()
	var senders sync.WaitGroup
	errs := make(chan error, len(r.members)+2)
	begin := func(one *client.Client) {
		senders.Go(func() { errs <- r.send(sending, one) })
	}
	for _, one := range r.members {
		begin(one)
	}
	if late != "" {
		one, err := r.join(ctx, late, false)
		if err == nil {
			r.members = append(r.members, one)
			begin(one)
			err = errors.Join(r.heard(ctx, one), r.quiet(ctx, longSilence))
		}
		errs <- err
	}
	select {
	case <-over.C:
	case <-ctx.Done():
	}
	stop()
	senders.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return r.settle(ctx)
}

// heard waits until somebody has got something of everybody else, of each kind.
func (r *room) heard(ctx context.Context, to *client.Client) error {
	for _, from := range r.members {
		if from == to {
			continue
		}
		err := to.Await(ctx, "it hears everybody", func() bool { return to.HeardOf(from.Sid(), from.Published()) })
		if err != nil {
			return err
		}
	}
	return nil
}

// The server says what is new in a room at once, or every five seconds after the room's begin. So it is silent for good
// after the long silence, where nothing changes, and for some seconds after the short one, in a room that has just begun.
const (
	shortSilence = time.Second
	longSilence  = 5500 * time.Millisecond
)

// quiet waits until the server has been silent for that long on all signal connections, but for pongs. What it writes to
// somebody who is breaking off it may count too late, after the end of that connection's object.
func (r *room) quiet(ctx context.Context, silence time.Duration) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for slices.ContainsFunc(r.members, func(one *client.Client) bool { return time.Since(one.Told()) < silence }) {
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("the server is never silent in %s: %w", r.name, ctx.Err())
		}
	}
	return nil
}

// send is one participant's load.
func (r *room) send(ctx context.Context, one *client.Client) error {
	pace := time.NewTicker(time.Second / time.Duration(r.plan.rate))
	defer pace.Stop()
	for number := 0; ; number++ {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return nil
		}
		if err := sendOne(one, number); err != nil {
			return err
		}
		if number%r.plan.rate == 0 {
			if err := one.Ping(context.WithoutCancel(ctx), time.Now().UnixMilli()); err != nil {
				return err
			}
		}
	}
}

// sendOne sends a message of some size, over each channel in turn.
func sendOne(one *client.Client, number int) error {
	size := 4 + rand.IntN(600)
	switch number % 3 {
	case 0:
		return one.Send(client.Reliable, size)
	case 1:
		return one.Send(client.Lossy, size)
	}
	for _, sid := range one.Published() {
		if err := one.SendFrame(sid, size); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until nothing is on its way; nobody sends. The server may have dropped what is not reliable, the newest
// too: then another one is sent, and is heard when it was quiet.
func (r *room) settle(ctx context.Context) error {
	if err := r.settled(ctx, client.Reliable); err != nil {
		return err
	}
	for {
		short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		err := errors.Join(r.settled(short, client.Lossy), r.settledFrames(short))
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		for number := 1; number < 3; number++ {
			err := together(r.members, func(_ int, one *client.Client) error { return sendOne(one, number) })
			if err != nil {
				return err
			}
		}
	}
}

func (r *room) settled(ctx context.Context, channel client.Channel) error {
	return r.pairs(func(from, to *client.Client) error {
		number := from.Sent(channel)
		return to.Await(ctx, "all packets came", func() bool { return to.Heard(from.Sid(), channel, number) })
	})
}

func (r *room) settledFrames(ctx context.Context) error {
	return r.pairs(func(from, to *client.Client) error {
		for _, sid := range from.Published() {
			number := from.SentFrames(sid)
			err := to.Await(ctx, "all frames came", func() bool { return to.HeardFrames(sid, number) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// upheaval is what happens to connections, while nobody sends.
func (r *room) upheaval(ctx context.Context) error {
	first, last := r.members[leaves], r.members[vanishes]
	// Who breaks off comes first: the rest has the server tell everybody.
	if err := errors.Join(last.Vanish(ctx), r.members[resumes].Resume(ctx), first.Leave(ctx)); err != nil {
		return err
	}
	r.former = append(r.former, first, last)
	r.members = slices.DeleteFunc(r.members, func(one *client.Client) bool { return one == first || one == last })
	if err := r.gone(ctx, first); err != nil {
		return err
	}
	for _, identity := range []string{first.Identity(), last.Identity()} {
		one, err := r.join(ctx, identity, false)
		if err != nil {
			return err
		}
		r.members = append(r.members, one)
	}
	// The server takes somebody of the same identity for the one who vanished, and lets that one go.
	if err := errors.Join(r.gone(ctx, last), r.subscribed(ctx)); err != nil {
		return err
	}
	// What may be lost is sent only where what may not be has found its way, so none is lost.
	for number := range 3 {
		if err := together(r.members, func(_ int, one *client.Client) error { return sendOne(one, number) }); err != nil {
			return err
		}
		if number == 0 {
			if err := r.settled(ctx, client.Reliable); err != nil {
				return err
			}
		}
	}
	return r.settle(ctx)
}

// gone waits until nobody in the room takes somebody for present who left.
func (r *room) gone(ctx context.Context, who *client.Client) error {
	for _, one := range r.members {
		err := one.Await(ctx, who.Identity()+" is gone", func() bool { return !one.Here(who.Identity(), who.Sid()) })
		if err != nil {
			return err
		}
	}
	return nil
}

// forsaken is the story of a small room: one of two vanishes for good, which takes the server some twenty seconds to see.
func (r *room) forsaken(ctx context.Context) error {
	if err := r.open(ctx, 2); err != nil {
		return err
	}
	if err := errors.Join(r.burst(ctx), r.quiet(ctx, shortSilence)); err != nil {
		return err
	}
	who := r.members[1]
	if err := who.Vanish(ctx); err != nil {
		return err
	}
	r.members, r.former = r.members[:1], []*client.Client{who}
	if err := r.gone(ctx, who); err != nil {
		return err
	}
	return r.burst(ctx)
}

// burst is some traffic at once, pings among it.
func (r *room) burst(ctx context.Context) error {
	err := together(r.members, func(_ int, one *client.Client) error {
		for number := range 30 {
			if err := sendOne(one, number); err != nil {
				return err
			}
		}
		return one.Ping(ctx, time.Now().UnixMilli())
	})
	if err != nil {
		return err
	}
	return r.settle(ctx)
}
