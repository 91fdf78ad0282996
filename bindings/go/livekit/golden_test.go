// SPDX-License-Identifier: Apache-2.0

// The traces of tests/data, recorded from LiveKit's code and written by hand, on these objects: LiveKit's own fakes are
// told what they had been told, but where lkstats differs on purpose. What that is, the model of tests/golden says.
package livekit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/livekit/protocol/livekit"
)

// Given what was recorded of LiveKit's code, when the model works the same calls out without rules, then it tells the
// same: so it may be believed about the rest.
func TestGoldenTheModelTellsWhatWasRecorded(t *testing.T) {
	expected := goldenModel(t, goldenData)
	recorded, asRecorded := 0, 0
	for _, trace := range goldenTraces(t) {
		if trace.Events == nil {
			continue
		}
		recorded++
		var events []goldenEvent
		for _, r := range trace.Events {
			event, err := r.event()
			if err != nil {
				t.Fatalf("%s: %v", trace.Name, err)
			}
			events = append(events, event)
		}
		model := expected[trace.Name]
		if err := goldenSame("event", model.LiveKit.beforeTheEnd(trace), events); err != nil {
			t.Errorf("%s: %v", trace.Name, err)
		}
		if err := goldenSame("call of a resolver", model.LiveKit.Resolver, trace.Obs.Resolver); err != nil {
			t.Errorf("%s: %v", trace.Name, err)
		}
		if goldenSame("event", model.Lkstats.beforeTheEnd(trace), events) == nil {
			asRecorded++
		}
	}
	t.Logf("%d traces were recorded; of %d of them exactly that is expected here", recorded, asRecorded)
	if asRecorded == 0 {
		t.Error("nothing is expected to be as it was recorded")
	}
}

// Given any trace, when an object is called as it says, then LiveKit's telemetry and its reporter are told what the model
// expects, of lkstats and of an object that has to do without.
func TestGoldenTraces(t *testing.T) {
	for _, mode := range goldenModes {
		t.Run(mode.name, func(t *testing.T) {
			traces, expected := goldenTraces(t), goldenModel(t, goldenFolder(t, mode))
			var plain []string
			for trace, told := range goldenReplayed(t, mode, traces) {
				if err := told.compare(trace, &expected[trace.Name].Lkstats); err != nil {
					t.Errorf("%s: %v", trace.Name, err)
				}
				if told.plain {
					plain = append(plain, trace.Name)
				}
			}
			if mode.name == goldenOnLkstats.name && !slices.Equal(plain, goldenDoNotFit) {
				t.Errorf("these counted in Go alone: %q, not %q", plain, goldenDoNotFit)
			}
		})
	}
}

// goldenDoNotFit are the traces of objects with an id that lkstats can't take.
var goldenDoNotFit = []string{"written_track_id_too_long"}

// goldenReplayed replays one after the other on one engine, as a server's objects come and go.
func goldenReplayed(t *testing.T, mode goldenMode, traces []*goldenTrace) map[*goldenTrace]*goldenTold {
	all := map[*goldenTrace]*goldenTold{}
	mode.tell(t, func(h host) {
		for _, trace := range traces {
			all[trace] = h.replay(trace)
		}
	})
	return all
}

// Given a rule by which lkstats differs, when the model works without it, then it expects something else of some trace:
// the comparison would see it.
func TestGoldenEveryRuleMatters(t *testing.T) {
	folder := goldenFolder(t, goldenOnLkstats)
	expected := goldenModel(t, folder)
	replayed := goldenReplayed(t, goldenOnLkstats, goldenTraces(t))
	for rule, reason := range goldenRules {
		if reason != "" {
			continue
		}
		without := goldenModel(t, folder, rule)
		others := 0
		for trace, told := range replayed {
			if told.compare(trace, &expected[trace.Name].Lkstats) == nil && told.compare(trace, &without[trace.Name].Lkstats) != nil {
				others++
			}
		}
		t.Logf("%-20s %3d traces", rule, others)
		if others == 0 {
			t.Errorf("without the rule %s nothing is different", rule)
		}
	}
}

// Given the ids that LiveKit's code makes up, when these functions make them, then they are the same.
func TestGoldenTrackIDs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(goldenData, "track_ids.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []struct {
		Type          BytesTrackType
		ParticipantID livekit.ParticipantID `json:"participant_id"`
		TrackID       livekit.TrackID       `json:"track_id"`
	}
	if err := json.Unmarshal(text, &ids); err != nil || len(ids) == 0 {
		t.Fatalf("%d ids: %v", len(ids), err)
	}
	for _, id := range ids {
		if made := BytesTrackIDForParticipantID(id.Type, id.ParticipantID); made != id.TrackID {
			t.Errorf("%s of %q is %q, not %q", id.Type, id.ParticipantID, made, id.TrackID)
		}
	}
}
