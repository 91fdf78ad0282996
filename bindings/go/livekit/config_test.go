// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// file is an options file with that text.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lkstats.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// everything has each option, with the directories last.
const everything = `
node: west-7
analytics_key: secret
max_tracks: 3
journal:
  segment_bytes: 65536
  segment_age: 90m
  keep_bytes: 1000000
  keep_segments: 2
  sync: true
tenant:
  from: room_name
  prefix_before: "-"
`

// Given a file with every option, when it is read, then lkstats gets each of them, and its messages go to LiveKit's log.
func TestEveryOptionReachesLkstats(t *testing.T) {
	config, err := readConfig(file(t, everything+"slab_dir: /run/lkstats\njournal_dir: /var/lib/lkstats\n"))
	if err != nil {
		t.Fatal(err)
	}
	options := config.options()
	if options.Log == nil {
		t.Error("nobody hears what lkstats has to say")
	}
	options.Log = nil
	expected := lkstats.Options{
		Manual: true, Node: "west-7", AnalyticsKey: "secret", MaxTracks: 3, SlabDir: "/run/lkstats", JournalDir: "/var/lib/lkstats",
		JournalSegmentBytes: 65536, JournalSegmentAge: 90 * time.Minute, JournalKeepBytes: 1000000, JournalKeepSegments: 2, JournalSync: true,
	}
	if !reflect.DeepEqual(options, expected) {
		t.Errorf("the options are %+v, not %+v", options, expected)
	}
	rule, err := config.Tenant.rule()
	if tenant := rule.room("acme-7"); err != nil || tenant != "acme" {
		t.Errorf("the tenant is %q: %v", tenant, err)
	}
}

// Given such a file, when a server counts with it, then the journal is written under that node and key, in segments of which
// as many are kept as it says, with the tenant; and there are as many places as it says.
func TestAServerCountsAsItsFileSays(t *testing.T) {
	slabs, journal := t.TempDir(), t.TempDir()
	e, err := newEngine(file(t, everything+"slab_dir: "+slabs+"\njournal_dir: "+journal+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	inRoom(t, "RM_x", "acme-7")
	h, w := host{e, t}, newWitness()
	var tracks []*BytesTrackStats
	for range 4 {
		track := h.track("PA_ana", w)
		tracks = append(tracks, track)
		track.AddBytes(4, true)
	}
	if left, err := os.ReadDir(slabs); err != nil || len(left) == 0 {
		t.Errorf("slab_dir has %d files: %v", len(left), err)
	}
	for _, track := range tracks {
		track.Stop()
	}
	e.report(nil)
	if _, err := e.context.Close(10 * time.Second); err != nil {
		t.Error(err)
	}

	all, segments := readJournal(t, journal)
	if len(all) != 3 || segments != 1 {
		t.Fatalf("the journal has %d objects in %d segments, for three places", len(all), segments)
	}
	for _, one := range all {
		if one.node != "west-7" || one.key != "secret" || one.tenant != "acme" || one.counted != (lkstats.Traffic{SendBytes: 4, SendMessages: 1}) {
			t.Errorf("the journal has %+v", one)
		}
	}
	if sum := w.sum(""); sum != (lkstats.Traffic{SendBytes: 16, SendMessages: 4}) {
		t.Errorf("LiveKit was told %+v", sum)
	}
}

// Given no file, an empty one, and one with nothing but comments, when it is read, then there is no journal, and the node is
// named after the machine.
func TestWithoutOptionsThereAreDefaults(t *testing.T) {
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"no file": "", "empty": file(t, ""), "comments": file(t, "# node: west-7\n---\n# nothing\n")} {
		config, err := readConfig(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		options := config.options()
		options.Log = nil
		if expected := (lkstats.Options{Manual: true, Node: machine}); !reflect.DeepEqual(options, expected) {
			t.Errorf("%s: the options are %+v", name, options)
		}
	}
}

// Given a file that says something wrong, when a server begins with it, then the error says what and where, and the server
// counts in Go: LiveKit is told to the byte.
func TestABadFileIsNamedAndTheServerCountsOn(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for name, story := range map[string]struct {
		text string
		says []string
	}{
		"a misspelt option":              {"journaldir: /tmp\n", []string{"line 1", "journaldir"}},
		"a misspelt option of a section": {"node: x\njournal:\n  segment_byte: 1\n", []string{"line 3", "segment_byte"}},
		"two documents":                  {"node: x\n---\nnode: y\n", []string{"more than one document"}},
		"no YAML":                        {"node: [x\n", []string{"line 1"}},
		"a list":                         {"- node: x\n", []string{"line 1"}},
		"a number that is none":          {"max_tracks: many\n", []string{"line 1", "many"}},
		"a number below zero":            {"journal_dir: /tmp\njournal: {keep_segments: -1}\n", []string{"line 2", "-1"}},
		"a time without a unit":          {"journal_dir: /tmp\njournal: {segment_age: 90}\n", []string{"line 2", "90"}},
		"a negative time":                {"journal_dir: " + t.TempDir() + "\njournal: {segment_age: -1h}\n", []string{"JournalSegmentAge", "-1h"}},
		"too many tracks":                {"max_tracks: 16777217\n", []string{"MaxTracks", "2^24"}},
		"a short time":                   {"journal_dir: " + t.TempDir() + "\njournal: {segment_age: 999ms}\n", []string{"JournalSegmentAge", "1s to 168h"}},
		"small segments":                 {"journal_dir: " + t.TempDir() + "\njournal: {segment_bytes: 65535}\n", []string{"JournalSegmentBytes", "64 KiB"}},
		"a journal in no directory":      {"journal: {sync: true}\n", []string{"JournalDir"}},
		"slab_dir alone":                 {"slab_dir: " + t.TempDir() + "\n", []string{"slab_dir without journal_dir"}},
		"a directory that is not there":  {"journal_dir: " + missing + "\n", []string{missing}},
		"a long node":                    {"node: " + strings.Repeat("x", 257) + "\n", []string{"Node", "257 bytes"}},
		"tenant from nowhere":            {"tenant: {prefix_before: \"-\"}\n", []string{"tenant", "room_name or attribute"}},
		"tenant from elsewhere":          {"tenant: {from: room_sid}\n", []string{"tenant", `"room_sid"`}},
		"an attribute without a name":    {"tenant: {from: attribute}\n", []string{"tenant", "attribute's name"}},
		"an attribute of a room name":    {"tenant: {from: room_name, attribute: payer}\n", []string{"tenant", "attribute's name"}},
		"prefix and regexp":              {"tenant: {from: room_name, prefix_before: \"-\", regexp: \"(a)\"}\n", []string{"tenant", "not both"}},
		"a regexp that is none":          {"tenant: {from: room_name, regexp: \"(a\"}\n", []string{"tenant", "missing closing )"}},
		"a regexp without a group":       {"tenant: {from: room_name, regexp: \"^a-\"}\n", []string{"tenant", "no group", "^a-"}},
		"a misspelt part of a tenant":    {"tenant: {from: room_name, prefix: \"-\"}\n", []string{"line 1", "prefix"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := newEngine(file(t, story.text))
			mustCountInGo(t, e, err, story.says...)
		})
	}
	t.Run("no such file", func(t *testing.T) {
		e, err := newEngine(missing)
		mustCountInGo(t, e, err, missing, ConfigVariable)
	})
	t.Run("a directory", func(t *testing.T) {
		e, err := newEngine(t.TempDir())
		mustCountInGo(t, e, err, "directory", ConfigVariable)
	})
}

func mustCountInGo(t *testing.T, e *engine, err error, says ...string) {
	t.Helper()
	if err == nil || e.context != nil {
		t.Fatalf("it was taken: context %v, %v", e.context, err)
	}
	for _, what := range says {
		if !strings.Contains(err.Error(), what) {
			t.Errorf("the error %q does not say %q", err, what)
		}
	}
	h, w := host{e, t}, newWitness()
	signal, track := h.signal(w), h.track("PA_ana", w)
	connect(signal, "lounge", "PA_ana")
	for _, object := range []counted{signal, track} {
		object.AddBytes(7, true)
		object.Stop()
	}
	e.report(nil)
	w.mustSum(t, signal, "TR_SGPA_ana", lkstats.Traffic{SendBytes: 7, SendMessages: 1})
	w.mustSum(t, track, "DTR_PA_ana", lkstats.Traffic{SendBytes: 7, SendMessages: 1})
}
