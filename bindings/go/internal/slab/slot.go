// SPDX-License-Identifier: Apache-2.0

// Package slab has the counters of tracks in shared memory, as lkstats_slab.h describes them, and the add on them. It is
// all that an add needs: no cgo, no allocation.
package slab

import (
	"sync/atomic"
	"unsafe"
)

const (
	// Live is LKSTATS_SLAB_LIVE: while adds are taken, state and tag read together are the handle plus this.
	Live = 1 << 24

	// BytesLimit and MessagesLimit are above what one add can count.
	BytesLimit    = 1 << (byteBits - 1)
	MessagesLimit = 1 << (messageBits - 1)

	byteBits    = 36
	messageBits = 27
	falls       = 1<<byteBits | 1<<63
	closed      = 1
)

// Slot is lkstats_slab_slot_t: one cache line. It is the library's memory, never Go's.
type Slot struct {
	State  uint32
	Tag    uint32
	Word   [2]uint64
	Carry  [2]uint64
	Last   [2]uint64
	Record uint32
	Epoch  uint32
}

// Anchor is lkstats_slab_anchor_t: where the slots are.
type Anchor struct {
	Limit uint64 // slot indexes are below it
	Slots *Slot  // stored before Limit
}

// Never nil, so that an add need not look.
var anchor atomic.Pointer[Anchor]

var nowhere Anchor

func init() { anchor.Store(&nowhere) }

// Use says where the slots are, and answers what was said before; nil: nowhere, Add counts nothing. It is called before
// the first handle is made.
func Use(a *Anchor) (before *Anchor) {
	if a == nil {
		a = &nowhere
	}
	return anchor.Swap(a)
}

// Add counts on the handle's slot, in one atomic instruction; it is lkstats_slab_add. False: nothing was counted, and
// the library's own add counts it or says why not.
//
// It is made of steps that the compiler inlines. A caller that takes them itself saves a call: a tenth of an add.
func Add(handle, bytes, messages uint64, isSend bool) bool {
	if bytes >= BytesLimit || messages >= MessagesLimit {
		return false
	}
	s := Find(handle)
	if s == nil {
		return false
	}
	increment := Increment(bytes, messages)
	now := s.Count(increment, isSend)
	return Plain(increment, now) || s.Rare(increment, now, isSend)
}

// Find is the handle's slot; nil: it takes no adds.
func Find(handle uint64) *Slot {
	index, at := handle&0xffffffff, anchor.Load()
	if index < atomic.LoadUint64(&at.Limit) {
		s := (*Slot)(unsafe.Add(unsafe.Pointer(at.Slots), index*uint64(unsafe.Sizeof(Slot{}))))
		if atomic.LoadUint64((*uint64)(unsafe.Pointer(&s.State))) == handle+Live {
			return s
		}
	}
	return nil
}

// Increment is what bytes and messages below their limits add to a word.
func Increment(bytes, messages uint64) uint64 { return messages<<(byteBits+1) + bytes<<1 }

// Count adds to the direction's word, and answers what it is now.
func (s *Slot) Count(increment uint64, isSend bool) (now uint64) {
	return atomic.AddUint64(&s.Word[direction(isSend)], increment)
}

// Plain says that the add counted and nothing is left to do; otherwise it is for Rare.
func Plain(increment, now uint64) bool {
	old := now - increment
	return (old^now)&falls|old&closed == 0
}

// Rare is for an add that changed what few change: the closed bit was set, and then it did not count, or a field may
// have carried, which is posted.
//
//go:noinline
func (s *Slot) Rare(increment, now uint64, isSend bool) (counted bool) {
	old := now - increment
	if old&closed != 0 {
		return false
	}
	// A bit that rose carried nothing.
	if fallen := (old ^ now) & old & falls; fallen != 0 {
		atomic.AddUint64(&s.Carry[direction(isSend)], fallen>>byteBits&1+fallen>>63<<32)
	}
	return true
}

func direction(isSend bool) int {
	if isSend {
		return 0
	}
	return 1
}
