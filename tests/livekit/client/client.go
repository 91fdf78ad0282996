// SPDX-License-Identifier: Apache-2.0

// Package client is a LiveKit participant that counts: it speaks LiveKit's signal protocol over a web socket and has real
// WebRTC connections, but no media. It sends and gets messages of the reliable and the lossy data channel and frames of
// data tracks, and its Counts say, to the byte, what a server that counts has to have counted of it.
//
// It is one session: who joins again is another Client. Everything may be called from any goroutine, except that Join,
// Resume, Leave and Vanish are one at a time.
package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
)

// Client is a participant.
type Client struct {
	options Options

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, at each change while somebody waits
	waiting  int
	failed   error
	counts   Counts
	signal   *signal
	me       *livekit.ParticipantInfo
	room     *livekit.Room
	single   bool
	resumed  int               // answers to a resume
	here     map[string]string // sid by identity
	pongs    int               // that came
	told     time.Time         // when the server last said something else
	peers    peers
	channels channels
	tracks   tracks
}

// Join joins a room. It returns when both directions of all channels are open.
func Join(ctx context.Context, options Options) (*Client, error) {
	c := &Client{options: options, single: options.SinglePeerConnection, here: make(map[string]string)}
	c.counts.Tracks = make(map[string]Traffic)
	c.channels.heard = make(map[source]*heard)
	c.tracks.init()
	if _, err := c.connect(ctx, ""); err != nil {
		return nil, err
	}
	if err := c.Await(ctx, "all channels are open", c.open); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Sid is the session's, "PA_...".
func (c *Client) Sid() string { return c.me.GetSid() }

// Identity is the participant's.
func (c *Client) Identity() string { return c.options.Identity }

// Room is the room's name.
func (c *Client) Room() string { return c.options.Room }

// RoomSid is the room's, "RM_...".
func (c *Client) RoomSid() string { return c.room.GetSid() }

// Counts is what went both ways so far.
func (c *Client) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	counts.Tracks = maps.Clone(c.counts.Tracks)
	return counts
}

// Here says that the server has told of a session, and neither that it left nor of another one of the same identity. For
// Await only.
func (c *Client) Here(identity, sid string) bool { return c.here[identity] == sid }

// Told is when the server last said something on the signal connection, answers to pings left out.
func (c *Client) Told() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told
}

// Await waits until something of the client's is so. is runs under the client's lock: it may call what is for Await
// only, and nothing else of this client.
func (c *Client) Await(ctx context.Context, what string, is func() bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting++
	defer func() { c.waiting-- }()
	for !is() {
		if c.failed != nil {
			return fmt.Errorf("%s of %s: %w", c.options.Identity, c.options.Room, c.failed)
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		c.mu.Lock()
		if ctx.Err() != nil && !is() {
			return fmt.Errorf("%s of %s: not so in time: %s: %w", c.options.Identity, c.options.Room, what, ctx.Err())
		}
	}
	return nil
}

// change is how everything of the client's changes.
func (c *Client) change(how func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	how()
	if c.waiting > 0 && c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *Client) fail(err error) { c.change(func() { c.failed = errors.Join(c.failed, err) }) }

// Ping sends both forms of a ping, and waits for both answers.
func (c *Client) Ping(ctx context.Context, now int64) error {
	var before int
	c.change(func() { before = c.pongs })
	if err := c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_Ping{Ping: now}}); err != nil {
		return err
	}
	err := c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_PingReq{
		PingReq: &livekit.Ping{Timestamp: now},
	}})
	if err != nil {
		return err
	}
	return c.Await(ctx, "both pings are answered", func() bool { return c.pongs >= before+2 })
}

// Resume breaks the signal connection off and resumes the session on another one, with new paths for both peer
// connections. Nothing may be sent to or from the participant meanwhile. It returns when the paths are there.
func (c *Client) Resume(ctx context.Context) error {
	if err := c.signal.breakOff(ctx); err != nil {
		return err
	}
	var before int
	c.change(func() { before = c.resumed; c.peers.restarted() })
	if _, err := c.connect(ctx, c.Sid()); err != nil {
		return err
	}
	if err := c.Await(ctx, "the resume is answered", func() bool { return c.resumed > before }); err != nil {
		return err
	}
	if err := c.syncState(); err != nil {
		return err
	}
	if err := c.offer(true); err != nil {
		return err
	}
	return c.Await(ctx, "the new paths are there", c.peers.again)
}

// Leave says so, and waits until the server has closed everything. It must not be sent anything meanwhile.
func (c *Client) Leave(ctx context.Context) error {
	defer c.peers.close()
	err := c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_Leave{Leave: &livekit.LeaveRequest{
		Reason: livekit.DisconnectReason_CLIENT_INITIATED, Action: livekit.LeaveRequest_DISCONNECT,
	}}})
	if err != nil {
		return err
	}
	return c.signal.end(ctx)
}

// Vanish goes without a word. It must not be sent anything meanwhile.
func (c *Client) Vanish(ctx context.Context) error {
	defer c.peers.close()
	return c.signal.breakOff(ctx)
}

// AwaitEnd waits until the server has ended the signal connection: it is gone, or is going.
func (c *Client) AwaitEnd(ctx context.Context) error { return c.signal.end(ctx) }

// Close lets go of everything. Who has not left seems to have died.
func (c *Client) Close() {
	c.signal.socket.Close()
	<-c.signal.ended
	c.peers.close()
}
