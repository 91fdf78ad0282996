// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || !linux

package lkstats

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestWithoutTheLibraryOpenSaysWhatIsMissing(t *testing.T) {
	c, err := Open(Options{})
	missing := "CGO_ENABLED=1"
	if runtime.GOOS != "linux" {
		missing = "runs on Linux only"
	}
	if c != nil || !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), missing) {
		t.Errorf("%v, %v", c, err)
	}
	if err := Load("liblkstats.so.0"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("load: %v", err)
	}
	if _, err := TrackIDForParticipant(ChannelData, "PA_1"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("track id: %v", err)
	}
	if got := Version(); got != "" {
		t.Errorf("version %q", got)
	}
}

func TestAServerRunsOnWithoutTheLibrary(t *testing.T) {
	c, _ := Open(Options{})
	track, err := c.NewTrack(TrackOptions{})
	signal, signalErr := c.NewSignal(SignalOptions{})
	for _, err := range []error{err, signalErr, track.AddBytes(1, true), signal.AddBytes(1, false), c.Flush(0)} {
		if !errors.Is(err, ErrStale) {
			t.Errorf("%v", err)
		}
	}
	for batch, err := range c.Batches(context.Background()) {
		if batch != nil || !errors.Is(err, ErrStale) {
			t.Errorf("%v, %v", batch, err)
		}
	}
}
