// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"io"
	"runtime"
	"sync"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// Batch is reports that were taken together and are answered together, with Ack or Nack, from any goroutine. One that
// becomes unreachable without an answer is given back.
type Batch struct {
	context   *Context
	id        uint64
	recovered bool
	node, key string
	cleanup   runtime.Cleanup

	count int

	state    sync.Mutex // an answer frees what the others copy from
	raw      abi.Batch  // none when answered
	kept     []Record   // nil: not made
	loops    int        // over All, that have not ended
	given    bool       // all of it, to somebody, other than by kept
	answered bool
}

// What it takes to answer a batch that is gone.
type batchName struct {
	context abi.Token
	id      uint64
}

// TryNext takes the next batch if there is one: nil, nil when there is none now. It never waits.
//
// Errors: io.EOF: Close began and nothing is owed any more; ErrNoMemory; ErrStale.
func (c *Context) TryNext() (*Batch, error) {
	const call = "next"
	if !c.known() {
		return nil, refused(call, abi.EStale)
	}
	defer runtime.KeepAlive(c)
	c.memory.RLock()
	defer c.memory.RUnlock()
	raw, status := abi.Next(c.token)
	switch status {
	case abi.OK:
		return c.take(&raw), nil
	case abi.EAgain:
		return nil, nil
	case abi.EOF:
		return nil, io.EOF
	}
	return nil, refused(call, status)
}

func (c *Context) take(raw *abi.Batch) *Batch {
	b := &Batch{context: c, id: raw.ID, recovered: raw.Recovered, count: raw.Count, raw: *raw, node: string(raw.Node.Bytes()),
		key: string(raw.AnalyticsKey.Bytes())}
	giveBack := func(name batchName) { abi.Answer(name.context, name.id, false) }
	b.cleanup = runtime.AddCleanup(b, giveBack, batchName{c.token, raw.ID})
	return b
}

// Records are the batch's, at most 1,024, those of a track in order: a copy that stays good after the answer and after
// Close. The first call makes it.
//
// Ack makes it too, so that nothing is lost, when by then nobody was given the whole batch, by Records, by
// AnalyticsStats, or by a loop over All that came to its end; or when a loop over All still runs. After the answer
// Records and All have that copy; where none was made, nothing. When the context is closed, which Ack tells, none can
// be made.
func (b *Batch) Records() []Record {
	if b == nil || b.context == nil {
		return nil
	}
	b.state.Lock()
	defer b.state.Unlock()
	b.keep()
	return b.kept
}

// keep makes the copy where there is none and it can be made. The caller holds the state.
func (b *Batch) keep() {
	if b.kept != nil || b.answered {
		return
	}
	b.context.memory.RLock()
	defer b.context.memory.RUnlock()
	if b.context.hasBatches() {
		b.kept = copyAll(&b.raw)
	}
}

// Recovered says that these are reports of a dead context's: see Options.SlabDir. Its handles may be the same as those of
// this context's tracks.
func (b *Batch) Recovered() bool { return b != nil && b.recovered }

// Node is Options.Node of the context, or of the dead one whose reports these are: see Options.SlabDir.
func (b *Batch) Node() string {
	if b == nil {
		return ""
	}
	return b.node
}

// AnalyticsKey is Options.AnalyticsKey of the same.
func (b *Batch) AnalyticsKey() string {
	if b == nil {
		return ""
	}
	return b.key
}

// AnalyticsStats is the batch as one serialized livekit.AnalyticsStats message, at most a MiB or so: for each record, a
// stat UPSTREAM where something was received, then a stat DOWNSTREAM where something was sent. No two stats share an
// id, and a record's stats are the same bytes each time. The bytes are the caller's.
//
// Errors: ErrStale: the batch is answered; ErrClosed; ErrNoMemory.
func (b *Batch) AnalyticsStats() ([]byte, error) {
	const call = "analytics stats"
	if b == nil || b.context == nil {
		return nil, refused(call, abi.EStale)
	}
	b.state.Lock()
	defer b.state.Unlock()
	if b.answered {
		return nil, refused(call, abi.EStale)
	}
	b.context.memory.RLock()
	defer b.context.memory.RUnlock()
	bytes, status := abi.AnalyticsStats(b.context.token, b.id)
	if status != abi.OK {
		return nil, refused(call, status)
	}
	b.given = true
	return append([]byte{}, bytes...), nil
}

// Ack acknowledges every record of the batch: they are never delivered again.
//
// Errors: ErrStale: already answered; ErrClosed: the context is closed.
func (b *Batch) Ack() error { return b.answer("ack", true) }

// Nack gives the batch back: its records are delivered again, same keys, same content, before newer ones, and at once:
// a consumer whose sink is down waits before it goes on. Errors: as Ack.
func (b *Batch) Nack() error { return b.answer("nack", false) }

func (b *Batch) answer(call string, acknowledged bool) error {
	if b == nil || b.context == nil {
		return refused(call, abi.EStale)
	}
	b.state.Lock()
	defer b.state.Unlock()
	if b.answered {
		return refused(call, abi.EStale)
	}
	if acknowledged && (!b.given || b.loops != 0) {
		b.keep()
	}
	status := abi.Answer(b.context.token, b.id, acknowledged)
	if status == abi.OK || status == abi.EStale {
		b.done()
	}
	runtime.KeepAlive(b)
	return refused(call, status)
}

func (b *Batch) done() {
	b.answered = true
	b.raw = abi.Batch{}
	b.cleanup.Stop()
}
