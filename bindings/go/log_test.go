// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// told is a Log that keeps what it is told. What it kept may be looked at when its logger is at its end.
type told struct{ lines []string }

func (told *told) log(level LogLevel, message string) {
	told.lines = append(told.lines, fmt.Sprintf("%v: %s", level, message))
}

// has finds a line of that level with that part.
func (told *told) has(level LogLevel, part string) bool {
	for _, line := range told.lines {
		if strings.HasPrefix(line, level.String()+": ") && strings.Contains(line, part) {
			return true
		}
	}
	return false
}

func TestLogIsToldEachLineInOrderBeforeTheEnd(t *testing.T) {
	var told told
	log, err := newLogger("open", told.log)
	must(t, err)
	abi.Tell(log.fd(), int32(LogWarning), "the disk is full")
	abi.Tell(log.fd(), int32(LogInfo), "")
	abi.Tell(log.fd(), int32(LogError), "damaged: \xff/slots0")
	abi.Tell(log.fd(), 7, strings.Repeat("x", 2*logLineMax))
	log.end()
	want := []string{"warning: the disk is full", "info: ", "error: damaged: /slots0",
		"unknown: " + strings.Repeat("x", logLineMax-logLevelEnd)}
	if !reflect.DeepEqual(told.lines, want) {
		t.Errorf("%q", told.lines)
	}
}

// The library's thread, here this one, goes on.
func TestALogThatTakesNothingHoldsNobodyUp(t *testing.T) {
	const most = 100_000
	called, release, lines := make(chan struct{}, most), make(chan struct{}), 0
	log, err := newLogger("open", func(LogLevel, string) {
		called <- struct{}{}
		<-release
		lines++
	})
	must(t, err)
	for i := range most {
		abi.Tell(log.fd(), int32(LogWarning), fmt.Sprint(i))
	}
	<-called
	close(release)
	log.end()
	if lines < 100 || lines == most {
		t.Errorf("%d lines", lines)
	}
}

func TestNobodyIsToldWithoutALog(t *testing.T) {
	log, err := newLogger("open", nil)
	must(t, err)
	if log.fd() >= 0 {
		t.Errorf("descriptor %d", log.fd())
	}
	log.end()
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(all)
}

func TestALogLeavesNoDescriptor(t *testing.T) {
	h := manual(t, Options{Log: new(told).log})
	_, err := h.Close(0)
	must(t, err)
	before := descriptors(t)
	for range 20 {
		h := manual(t, Options{Log: new(told).log})
		_, err := h.Close(Abandon)
		must(t, err)
		_, err = Open(Options{Log: new(told).log, MaxTracks: 1<<24 + 1})
		refuses(t, "open", err, ErrInvalid)
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func TestALogThatFindsNoDescriptorSaysSo(t *testing.T) {
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	least := limit
	least.Cur = 3
	must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &least))
	_, err := Open(Options{Manual: true, Log: new(told).log})
	must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	refuses(t, "open", err, ErrNoFile)
	if err == nil || !strings.Contains(err.Error(), "a socket for Log") {
		t.Error(err)
	}
}
