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
}

// Context is one set of counters, one reporter and one acknowledging consumer. A process can have 64 open.
//
// One that becomes unreachable is closed as by Close(Abandon). A reachable Track, Signal or Batch keeps its context
// reachable.
type Context struct {
	token abi.Token
	// Held for reading while the library's memory of a batch is copied, for writing while a close may free it.
	memory  sync.RWMutex
	cleanup runtime.Cleanup
	manual  bool
}

// Abandon as the timeout of Close: what is not acknowledged is given up.
const Abandon time.Duration = math.MinInt64

// Open opens a context. Without Options.Manual the library starts a thread.
//
// Errors: ErrInvalid; ErrNoFile: fewer than twelve file descriptors are free; ErrNoMemory; ErrNoThread; ErrFull: 64
// contexts are open, or other contexts have the tracks that Preallocate asks for, or had them until some ten seconds
// ago; ErrSystem; ErrLayout: the library is older or newer than this package can use; ErrNoLibrary: there is none to
// load, with the build tag lkstats_dlopen; errors.ErrUnsupported: without cgo, or not on Linux.
func Open(options Options) (*Context, error) {
	const call = "open"
	if err := usable(abi.Use()); err != nil {
		return nil, err
	}
	interval, err := milliseconds(call, "ReportInterval", options.ReportInterval)
	if err != nil {
		return nil, err
	}
	if interval > math.MaxUint32 {
		return nil, blameOptions(call, &options)
	}
	var flags uint32
	if options.Manual {
		flags |= abi.NoThread
	}
	if options.Preallocate {
		flags |= abi.Preallocate
	}
	if options.NoReports {
		flags |= abi.NoReports
	}
	token, status := abi.Open(flags, uint32(interval), options.MaxTracks, options.Node, options.AnalyticsKey)
	switch Status(status) {
	case abi.OK:
	case ErrInvalid:
		return nil, blameOptions(call, &options)
	case ErrFull:
		return nil, &callError{call, "64 contexts are open, or others have the tracks that Preallocate asks for; close one: what it had can be used again after some ten seconds", ErrFull}
	default:
		return nil, refused(call, status)
	}
	c := &Context{token: token, manual: options.Manual}
	c.cleanup = runtime.AddCleanup(c, func(token abi.Token) { abi.Close(token, abi.Abandon) }, token)
	return c, nil
}

func blameOptions(call string, o *Options) error {
	why := fmt.Sprintf("MaxTracks is %d; give at most 2^24, and with Preallocate at least 1", o.MaxTracks)
	if o.ReportInterval != 0 && (o.ReportInterval < 100*time.Millisecond || o.ReportInterval > time.Hour) {
		why = fmt.Sprintf("ReportInterval is %v; give 100ms to 1h, or 0 for the default", o.ReportInterval)
	}
	return blame(call, nil, why, field{"Node", o.Node}, field{"AnalyticsKey", o.AnalyticsKey})
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
