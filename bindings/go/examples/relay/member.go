// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

const (
	messageMax = 1024 * 1024

	// What a slow client may lag behind before it is dropped.
	queueMessages = 1024
	queueBytes    = 8 * 1024 * 1024
)

// message is one for all who get it; nobody changes it.
type message struct {
	kind    int // of websocket
	data    []byte
	movedTo string // of the answer to a move: the room where its receiver is from now on
}

// member is one connection. Two goroutines serve it: one reads, one writes what the queue has.
type member struct {
	conn    *websocket.Conn
	account *account
	rooms   *rooms

	room    string // "" until it joined; under the lock of rooms
	dropped bool   // lags too far behind; under the lock of rooms

	moving      atomic.Bool // the answer to its move is in the queue
	queue       chan message
	queuedBytes atomic.Int64
}

// refusal closes a connection and says why.
type refusal struct {
	code   int
	reason string
}

var (
	tooLarge     = &refusal{websocket.CloseMessageTooBig, "the message is too large"}
	notJoined    = &refusal{websocket.ClosePolicyViolation, "say first: join ROOM PARTICIPANT"}
	joinedBefore = &refusal{websocket.ClosePolicyViolation, "after join there is only: move ROOM"}
	notMovedYet  = &refusal{websocket.ClosePolicyViolation, "wait for the answer to the move"}
)

// send queues a message, under the lock of rooms. A member whose queue is full would get a stream with a hole: its
// connection is dropped.
func (m *member) send(message message) {
	if m.dropped {
		return
	}
	if m.queuedBytes.Add(int64(len(message.data))) <= queueBytes {
		select {
		case m.queue <- message:
			return
		default:
		}
	}
	fmt.Fprintf(os.Stderr, "relay: %s does not keep up and is dropped\n", m.account.participant)
	m.dropped = true
	m.conn.Close() // both goroutines notice
}

// write sends what is queued until the queue is closed. A message counts when the socket has taken it.
func (m *member) write() {
	var broken error
	for message := range m.queue {
		m.queuedBytes.Add(-int64(len(message.data)))
		if broken != nil {
			continue
		}
		if message.movedTo != "" {
			m.account.move(message.movedTo)
			m.moving.Store(false)
		}
		broken = m.conn.WriteMessage(message.kind, message.data)
		if broken == nil {
			m.account.add(message.kind == websocket.TextMessage, len(message.data), true)
		}
	}
}

// read takes what the client sends until the connection ends, which is nil, or the client is to be refused.
func (m *member) read() *refusal {
	joined := false
	for {
		kind, reader, err := m.conn.NextReader()
		if err != nil {
			return nil
		}
		text, limit := kind == websocket.TextMessage, messageMax
		if text {
			limit = commandMaxLength
		}
		data, err := io.ReadAll(io.LimitReader(reader, int64(limit)+1))
		if err != nil {
			return nil
		}
		if len(data) > limit {
			return tooLarge
		}

		if text {
			m.account.add(true, len(data), false)
		}
		var refused *refusal
		switch {
		case m.moving.Load():
			refused = notMovedYet
		case !joined:
			refused = m.join(text, data)
			joined = true
		case text:
			refused = m.move(data)
		default:
			m.account.add(false, len(data), false)
			m.rooms.relay(m, message{kind: kind, data: data})
		}
		if refused != nil {
			return refused
		}
	}
}

func (m *member) join(text bool, data []byte) *refusal {
	room, participant, ok := readJoin(data)
	if !text || !ok {
		return notJoined
	}
	m.account.join(room, participant)
	m.rooms.join(m, room)
	return nil
}

func (m *member) move(data []byte) *refusal {
	room, ok := readMove(data)
	if !ok {
		return joinedBefore
	}
	m.moving.Store(true)
	m.rooms.move(m, room)
	return nil
}
