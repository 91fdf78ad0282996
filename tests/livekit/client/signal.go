// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// signal is one signal connection: a web socket of protocol buffers.
type signal struct {
	socket *websocket.Conn
	ended  chan struct{} // nothing more will be read

	mu     sync.Mutex // of who writes
	silent bool       // nothing more will be written
}

// errSilent: the connection takes nothing more, as its end is under way.
var errSilent = errors.New("the signal connection is ending")

// connect opens a signal connection, and reads it until it ends.
func (c *Client) connect(ctx context.Context, sid string) (*signal, error) {
	address, header, err := c.options.address(sid)
	if err != nil {
		return nil, err
	}
	socket, answer, err := websocket.DefaultDialer.DialContext(ctx, address, header)
	if err != nil {
		if answer != nil {
			err = fmt.Errorf("%w (%s)", err, answer.Status)
		}
		return nil, err
	}
	s := &signal{socket: socket, ended: make(chan struct{})}
	c.change(func() { c.signal = s })
	go c.read(s)
	return s, nil
}

func (c *Client) read(s *signal) {
	defer close(s.ended)
	defer func() { c.change(func() {}) }()
	defer s.socket.Close()
	for {
		_, payload, err := s.socket.ReadMessage()
		if err != nil {
			return // the server's close, or its death
		}
		c.change(func() { c.counts.Signal.Got.add(len(payload)) })
		response := new(livekit.SignalResponse)
		if err := proto.Unmarshal(payload, response); err != nil {
			c.fail(fmt.Errorf("signal response: %w", err))
			continue
		}
		if err := c.handle(response); err != nil && !errors.Is(err, errSilent) {
			c.fail(err)
		}
	}
}

// request sends one, on the connection of now.
func (c *Client) request(request *livekit.SignalRequest) error {
	c.mu.Lock()
	s := c.signal
	c.mu.Unlock()
	payload, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return errSilent
	}
	// Counted before it is there: who waits for its effect reads the counts after it.
	c.change(func() { c.counts.Signal.Sent.add(len(payload)) })
	if err := s.socket.WriteMessage(websocket.BinaryMessage, payload); err != nil {
		c.change(func() { c.counts.Signal.Sent.takeBack(len(payload)) })
		return err
	}
	return nil
}

// breakOff ends what this side writes, as a process that dies does: no leave, no close of the web socket. What the server
// wrote before it saw that is still read, so that both sides count the same.
func (s *signal) breakOff(ctx context.Context) error {
	s.mu.Lock()
	s.silent = true
	s.mu.Unlock()
	half, ok := s.socket.UnderlyingConn().(*net.TCPConn)
	if !ok {
		return fmt.Errorf("a signal connection over %T", s.socket.UnderlyingConn())
	}
	if err := half.CloseWrite(); err != nil {
		return err
	}
	return s.end(ctx)
}

// end waits until the server has closed.
func (s *signal) end(ctx context.Context) error {
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the server did not close the signal connection: %w", ctx.Err())
	}
}
