// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	apiKey    = "key"
	apiSecret = "a secret of at least thirty-two characters"
)

// server is a livekit-server on loopback.
type server struct {
	command *exec.Cmd
	http    string // host and port
	metrics string
	log     string
	exited  chan struct{}
	since   time.Time // when it answered first
}

// places are the directories of one run. The slab's is in memory, where the machine has one for that.
type places struct {
	base, journal, slab string
}

func newPlaces(base string) (p places, err error) {
	p = places{base: base, journal: filepath.Join(base, "journal")}
	if err := os.Mkdir(p.journal, 0o700); err != nil {
		return p, err
	}
	if p.slab, err = os.MkdirTemp("/dev/shm", "lkstats-livekit-"); err != nil {
		p.slab, err = os.MkdirTemp(base, "slab-")
	}
	return p, err
}

// What the node of these runs is called, in the journal.
const nodeName = "node-of-the-test"

func (p *places) options() string {
	return fmt.Sprintf(`node: %s
analytics_key: key-of-the-test
slab_dir: %s
journal_dir: %s
tenant:
  from: room_name
  prefix_before: "-"
`, nodeName, p.slab, p.journal)
}

// No media, no TURN, no Redis, nothing but loopback.
const serverOptions = `port: %d
bind_addresses: [127.0.0.1]
prometheus:
  port: %d
rtc:
  udp_port: %d
  tcp_port: 0
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  interfaces:
    includes: [lo]
keys:
  %s: %s
logging:
  level: info
  json: true
`

// start runs the program until it answers. number tells its files from those of others in the same run.
func start(ctx context.Context, program string, where places, number int) (*server, error) {
	var err error
	for range 3 { // somebody else may take a port between its choice and its use
		var s *server
		if s, err = startOnce(ctx, program, where, number); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func startOnce(ctx context.Context, program string, where places, number int) (*server, error) {
	ports, err := freePorts()
	if err != nil {
		return nil, err
	}
	file := func(name string) string { return filepath.Join(where.base, fmt.Sprintf("%s-%d", name, number)) }
	text := fmt.Sprintf(serverOptions, ports[0], ports[1], ports[2], apiKey, apiSecret)
	if err := errors.Join(os.WriteFile(file("livekit.yaml"), []byte(text), 0o600),
		os.WriteFile(file("lkstats.yaml"), []byte(where.options()), 0o600)); err != nil {
		return nil, err
	}
	log, err := os.Create(file("log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{
		http: fmt.Sprintf("127.0.0.1:%d", ports[0]), metrics: fmt.Sprintf("http://127.0.0.1:%d/metrics", ports[1]),
		log: log.Name(), exited: make(chan struct{}),
	}
	s.command = exec.Command(program, "--config", file("livekit.yaml"))
	s.command.Env = append(os.Environ(), "LKSTATS_LIVEKIT_CONFIG="+file("lkstats.yaml"))
	s.command.Stdout, s.command.Stderr = log, log
	// Whatever becomes of this program, no server stays behind.
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.command.Wait()
		close(s.exited)
	}()
	err = s.until(ctx, "the server answers", func() bool {
		answer, err := asking.Get("http://" + s.http)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	if err != nil {
		s.kill()
		return nil, err
	}
	s.since = time.Now()
	return s, nil
}

// Who does not answer at once hangs.
var asking = http.Client{Timeout: 5 * time.Second}

// freePorts are two of TCP and one of UDP.
func freePorts() (ports [3]int, err error) {
	for i := range 2 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return ports, err
	}
	defer socket.Close()
	ports[2] = socket.LocalAddr().(*net.UDPAddr).Port
	return ports, nil
}

// until asks again and again, as long as the server lives.
func (s *server) until(ctx context.Context, what string, is func() bool) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-s.exited:
			return fmt.Errorf("the server has exited (%v) before this: %s; it said:\n%s", s.command.ProcessState, what, s.last())
		case <-ctx.Done():
			return fmt.Errorf("not so in time: %s: %w", what, ctx.Err())
		}
	}
	return nil
}

// last is the end of the server's log.
func (s *server) last() []byte {
	const much = 2000
	log, _ := os.ReadFile(s.log)
	return log[max(0, len(log)-much):]
}

// terminate has the server drain, and then leave: the signal twice. It answers how long the second one took.
func (s *server) terminate(ctx context.Context) (time.Duration, error) {
	// For a tenth of a second after it answers, a server forgets that it was told to leave; nothing shows when that is over.
	err := s.until(ctx, "the server is past its start", func() bool { return time.Since(s.since) > time.Second })
	if err != nil {
		return 0, err
	}
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	// The second of two that come at once would be none.
	err = s.until(ctx, "the first SIGTERM is seen", func() bool {
		log, err := os.ReadFile(s.log)
		return err == nil && bytes.Contains(log, []byte("exit requested, shutting down"))
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	select {
	case <-s.exited:
	case <-ctx.Done():
		return 0, errors.New("the server did not leave after the second SIGTERM")
	}
	if !s.command.ProcessState.Success() {
		return 0, fmt.Errorf("the server left with %v", s.command.ProcessState)
	}
	return time.Since(began), nil
}

// kill is SIGKILL.
func (s *server) kill() {
	_ = s.command.Process.Kill()
	<-s.exited
}
