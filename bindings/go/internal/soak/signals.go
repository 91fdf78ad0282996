// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// A signal connection with one goroutine that adds on it, says whose it is, resets and stops it: so each add is of one
// epoch for sure, and each epoch has an account.
type owned struct {
	*host
	*lkstats.Signal
	random  *rand.Rand
	thread  int
	account *account
	number  uint32
}

func (o *owned) addSome() {
	for range o.random.IntN(60) {
		isSend := o.random.IntN(2) == 0
		if !o.book(o.Signal, o.account.of(0, isSend), o.random.Uint64N(1500), o.random.Uint64N(4), isSend, o.thread) {
			o.fail("an add on account %d was refused, and nobody had stopped it", o.number)
		}
	}
}

// resolve says room and participant in either order, with adds in between.
func (o *owned) resolve() bool {
	known := true
	room := func() {
		err := o.ResolveRoom(lkstats.Room{SID: name("RM_", o.number), Name: name("", o.number)})
		known = o.expect("ResolveRoom", err) && known
	}
	roomFirst := o.random.IntN(2) == 0
	o.account.resolution.Store(resolutionBegan)
	if roomFirst {
		room()
	}
	o.addSome()
	err := o.ResolveParticipant(lkstats.Participant{SID: name("PA_", o.number), Identity: name("", o.number)})
	known = o.expect("ResolveParticipant", err) && known
	o.addSome()
	if !roomFirst {
		room()
	}
	if known {
		o.account.resolution.Store(resolved)
	}
	return known
}

// nextEpoch ends the epoch; false: it goes on.
func (o *owned) nextEpoch() bool {
	a, number := o.ledger.open(kindOwned, o.life, o.account.connection, o.account.epoch+1, uint32(o.thread), false)
	if a == nil || !o.expect("Reset", o.Reset(), lkstats.ErrFull) {
		return false
	}
	o.account, o.number = a, number
	return true
}

func (h *host) own(thread int) {
	random := h.random(thread)
	for {
		o := &owned{host: h, random: random, thread: thread}
		if o.account, o.number = h.ledger.open(kindOwned, h.life, 0, 1, uint32(thread), true); o.account == nil {
			forever()
		}
		var err error
		o.Signal, err = h.ctx.NewSignal(lkstats.SignalOptions{Tenant: fmt.Sprintf("c%d", o.number)})
		if h.expect("NewSignal", err) {
			o.live()
		}
		pause(random, 200*time.Microsecond)
	}
}

func (o *owned) live() {
	for {
		o.addSome()
		if o.random.IntN(5) == 0 || !o.resolve() {
			break // nobody will know
		}
		o.addSome()
		if o.random.IntN(4) == 0 || !o.nextEpoch() {
			break
		}
	}
	o.addSome()
	_, err := o.Stop()
	o.expect("Stop", err)
}
