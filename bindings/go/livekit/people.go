// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"maps"
	"strings"
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
}

// people are the participants that something is counted of, or was a short while ago.
type people struct {
	mu      sync.Mutex
	known   map[livekit.ParticipantID]*person
	changed chan struct{} // closed, and made anew, when an object stops while somebody waits for that
	waiting int
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

// met answers what is known of a participant now. A resume says less than the join before it.
func (p *people) met(sid livekit.ParticipantID, identity, tenant string) person {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.entry(sid)
	if identity != "" && known.identity != identity {
		known.identity = strings.Clone(identity)
	}
	if tenant != "" {
		known.tenant = strings.Clone(tenant)
	}
	return *known
}

// counts says that there are more or fewer objects of a participant's that are not stopped.
func (p *people) counts(sid livekit.ParticipantID, more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.entry(sid)
	known.counting += more
	if known.counting == 0 {
		known.gone = time.Now()
	}
	if more < 0 && p.waiting > 0 {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

func (p *people) entry(sid livekit.ParticipantID) *person {
	known := p.known[sid]
	if known == nil {
		known = &person{gone: time.Now()}
		p.known[sid] = known
	}
	return known
}

// awaitStopped waits until nothing of a participant's counts any more, or the time is over.
func (p *people) awaitStopped(sid livekit.ParticipantID, over <-chan time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	defer func() { p.waiting-- }()
	for p.known[sid] != nil && p.known[sid].counting > 0 {
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-over:
			p.mu.Lock()
			return
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
