// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// One that several goroutines add on.
type track struct {
	*lkstats.Track
	account *account
	number  uint32
	retired atomic.Bool     // it is about to be stopped: adds may be refused from here on
	allowed [2]atomic.Int32 // large adds that may be made before the next fold, each direction
}

// What counts: a data track or a signal connection.
type counter interface {
	AddBytes(bytes uint64, isSend bool) error
	AddMessages(bytes, messages uint64, isSend bool) error
}

// name is who an account is of, as tests/soak/row.h has it.
func name(prefix string, number uint32) string {
	more := int(number % 16)
	if number%5 == 0 {
		more = 150
	}
	return fmt.Sprintf("%sa%d-%s", prefix, number, strings.Repeat("x", more))
}

// book makes one add, with the ledger before and after, and answers whether it was taken.
func (h *host) book(c counter, to *cell, bytes, messages uint64, isSend bool, lane int) bool {
	var err error
	to.intend(bytes, messages)
	if messages == 1 {
		err = c.AddBytes(bytes, isSend)
	} else {
		err = c.AddMessages(bytes, messages, isSend)
	}
	if err == nil {
		to.confirm()
		h.ledger.lane[lane].adds.Add(1)
		return true
	}
	to.refuse()
	h.expect("an add", err, lkstats.ErrClosed, lkstats.ErrStale)
	return false
}

// The bound is 2^36 bytes between two folds: seven eighths of it are for large adds, as in tests/soak/host_adds.c.
func (h *host) addOne(t *track, random *rand.Rand, number int) {
	isSend := random.IntN(2) == 0
	direction := 0
	if isSend {
		direction = 1
	}
	bytes, messages := random.Uint64N(1500), uint64(1)
	if random.IntN(64) == 0 {
		if t.allowed[direction].Load() > 0 && t.allowed[direction].Add(-1) >= 0 {
			bytes, messages = 1<<32+random.Uint64N(1<<32), random.Uint64N(1<<23)
		} else {
			messages = random.Uint64N(64)
		}
	}
	if !h.book(t, t.account.of(number, isSend), bytes, messages, isSend, number) && !t.retired.Load() {
		h.fail("an add on account %d was refused, and nobody had stopped it", t.number)
	}
}

func (h *host) add(number int) {
	random := h.random(number)
	for {
		t := h.seat[random.IntN(seats)].Load()
		if t == nil { // a small directory has no room for every seat
			pause(random, time.Millisecond)
			continue
		}
		for range random.IntN(100) {
			h.addOne(t, random, number)
		}
	}
}

func (t *track) allowLarge() {
	t.allowed[0].Store(4)
	t.allowed[1].Store(4)
}

func (h *host) replace(seat int) {
	a, number := h.ledger.open(kindData, h.life, 0, 1, 0, true)
	if a == nil {
		return
	}
	t := &track{account: a, number: number}
	channel := lkstats.ChannelData
	if number%2 == 1 {
		channel = lkstats.ChannelDataTrack
	}
	var err error
	t.Track, err = h.ctx.NewTrack(lkstats.TrackOptions{Channel: channel, RoomSID: name("RM_", number),
		RoomName: name("", number), ParticipantSID: name("PA_", number), ParticipantIdentity: name("", number),
		Tenant: fmt.Sprintf("c%d", number)})
	if !h.expect("NewTrack", err) {
		return
	}
	t.allowLarge()
	if old := h.seat[seat].Swap(t); old != nil {
		old.retired.Store(true)
		_, err = old.Stop()
		h.expect("Stop", err)
	}
}

// manage lets tracks come and go, with flushes in between.
func (h *host) manage() {
	random := h.random(managerNumber)
	for {
		seat := random.IntN(seats)
		switch random.IntN(4) {
		case 0:
			h.replace(seat)
		case 1:
			h.expect("Flush", h.ctx.Flush(0), lkstats.ErrTimedOut)
		case 2:
			if t := h.seat[seat].Load(); t != nil {
				h.expect("Track.Flush", t.Flush(0), lkstats.ErrTimedOut)
			}
		default: // folds all that has moved
			_, err := h.ctx.Metrics(lkstats.OpenMetrics)
			h.expect("Metrics", err)
			for i := range h.seat {
				if t := h.seat[i].Load(); t != nil {
					t.allowLarge()
				}
			}
		}
		pause(random, 500*time.Microsecond)
	}
}
