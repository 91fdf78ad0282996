// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// node is what somebody said of the whole node, and what the clients had counted.
type node struct {
	whose         string
	counted, said client.Traffic
	trouble       error
}

// await waits until figures of the endpoint's are those of the clients. That they never are is for the end to say.
func (s *story) await(ctx context.Context, long time.Duration, whose string, figures func([]sample) client.Traffic) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	one := node{whose: whose}
	err := s.server.until(ctx, whose+" are the clients'", func() bool {
		samples, err := s.server.scrape()
		one.said, one.counted, one.trouble = figures(samples), total(s.everySession()), err
		s.refused = max(s.refused, refused(samples))
		return err == nil && one.said == one.counted
	})
	if err == nil {
		one.trouble = nil
	} else if one.trouble == nil {
		one.trouble = err
	}
	s.live = append(s.live, one)
}

// awaitOwn waits until LiveKit's own figures, which have what was reported to it, are the clients'.
func (s *story) awaitOwn(ctx context.Context) {
	s.await(ctx, 15*time.Second, "LiveKit's own figures", ownFigures)
}

// awaitLive waits until the server has counted all that the clients have. A server counts what it sends when it is on its
// way, so a client may have it before.
func (s *story) awaitLive(ctx context.Context) {
	s.await(ctx, 5*time.Second, "lkstats' live figures", liveFigures)
}

// unreported is what LiveKit's own figures don't have of what was counted.
func (s *story) unreported() (client.Traffic, error) {
	samples, err := s.server.scrape()
	if err != nil {
		return client.Traffic{}, err
	}
	own, all := ownFigures(samples), total(s.everySession())
	return client.Traffic{
		Sent: client.Flow{Bytes: all.Sent.Bytes - own.Sent.Bytes, Messages: all.Sent.Messages - own.Sent.Messages},
		Got:  client.Flow{Bytes: all.Got.Bytes - own.Got.Bytes, Messages: all.Got.Messages - own.Got.Messages},
	}, nil
}
