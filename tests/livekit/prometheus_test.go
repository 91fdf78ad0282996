// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

const endpoint = `# HELP livekit_packet_bytes
# TYPE livekit_packet_bytes counter
livekit_packet_bytes{country="",direction="incoming",node_id="ND_1",transmission="initial"} 1.070594e+06
livekit_packet_bytes{country="N\"L,{}",direction="incoming",node_id="ND_1",transmission="initial"} 6
livekit_packet_bytes{country="",direction="outgoing",node_id="ND_1",transmission="initial"} 20
livekit_packet_total{country="",direction="incoming",node_id="ND_1",transmission="initial"} 3
livekit_packet_total{country="",direction="outgoing",node_id="ND_1",transmission="initial"} 4
lkstats_bytes_total{channel="data",direction="send"} 9
lkstats_bytes_total{channel="signal",direction="send"} 1
lkstats_bytes_total{channel="signal",direction="recv"} 5
lkstats_messages_total{channel="signal",direction="recv"} 2
lkstats_refused_adds_total 3
go_goroutines 17
`

func TestFiguresOfTheEndpointAreSeenAsAParticipantSeesThem(t *testing.T) {
	samples, err := parseSamples(strings.NewReader(endpoint))
	must(t, err)
	own := client.Traffic{Sent: client.Flow{Bytes: 1070600, Messages: 3}, Got: client.Flow{Bytes: 20, Messages: 4}}
	if got := ownFigures(samples); got != own {
		t.Errorf("LiveKit's own: %+v", got)
	}
	live := client.Traffic{Sent: client.Flow{Bytes: 5, Messages: 2}, Got: client.Flow{Bytes: 10}}
	if got := liveFigures(samples); got != live {
		t.Errorf("lkstats': %+v", got)
	}
	if got := refused(samples); got != 3 {
		t.Errorf("refused: %d", got)
	}
}

func TestAnAnswerThatIsNoneIsAnError(t *testing.T) {
	for _, text := range []string{"name", `name{label="a} 1`, `name{label} 1`, "name one"} {
		if samples, err := parseSamples(strings.NewReader(text)); err == nil {
			t.Errorf("%q is %v", text, samples)
		}
	}
}
