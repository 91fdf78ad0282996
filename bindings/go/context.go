// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// Context is one set of counters, one reporter and one acknowledging consumer. A process can have 64 open.
//
// One that becomes unreachable is closed as by Close(Abandon), with Options.JournalDir after a second at most for the
// last reports. A reachable Track, Signal or Batch keeps its context reachable, and so does an Options.Log that leads to
// it.
type Context struct {
	token abi.Token
	// Held for reading while the library's memory of a batch is copied, for writing while a close may free it.
	memory  sync.RWMutex
	cleanup runtime.Cleanup
	log     *logger // nil: nobody is told
	manual  bool
}

// Abandon as the timeout of Close: what is not acknowledged is given up.
const Abandon time.Duration = math.MinInt64

// Open opens a context. Without Options.Manual the library starts a thread.
//
// Errors: ErrInvalid; ErrDir: SlabDir or JournalDir; ErrNoFile: fewer than twelve file descriptors are free, or sixteen
// with Log; ErrNoMemory: also when SlabDir is full; ErrNoThread; ErrFull: 64 contexts are open, or other contexts have
// the tracks that Preallocate asks for, or had them until some ten seconds ago; ErrSystem; ErrLayout: the library is older
// or newer than this package can use; ErrNoLibrary: there is none to load, with the build tag lkstats_dlopen;
// errors.ErrUnsupported: without cgo, or not on Linux.
func Open(options Options) (*Context, error) {
	const call = "open"
	if err := usable(abi.Use()); err != nil {
		return nil, err
	}
	interval, err := milliseconds(call, "ReportInterval", options.ReportInterval)
	if err != nil {
		return nil, err
	}
	age, err := milliseconds(call, "JournalSegmentAge", options.JournalSegmentAge)
	if err != nil {
		return nil, err
	}
	if interval > math.MaxUint32 || age > math.MaxUint32 {
		return nil, blameOptions(call, &options)
	}
	log, err := newLogger(call, options.Log)
	if err != nil {
		return nil, err
	}
	token, status := abi.Open(&abi.Options{Flags: options.flags(), IntervalMs: uint32(interval),
		MaxTracks: options.MaxTracks, Node: options.Node, AnalyticsKey: options.AnalyticsKey, SlabDir: options.SlabDir,
		JournalDir: options.JournalDir, SegmentBytes: options.JournalSegmentBytes, KeepBytes: options.JournalKeepBytes,
		KeepSegments: options.JournalKeepSegments, SegmentAgeMs: uint32(age), LogTo: log.fd()})
	if status != abi.OK {
		log.end()
		return nil, refusedOpen(call, &options, status)
	}
	c := &Context{token: token, log: log, manual: options.Manual}
	c.cleanup = runtime.AddCleanup(c, func(lost lostContext) { go closeLost(lost) },
		lostContext{token, options.JournalDir != "", log})
	return c, nil
}

// known is false for a context that Open did not make.
func (c *Context) known() bool { return c != nil && c.token != 0 }

// RunOnce does all the reporting work that is due at that instant, in a context with Options.Manual. The instants
// given here are the context's clocks. Call it at least once a second.
//
// Errors: ErrInvalid: the context is not Manual, monotonic is below 0 or an earlier call's, or wall is not between the
// years 1678 and 2262; ErrClosed; ErrStale.
func (c *Context) RunOnce(monotonic time.Duration, wall time.Time) error {
	const call = "run once"
	if !c.known() {
		return refused(call, abi.EStale)
	}
	if !c.manual {
		return invalid(call, "the context has a thread that does it; open it with Options.Manual")
	}
	ns, err := nanoseconds(call, wall)
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(c)
	status := abi.RunOnce(c.token, int64(monotonic), ns)
	if status == abi.EInval {
		return invalid(call, fmt.Sprintf("monotonic is %v; give 0 or more, no less than before", monotonic))
	}
	return refused(call, status)
}

// Flush freezes what every track owes and waits until everything that was counted before the call is acknowledged,
// but at most that long, 0 or more. The consumer is another goroutine, or, with 0, the caller afterwards. It blocks
// an OS thread while it waits.
//
// Errors: ErrTimedOut: frozen and delivered, not all acknowledged; ErrInvalid; ErrClosed; ErrNoMemory; ErrStale.
func (c *Context) Flush(timeout time.Duration) error {
	const call = "flush"
	if !c.known() {
		return refused(call, abi.EStale)
	}
	ms, err := milliseconds(call, "timeout", timeout)
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(c)
	return refused(call, abi.Flush(c.token, ms))
}

// Redeliver delivers again whatever is not acknowledged, batches that are out included: for a consumer that has
// forgotten what it took. Whichever of two batches with the same record is acknowledged first counts.
//
// Errors: ErrClosed; ErrStale.
func (c *Context) Redeliver() error {
	const call = "redeliver"
	if !c.known() {
		return refused(call, abi.EStale)
	}
	defer runtime.KeepAlive(c)
	return refused(call, abi.Redeliver(c.token))
}
