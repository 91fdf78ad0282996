// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"runtime"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// Close refuses new tracks, stops every track, freezes the last reports, and waits at most that long, 0 or more, for
// their acknowledgement; other goroutines take and acknowledge them meanwhile. With Abandon it does not wait: what is
// not acknowledged is given up, and batches that are out can't be answered any more. It blocks an OS thread while it
// waits.
//
// With Options.JournalDir nobody has to answer: what counts is the journal, and batches that are out when it ends are
// gone, but for copies. When it has closed the context, Options.Log has had the last line.
//
// The residue is filled when the error is nil or ErrTimedOut.
//
// Errors: ErrTimedOut: still closing, reports can still be taken and acknowledged, call again; ErrClosed: it is closed
// already; ErrInvalid: a negative timeout other than Abandon; ErrStale.
func (c *Context) Close(timeout time.Duration) (Residue, error) {
	const call = "close"
	if !c.known() {
		return Residue{}, refused(call, abi.EStale)
	}
	defer runtime.KeepAlive(c)
	if timeout == Abandon {
		return c.closed(c.closeNow(abi.Abandon))
	}
	if _, err := milliseconds(call, "timeout", timeout); err != nil {
		return Residue{}, err
	}
	for deadline := time.Now().Add(timeout); ; {
		residue, status := c.closeNow(0)
		left := time.Until(deadline)
		if status != abi.ETimeOut || left <= 0 {
			return c.closed(residue, status)
		}
		c.awaitAnswers(left)
	}
}

// closeNow waits for nobody, so that it may have the memory for itself: a close that ends frees batches.
func (c *Context) closeNow(timeoutMs int64) (Residue, int32) {
	c.memory.Lock()
	defer c.memory.Unlock()
	tracks, left, status := abi.Close(c.token, timeoutMs)
	return Residue{tracks, Traffic(left)}, status
}

func (c *Context) closed(residue Residue, status int32) (Residue, error) {
	switch Status(status) {
	case abi.OK:
		c.cleanup.Stop()
		c.log.end()
	case ErrTimedOut:
		return residue, &callError{"close", "not everything is acknowledged; take and acknowledge the rest and call Close again, or Close(Abandon)", ErrTimedOut}
	default:
		residue = Residue{}
	}
	return residue, refused("close", status)
}

// awaitAnswers returns once what a closing context owes is acknowledged, or the time is over.
func (c *Context) awaitAnswers(left time.Duration) {
	ms, _ := milliseconds("", "", left)
	if abi.Flush(c.token, ms) != abi.ETimeOut {
		// Acknowledged to the last, or closed meanwhile: the next try will say so, or is a moment too early.
		time.Sleep(time.Millisecond)
	}
}
