// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// How long somebody who is turned away has to hear why.
const partingTimeout = 2 * time.Second

// server answers whatever comes to the port: WebSockets at any path, and GET /metrics.
type server struct {
	accounting *accounting
	rooms      *rooms
	upgrader   websocket.Upgrader
	requests   sync.WaitGroup
}

func newServer(accounting *accounting) *server {
	return &server{
		accounting: accounting,
		rooms:      newRooms(),
		upgrader:   websocket.Upgrader{Subprotocols: []string{"lkstats-demo"}},
	}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	defer s.requests.Done()
	switch {
	case websocket.IsWebSocketUpgrade(r):
		s.serveSocket(w, r)
	case r.URL.Path == "/metrics":
		s.serveMetrics(w, r)
	default:
		http.NotFound(w, r)
	}
}

// serveSocket returns when the connection has ended, from either side.
func (s *server) serveSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the client has had its answer
	}
	defer context.AfterFunc(r.Context(), func() {
		part(conn, websocket.CloseGoingAway, "the relay ends")
	})()

	m := &member{
		conn:    conn,
		account: s.accounting.open(),
		rooms:   s.rooms,
		queue:   make(chan message, queueMessages),
	}
	written := make(chan struct{})
	go func() {
		m.write()
		close(written)
	}()

	if refused := m.read(); refused != nil {
		part(conn, refused.code, refused.reason)
		hearOut(conn)
	}
	conn.Close() // before the queue ends: what is left in it is not sent any more
	s.rooms.leave(m)
	<-written
	m.account.close()
}

// part says goodbye, after which nothing can be written, and gives the other side a while to do so too.
func part(conn *websocket.Conn, code int, reason string) {
	deadline := time.Now().Add(partingTimeout)
	conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), deadline)
	conn.SetReadDeadline(deadline)
}

// hearOut reads to the end: a socket that is closed with something unread takes back what was written last.
func hearOut(conn *websocket.Conn) {
	for {
		if _, _, err := conn.NextReader(); err != nil {
			return
		}
	}
}
