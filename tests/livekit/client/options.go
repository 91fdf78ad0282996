// SPDX-License-Identifier: Apache-2.0

package client

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// Options of a participant.
type Options struct {
	// Server is host and port of LiveKit's signal endpoint.
	Server string
	// Key and Secret are a pair that the server has among its keys.
	Key, Secret string

	Room, Identity string
	// SinglePeerConnection joins as newer clients do, with /rtc/v1: one connection for both directions. Such a
	// participant can't Resume here.
	SinglePeerConnection bool
}

// The newest protocol that this client speaks.
const protocolVersion = 16

func (o *Options) token() (string, error) {
	token := auth.NewAccessToken(o.Key, o.Secret).SetIdentity(o.Identity)
	return token.SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: o.Room}).ToJWT()
}

// address is where the signal connection goes. sid: whose session is resumed, empty for a new one.
func (o *Options) address(sid string) (string, http.Header, error) {
	token, err := o.token()
	if err != nil {
		return "", nil, err
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	at := url.URL{Scheme: "ws", Host: o.Server, Path: "/rtc"}
	query := url.Values{}
	if o.SinglePeerConnection {
		at.Path = "/rtc/v1"
		request, err := joinRequest()
		if err != nil {
			return "", nil, err
		}
		query.Set("join_request", request)
	} else {
		query.Set("protocol", "16")
		query.Set("sdk", "go")
		query.Set("auto_subscribe", "1")
		query.Set("auto_subscribe_data_track", "1")
	}
	if sid != "" {
		query.Set("reconnect", "1")
		query.Set("sid", sid)
	}
	at.RawQuery = query.Encode()
	return at.String(), header, nil
}

func joinRequest() (string, error) {
	subscribe := true
	request, err := proto.Marshal(&livekit.JoinRequest{
		ClientInfo: &livekit.ClientInfo{Sdk: livekit.ClientInfo_GO, Protocol: protocolVersion},
		ConnectionSettings: &livekit.ConnectionSettings{
			AutoSubscribe: true, AutoSubscribeDataTrack: &subscribe,
		},
	})
	if err != nil {
		return "", err
	}
	wrapped, err := proto.Marshal(&livekit.WrappedJoinRequest{JoinRequest: request})
	return base64.URLEncoding.EncodeToString(wrapped), err
}
