// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"iter"
	"sync"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// A loop has so many records before it at a time: few enough that they stay in the processor's nearest memory, which is
// what makes the difference to a copy of the whole batch; and enough that the locks are not felt.
const (
	chunkRecords = 64
	chunkText    = 128 * chunkRecords
	chunkDetails = 4 * chunkRecords
)

var chunks = sync.Pool{New: func() any { return newCopy(chunkRecords, chunkText, chunkDetails) }}

// All yields the batch's records, those of a track in order, without a copy of all of them: a quarter of what Records
// costs. A record, its strings and its kind details are good until the loop goes on to the next one, or to its end;
// Clone what is kept longer. The one that a loop breaks out of stays good.
//
// Several loops at once are fine, and they go on when the batch is acknowledged meanwhile, at the price of a copy. A Nack
// ends them, since the records come again, and so does the close of the context: then Ack answers ErrClosed. What there
// is after the answer is said at Records.
func (b *Batch) All() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		if b == nil || b.context == nil {
			return
		}
		whole := false
		b.loopBegins()
		defer func() { b.loopEnds(whole) }() // also where the body panics
		whole = b.yieldAll(yield)
	}
}

func (b *Batch) yieldAll(yield func(*Record) bool) (whole bool) {
	chunk := chunks.Get().(*recordCopy)
	for done := 0; done < b.count; {
		records := b.next(done, chunk)
		if len(records) == 0 {
			return false
		}
		for i := range records {
			if !yield(&records[i]) {
				return false // the body may still have the record: its chunk is not used again
			}
		}
		done += len(records)
	}
	chunks.Put(chunk)
	return true
}

// next are some of the records behind the first ones, or none where they are gone.
func (b *Batch) next(done int, chunk *recordCopy) []Record {
	b.state.Lock()
	defer b.state.Unlock()
	if b.kept != nil {
		return b.kept[done:]
	}
	if b.answered {
		return nil
	}
	b.context.memory.RLock()
	defer b.context.memory.RUnlock()
	if !b.context.hasBatches() {
		return nil
	}
	return chunk.fill(&b.raw, done)
}

// hasBatches is false when a close has freed them. The caller holds the memory.
func (c *Context) hasBatches() bool {
	_, status := abi.EventFD(c.token) // the cheapest call that tells
	return status == abi.OK
}

func (b *Batch) loopBegins() {
	b.state.Lock()
	defer b.state.Unlock()
	b.loops++
}

func (b *Batch) loopEnds(whole bool) {
	b.state.Lock()
	defer b.state.Unlock()
	b.loops--
	b.given = b.given || whole
}
