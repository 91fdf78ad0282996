// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"bufio"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/livekit"
)

// goldenData has the traces; its README has the format.
const goldenData = "../../../tests/data"

// goldenTrace is what was called on one object, and, where it was recorded, what LiveKit's code did.
type goldenTrace struct {
	Name   string
	Kind   string
	Config struct {
		Country       string
		TrackID       string `json:"track_id"`
		ParticipantID string `json:"participant_id"`
		goldenKind
	}
	Ops    []goldenOp
	Events []goldenRecorded // nil: written without the real code
	Obs    struct{ Resolver []goldenResolver }
}

type goldenOp struct {
	Op     string
	Bytes  uint64
	IsSend bool `json:"is_send"`
	SID    string
	Name   string
	goldenIdentity
}

type goldenKind struct {
	Kind        int32
	KindDetails []int32 `json:"kind_details"`
}

func (k goldenKind) details() (details []livekit.ParticipantInfo_KindDetail) {
	for _, code := range k.KindDetails {
		details = append(details, livekit.ParticipantInfo_KindDetail(code))
	}
	return details
}

// key tells kinds apart.
func (k goldenKind) key() string { return fmt.Sprint(k.Kind, k.KindDetails) }

type goldenIdentity struct {
	Identity string
	goldenKind
}

type goldenRoom struct{ SID, Name string }

type goldenParticipant struct {
	SID string
	goldenIdentity
}

type goldenTraffic struct {
	SendBytes    uint64 `json:"send_bytes"`
	SendMessages uint64 `json:"send_messages"`
	RecvBytes    uint64 `json:"recv_bytes"`
	RecvMessages uint64 `json:"recv_messages"`
}

// goldenEvent is one thing that LiveKit's telemetry was told, or totals that somebody asked for. The model knows more of a
// stat than telemetry is told: told leaves that out.
type goldenEvent struct {
	AfterOp      int `json:"after_op"`
	Event        string
	Guard        int
	Unattributed bool
	Room         goldenRoom
	Participant  goldenParticipant
	Country      string
	TrackID      string             `json:"track_id"`
	StreamType   livekit.StreamType `json:"stream_type"`
	Bytes        uint64
	Packets      uint64
	goldenTraffic
}

func (e goldenEvent) told() goldenEvent {
	switch e.Event {
	case "track_stats":
		e.Guard, e.Participant = 0, goldenParticipant{SID: e.Participant.SID}
	case "totals": // LiveKit's message totals have 32 bits
		e.SendMessages, e.RecvMessages = uint64(uint32(e.SendMessages)), uint64(uint32(e.RecvMessages))
	}
	return e
}

func (e goldenEvent) String() string {
	said := fmt.Sprintf("after op %d: %s", e.AfterOp, e.Event)
	switch e.Event {
	case "totals":
		return said + fmt.Sprintf(" %+v", e.goldenTraffic)
	case "track_stats":
		said += fmt.Sprintf(" %v, %d bytes in %d packets, track %q, country %q", e.StreamType, e.Bytes, e.Packets, e.TrackID, e.Country)
	}
	return said + fmt.Sprintf(", guard %d, unattributed %v, room %q, participant %q %q of kind %s", e.Guard, e.Unattributed,
		e.Room, e.Participant.SID, e.Participant.Identity, e.Participant.key())
}

// goldenRecorded is an event as the recorder wrote it.
type goldenRecorded struct {
	goldenEvent
	Key struct {
		Country       string
		StreamType    livekit.StreamType `json:"stream_type"`
		ParticipantID string             `json:"participant_id"`
		TrackID       string             `json:"track_id"`
	}
	StatHex string `json:"stat_hex"`
}

func (r *goldenRecorded) event() (goldenEvent, error) {
	if r.Event != "track_stats" {
		return r.goldenEvent, nil
	}
	wire, err := hex.DecodeString(r.StatHex)
	if err != nil {
		return goldenEvent{}, err
	}
	var stat livekit.AnalyticsStat
	if err := proto.Unmarshal(wire, &stat); err != nil {
		return goldenEvent{}, err
	}
	e, err := goldenStat(&stat)
	e.AfterOp, e.Country, e.StreamType, e.TrackID = r.AfterOp, r.Key.Country, r.Key.StreamType, r.Key.TrackID
	e.Participant.SID = r.Key.ParticipantID
	return e, err
}

// goldenStat is what a stat says; an error, if that is more than its room and one stream's figures.
func goldenStat(stat *livekit.AnalyticsStat) (goldenEvent, error) {
	if len(stat.Streams) != 1 {
		return goldenEvent{}, fmt.Errorf("%d streams in %v", len(stat.Streams), stat)
	}
	e := goldenEvent{
		Event: "track_stats", Bytes: stat.Streams[0].PrimaryBytes, Packets: uint64(stat.Streams[0].PrimaryPackets),
		Room: goldenRoom{stat.RoomId, stat.RoomName},
	}
	said := &livekit.AnalyticsStat{
		RoomId: e.Room.SID, RoomName: e.Room.Name,
		Streams: []*livekit.AnalyticsStream{{PrimaryBytes: e.Bytes, PrimaryPackets: uint32(e.Packets)}},
	}
	if !proto.Equal(said, stat) {
		return e, fmt.Errorf("a stat has more than its room and figures: %v", stat)
	}
	return e, nil
}

// goldenResolver is a call of a deferred reporter's.
type goldenResolver struct {
	AfterOp int `json:"after_op"`
	Level   string
	Call    string
	Value   string
}

// goldenOutcome is what has to come of a trace.
type goldenOutcome struct {
	Events []goldenEvent
	Kinds  []struct {
		goldenKind
		SendBytes   uint64 `json:"send_bytes"`
		SendPackets uint64 `json:"send_packets"`
		RecvBytes   uint64 `json:"recv_bytes"`
		RecvPackets uint64 `json:"recv_packets"`
	}
	Resolver []goldenResolver
}

// beforeTheEnd leaves out what the end of the trace brought.
func (o *goldenOutcome) beforeTheEnd(trace *goldenTrace) (events []goldenEvent) {
	for _, e := range o.Events {
		if e.AfterOp < len(trace.Ops) {
			events = append(events, e.told())
		}
	}
	return events
}

// goldenExpected is what the model says of a trace: LiveKit's code, and lkstats.
type goldenExpected struct {
	Name    string
	LiveKit goldenOutcome
	Lkstats goldenOutcome
}

func goldenTraces(t *testing.T) (traces []*goldenTrace) {
	t.Helper()
	for _, file := range goldenFiles() {
		traces = append(traces, goldenLines[goldenTrace](t, file)...)
	}
	if len(traces) == 0 {
		t.Fatalf("no trace in %s", goldenData)
	}
	return traces
}

func goldenFiles() (files []string) {
	for _, pattern := range []string{"traces_*.jsonl", "traces_*.jsonl.gz"} {
		some, _ := filepath.Glob(filepath.Join(goldenData, pattern))
		files = append(files, some...)
	}
	return files
}

func goldenLines[Line any](t *testing.T, file string) (lines []*Line) {
	t.Helper()
	plain, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	in := io.Reader(plain)
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(plain); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	decoder := json.NewDecoder(bufio.NewReader(in))
	decoder.UseNumber() // figures go up to 2^64-1
	for {
		line := new(Line)
		if err := decoder.Decode(line); err == io.EOF {
			return lines
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		lines = append(lines, line)
	}
}
