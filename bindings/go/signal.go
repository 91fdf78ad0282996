// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"runtime"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
	"github.com/lkstats/lkstats/bindings/go/internal/slab"
)

// SignalOptions says what is known of a signal connection from its first byte on. Both stay with it in all its epochs.
type SignalOptions struct {
	Country string
	Tenant  string // whoever pays where neither Participant nor Room says; opaque to the library
}

// Room is one half of a signal connection's identity.
type Room struct {
	SID    string // not empty
	Name   string
	Tenant string // whoever pays in this epoch; empty: as SignalOptions says
}

// Participant is the other half.
type Participant struct {
	SID         string // not empty; the track id of the reports is "TR_SG" and this
	Identity    string
	Kind        int32   // livekit.ParticipantInfo.Kind; any number
	KindDetails []int32 // livekit.ParticipantInfo.KindDetail; any numbers, at most 32; copied
	Tenant      string  // whoever pays in this epoch; empty: as Room or SignalOptions says
}

// Signal counts a signal connection: from the first byte on, before anybody knows whose it is. When room and
// participant are both known its epoch says joined ([RecordJoined]), reports its traffic, all that was counted since
// the epoch's start included, and when it ends says left ([RecordLeft]). Reset ends an epoch and begins the next one
// while other goroutines go on adding: each byte is in exactly one of the two.
//
// Stopped before both are known it waits for six report intervals; they may still become known in that time. Past it
// its traffic is reported as unattributed, in one record without joined and left.
type Signal struct {
	counter
}

// NewSignal starts to count a signal connection. On an error the *Signal is not nil but inert, as with NewTrack, whose
// errors it has.
func (c *Context) NewSignal(options SignalOptions) (*Signal, error) {
	const call = "new signal"
	s := &Signal{}
	if !c.known() {
		return s, refused(call, abi.EStale)
	}
	handle, status := abi.NewSignal(c.token, options.Country, options.Tenant)
	runtime.KeepAlive(c)
	s.counter = counter{handle, c}
	if status == abi.EInval {
		return s, blame(call, nil, Status(status).known().text, field{"Country", options.Country}, field{"Tenant", options.Tenant})
	}
	return s, refused(call, status)
}

// ResolveRoom says which room the present epoch is of. The first resolution wins.
//
// Errors: ErrResolved: it is known already, nothing changed; ErrInvalid, which names the field; ErrClosed: stopped,
// and six report intervals have passed or Close began; ErrStale; for a long identity also ErrFull, ErrNoMemory,
// ErrNoFile, ErrSystem.
func (s *Signal) ResolveRoom(room Room) error {
	const call = "resolve room"
	if s == nil || s.context == nil {
		return refused(call, abi.EStale)
	}
	status := abi.ResolveRoom(s.handle, room.SID, room.Name, room.Tenant)
	runtime.KeepAlive(s)
	if status == abi.EInval {
		return blame(call, nil, "SID is empty; give the room's", field{"SID", room.SID}, field{"Name", room.Name},
			field{"Tenant", room.Tenant})
	}
	return refused(call, status)
}

// ResolveParticipant says who the present epoch is of. The first resolution wins. Errors: as ResolveRoom.
func (s *Signal) ResolveParticipant(participant Participant) error {
	const call = "resolve participant"
	if s == nil || s.context == nil {
		return refused(call, abi.EStale)
	}
	p := &participant
	status := abi.ResolveParticipant(s.handle, p.Kind, p.KindDetails, p.SID, p.Identity, p.Tenant)
	runtime.KeepAlive(s)
	if status == abi.EInval {
		return blame(call, p.KindDetails, "SID is empty; give the participant's", field{"SID", p.SID},
			field{"Identity", p.Identity}, field{"Tenant", p.Tenant})
	}
	return refused(call, status)
}

// Reset ends the present epoch and begins the next, of which neither room nor participant is known: a room move is a
// reset and two resolutions. It never waits. Where not both were known there is no epoch to end: it forgets what was
// known, and the traffic so far belongs to whoever is resolved next.
//
// Errors: ErrFull: too many epochs wait for their acknowledgement, nothing changed, call again after
// acknowledgements; ErrClosed: stopped; ErrStale; ErrNoMemory; ErrNoFile; ErrSystem.
func (s *Signal) Reset() error {
	const call = "reset"
	if s == nil || s.context == nil {
		return refused(call, abi.EStale)
	}
	status := abi.Reset(s.handle)
	runtime.KeepAlive(s)
	return refused(call, status)
}

// AddBytes is Track.AddBytes.
func (s *Signal) AddBytes(bytes uint64, isSend bool) error {
	if s == nil {
		return ErrStale
	}
	if slot := slab.Find(s.handle); slot != nil && bytes < slab.BytesLimit { // slab.Add, without the call
		increment := slab.Increment(bytes, 1)
		now := slot.Count(increment, isSend)
		if slab.Plain(increment, now) || slot.Rare(increment, now, isSend) {
			return nil
		}
	}
	return s.counter.add(bytes, 1, isSend)
}

// AddMessages is Track.AddMessages.
func (s *Signal) AddMessages(bytes, messages uint64, isSend bool) error {
	if s == nil {
		return ErrStale
	}
	if slab.Add(s.handle, bytes, messages, isSend) {
		return nil
	}
	return s.counter.add(bytes, messages, isSend)
}

// Totals is Track.Totals: over all epochs.
func (s *Signal) Totals() (Totals, error) {
	if s == nil {
		return Totals{}, refused("totals", abi.EStale)
	}
	return s.totals()
}

// Stop is Track.Stop. The report of a connection that nobody resolved comes later: see Signal.
func (s *Signal) Stop() (Totals, error) {
	if s == nil {
		return Totals{}, refused("stop", abi.EStale)
	}
	return s.stop()
}

// Flush is Context.Flush of this connection alone, earlier epochs included. What it has while its room or participant
// is not known is not owed yet.
func (s *Signal) Flush(timeout time.Duration) error {
	if s == nil {
		return refused("flush", abi.EStale)
	}
	return s.flush(timeout)
}
