// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// A waiter parks a goroutine until a context has a batch. It has a descriptor of its own, so that it outlives the
// context's and so that several can wait; nobody reads it.
type waiter struct {
	context *Context
	file    *os.File
	raw     syscall.RawConn
	forget  func() bool
}

func newWaiter(ctx context.Context, c *Context) (*waiter, error) {
	file, err := c.eventFile()
	if err != nil {
		return nil, err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lkstats: batches: %w", err)
	}
	past := time.Unix(1, 0)
	forget := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(past) })
	return &waiter{c, file, raw, forget}, nil
}

// eventFile is io.EOF where the context is closed.
func (c *Context) eventFile() (*os.File, error) {
	const call = "batches"
	defer runtime.KeepAlive(c)
	// A close would end the descriptor between the two calls, and its number may be somebody else's then.
	c.memory.RLock()
	defer c.memory.RUnlock()
	fd, status := abi.EventFD(c.token)
	if status == abi.EClosed {
		return nil, io.EOF
	}
	if status != abi.OK {
		return nil, refused(call, status)
	}
	dup, err := dupAbove(fd)
	if err != nil {
		return nil, &callError{call, fmt.Sprintf("a descriptor to wait on: %v; raise the limit of open files (ulimit -n)", err), ErrNoFile}
	}
	return os.NewFile(uintptr(dup), "lkstats events"), nil
}

// next waits for a batch.
func (w *waiter) next() (batch *Batch, err error) {
	waiting := w.raw.Read(func(uintptr) bool {
		batch, err = w.context.TryNext()
		return batch != nil || err != nil
	})
	if batch == nil && err == nil && waiting != nil {
		err = fmt.Errorf("lkstats: batches: %w", waiting)
	}
	return batch, err
}

func (w *waiter) close() {
	if w == nil {
		return
	}
	w.forget()
	w.file.Close()
}
