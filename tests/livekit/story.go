// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// plan is what the command line says.
type plan struct {
	program             string
	mode                string
	rooms, participants int
	seconds, rate       int
	base                string
	keep                bool
}

// story is one run: a server, its rooms, and everybody who ever was in them.
type story struct {
	plan     plan
	places   places
	server   *server
	rooms    []*room
	forsaken *room
	sessions []*client.Client // beside those of the rooms
	live     []node           // what was said of the whole node, before the end
	refused  uint64           // adds
	trouble  error            // with the recovery
	out      io.Writer
}

func (s *story) everybody() []*client.Client {
	all := append([]*client.Client(nil), s.sessions...)
	for _, one := range s.rooms {
		all = append(all, one.everybody()...)
	}
	return append(all, s.forsaken.everybody()...)
}

func (s *story) everySession() []session {
	var all []session
	for _, one := range s.everybody() {
		all = append(all, one)
	}
	return all
}

func (s *story) say(format string, values ...any) { fmt.Fprintf(s.out, format+"\n", values...) }

// tell is the story up to the end of the load, after which nobody sends and nothing is on its way.
func (s *story) tell(ctx context.Context) error {
	steps := []struct {
		name string
		do   func(context.Context, *room) error
	}{
		{"joined", func(ctx context.Context, r *room) error { return r.open(ctx, s.plan.participants) }},
		{"load, with somebody who joins late", func(ctx context.Context, r *room) error {
			return r.load(ctx, s.half(), "late")
		}},
		{"one resumed, one left and joined again, one vanished and joined again", func(ctx context.Context, r *room) error {
			return r.upheaval(ctx)
		}},
		{"load", func(ctx context.Context, r *room) error { return r.load(ctx, s.half(), "") }},
	}
	began := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	var meanwhile sync.WaitGroup
	defer meanwhile.Wait()
	defer cancel()
	forsaken := make(chan error, 1)
	meanwhile.Go(func() { forsaken <- s.forsaken.forsaken(ctx) })
	for _, step := range steps {
		err := together(s.rooms, func(_ int, r *room) error {
			if err := step.do(ctx, r); err != nil {
				return fmt.Errorf("%s, %s: %w", r.name, step.name, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		s.say("%5.1f s  %s", time.Since(began).Seconds(), step.name)
	}
	if err := <-forsaken; err != nil {
		return fmt.Errorf("%s: %w", s.forsaken.name, err)
	}
	s.say("%5.1f s  meanwhile, in a room of two, one vanished for good", time.Since(began).Seconds())
	s.awaitOwn(ctx)
	s.say("%5.1f s  LiveKit's own figures waited for", time.Since(began).Seconds())
	if err := together(s.rooms, func(_ int, r *room) error { return r.burst(ctx) }); err != nil {
		return err
	}
	s.say("%5.1f s  one more burst, which the server is not left the time to report", time.Since(began).Seconds())
	return nil
}

func (s *story) half() time.Duration { return time.Duration(s.plan.seconds) * time.Second / 2 }

// run is the whole of it. An error is what went wrong, or what is not equal.
func (s *story) run(ctx context.Context) (err error) {
	if s.places, err = newPlaces(s.plan.base); err != nil {
		return err
	}
	if !s.plan.keep {
		defer os.RemoveAll(s.places.slab)
	}
	if s.server, err = start(ctx, s.plan.program, s.places, 1); err != nil {
		return err
	}
	defer func() { s.server.kill() }()
	for i := range s.plan.rooms {
		name := fmt.Sprintf("%s-%d", []string{"acme", "globex"}[i%2], i)
		s.rooms = append(s.rooms, &room{name: name, server: s.server.http, plan: s.plan})
	}
	s.forsaken = &room{name: "globex-two", server: s.server.http, plan: s.plan}
	defer func() {
		for _, one := range s.everybody() {
			one.Close()
		}
	}()
	if err := s.tell(ctx); err != nil {
		return err
	}
	switch s.plan.mode {
	case "term":
		return s.term(ctx)
	case "kill":
		return s.killed(ctx)
	case "stock":
		return s.stock(ctx)
	}
	return errors.New("no such mode")
}
