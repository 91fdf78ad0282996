// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goldenVariable names the build directory of the library's tests, or the golden_test in it, whose model says what has
// to come of each trace.
const goldenVariable = "LKSTATS_GOLDEN"

// goldenRules are the rules by which lkstats differs from LiveKit's code (tests/golden/rules.hpp). Those without a word
// hold for these objects too: without the rule, the model tells of other things than the objects do.
var goldenRules = map[string]string{
	"late_add":          "",
	"large_add":         "",
	"zero_byte_window":  "",
	"final_stop":        "",
	"empty_participant": "",
	"late_resolution":   "",
	"kind_of_reported":  "",
	"wide_bytes":        "",

	"limits":              "nearer: LiveKit is told names and details of any length, and what lkstats can't take is counted in Go",
	"default_track_id":    "nearer: LiveKit's telemetry is told the track id that it gave, and no other one",
	"unresolved_at_close": "not to be seen: LiveKit's telemetry has no word for traffic that is nobody's",
	"carried_packets":     "of the flush: what is behind telemetry is LiveKit's own",
	"window_times":        "of the flush",
	"no_worker":           "of the flush",
}

// goldenModel answers what the model expects of the traces in a folder, without the rules that do not hold here, and
// without those.
func goldenModel(t *testing.T, folder string, without ...string) map[string]*goldenExpected {
	t.Helper()
	file := filepath.Join(t.TempDir(), "expected.jsonl")
	arguments := []string{"--expected", file}
	for rule, reason := range goldenRules {
		if reason != "" || slices.Contains(without, rule) {
			arguments = append(arguments, "--break", rule)
		}
	}
	if out, err := exec.Command(goldenProgram(t), append(arguments, folder)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", arguments, err, out)
	}
	expected := map[string]*goldenExpected{}
	for _, line := range goldenLines[goldenExpected](t, file) {
		expected[line.Name] = line
	}
	if traces := len(goldenTraces(t)); len(expected) != traces {
		t.Fatalf("the model knows %d of %d traces", len(expected), traces)
	}
	return expected
}

func goldenProgram(t *testing.T) string {
	t.Helper()
	path := os.Getenv(goldenVariable)
	if path == "" {
		t.Skipf("%s is not set: give it the build directory of the library's tests, whose golden_test is needed", goldenVariable)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "tests", "golden", "golden_test")
	}
	return path
}

// goldenLongest is how many bytes of an id lkstats takes.
const goldenLongest = 256

// goldenFolder is where the model finds what has to come of the traces in that mode. A connection on lkstats refuses a sid
// that lkstats can't take, as it refuses an empty one, and that is how the model is told of it: LiveKit makes its sids
// itself, and none is like that.
func goldenFolder(t *testing.T, mode goldenMode) string {
	t.Helper()
	if mode.name != goldenOnLkstats.name {
		return goldenData
	}
	var lines bytes.Buffer
	for _, file := range goldenFiles() {
		for _, line := range goldenLines[map[string]any](t, file) {
			ops := (*line)["ops"].([]any)
			for _, op := range ops {
				op := op.(map[string]any)
				if sid, ok := op["sid"].(string); ok && (len(sid) > goldenLongest || strings.Contains(sid, "\x00")) {
					op["sid"] = ""
				}
			}
			// The model is not asked for what was recorded.
			fitting, err := json.Marshal(map[string]any{"name": (*line)["name"], "kind": (*line)["kind"], "config": (*line)["config"], "ops": ops})
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(fitting, '\n'))
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "traces_fitting.jsonl"), lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Given the model's own list of rules, each of them is in the table above: a new one is thought about here too.
func TestGoldenEveryRuleIsKnown(t *testing.T) {
	out, _ := exec.Command(goldenProgram(t), "--help").Output()
	named := regexp.MustCompile(`(?m)^  (\w+) `).FindAllStringSubmatch(string(out), -1)
	if len(named) != len(goldenRules) {
		t.Errorf("the model has %d rules, this test %d", len(named), len(goldenRules))
	}
	for _, rule := range named {
		if _, known := goldenRules[rule[1]]; !known {
			t.Errorf("the model's rule %s is not known here", rule[1])
		}
	}
}
