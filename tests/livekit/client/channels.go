// SPDX-License-Identifier: Apache-2.0

package client

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// LiveKit's channels, the same in both directions.
const (
	reliableLabel = "_reliable"
	lossyLabel    = "_lossy"
	tracksLabel   = "_data_track"
)

var labels = []string{reliableLabel, lossyLabel, tracksLabel}

// Channel is one of the two that carry data packets.
type Channel = livekit.DataPacket_Kind

const (
	Reliable = livekit.DataPacket_RELIABLE
	Lossy    = livekit.DataPacket_LOSSY
)

// source is one sender's messages on one channel.
type source struct {
	sid     string
	channel Channel
}

// channels are the open ones by their labels, and what came.
type channels struct {
	up, down [3]*webrtc.DataChannel
	heard    map[source]*heard
	sending  sync.Mutex
	sent     [2]uint32 // number of the newest message, by channel
}

func labelled(label string) int {
	for i, known := range labels {
		if label == known {
			return i
		}
	}
	return -1
}

// up makes the channels that this side sends on.
func (c *Client) up(connection *webrtc.PeerConnection) error {
	for _, label := range labels {
		ordered, retransmits := label == reliableLabel, uint16(0)
		init := &webrtc.DataChannelInit{Ordered: &ordered}
		if !ordered {
			init.MaxRetransmits = &retransmits
		}
		channel, err := connection.CreateDataChannel(label, init)
		if err != nil {
			return err
		}
		c.watch(channel, func() {
			c.channels.up[labelled(label)] = channel
			if c.single {
				c.channels.down[labelled(label)] = channel
			}
		})
	}
	return nil
}

// down takes the channels that the server sends on.
func (c *Client) down(channel *webrtc.DataChannel) {
	if labelled(channel.Label()) < 0 {
		c.fail(fmt.Errorf("a data channel that is not LiveKit's: %s", channel.Label()))
		return
	}
	c.watch(channel, func() { c.channels.down[labelled(channel.Label())] = channel })
}

func (c *Client) watch(channel *webrtc.DataChannel, opened func()) {
	take := c.takePacket
	if channel.Label() == tracksLabel {
		take = c.takeFrame
	}
	channel.OnMessage(func(message webrtc.DataChannelMessage) {
		if err := take(message.Data); err != nil {
			c.fail(err)
		}
	})
	channel.OnOpen(func() { c.change(opened) })
}

// open says that all channels are, both ways.
func (c *Client) open() bool {
	for i := range labels {
		if c.channels.up[i] == nil || c.channels.down[i] == nil {
			return false
		}
	}
	return c.room.GetSid() != ""
}

var errNotOpen = errors.New("the channel is not open")

// send puts one message on a channel of this side's. count finds, under the lock, where it is counted.
func (c *Client) send(label int, payload []byte, count func(func(*Flow))) error {
	c.mu.Lock()
	channel := c.channels.up[label]
	c.mu.Unlock()
	if channel == nil {
		return errNotOpen
	}
	// Before it is on its way: who hears of it reads the counts after it.
	c.change(func() { count(func(flow *Flow) { flow.add(len(payload)) }) })
	err := channel.Send(payload)
	if err != nil {
		c.change(func() { count(func(flow *Flow) { flow.takeBack(len(payload)) }) })
	}
	return err
}

// Send sends everybody in the room a packet of that many bytes of payload, at least four: its number.
func (c *Client) Send(channel Channel, size int) error {
	c.channels.sending.Lock()
	defer c.channels.sending.Unlock()
	payload := make([]byte, max(size, 4))
	c.channels.sent[channel]++
	number := c.channels.sent[channel]
	binary.BigEndian.PutUint32(payload, number)
	packet := &livekit.DataPacket{
		Kind:  channel,
		Value: &livekit.DataPacket_User{User: &livekit.UserPacket{Payload: payload}},
	}
	if channel == Reliable {
		packet.Sequence = number
	}
	encoded, err := proto.Marshal(packet)
	if err != nil {
		return err
	}
	return c.send(int(channel), encoded, func(add func(*Flow)) { add(&c.counts.Data.Sent) })
}

// Sent is the number of the newest packet on that channel.
func (c *Client) Sent(channel Channel) uint32 {
	c.channels.sending.Lock()
	defer c.channels.sending.Unlock()
	return c.channels.sent[channel]
}

func (c *Client) takePacket(encoded []byte) error {
	packet := new(livekit.DataPacket)
	err := proto.Unmarshal(encoded, packet)
	payload := packet.GetUser().GetPayload()
	c.change(func() {
		c.counts.Data.Got.add(len(encoded))
		if len(payload) < 4 {
			return
		}
		from := source{packet.ParticipantSid, packet.Kind}
		if c.channels.heard[from] == nil {
			c.channels.heard[from] = new(heard)
		}
		take := c.channels.heard[from].take
		if packet.Kind == Reliable { // what is replayed to somebody new may come twice
			take = c.channels.heard[from].again
		}
		take(binary.BigEndian.Uint32(payload))
	})
	if err == nil && len(payload) < 4 {
		err = fmt.Errorf("a packet that no client sends: %v", packet)
	}
	return err
}

// Heard says that a sender's newest packet on that channel came, which has this number; on the reliable one, that all did,
// from the first that came on. For Await only.
func (c *Client) Heard(sid string, channel Channel, number uint32) bool {
	came := c.channels.heard[source{sid, channel}]
	if channel == Reliable {
		return came.all(number)
	}
	return came.newest(number)
}
