// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"

	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/protocol/observability/roomobs"
	"github.com/prometheus/client_golang/prometheus"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// serveUntilToldToLeave counts for one participant until it gets a signal, and does then what LiveKit's server does: it
// stops everything, the connection in a goroutine of its own, and is gone when the last Stop returns.
func serveUntilToldToLeave() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	w := newWitness()
	RoomOf = func(types.ParticipantTelemetryListener) (string, string) { return "", "" }
	connection := NewBytesSignalStats(context.Background(), w)
	connect(connection, "lounge", "PA_ana")
	reporter := roomobs.NewNoopParticipantSessionReporter()
	channels := NewBytesTrackStats("de", dataOf("PA_ana"), "PA_ana", 0, nil, listening(&w.listener), reporter)
	track := NewBytesTrackStats("de", "DTR_ana", "PA_ana", 0, nil, listening(&w.listener), reporter)
	fmt.Println("serves")

	<-signals
	for !theEngine().leaving.begun.Load() {
		runtime.Gosched() // it has the same signal, and nobody says which of the two is first
	}
	for _, object := range []counted{connection, channels, track} {
		object.AddBytes(40, true)
		object.AddBytes(2, false)
	}
	track.Stop()
	go func() {
		connection.AddBytes(100, true)
		connection.Stop()
	}()
	channels.Stop()
	fmt.Printf("%d bytes in reports, %d on the endpoint, left %d times\n", w.sum("").SendBytes, onTheEndpoint(), w.count("left"))
	os.Exit(0)
}

// onTheEndpoint is what LiveKit's own endpoint has of all that was sent.
func onTheEndpoint() (bytes uint64) {
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		fmt.Println(err)
	}
	for _, family := range families {
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				if family.GetName() == "lkstats_bytes_total" && label.GetValue() == "send" {
					bytes += uint64(metric.GetCounter().GetValue())
				}
			}
		}
	}
	return bytes
}

// Given a server with a journal, when it is told to leave, and ends as soon as the last data channels are stopped, then
// LiveKit and the journal have every message, those of the last instant too.
func TestAServerThatIsToldToLeaveReportsEverything(t *testing.T) {
	journal := t.TempDir()
	server := start(t, "until it is told to leave", "journal_dir: "+journal+"\n")
	if said := server.says(); said != "serves" {
		t.Fatalf("the server says %q", said)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if said := server.says(); said != "220 bytes in reports, 220 on the endpoint, left 1 times" {
		t.Errorf("the server says %q", said)
	}
	if rest := server.ends(); rest != "" {
		t.Errorf("the server also says %q", rest)
	}

	counted := lkstats.Traffic{SendBytes: 40, SendMessages: 1, RecvBytes: 2, RecvMessages: 1}
	for _, track := range []string{"TR_DTPA_ana", "DTR_ana"} {
		if is := mustBeWritten(t, journal, track); is.counted != counted {
			t.Errorf("the journal has %+v of %s", is.counted, track)
		}
	}
	counted.SendBytes, counted.SendMessages = 140, 2
	if is := mustBeWritten(t, journal, "TR_SGPA_ana"); is.counted != counted || is.joined != 1 || is.left != 1 {
		t.Errorf("the journal has %+v", is)
	}
}
