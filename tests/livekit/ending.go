// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// awaitEnds waits until every client has read all that the server wrote to it.
func (s *story) awaitEnds(ctx context.Context) error {
	return together(s.everybody(), func(_ int, one *client.Client) error { return one.AwaitEnd(ctx) })
}

// term ends the server as an operator does, while everybody is there.
func (s *story) term(ctx context.Context) error {
	s.awaitLive(ctx)
	took, err := s.server.terminate(ctx)
	if err != nil {
		return err
	}
	s.say("the server has left, %d ms after its second SIGTERM", took.Milliseconds())
	return errors.Join(s.awaitEnds(ctx), s.compare())
}

// killed ends it as nobody should, and has another server report what was left.
func (s *story) killed(ctx context.Context) error {
	s.awaitLive(ctx)
	lost, err := s.unreported()
	if err != nil {
		return err
	}
	if lost == (client.Traffic{}) {
		return errors.New("everything was reported before the kill: this proves nothing")
	}
	s.server.kill()
	s.say("the server is killed: LiveKit's own figures never get %s that was sent and %s that was got",
		cell(lost.Sent), cell(lost.Got))
	if err := s.awaitEnds(ctx); err != nil {
		return err
	}
	next, err := start(ctx, s.plan.program, s.places, 2)
	if err != nil {
		return err
	}
	s.server = next
	if err := s.visit(ctx); err != nil {
		return err
	}
	recovery, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	s.trouble = s.server.until(recovery, "what the killed server left is reported", func() bool {
		left, err := filepath.Glob(filepath.Join(s.places.slab, "*:dir"))
		return err == nil && len(left) == 1
	})
	if _, err := s.server.terminate(ctx); err != nil {
		return err
	}
	return errors.Join(s.awaitEnds(ctx), s.compare())
}

// visit has somebody join the next server: it counts from the first participant on.
func (s *story) visit(ctx context.Context) error {
	after := &room{name: "acme-after", server: s.server.http, plan: s.plan}
	one, err := after.join(ctx, "visitor", false)
	if err == nil {
		s.sessions = append(s.sessions, one)
	}
	return err
}

// stock shows what a server without lkstats has at its end.
func (s *story) stock(ctx context.Context) error {
	lost, err := s.unreported()
	if err != nil {
		return err
	}
	if _, err := s.server.terminate(ctx); err != nil {
		return err
	}
	s.say("the server has left: nobody was told of %s that was sent and %s that was got", cell(lost.Sent), cell(lost.Got))
	if own := s.live[0]; own.trouble != nil {
		return fmt.Errorf("%s: %w: %+v, counted %+v", own.whose, own.trouble, own.said, own.counted)
	}
	return s.awaitEnds(ctx)
}

// compare holds everything against what the clients counted.
func (s *story) compare() error {
	records, err := readJournal(s.places.journal)
	if err != nil {
		return err
	}
	said := sum(records)
	c := newComparison(s.out)
	c.journal(s.everySession(), said)
	var all client.Traffic
	for _, figures := range said.figures {
		all = all.Plus(figures)
	}
	for _, one := range s.live {
		c.row("everybody", one.whose, one.counted, one.said)
		if one.trouble != nil {
			c.differ("%v", one.trouble)
		}
	}
	c.row("everybody", "the journal", total(s.everySession()), all)
	if s.refused != 0 {
		c.differ("%d adds were refused, of objects that the server had stopped before", s.refused)
	}
	if s.trouble != nil {
		c.differ("%v", s.trouble)
	}
	if s.plan.mode == "kill" && said.recovered == 0 {
		c.differ("none of the reports was recovered")
	}
	if s.plan.mode == "term" && said.recovered+said.twice != 0 {
		c.differ("%d reports were recovered, and %d came twice: nobody was killed", said.recovered, said.twice)
	}
	dropped := uint64(0)
	for _, one := range s.everybody() {
		dropped += one.Dropped()
	}
	s.say("%d reports, %d twice; the server dropped %d lossy messages", said.records, said.twice, dropped)
	if said.recovered != 0 {
		s.say("%d of the reports were recovered: %s that was sent and %s that was got", said.recovered,
			cell(said.saved.Sent), cell(said.saved.Got))
	}
	return c.end(s.out)
}
