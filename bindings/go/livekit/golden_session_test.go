// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
)

// Given every call that a real server made while real clients used it, when they are made again at their times, then
// LiveKit is told of each object all that was added on it, and whose it is.
func TestGoldenARealServersSession(t *testing.T) {
	calls := goldenCalls(t)
	for _, mode := range goldenModes {
		t.Run(mode.name, func(t *testing.T) {
			mode.tell(t, func(h host) {
				objects := map[string]*goldenSessionObject{}
				begin := time.Now()
				for _, call := range calls {
					time.Sleep(call.at - time.Since(begin))
					if call.op == "new" {
						objects[call.object] = newGoldenSessionObject(h, call.more)
					} else {
						objects[call.object].call(h, call.op, call.more)
					}
				}
				h.pass(pace)
				for number, object := range objects {
					object.check(t, number)
				}
				goldenAllThere(t, calls, objects)
			})
		})
	}
}

type goldenCall struct {
	at         time.Duration
	op, object string
	more       []string
}

func goldenCalls(t *testing.T) (calls []goldenCall) {
	t.Helper()
	file, err := os.Open(filepath.Join(goldenData, "session.tsv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		words := strings.Split(lines.Text(), "\t")
		at, err := strconv.ParseUint(words[0], 10, 32)
		if err != nil || len(words) < 3 {
			t.Fatalf("%q is no call", lines.Text())
		}
		calls = append(calls, goldenCall{time.Duration(at) * time.Microsecond, words[1], words[2], words[3:]})
	}
	if err := lines.Err(); err != nil || len(calls) == 0 {
		t.Fatalf("%d calls: %v", len(calls), err)
	}
	return calls
}

type goldenSessionObject struct {
	told   *goldenTold
	object goldenObject
	signal *BytesSignalStats // nil: a track

	room        goldenRoom // the first that was said
	participant goldenParticipant
	track       string
	added       goldenTraffic
}

func newGoldenSessionObject(h host, more []string) *goldenSessionObject {
	o := &goldenSessionObject{told: newGoldenTold()}
	if more[0] == "signal" {
		o.signal = h.newSignalStats(o.told.ctx, o.told)
		o.object = o.signal
		return o
	}
	trace := &goldenTrace{Kind: "track"}
	trace.Config.TrackID, trace.Config.ParticipantID = more[1], more[2]
	o.track, o.participant.SID = more[1], more[2]
	o.object = h.goldenTrack(o.told, trace)
	return o
}

func (o *goldenSessionObject) call(h host, op string, more []string) {
	switch op {
	case "add":
		bytes, err := strconv.ParseUint(more[1], 10, 64)
		if err != nil {
			h.t.Fatal(err)
		}
		o.object.AddBytes(bytes, more[0] == "send")
		o.added.add(more[0] == "send", bytes, 1)
	case "resolve_room":
		if o.room.SID == "" {
			o.room = goldenRoom{more[1], more[0]}
		}
		o.signal.ResolveRoom(&livekit.Room{Name: more[0], Sid: more[1]})
	case "resolve_participant":
		o.participant.Identity, o.participant.SID = more[0], more[1]
		o.track = "TR_SG" + more[1]
		o.signal.ResolveParticipant(&livekit.ParticipantInfo{Identity: more[0], Sid: more[1]})
	case "stop":
		o.object.Stop()
	default:
		h.t.Fatalf("an unknown call: %s", op)
	}
}

func (o *goldenSessionObject) check(t *testing.T, number string) {
	t.Helper()
	if o.told.wrong != nil {
		t.Errorf("%s: %v", number, o.told.wrong)
	}
	var reported, observed goldenTraffic
	var presence []string
	for _, e := range o.told.events() {
		if e.Event == "track_stats" {
			reported.add(e.StreamType == livekit.StreamType_DOWNSTREAM, e.Bytes, e.Packets)
		} else {
			presence = append(presence, e.Event)
		}
		// A stat has no identity but the participant's sid, and a joined no track.
		if e.Room != o.room || e.Participant.SID != o.participant.SID || e.Event == "track_stats" && e.TrackID != o.track ||
			e.Event != "track_stats" && e.Participant.Identity != o.participant.Identity {
			t.Errorf("%s: %v, of room %q, participant %+v, track %q", number, e, o.room, o.participant, o.track)
		}
	}
	for _, tx := range o.told.txs() {
		observed.add(tx.isSend, tx.bytes, tx.packets)
	}
	if reported != o.added || observed != o.added {
		t.Errorf("%s: added %+v, reported %+v, observed %+v", number, o.added, reported, observed)
	}
	if o.signal == nil {
		return
	}
	if err := o.told.inOrder(); err != nil {
		t.Errorf("%s: %v", number, err)
	}
	if !slices.Equal(presence, []string{"joined", "left"}) {
		t.Errorf("%s: telemetry was told %q", number, presence)
	}
}

// goldenAllThere holds against the calls what the checks of the objects take for given.
func goldenAllThere(t *testing.T, calls []goldenCall, objects map[string]*goldenSessionObject) {
	t.Helper()
	said := map[string]int{}
	for _, call := range calls {
		said[call.op]++
	}
	joined, messages := 0, 0
	for _, object := range objects {
		joined += len(object.told.guards)
		messages += int(object.added.SendMessages + object.added.RecvMessages)
	}
	if len(objects) != said["new"] || joined != said["resolve_participant"] || messages != said["add"] || messages == 0 {
		t.Errorf("%d objects, %d joined, %d messages of %v", len(objects), joined, messages, said)
	}
}
