// SPDX-License-Identifier: Apache-2.0

package client

import (
	"fmt"
	"time"

	"github.com/livekit/protocol/livekit"
)

// handle does what a response of the server's asks for. It runs on the goroutine that reads.
func (c *Client) handle(response *livekit.SignalResponse) error {
	switch response.Message.(type) {
	case *livekit.SignalResponse_Pong, *livekit.SignalResponse_PongResp:
		c.change(func() { c.pongs++ })
		return nil
	}
	c.change(func() { c.told = time.Now() })
	switch message := response.Message.(type) {
	case *livekit.SignalResponse_Join:
		c.change(func() {
			c.me, c.room = message.Join.Participant, message.Join.Room
			c.meet(message.Join.OtherParticipants)
		})
		return c.openPeers()
	case *livekit.SignalResponse_Reconnect:
		c.change(func() { c.resumed++ })
	case *livekit.SignalResponse_Answer:
		return c.takeAnswer(message.Answer)
	case *livekit.SignalResponse_Offer:
		return c.takeOffer(message.Offer)
	case *livekit.SignalResponse_Trickle:
		return c.takeTrickle(message.Trickle)
	case *livekit.SignalResponse_Update:
		c.change(func() { c.meet(message.Update.Participants) })
	case *livekit.SignalResponse_RoomUpdate:
		c.change(func() {
			if c.room.GetSid() == "" { // the join may come before the room has one
				c.room = message.RoomUpdate.Room
			}
		})
	case *livekit.SignalResponse_PublishDataTrackResponse:
		c.change(func() { c.tracks.published(message.PublishDataTrackResponse.Info) })
	case *livekit.SignalResponse_DataTrackSubscriberHandles:
		c.change(func() { c.subscribed(message.DataTrackSubscriberHandles) })
	case *livekit.SignalResponse_RequestResponse:
		if message.RequestResponse.Reason != livekit.RequestResponse_OK {
			return fmt.Errorf("the server refuses a request: %v", message.RequestResponse)
		}
	}
	return nil
}

func (c *Client) meet(participants []*livekit.ParticipantInfo) {
	for _, one := range participants {
		if one.State != livekit.ParticipantInfo_DISCONNECTED {
			c.here[one.Identity] = one.Sid
		} else if c.here[one.Identity] == one.Sid {
			delete(c.here, one.Identity)
		}
	}
}
