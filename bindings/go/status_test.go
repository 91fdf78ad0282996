// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

func TestStatusesSayWhatTheLibrarySays(t *testing.T) {
	must(t, abi.Use())
	for status := Status(0); status > -30; status-- {
		want := "lkstats: " + abi.StatusText(int32(status)) + " ("
		if got := status.Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%d: %q does not begin with %q", status, got, want)
		}
		if got, want := status.Name(), abi.StatusName(int32(status)); got != want {
			t.Errorf("%d: %q, not %q", status, got, want)
		}
	}
}

func TestANumberThatIsNoStatusIsUnknown(t *testing.T) {
	for _, status := range []Status{math.MinInt32, math.MinInt32 + 1, -19, 1, math.MaxInt32} {
		want := fmt.Sprintf("lkstats: not a status of this library (%d)", status)
		if got := bare(int32(status)).Error(); status.Name() != "LKSTATS_UNKNOWN" || got != want {
			t.Errorf("%d: %q, %q", status, status.Name(), got)
		}
	}
}

func TestAClosedContextSaysWhatToDo(t *testing.T) {
	h := owing(t)
	track, signal, batch := h.track(TrackOptions{}), h.signal(SignalOptions{}), h.taken()
	_, _ = h.Close(Abandon)
	_, stats := batch.AnalyticsStats()
	_, totals := track.Totals()
	_, stop := signal.Stop()
	_, closed := h.Close(0)
	_, newTrack := h.NewTrack(TrackOptions{})
	for err, part := range map[error]string{
		newTrack:                              "open a new context",
		h.Flush(0):                            "nothing is owed any more",
		track.Flush(0):                        "nothing is owed any more",
		closed:                                "nothing is owed any more",
		batch.Ack():                           "answer batches before",
		batch.Nack():                          "answer batches before",
		stats:                                 "answer batches before",
		totals:                                "ask before",
		stop:                                  "ask before",
		signal.ResolveRoom(Room{SID: "RM_1"}): "make a new one",
	} {
		refuses(t, part, err, ErrClosed)
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestARefusedCallSaysWhichWhyAndWhatToDo(t *testing.T) {
	h := manual(t, Options{MaxTracks: 1})
	h.track(TrackOptions{})
	_, err := h.NewTrack(TrackOptions{})
	refuses(t, "one track too many", err, ErrFull)
	for _, part := range []string{"lkstats: new track: ", "raise Options.MaxTracks", "(LKSTATS_EFULL)"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if errors.Is(err, ErrClosed) {
		t.Error("it is another status too")
	}
}

func TestAnErrorOfAnAddIsTheStatusItself(t *testing.T) {
	h := manual(t, Options{})
	track := h.track(TrackOptions{})
	if err := track.AddBytes(1<<35, true); err != ErrInvalid {
		t.Errorf("2^35 bytes: %v", err)
	}
	if err := track.AddMessages(1, 1<<26, true); err != ErrInvalid {
		t.Errorf("2^26 messages: %v", err)
	}
}
