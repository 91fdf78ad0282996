// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// childVariable says which of the servers below a process of this test's binary is.
const childVariable = "LKSTATS_LIVEKIT_TEST_SERVER"

// servers are what runs in a process of its own, with the engine that a real one has.
var servers = map[string]func(){
	"until it is told to leave": serveUntilToldToLeave,
	"until it is killed":        serveUntilKilled,
	"with a bad file":           serveWithABadFile,
}

func TestMain(m *testing.M) {
	if server := servers[os.Getenv(childVariable)]; server != nil {
		server()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process is such a server, seen from its parent.
type process struct {
	*exec.Cmd
	t     *testing.T
	lines *bufio.Reader
}

// start runs a server whose options are in that file.
func start(t *testing.T, server, options string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0]), t: t}
	p.Env = append(os.Environ(), childVariable+"="+server, ConfigVariable+"="+file(t, options))
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewReader(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	// One that says nothing for so long never will.
	late := time.AfterFunc(time.Minute, func() { _ = p.Process.Kill() })
	t.Cleanup(func() {
		late.Stop()
		_ = p.Process.Kill()
		_ = p.Wait()
	})
	return p
}

// says is the next line that it writes.
func (p *process) says() string {
	p.t.Helper()
	line, err := p.lines.ReadString('\n')
	if err != nil {
		p.t.Fatalf("the server ended without a word: %q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

// ends is the rest of what it writes, when it has ended by itself.
func (p *process) ends() string {
	p.t.Helper()
	rest, err := io.ReadAll(p.lines)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		p.t.Errorf("the server ended with %v", err)
	}
	return string(rest)
}
