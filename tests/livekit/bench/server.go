// SPDX-License-Identifier: Apache-2.0

package main

import (
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

	// patience is how long anything may take that takes a moment.
	patience = 30 * time.Second
)

// server is a livekit-server on loopback that nobody else uses.
type server struct {
	command *exec.Cmd
	place   string
	signals string // host and port
	debug   string
	exited  chan struct{}
}

// No media, no TURN, no Redis, nothing but loopback.
const serverOptions = `port: %d
bind_addresses: [127.0.0.1]
debug_handler:
  port: %d
rtc:
  tcp_port: 0
  udp_port: %d
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  interfaces:
    includes: [lo]
keys:
  %s: %s
logging:
  level: warn
`

// What lkstats does on top is measured with it: counters that survive a kill, and a journal. A stock server doesn't look.
const lkstatsOptions = `node: bench
slab_dir: %s
journal_dir: %s
`

// startServer runs the program until it answers. environment comes on top of this program's.
func startServer(program string, environment ...string) (*server, error) {
	var err error
	for range 3 { // somebody else may take a port between its choice and its use
		var s *server
		if s, err = startOnce(program, environment); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", program, err)
}

func startOnce(program string, environment []string) (_ *server, err error) {
	ports, err := freePorts()
	if err != nil {
		return nil, err
	}
	s := &server{
		signals: fmt.Sprintf("127.0.0.1:%d", ports[0]), debug: fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/", ports[1]),
		exited: make(chan struct{}),
	}
	if s.place, err = os.MkdirTemp("", "lkstats-bench-"); err != nil {
		return nil, err
	}
	leftover(s.place, true)
	defer func() {
		if err != nil {
			leftover(s.place, false)
		}
	}()
	in := func(name string) string { return filepath.Join(s.place, name) }
	err = errors.Join(
		os.Mkdir(in("slab"), 0o700), os.Mkdir(in("journal"), 0o700),
		os.WriteFile(in("livekit.yaml"), fmt.Appendf(nil, serverOptions, ports[0], ports[1], ports[2], apiKey, apiSecret), 0o600),
		os.WriteFile(in("lkstats.yaml"), fmt.Appendf(nil, lkstatsOptions, in("slab"), in("journal")), 0o600))
	if err != nil {
		return nil, err
	}
	log, err := os.Create(in("log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.command = exec.Command(program, "--config", in("livekit.yaml"))
	s.command.Env = append(append(os.Environ(), "LKSTATS_LIVEKIT_CONFIG="+in("lkstats.yaml")), environment...)
	s.command.Stdout, s.command.Stderr = log, log
	// Whatever becomes of this program, no server stays behind.
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.command.Wait()
		close(s.exited)
	}()
	if err = s.answers(); err != nil {
		_ = s.command.Process.Kill()
		<-s.exited
		said, _ := os.ReadFile(in("log"))
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	return s, nil
}

// answers waits for that.
func (s *server) answers() error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	over := time.After(patience)
	for {
		answer, err := http.Get("http://" + s.signals)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-again.C:
		case <-s.exited:
			return fmt.Errorf("the server has exited: %v", s.command.ProcessState)
		case <-over:
			return errors.New("the server does not answer")
		}
	}
}

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

// processorTime is what the server has used, in nanoseconds.
func (s *server) processorTime() float64 {
	ns, err := timeOf(s.command.Process.Pid)
	must("server", err)
	return float64(ns)
}

// stop ends it. What it says at its end is not what is measured.
func (s *server) stop() {
	_ = s.command.Process.Kill()
	<-s.exited
	leftover(s.place, false)
}
