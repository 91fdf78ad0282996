// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"context"
	"io"
	"iter"
)

// Batches yields batches as they come, and waits for them on Go's network poller: a waiting loop costs a goroutine and
// a file descriptor, no OS thread. It ends without an error when Close has begun and nothing is owed any more, with
// (nil, ctx.Err()) when ctx is done, and with (nil, err) on anything else; then call it again or give up.
//
// Several loops at once are fine: each batch goes to one of them. A batch that the body leaves unanswered may be
// answered later; but when the body panics, or ends its goroutine, it is given back.
//
// What is given back comes again at once: a body whose sink is down waits before it goes on. With Options.NoReports
// there are no batches, and the loop waits until Close.
//
// Errors: ErrInvalid: ctx is nil; ErrNoFile; ErrNoMemory; ErrStale.
func (c *Context) Batches(ctx context.Context) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if err := c.offerAll(ctx, yield); err != nil {
			yield(nil, err)
		}
	}
}

// offerAll answers why the loop ends, or nil where that is no news to the body.
func (c *Context) offerAll(ctx context.Context, yield func(*Batch, error) bool) error {
	if ctx == nil {
		return invalid("batches", "ctx is nil; give context.Background()")
	}
	var wait *waiter
	defer func() { wait.close() }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := c.TryNext()
		if batch == nil && err == nil && wait == nil {
			wait, err = newWaiter(ctx, c)
		}
		if batch == nil && err == nil {
			if batch, err = wait.next(); err != nil && ctx.Err() != nil {
				err = ctx.Err()
			}
		}
		if err == io.EOF { // also where the context was closed just now
			return nil
		}
		if err != nil {
			return err
		}
		if !offer(batch, yield) {
			return nil
		}
	}
}

// offer hands out a batch, and gives it back where the body does not return.
func offer(batch *Batch, yield func(*Batch, error) bool) (more bool) {
	returned := false
	defer func() {
		if !returned {
			_ = batch.Nack() // it may have been answered before
		}
	}()
	more = yield(batch, nil)
	returned = true
	return more
}
