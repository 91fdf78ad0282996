// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// content is of all files in a folder, one after the other.
func content(t *testing.T, folder string) (all []byte, files int) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	for _, entry := range entries {
		one, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		must(t, err)
		all = append(all, one...)
	}
	return all, len(entries)
}

func TestADirectoryThatWillNotDoIsNamed(t *testing.T) {
	missing, shared := filepath.Join(t.TempDir(), "missing"), filepath.Join(t.TempDir(), "shared")
	must(t, os.Mkdir(shared, 0o700))
	must(t, os.Chmod(shared, 0o777))
	for _, path := range []string{os.DevNull, missing, shared} {
		_, slab := Open(Options{Manual: true, SlabDir: path})
		_, journal := Open(Options{Manual: true, JournalDir: path})
		_, both := Open(Options{Manual: true, SlabDir: t.TempDir(), JournalDir: path})
		for what, err := range map[string]error{"SlabDir is ": slab, "JournalDir is ": journal, ", JournalDir is ": both} {
			refuses(t, what, err, ErrDir)
			if err == nil || !strings.Contains(err.Error(), what+`"`+path+`"`) {
				t.Errorf("%v does not say %s%q", err, what, path)
			}
		}
	}
}

func TestAnOptionOfTheFilesThatWillNotDoIsNamed(t *testing.T) {
	folder := t.TempDir()
	for why, options := range map[string]Options{
		"JournalSegmentBytes is 65535":       {JournalDir: folder, JournalSegmentBytes: 1<<16 - 1},
		"JournalSegmentBytes is 1073741825":  {JournalDir: folder, JournalSegmentBytes: 1<<30 + 1},
		"JournalSegmentAge is 999ms":         {JournalDir: folder, JournalSegmentAge: 999 * time.Millisecond},
		"JournalSegmentAge is 168h0m0.001s":  {JournalDir: folder, JournalSegmentAge: 7*24*time.Hour + time.Millisecond},
		"JournalSegmentAge is 2562047h47m16": {JournalDir: folder, JournalSegmentAge: 1<<63 - 1},
		"JournalSegmentAge is -1ns":          {JournalDir: folder, JournalSegmentAge: -1},
		"with NoReports":                     {JournalDir: folder, NoReports: true},
		"no journal without JournalDir":      {JournalSync: true},
		"JournalDir has a NUL":               {JournalDir: "/tmp\x00"},
		"SlabDir is not valid UTF-8":         {SlabDir: "/tmp/\xff"},
		"SlabDir has 257 bytes":              {SlabDir: "/" + strings.Repeat("x", 256)},
	} {
		_, err := Open(options)
		refuses(t, why, err, ErrInvalid)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v does not say %q", err, why)
		}
	}
	if _, files := content(t, folder); files != 0 {
		t.Errorf("%d files", files)
	}
}

// Each of ten windows comes into a segment of its own, whose age is in virtual time.
func TestOldSegmentsGoByCountOrBySize(t *testing.T) {
	for _, story := range []struct {
		options Options
		want    int
	}{{Options{}, 10}, {Options{JournalKeepSegments: 3}, 3}, {Options{JournalKeepBytes: 1}, 1}, {Options{JournalSegmentBytes: 1 << 30, JournalSync: true}, 10}} {
		options := story.options
		options.JournalDir, options.JournalSegmentAge = t.TempDir(), time.Second
		h := manual(t, options)
		track := h.track(TrackOptions{})
		for range 10 {
			must(t, track.AddBytes(1, true))
			h.pass(5 * time.Second)
		}
		if _, files := content(t, options.JournalDir); files != story.want {
			t.Errorf("%+v: %d segments", story.options, files)
		}
	}
}

func TestAJournalHasAllWhenItIsClosed(t *testing.T) {
	for _, manual := range []bool{true, false} {
		folder := t.TempDir()
		c := opened(t, Options{Manual: manual, JournalDir: folder})
		track, err := c.NewTrack(TrackOptions{ParticipantSID: "PA_written"})
		must(t, err)
		must(t, track.AddBytes(5, true))
		residue, err := c.Close(time.Minute)
		must(t, err)
		all, files := content(t, folder)
		if files != 1 || !bytes.Contains(all, []byte("PA_written")) || residue != (Residue{}) {
			t.Errorf("%d files, %d bytes, %+v", files, len(all), residue)
		}
	}
}

func TestWhatIsTakenBesideAJournalComesOnce(t *testing.T) {
	folder := t.TempDir()
	h := manual(t, Options{JournalDir: folder})
	must(t, h.track(TrackOptions{ParticipantSID: "PA_beside"}).AddBytes(5, true))
	h.pass(5 * time.Second)
	if all, _ := content(t, folder); !bytes.Contains(all, []byte("PA_beside")) {
		t.Errorf("%q", all)
	}
	batch := h.taken()
	if records := batch.Records(); len(records) != 1 || records[0].Window.SendBytes != 5 {
		t.Errorf("%+v", records)
	}
	must(t, batch.Nack()) // nobody asks
	must(t, h.Flush(0))
	h.pass(10 * time.Second)
	if again, err := h.TryNext(); again != nil || err != nil {
		t.Errorf("%v, %v", again, err)
	}
}

// A close need not wait for whoever takes beside the journal, and frees what they have not copied.
func TestACloseEndsUnderABatchBesideAJournal(t *testing.T) {
	h := manual(t, Options{JournalDir: t.TempDir()})
	must(t, h.track(TrackOptions{}).AddBytes(5, true))
	h.pass(5 * time.Second)
	must(t, h.track(TrackOptions{}).AddBytes(6, true))
	copied := h.taken()
	h.pass(5 * time.Second)
	seen, late := copied.Records(), h.taken()
	_, err := h.Close(0)
	must(t, err)
	if len(seen) != 1 || seen[0].Window.SendBytes != 5 || len(late.Records()) != 0 {
		t.Errorf("%+v, %+v", seen, late.Records())
	}
	for range late.All() {
		t.Error("a record that is gone")
	}
	refuses(t, "ack", late.Ack(), ErrClosed)
}

func TestALostContextWritesItsLastReports(t *testing.T) {
	folder := t.TempDir()
	func() {
		c, err := Open(Options{JournalDir: folder, Manual: true})
		must(t, err)
		track, err := c.NewTrack(TrackOptions{ParticipantSID: "PA_lost"})
		must(t, err)
		must(t, track.AddBytes(5, true))
	}()
	eventually(t, "its reports are written", func() bool {
		runtime.GC()
		all, _ := content(t, folder)
		return bytes.Contains(all, []byte("PA_lost"))
	})
}

func TestASlabOnADiskIsTold(t *testing.T) {
	var told told
	folder := t.TempDir()
	var found syscall.Statfs_t
	must(t, syscall.Statfs(folder, &found))
	const tmpfs = 0x01021994
	if found.Type == tmpfs {
		t.Skip("temporary files are in memory here")
	}
	h := manual(t, Options{SlabDir: folder, Log: told.log})
	if _, files := content(t, folder); files == 0 {
		t.Error("no file")
	}
	_, err := h.Close(0)
	must(t, err)
	if !told.has(LogWarning, folder) {
		t.Errorf("%q", told.lines)
	}
	if _, files := content(t, folder); files != 0 {
		t.Errorf("%d files are left", files)
	}
}

// A process that ends as no process should: see TestTheNextContextReportsWhatAProcessLeft.
func TestHelperLeaves(t *testing.T) {
	folder, ok := os.LookupEnv("LKSTATS_TEST_LEAVE")
	if !ok {
		t.Skip("for another test")
	}
	c, err := Open(Options{SlabDir: folder, Node: "node-before", AnalyticsKey: "key-before"})
	must(t, err)
	track, err := c.NewTrack(TrackOptions{ParticipantSID: "PA_left"})
	must(t, err)
	must(t, track.AddMessages(700, 7, false))
	if os.Getenv("LKSTATS_TEST_HOW") == "exit" {
		os.Exit(0)
	}
	must(t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
	select {}
}

func TestTheNextContextReportsWhatAProcessLeft(t *testing.T) {
	for _, how := range []string{"exit", "kill"} {
		folder := t.TempDir()
		command := exec.Command(os.Args[0], "-test.run=^TestHelperLeaves$")
		command.Env = append(os.Environ(), "LKSTATS_TEST_LEAVE="+folder, "LKSTATS_TEST_HOW="+how)
		out, _ := command.CombinedOutput()
		if _, files := content(t, folder); files == 0 {
			t.Fatalf("%s: nothing is left: %s", how, out)
		}

		var told told
		h := manual(t, Options{SlabDir: folder, Node: "node-after", Log: told.log})
		own := h.track(TrackOptions{ParticipantSID: "PA_own"})
		must(t, own.AddBytes(1, true))
		h.pass(5 * time.Second)
		batch := h.taken()
		left := batch.Records()
		if len(left) != 1 || left[0].ParticipantSID != "PA_left" || left[0].Window != (Traffic{RecvBytes: 700, RecvMessages: 7}) ||
			!batch.Recovered() || batch.Node() != "node-before" || batch.AnalyticsKey() != "key-before" {
			t.Fatalf("%s: %q, %q: %+v", how, batch.Node(), batch.AnalyticsKey(), left)
		}
		must(t, batch.Ack())
		batch = h.taken()
		if now := batch.Records(); len(now) != 1 || now[0].Key.Context == left[0].Key.Context || batch.Recovered() || batch.Node() != "node-after" {
			t.Errorf("%s: %q: %+v", how, batch.Node(), now)
		}
		must(t, batch.Ack())
		h.pass(5 * time.Second)
		_, err := h.Close(0)
		must(t, err)
		if !told.has(LogInfo, "dead context") {
			t.Errorf("%s: %q", how, told.lines)
		}
		if all, files := content(t, folder); files != 0 {
			t.Errorf("%s: %d files, %d bytes", how, files, len(all))
		}
	}
}
