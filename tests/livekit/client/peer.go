// SPDX-License-Identifier: Apache-2.0

package client

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// peer is one of the peer connections.
type peer struct {
	connection *webrtc.PeerConnection
	target     livekit.SignalTarget
	early      []webrtc.ICECandidateInit // they came before the description that they belong to
	state      webrtc.ICEConnectionState
	fresh      bool // connected since paths were last begun anew
}

// peers are the peer connections: what this side offers, and what the server offers; the latter is nil where there is
// one for both.
type peers struct {
	publisher, subscriber *peer
	offers                uint32
}

func (p *peers) each(do func(*peer)) {
	for _, one := range []*peer{p.publisher, p.subscriber} {
		if one != nil {
			do(one)
		}
	}
}

func (p *peers) restarted() { p.each(func(one *peer) { one.fresh = false }) }

func (p *peers) again() bool {
	all := true
	p.each(func(one *peer) { all = all && one.fresh })
	return all
}

func (p *peers) close() {
	p.each(func(one *peer) { _ = one.connection.Close() })
}

func (p *peers) of(target livekit.SignalTarget) *peer {
	if target == livekit.SignalTarget_SUBSCRIBER && p.subscriber != nil {
		return p.subscriber
	}
	return p.publisher
}

// Loopback is all that is needed, and nothing else of the machine's is looked at.
func newAPI() *webrtc.API {
	var setting webrtc.SettingEngine
	setting.SetIncludeLoopbackCandidate(true)
	setting.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	setting.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	setting.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	return webrtc.NewAPI(webrtc.WithSettingEngine(setting))
}

func (c *Client) newPeer(target livekit.SignalTarget) (*peer, error) {
	connection, err := newAPI().NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	one := &peer{connection: connection, target: target}
	connection.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate != nil {
			c.trickle(one, candidate.ToJSON())
		}
	})
	connection.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		c.change(func() {
			one.state = state
			if state == webrtc.ICEConnectionStateConnected {
				one.fresh = true
			}
		})
	})
	return one, nil
}

// openPeers makes the connections, and offers what this side publishes.
func (c *Client) openPeers() error {
	publisher, err := c.newPeer(livekit.SignalTarget_PUBLISHER)
	if err != nil {
		return err
	}
	c.change(func() { c.peers.publisher = publisher })
	if !c.single {
		subscriber, err := c.newPeer(livekit.SignalTarget_SUBSCRIBER)
		if err != nil {
			return err
		}
		subscriber.connection.OnDataChannel(c.down)
		c.change(func() { c.peers.subscriber = subscriber })
	}
	if err := c.up(publisher.connection); err != nil {
		return err
	}
	return c.offer(false)
}

func (c *Client) trickle(one *peer, candidate webrtc.ICECandidateInit) {
	text, err := json.Marshal(candidate)
	if err == nil {
		err = c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_Trickle{
			Trickle: &livekit.TrickleRequest{CandidateInit: string(text), Target: one.target},
		}})
	}
	if err != nil && !errors.Is(err, errSilent) {
		c.fail(fmt.Errorf("trickle: %w", err))
	}
}

func (c *Client) takeTrickle(trickle *livekit.TrickleRequest) error {
	var candidate webrtc.ICECandidateInit
	if trickle.CandidateInit == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(trickle.CandidateInit), &candidate); err != nil {
		return fmt.Errorf("trickle: %w", err)
	}
	one := c.peers.of(trickle.Target)
	if one.connection.RemoteDescription() == nil {
		one.early = append(one.early, candidate)
		return nil
	}
	return one.connection.AddICECandidate(candidate)
}

func (one *peer) takeDescription(description webrtc.SessionDescription) error {
	if err := one.connection.SetRemoteDescription(description); err != nil {
		return err
	}
	for _, candidate := range one.early {
		if err := one.connection.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	one.early = nil
	return nil
}

// offer what this side publishes. anew: over new paths.
func (c *Client) offer(anew bool) error {
	connection := c.peers.publisher.connection
	description, err := connection.CreateOffer(&webrtc.OfferOptions{ICERestart: anew})
	if err != nil {
		return err
	}
	if err := connection.SetLocalDescription(description); err != nil {
		return err
	}
	var number uint32
	c.change(func() {
		c.peers.offers++
		number = c.peers.offers
	})
	return c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{
		Offer: &livekit.SessionDescription{Type: "offer", Sdp: description.SDP, Id: number},
	}})
}

func (c *Client) takeAnswer(answer *livekit.SessionDescription) error {
	var newest uint32
	c.change(func() { newest = c.peers.offers })
	if answer.Id != 0 && answer.Id != newest {
		return nil // of an offer that another one has overtaken
	}
	return c.peers.publisher.takeDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.Sdp})
}

func (c *Client) takeOffer(offer *livekit.SessionDescription) error {
	one := c.peers.subscriber
	if one == nil {
		return errors.New("an offer to a client with one peer connection")
	}
	err := one.takeDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer.Sdp})
	if err != nil {
		return err
	}
	answer, err := one.connection.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err := one.connection.SetLocalDescription(answer); err != nil {
		return err
	}
	return c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_Answer{
		Answer: &livekit.SessionDescription{Type: "answer", Sdp: answer.SDP, Id: offer.Id},
	}})
}

// syncState says what the session had, as a resume has to.
func (c *Client) syncState() error {
	state := &livekit.SyncState{Subscription: &livekit.UpdateSubscription{Subscribe: true}}
	c.change(func() {
		for _, info := range c.tracks.own {
			state.PublishDataTracks = append(state.PublishDataTracks, &livekit.PublishDataTrackResponse{Info: info})
		}
	})
	if subscriber := c.peers.subscriber; subscriber != nil {
		if local, remote := subscriber.connection.LocalDescription(), subscriber.connection.RemoteDescription(); local != nil && remote != nil {
			state.Answer = &livekit.SessionDescription{Type: "answer", Sdp: local.SDP}
			state.Offer = &livekit.SessionDescription{Type: "offer", Sdp: remote.SDP}
		}
	}
	return c.request(&livekit.SignalRequest{Message: &livekit.SignalRequest_SyncState{SyncState: state}})
}
