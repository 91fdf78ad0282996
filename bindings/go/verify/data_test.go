// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// One set of sequences, with what is said of each record, for all languages.
const shared = "../../../tests/data/verify.jsonl"

var update = flag.Bool("update", false, "write what the model says to "+shared)

var why = [...]string{"nothing", "form", "state", "content", "totals", "over"}

// A line: of a story's begin, or of a record and what is said of it and of what came so far.
type line struct {
	Story        string
	Take         [6]uint32 // first byte of the context, slot, tag, epoch, sequence, kind
	Signal       uint32
	Unattributed uint32
	Window       [4]uint64
	Running      [4]uint64
	Verdict      string
	Why          string
	Missing      [6]uint64 // sequences, exact, traffic
	Holes        string    // "1-3 7-9", with a + where records came in between, a ~ where it is at least that
	Gapless      uint32
	Complete     uint32
}

func figures(t Traffic) [4]uint64 {
	return [4]uint64{t.SendBytes, t.SendMessages, t.RecvBytes, t.RecvMessages}
}

func number(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func holesText(holes []Hole) string {
	var text []string
	for _, h := range holes {
		one := fmt.Sprintf("%d-%d", h.First, h.Last)
		if h.Merged {
			one += "+"
		}
		if !h.Exact {
			one += "~"
		}
		text = append(text, one)
	}
	if text == nil {
		return "none"
	}
	return strings.Join(text, " ")
}

func lineOf(r *Record, verdict Verdict, because Why, missing Missing, holes []Hole, gapless, complete bool) line {
	t := figures(missing.Traffic)
	return line{
		Take:   [6]uint32{uint32(r.Context[0]), r.Slot, r.Tag, r.Epoch, r.Sequence, uint32(r.Kind)},
		Signal: number(r.Signal), Unattributed: number(r.Unattributed),
		Window: figures(r.Window), Running: figures(r.Running),
		Verdict: verdict.String(), Why: why[because],
		Missing: [6]uint64{uint64(missing.Sequences), uint64(number(missing.Exact)), t[0], t[1], t[2], t[3]},
		Holes:   holesText(holes), Gapless: number(gapless), Complete: number(complete),
	}
}

func (m *model) judge(r *Record) line {
	verdict := m.take(r)
	return lineOf(r, verdict, m.why, m.missing(), m.holes(), m.gapless(), m.complete())
}

func (e *Epoch) judge(r *Record) line {
	verdict := e.Take(r)
	return lineOf(r, verdict, e.Why(), e.Missing(), e.Holes(), e.Gapless(), e.Complete())
}

func (l *line) record() *Record {
	r := &Record{Key: Key{EpochKey{Slot: l.Take[1], Tag: l.Take[2], Epoch: l.Take[3]}, l.Take[4], Kind(l.Take[5])},
		Window:  Traffic{l.Window[0], l.Window[1], l.Window[2], l.Window[3]},
		Running: Traffic{l.Running[0], l.Running[1], l.Running[2], l.Running[3]},
		Signal:  l.Signal != 0, Unattributed: l.Unattributed != 0}
	r.Context[0] = byte(l.Take[0])
	return r
}

// Fields are always in this order, and of these shapes: whoever has no reader of JSON at hand goes by numbers.
func (l *line) write(to *bytes.Buffer) {
	list := func(values any) string { return strings.ReplaceAll(strings.Trim(fmt.Sprint(values), "[]"), " ", ",") }
	if l.Story != "" {
		fmt.Fprintf(to, "{\"story\":%q}\n", l.Story)
		return
	}
	fmt.Fprintf(to, `{"take":[%s],"signal":%d,"unattributed":%d,"window":[%s],"running":[%s],"verdict":%q,"why":%q,`+
		`"missing":[%s],"holes":%q,"gapless":%d,"complete":%d}`+"\n", list(l.Take), l.Signal, l.Unattributed,
		list(l.Window), list(l.Running), l.Verdict, l.Why, list(l.Missing), l.Holes, l.Gapless, l.Complete)
}

func TestEveryRecordOfTheSharedSequencesIsJudgedAsItSays(t *testing.T) {
	file, err := os.Open(shared)
	if os.IsNotExist(err) {
		t.Skip("the module is not in the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var epoch Epoch
	var story string
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var expected line
		if err := json.Unmarshal(lines.Bytes(), &expected); err != nil {
			t.Fatal(err)
		}
		if expected.Story != "" {
			epoch, story = Epoch{}, expected.Story
			continue
		}
		count++
		if said := epoch.judge(expected.record()); said != expected {
			t.Errorf("%s:\n%+v is expected,\n%+v is said", story, expected, said)
		}
	}
	if count < 300 {
		t.Errorf("only %d records", count)
	}
}

func TestTheSharedSequencesAreWhatAModelSaysOfThem(t *testing.T) {
	// Given what is written by hand, each record with the verdict that a person expects
	var made bytes.Buffer
	for _, s := range stories() {
		(&line{Story: s.name}).write(&made)
		m := newModel()
		for i, take := range s.takes {
			said := m.judge(&take.record)
			if said.Verdict != take.verdict.String() || (take.verdict == Contradiction && m.why != take.why) {
				t.Errorf("%s, record %d: the model says %s, %s", s.name, i+1, said.Verdict, said.Why)
			}
			said.write(&made)
		}
		if end := m.judgement(); end != s.end {
			t.Errorf("%s: the model ends with %s", s.name, end)
		}
	}
	// And what nobody wrote
	for seed := uint64(1); seed <= 24; seed++ {
		(&line{Story: fmt.Sprintf("made up %d", seed)}).write(&made)
		m := newModel()
		for _, r := range life(seed, 20) {
			said := m.judge(&r)
			said.write(&made)
		}
	}
	// Then the file has just that
	if *update {
		if err := os.WriteFile(shared, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(shared)
	if os.IsNotExist(err) {
		t.Skip("the module is not in the repository")
	}
	if !bytes.Equal(kept, made.Bytes()) {
		t.Errorf("%s is another: go test ./verify -update", shared)
	}
}

// What is said in the end, in short.
func (m *model) judgement() string {
	switch missing := m.missing(); {
	case m.any() == nil:
		return "nothing"
	case m.complete():
		return "complete"
	case m.gapless():
		return "gapless"
	case missing.Exact:
		return fmt.Sprintf("%d missing, %d messages", missing.Sequences, missing.Traffic.SendMessages)
	default:
		return fmt.Sprintf("at least %d missing, %d messages", missing.Sequences, missing.Traffic.SendMessages)
	}
}
