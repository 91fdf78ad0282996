// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/livekit/protocol/livekit"
)

// HeaderSize is what is in front of a frame's payload.
const HeaderSize = 12

// tracks are one's own data tracks, and those that one is subscribed to.
type tracks struct {
	own     map[uint32]*livekit.DataTrackInfo // by the handle that was asked for
	of      map[uint16]string                 // sid by the handle that frames come with
	early   map[uint16]early                  // frames of a handle that is not told yet
	heard   map[string]*heard                 // by sid
	sending sync.Mutex
	sent    map[string]uint32 // number of the newest frame, by sid
}

type early struct {
	flow  Flow
	heard heard
}

func (t *tracks) init() {
	t.own = make(map[uint32]*livekit.DataTrackInfo)
	t.of = make(map[uint16]string)
	t.early = make(map[uint16]early)
	t.heard = make(map[string]*heard)
	t.sent = make(map[string]uint32)
}

func (t *tracks) published(info *livekit.DataTrackInfo) { t.own[info.PubHandle] = info }

// Publish publishes a data track under that name, and answers its sid, "DTR_...".
func (c *Client) Publish(ctx context.Context, name string) (string, error) {
	var handle uint32
	c.change(func() { handle = uint32(len(c.tracks.own)) + 1 })
	err := c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_PublishDataTrackRequest{
		PublishDataTrackRequest: &livekit.PublishDataTrackRequest{PubHandle: handle, Name: name},
	}})
	if err != nil {
		return "", err
	}
	sid := ""
	err = c.Await(ctx, "the data track is published", func() bool {
		sid = c.tracks.own[handle].GetSid()
		return sid != ""
	})
	return sid, err
}

// Published is the sids of one's own data tracks.
func (c *Client) Published() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sids []string
	for _, info := range c.tracks.own {
		sids = append(sids, info.Sid)
	}
	return sids
}

// SendFrame sends one frame of that many bytes of payload, at least four: its number.
func (c *Client) SendFrame(sid string, size int) error {
	c.tracks.sending.Lock()
	defer c.tracks.sending.Unlock()
	var handle uint32
	c.change(func() {
		for asked, info := range c.tracks.own {
			if info.Sid == sid {
				handle = asked
			}
		}
	})
	if handle == 0 {
		return errors.New("not a data track of one's own")
	}
	c.tracks.sent[sid]++
	number := c.tracks.sent[sid]
	frame := make([]byte, HeaderSize+max(size, 4))
	frame[0] = 1<<4 | 1<<3 // a whole frame: its first packet and its last
	binary.BigEndian.PutUint16(frame[2:], uint16(handle))
	binary.BigEndian.PutUint16(frame[4:], uint16(number))
	binary.BigEndian.PutUint16(frame[6:], uint16(number))
	binary.BigEndian.PutUint32(frame[HeaderSize:], number)
	return c.send(labelled(tracksLabel), frame, func(add func(*Flow)) {
		traffic := c.counts.Tracks[sid]
		add(&traffic.Sent)
		c.counts.Tracks[sid] = traffic
	})
}

// SentFrames is the number of the newest frame.
func (c *Client) SentFrames(sid string) uint32 {
	c.tracks.sending.Lock()
	defer c.tracks.sending.Unlock()
	return c.tracks.sent[sid]
}

func (c *Client) takeFrame(frame []byte) error {
	if len(frame) < HeaderSize+4 {
		return fmt.Errorf("a frame that no client sends: %d bytes", len(frame))
	}
	handle := binary.BigEndian.Uint16(frame[2:])
	number := binary.BigEndian.Uint32(frame[HeaderSize:])
	c.change(func() {
		sid, told := c.tracks.of[handle]
		if !told {
			waiting := c.tracks.early[handle]
			waiting.flow.add(len(frame))
			waiting.heard.take(number)
			c.tracks.early[handle] = waiting
			return
		}
		traffic := c.counts.Tracks[sid]
		traffic.Got.add(len(frame))
		c.counts.Tracks[sid] = traffic
		c.tracks.heard[sid].take(number)
	})
	return nil
}

// subscribed takes the handles of now. Those of tracks that are gone stay known: none is used again.
func (c *Client) subscribed(handles *livekit.DataTrackSubscriberHandles) {
	for wide, track := range handles.SubHandles {
		handle := uint16(wide)
		if _, told := c.tracks.of[handle]; told {
			continue
		}
		c.tracks.of[handle] = track.TrackSid
		if c.tracks.heard[track.TrackSid] == nil {
			c.tracks.heard[track.TrackSid] = new(heard)
		}
		if waiting, some := c.tracks.early[handle]; some {
			delete(c.tracks.early, handle)
			traffic := c.counts.Tracks[track.TrackSid]
			traffic.Got = traffic.Got.Plus(waiting.flow)
			c.counts.Tracks[track.TrackSid] = traffic
			*c.tracks.heard[track.TrackSid] = waiting.heard
		}
	}
}

// Subscribed says that the server has told which handle a track's frames come with. For Await only.
func (c *Client) Subscribed(sid string) bool { return c.tracks.heard[sid] != nil }

// HeardFrames says that a track's newest frame came, which has this number. For Await only.
func (c *Client) HeardFrames(sid string, number uint32) bool {
	return c.tracks.heard[sid].newest(number)
}

// Dropped is how many lossy packets and frames did not come, between others that did: the server drops them when they
// pile up.
func (c *Client) Dropped() (dropped uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, came := range c.channels.heard {
		dropped += uint64(came.missing())
	}
	for _, came := range c.tracks.heard {
		dropped += uint64(came.missing())
	}
	return dropped
}

// HeardOf says that something of a sender's came over each channel, and of each of these data tracks. For Await only.
func (c *Client) HeardOf(sid string, tracks []string) bool {
	for _, channel := range []Channel{Reliable, Lossy} {
		if c.channels.heard[source{sid, channel}] == nil {
			return false
		}
	}
	for _, track := range tracks {
		if heard := c.tracks.heard[track]; heard == nil || heard.count == 0 {
			return false
		}
	}
	return true
}
