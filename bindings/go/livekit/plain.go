// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"sync"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// interval is LiveKit's, and the library's default.
const interval = 5 * time.Second

// plain counts where lkstats can't: one object, in Go, with a lock. Its records are what lkstats would say to the object,
// without keys and times, and in no journal.
type plain struct {
	mu        sync.Mutex
	window    lkstats.Traffic
	total     lkstats.Traffic
	cut       time.Time // when the window began
	owed      []lkstats.Record
	stoppedAt time.Time // zero: it is not
	epoch     uint32

	signal      bool
	room        *lkstats.Room
	participant *lkstats.Participant
}

func newPlain(signal bool, now time.Time) *plain { return &plain{signal: signal, cut: now, epoch: 1} }

func (p *plain) attributed() bool { return !p.signal || p.room != nil && p.participant != nil }
func (p *plain) stopped() bool    { return !p.stoppedAt.IsZero() }

// over: nobody can say any more whose it was.
func (p *plain) over(now time.Time) bool {
	return p.stopped() && (p.attributed() || now.Sub(p.stoppedAt) > 6*interval)
}

// AddBytes is lkstats.Track.AddBytes.
func (p *plain) AddBytes(bytes uint64, isSend bool) error {
	if bytes >= 1<<35 {
		return lkstats.ErrInvalid
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped() {
		return lkstats.ErrClosed
	}
	for _, t := range []*lkstats.Traffic{&p.window, &p.total} {
		if isSend {
			t.SendBytes += bytes
			t.SendMessages++
		} else {
			t.RecvBytes += bytes
			t.RecvMessages++
		}
	}
	return nil
}

// Totals is lkstats.Track.Totals.
func (p *plain) Totals() (lkstats.Totals, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return lkstats.Totals{Traffic: p.total}, nil
}

// Stop is lkstats.Track.Stop.
func (p *plain) Stop() (lkstats.Totals, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped() {
		p.stoppedAt = time.Now()
		p.end()
	}
	return lkstats.Totals{Traffic: p.total}, nil
}

// ResolveRoom is lkstats.Signal.ResolveRoom.
func (p *plain) ResolveRoom(room lkstats.Room) error {
	return p.resolve(room.SID, p.room != nil, func() { p.room = &room })
}

// ResolveParticipant is lkstats.Signal.ResolveParticipant.
func (p *plain) ResolveParticipant(participant lkstats.Participant) error {
	return p.resolve(participant.SID, p.participant != nil, func() { p.participant = &participant })
}

func (p *plain) resolve(sid string, known bool, keep func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case sid == "":
		return lkstats.ErrInvalid
	case known:
		return lkstats.ErrResolved
	case p.over(time.Now()):
		return lkstats.ErrClosed
	}
	keep()
	if p.attributed() {
		p.cut = time.Now()
		p.say(lkstats.RecordJoined, lkstats.Traffic{})
		if p.stopped() {
			p.end()
		}
	}
	return nil
}

// Reset is lkstats.Signal.Reset.
func (p *plain) Reset() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over(time.Now()) {
		return lkstats.ErrClosed
	}
	if p.attributed() {
		p.end()
		p.epoch++
	}
	p.room, p.participant = nil, nil
	return nil
}

// end says the last of an epoch.
func (p *plain) end() {
	if !p.attributed() {
		return
	}
	p.cutWindow()
	if p.signal {
		p.say(lkstats.RecordLeft, lkstats.Traffic{})
	}
}

func (p *plain) cutWindow() {
	if p.window != (lkstats.Traffic{}) {
		p.say(lkstats.RecordTraffic, p.window)
		p.window = lkstats.Traffic{}
	}
}

func (p *plain) say(kind lkstats.RecordKind, window lkstats.Traffic) {
	record := lkstats.Record{Key: lkstats.Key{Epoch: p.epoch, Kind: kind}, Window: window}
	if p.signal {
		record.RoomSID, record.RoomName = p.room.SID, p.room.Name
		record.ParticipantSID, record.ParticipantIdentity = p.participant.SID, p.participant.Identity
		record.ParticipantKind, record.KindDetails = p.participant.Kind, p.participant.KindDetails
	}
	p.owed = append(p.owed, record)
}

// collect takes what is owed at that instant; cut: of a window that is not over too.
func (p *plain) collect(now time.Time, cut bool) []lkstats.Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attributed() && (cut || now.Sub(p.cut) >= interval) {
		p.cut = now
		p.cutWindow()
	}
	owed := p.owed
	p.owed = nil
	return owed
}

func (p *plain) owes() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.owed) != 0
}

// gone: nothing is owed, and there will never be any more.
func (p *plain) gone(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.owed) == 0 && p.over(now)
}
