// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"fmt"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// Options of a context. The zero value has all defaults.
type Options struct {
	// Node is the id of this server, AnalyticsStat.node.
	Node string
	// AnalyticsKey is AnalyticsStat.analytics_key.
	AnalyticsKey string
	// ReportInterval is between 100 milliseconds and an hour, rounded up to milliseconds; 0: five seconds, LiveKit's.
	ReportInterval time.Duration
	// MaxTracks is how many tracks and signal connections there can be at a time, stopped ones included until they are
	// acknowledged and their place has rested, some ten seconds; 0: 2^24, which is what a process has for all its
	// contexts.
	MaxTracks uint32
	// Preallocate takes the memory for all of MaxTracks, which then has to be given, at once.
	Preallocate bool
	// NoReports counts and shows in Metrics only: every report is acknowledged at once, and nobody takes batches. A
	// loop over Batches waits until Close.
	NoReports bool
	// Manual starts no thread: the host calls RunOnce, whose instants are the context's only clocks.
	Manual bool

	// SlabDir is a directory for the counters, best in memory (/dev/shm, /run): a process that dies leaves them there, and
	// the next context that is opened with the same directory by the same user reports what was left, before its own
	// reports: in batches with the dead context's Node, under the dead context's keys. It belongs to this user or to root,
	// and nobody else may write to it unless it has the sticky bit. Empty: counters go with the process.
	SlabDir string
	// JournalDir is a directory that reports are written to, in segments "lkstats-<uuid>-<number>.journal"; several
	// processes may share it. Then a full write is the acknowledgement. Batches may be taken beside it: each record comes
	// once, after it is in the journal, their answers change nothing, and a consumer that takes too slowly misses some.
	// Not with NoReports.
	JournalDir string
	// JournalSegmentBytes is how large a segment gets, 64 KiB to 1 GiB; 0: 64 MiB.
	JournalSegmentBytes uint64
	// JournalSegmentAge is how long a segment is written to, a second to a week, rounded up to milliseconds; 0: an hour.
	JournalSegmentAge time.Duration
	// JournalKeepBytes is how much all segments in the directory may have; beyond it the oldest are removed, but none
	// that a living process writes to. 0: no limit.
	JournalKeepBytes uint64
	// JournalKeepSegments is the same as a number of segments.
	JournalKeepSegments uint32
	// JournalSync has a report on the disk (fdatasync) before it counts as acknowledged.
	JournalSync bool
	// Log is told what somebody should look at: a full disk, a damaged file, a dead context that was recovered. A state is
	// told when it begins and when it ends. It is called on a goroutine of its own, one line at a time, as long as the
	// context is open; Close and an Open that fails return when it has had the last one. It may call anything but Close of
	// its own context, which would wait for it, and while it runs the library goes on; lines that come too fast for it are
	// left out, some two hundred after it has stopped taking them. A Log that panics ends the program, as any goroutine
	// does. nil: nobody is told.
	Log func(level LogLevel, message string)
}

func (o *Options) flags() (flags uint32) {
	for _, f := range []struct {
		set  bool
		flag uint32
	}{{o.Manual, abi.NoThread}, {o.Preallocate, abi.Preallocate}, {o.NoReports, abi.NoReports}, {o.JournalSync, abi.JournalSync}} {
		if f.set {
			flags |= f.flag
		}
	}
	return flags
}

// refusedOpen says which of the options it was, where it was one of them.
func refusedOpen(call string, o *Options, status int32) error {
	switch Status(status) {
	case ErrInvalid:
		return blameOptions(call, o)
	case ErrNoMemory:
		if o.SlabDir != "" {
			return &callError{call, fmt.Sprintf("SlabDir is %q: it is full, or ", o.SlabDir) + ErrNoMemory.known().text + "; " + advice[ErrNoMemory], ErrNoMemory}
		}
	case ErrDir:
		return &callError{call, o.directories() + ": " + ErrDir.known().text + "; " + advice[ErrDir], ErrDir}
	case ErrFull:
		return &callError{call, "64 contexts are open, or others have the tracks that Preallocate asks for; close one: what it had can be used again after some ten seconds", ErrFull}
	}
	return refused(call, status)
}

// directories that it may have been.
func (o *Options) directories() string {
	switch {
	case o.JournalDir == "":
		return fmt.Sprintf("SlabDir is %q", o.SlabDir)
	case o.SlabDir == "":
		return fmt.Sprintf("JournalDir is %q", o.JournalDir)
	}
	return fmt.Sprintf("SlabDir is %q, JournalDir is %q", o.SlabDir, o.JournalDir)
}

func blameOptions(call string, o *Options) error {
	return blame(call, nil, o.outside(), field{"Node", o.Node}, field{"AnalyticsKey", o.AnalyticsKey},
		field{"SlabDir", o.SlabDir}, field{"JournalDir", o.JournalDir})
}

// outside names the first option that is outside its range.
func (o *Options) outside() string {
	switch {
	case o.ReportInterval != 0 && (o.ReportInterval < 100*time.Millisecond || o.ReportInterval > time.Hour):
		return fmt.Sprintf("ReportInterval is %v; give 100ms to 1h, or 0 for the default", o.ReportInterval)
	case o.MaxTracks > 1<<24 || o.Preallocate && o.MaxTracks == 0:
		return fmt.Sprintf("MaxTracks is %d; give at most 2^24, and with Preallocate at least 1", o.MaxTracks)
	case o.JournalSegmentBytes != 0 && (o.JournalSegmentBytes < 64<<10 || o.JournalSegmentBytes > 1<<30):
		return fmt.Sprintf("JournalSegmentBytes is %d; give 64 KiB to 1 GiB, or 0 for the default", o.JournalSegmentBytes)
	case o.JournalSegmentAge != 0 && (o.JournalSegmentAge < time.Second || o.JournalSegmentAge > 7*24*time.Hour):
		return fmt.Sprintf("JournalSegmentAge is %v; give 1s to 168h, or 0 for the default", o.JournalSegmentAge)
	case o.JournalDir == "" && (o.JournalSegmentBytes != 0 || o.JournalSegmentAge != 0 || o.JournalKeepBytes != 0 ||
		o.JournalKeepSegments != 0 || o.JournalSync):
		return "there is no journal without JournalDir; give it, or none of the other options of a journal"
	case o.NoReports && o.JournalDir != "":
		return "with NoReports there is nothing to write to JournalDir; give one of them"
	}
	return "the library refuses these options and does not say which; look at lkstats.h"
}
