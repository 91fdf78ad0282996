// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"context"
	"fmt"
	"testing"

	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// serveUntilKilled counts for one participant, says what its objects' handles are, and waits for its end.
func serveUntilKilled() {
	w := newWitness()
	connection := NewBytesSignalStats(context.Background(), w)
	connect(connection, "lounge", "PA_ana")
	reporter := roomobs.NewNoopParticipantSessionReporter()
	channels := NewBytesTrackStats("de", dataOf("PA_ana"), "PA_ana", 0, nil, listening(&w.listener), reporter)
	theEngine().enter(patience) // from now on nobody reports: what follows is in memory alone
	for i := range 1000 {
		connection.AddBytes(uint64(i), true)
		channels.AddBytes(uint64(i), false)
	}
	fmt.Println(uint64(connection.meter().(*lkstats.Signal).Handle()), uint64(channels.counts.Load().Handle()))
	select {}
}

// Given a server that was killed with windows that nobody had been told of, when the next one begins with the same
// directories, whose own objects have the very handles that the dead one's had, then the journal has all that was counted,
// under the dead one's node, and LiveKit is told of nothing that is not this server's.
func TestWhatAKilledServerHadCountedIsInTheJournal(t *testing.T) {
	directories := "slab_dir: " + t.TempDir() + "\njournal_dir: "
	journal := t.TempDir()
	directories += journal + "\n"
	server := start(t, "until it is killed", "node: dead\n"+directories)
	var ofConnection, ofChannels lkstats.Handle
	if _, err := fmt.Sscan(server.says(), &ofConnection, &ofChannels); err != nil || ofConnection == 0 || ofChannels == 0 {
		t.Fatalf("the server's handles are %v and %v: %v", ofConnection, ofChannels, err)
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	if all, _ := readJournal(t, journal); len(all) != 0 && all[0].counted.SendBytes != 0 {
		t.Fatal("the server had reported before it was killed; there is nothing to recover")
	}

	e, err := newEngine(file(t, "node: heir\n"+directories))
	if err != nil {
		t.Fatal(err)
	}
	h, w := host{e, t}, newWitness()
	signal, channels := h.signal(w), h.channels("PA_bob", w)
	// Handles begin at random: nobody can wait for the same ones to come. And the first turn is the one that finds the dead.
	h.tellTo(ofConnection, signal)
	h.tellTo(ofChannels, channels)
	connect(signal, "stage", "PA_bob")
	signal.AddBytes(7, true)
	channels.AddBytes(8, true)
	signal.Stop()
	channels.Stop()
	for range 100 { // a turn does some of it
		h.report(nil)
	}
	if _, err := e.context.Close(0); err != nil {
		t.Error(err)
	}

	w.mustSum(t, signal, signalOf("PA_bob"), lkstats.Traffic{SendBytes: 7, SendMessages: 1})
	w.mustSum(t, channels, dataOf("PA_bob"), lkstats.Traffic{SendBytes: 8, SendMessages: 1})
	if sum := w.sum(""); sum.SendBytes != 15 || sum.RecvBytes != 0 || w.count("joined") != 1 || w.count("left") != 1 {
		t.Errorf("LiveKit was told %+v", w.told())
	}
	var dead lkstats.Traffic
	all, _ := readJournal(t, journal)
	for _, one := range all {
		switch {
		case one.node == "heir" && one.participant == "PA_bob" && !one.recovered:
		case one.node == "dead" && one.participant == "PA_ana" && one.identity == "id of PA_ana" && one.roomSID == "RM_lounge" || one.track == "TR_DTPA_ana":
			dead.SendBytes += one.counted.SendBytes
			dead.SendMessages += one.counted.SendMessages
			dead.RecvBytes += one.counted.RecvBytes
			dead.RecvMessages += one.counted.RecvMessages
		default:
			t.Errorf("the journal has %+v", one)
		}
	}
	if expected := (lkstats.Traffic{SendBytes: 499_500, SendMessages: 1000, RecvBytes: 499_500, RecvMessages: 1000}); dead != expected {
		t.Errorf("of the dead server the journal has %+v, not %+v", dead, expected)
	}
}
