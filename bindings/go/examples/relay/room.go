// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"sync"

	"github.com/gorilla/websocket"
)

// rooms says who is where. Any goroutine may call it.
type rooms struct {
	mutex  sync.Mutex
	byName map[string]map[*member]struct{}
}

func newRooms() *rooms { return &rooms{byName: make(map[string]map[*member]struct{})} }

// join tells everybody in the room how many members it now has, as the text "members N"; so does leaving.
func (r *rooms) join(m *member, room string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.enter(m, room)
}

// move takes the member to another room at once. It is counted in the old one until it has been sent all that it is
// owed there: up to the answer, which is the first that it gets in the new one.
func (r *rooms) move(m *member, room string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.exit(m)
	m.send(message{kind: websocket.TextMessage, data: []byte("moved " + room), movedTo: room})
	r.enter(m, room)
}

// leave is for good: nobody sends the member anything any more.
func (r *rooms) leave(m *member) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if m.room != "" {
		r.exit(m)
	}
	close(m.queue)
}

// relay sends a message of a member to all others in its room.
func (r *rooms) relay(from *member, message message) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for m := range r.byName[from.room] {
		if m != from {
			m.send(message)
		}
	}
}

func (r *rooms) enter(m *member, room string) {
	members := r.byName[room]
	if members == nil {
		members = make(map[*member]struct{})
		r.byName[room] = members
	}
	members[m] = struct{}{}
	m.room = room
	r.tellCount(room)
}

func (r *rooms) exit(m *member) {
	room := m.room
	m.room = ""
	delete(r.byName[room], m)
	if len(r.byName[room]) == 0 {
		delete(r.byName, room)
	}
	r.tellCount(room)
}

func (r *rooms) tellCount(room string) {
	members := r.byName[room]
	count := message{kind: websocket.TextMessage, data: fmt.Appendf(nil, "members %d", len(members))}
	for m := range members {
		m.send(count)
	}
}
