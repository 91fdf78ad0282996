// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"maps"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
)

// A session may be resumed, and a data channel's first message come, that long after everything of it stopped.
const remembered = 30 * time.Second

// person is what a participant's signal connection has told of it, for objects that are given nothing but a sid.
type person struct {
	identity, tenant string

	counting int       // objects of theirs that are not stopped
	gone     time.Time // since when there are none
	ended    []meter   // those that were stopped since the server is about to leave
}

// people are the participants that something is counted of, or was a short while ago.
type people struct {
	mu      sync.Mutex
	known   map[livekit.ParticipantID]*person
	changed chan struct{} // closed, and made anew, when an object stops while the server is about to leave
	leaving bool
	swept   time.Time
}

func (p *people) find(sid livekit.ParticipantID) person {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := p.known[sid]; found != nil {
		return *found
	}
	return person{}
}

// met keeps what was said first. A sid is whatever a client says, an identity is out of its token: one that comes with
// another's sid changes nothing of theirs.
func (p *people) met(sid livekit.ParticipantID, identity, tenant string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.entry(sid)
	if known.identity == "" {
		known.identity = identity
	}
	if known.identity == identity && known.tenant == "" {
		known.tenant = tenant
	}
}

// tenant is who pays for a connection of that participant's: what the join said, where a resume, which says less, is the
// same one's.
func (p *people) tenant(sid livekit.ParticipantID, identity, said string) string {
	if known := p.find(sid); known.identity == identity && known.tenant != "" {
		return known.tenant
	}
	return said
}

// begins says that one more object of a participant's counts.
func (p *people) begins(sid livekit.ParticipantID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entry(sid).counting++
}

// ends says that one of theirs does not any more; at is where it did, if there was anything.
func (p *people) ends(sid livekit.ParticipantID, at meter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.entry(sid)
	known.counting--
	if known.counting == 0 {
		known.gone = time.Now()
	}
	if p.leaving {
		if at != nil {
			known.ended = append(known.ended, at)
		}
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// leave says that the server is about to.
func (p *people) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaving = true
}

func (p *people) entry(sid livekit.ParticipantID) *person {
	known := p.known[sid]
	if known == nil {
		known = &person{gone: time.Now()}
		p.known[sid] = known
	}
	return known
}

// awaitEnds waits until nothing of a participant's counts any more, and answers what did; not all, if the time is over
// before that.
func (p *people) awaitEnds(sid livekit.ParticipantID, over <-chan time.Time) (ended []meter, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for late := false; ; {
		known := p.known[sid]
		if known == nil {
			return nil, true
		}
		if known.counting == 0 || late {
			ended, known.ended = known.ended, nil
			return ended, known.counting == 0
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-over:
			late = true
		}
		p.mu.Lock()
	}
}

// forget lets go of those who have been gone for long. It looks at everybody, so it does not come often.
func (p *people) forget(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.swept) < remembered/3 {
		return
	}
	p.swept = now
	maps.DeleteFunc(p.known, func(_ livekit.ParticipantID, known *person) bool {
		return known.counting == 0 && now.Sub(known.gone) > remembered
	})
}
