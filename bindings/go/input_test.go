// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

var badStrings = map[string]string{
	"not valid UTF-8": "ana\xff",
	"has a NUL":       "a\x00b",
	"has 257 bytes":   strings.Repeat("x", 257),
}

func TestABadStringIsNamed(t *testing.T) {
	h := manual(t, Options{})
	signal := h.signal(SignalOptions{})
	for why, bad := range badStrings {
		_, badNode := Open(Options{Node: bad})
		_, badKey := Open(Options{AnalyticsKey: bad})
		refused := map[string]error{
			"open: Node":                    badNode,
			"open: AnalyticsKey":            badKey,
			"resolve room: SID":             signal.ResolveRoom(Room{SID: bad}),
			"resolve room: Name":            signal.ResolveRoom(Room{SID: "RM_1", Name: bad}),
			"resolve room: Tenant":          signal.ResolveRoom(Room{SID: "RM_1", Tenant: bad}),
			"resolve participant: SID":      signal.ResolveParticipant(Participant{SID: bad}),
			"resolve participant: Identity": signal.ResolveParticipant(Participant{SID: "PA_1", Identity: bad}),
			"resolve participant: Tenant":   signal.ResolveParticipant(Participant{SID: "PA_1", Tenant: bad}),
		}
		for name, options := range map[string]TrackOptions{
			"Country": {Country: bad}, "RoomSID": {RoomSID: bad}, "RoomName": {RoomName: bad},
			"ParticipantSID": {ParticipantSID: bad}, "ParticipantIdentity": {ParticipantIdentity: bad},
			"TrackID": {TrackID: bad}, "Tenant": {Tenant: bad},
		} {
			track, err := h.NewTrack(options)
			refused["new track: "+name] = err
			refuses(t, "an add on it", track.AddBytes(1, true), ErrStale)
		}
		for name, options := range map[string]SignalOptions{"Country": {Country: bad}, "Tenant": {Tenant: bad}} {
			_, refused["new signal: "+name] = h.NewSignal(options)
		}
		for what, err := range refused {
			refuses(t, what, err, ErrInvalid)
			if !strings.HasPrefix(err.Error(), "lkstats: "+what+" ") || !strings.Contains(err.Error(), why) {
				t.Errorf("%s, %s: %q", what, why, err)
			}
		}
	}
	must(t, signal.ResolveRoom(Room{SID: strings.Repeat("x", 256)})) // nothing was known before
	must(t, signal.ResolveParticipant(Participant{SID: "PA_1"}))
}

func TestOtherBadInputIsNamed(t *testing.T) {
	h := manual(t, Options{})
	signal := h.signal(SignalOptions{})
	_, channel := h.NewTrack(TrackOptions{Channel: ChannelSignal})
	_, details := h.NewTrack(TrackOptions{KindDetails: make([]int32, 33)})
	_, tracks := Open(Options{MaxTracks: 1<<24 + 1})
	_, preallocate := Open(Options{Preallocate: true})
	_, format := h.Metrics(2)
	_, trackID := TrackIDForParticipant(ChannelDataTrack, "PA_1")
	_, closeTimeout := h.Close(-1)
	var ctxErr error
	for _, ctxErr = range h.Batches(nil) { //nolint:staticcheck // that is the point
	}
	refused := map[string]error{
		"Channel is 3":               channel,
		"KindDetails has 33 entries": errors.Join(details, nil),
		"SID is empty":               signal.ResolveRoom(Room{Name: "atrium"}),
		"33 entries":                 signal.ResolveParticipant(Participant{SID: "PA_1", KindDetails: make([]int32, 33)}),
		"SID is empty; give the par": signal.ResolveParticipant(Participant{}),
		"MaxTracks is 16777217":      tracks,
		"MaxTracks is 0":             preallocate,
		"format is 2":                format,
		"channel is 2":               trackID,
		"timeout is -1ns":            closeTimeout,
		"timeout is -2s":             h.Flush(-2 * time.Second),
		"timeout is -3s":             signal.Flush(-3 * time.Second),
		"timeout is -2562047h":       h.Flush(Abandon),
		"monotonic is -1ns":          h.RunOnce(-1, epoch),
		"wall is 0001":               h.RunOnce(0, time.Time{}),
		"wall is 2300":               h.RunOnce(0, time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)),
		"ctx is nil":                 ctxErr,
	}
	for _, interval := range []time.Duration{-1, 1, 99 * time.Millisecond, time.Hour + 1, math.MaxInt64} {
		_, refused["ReportInterval is "+interval.String()] = Open(Options{ReportInterval: interval})
	}
	for why, err := range refused {
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	must(t, h.RunOnce(5, time.Unix(0, math.MaxInt64)))
	must(t, h.RunOnce(5, time.Unix(0, math.MinInt64)))
	refuses(t, "time that goes back", h.RunOnce(4, epoch), ErrInvalid)
}

func TestATimeoutIsNeverShorterThanAskedFor(t *testing.T) {
	for d, want := range map[time.Duration]int64{
		0: 0, 1: 1, 999_999: 1, time.Millisecond: 1, time.Millisecond + 1: 2, math.MaxInt64: math.MaxInt64/1_000_000 + 1,
	} {
		if got, err := milliseconds("call", "timeout", d); got != want || err != nil {
			t.Errorf("%v: %d ms, %v", d, got, err)
		}
	}
}

func TestAContextWithAThreadRunsItself(t *testing.T) {
	err := opened(t, Options{}).RunOnce(-1, time.Time{})
	refuses(t, "RunOnce", err, ErrInvalid)
	if !strings.Contains(err.Error(), "open it with Options.Manual") {
		t.Errorf("%q does not say that first", err)
	}
}

// As many as 32 bits take for three. They are address space only: nobody may read them.
func TestMoreKindDetailsThanTheLibraryCanCountAreRefused(t *testing.T) {
	if strconv.IntSize == 32 {
		t.Skip("there are not so many")
	}
	count := uint64(1<<32 + 3)
	memory, err := syscall.Mmap(-1, 0, int(4*count), syscall.PROT_READ, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		t.Skipf("no address space: %v", err)
	}
	defer syscall.Munmap(memory)
	details := unsafe.Slice((*int32)(unsafe.Pointer(&memory[0])), count)

	h := manual(t, Options{})
	_, err = h.NewTrack(TrackOptions{KindDetails: details})
	for _, err := range []error{err, h.signal(SignalOptions{}).ResolveParticipant(Participant{SID: "PA_1", KindDetails: details})} {
		refuses(t, "kind details", err, ErrInvalid)
		if err == nil || !strings.Contains(err.Error(), "KindDetails has 4294967299 entries") {
			t.Errorf("%v", err)
		}
	}
}

func TestAChannelOfASignalIsNotATracks(t *testing.T) {
	h := manual(t, Options{})
	track := h.track(TrackOptions{})
	signal := &Signal{track.counter} // nobody can outside of the package
	refuses(t, "resolve", signal.ResolveRoom(Room{SID: "RM_1"}), ErrInvalid)
}

func TestNilAndZeroValuesAreStale(t *testing.T) {
	for _, c := range []*Context{nil, {}} {
		track, trackErr := c.NewTrack(TrackOptions{})
		signal, signalErr := c.NewSignal(SignalOptions{})
		_, nextErr := c.TryNext()
		_, metricsErr := c.Metrics(OpenMetrics)
		_, closeErr := c.Close(0)
		_, abandonErr := c.Close(Abandon)
		var batchesErr error
		for _, batchesErr = range c.Batches(context.Background()) {
		}
		refused := map[string]error{
			"new track": trackErr, "new signal": signalErr, "next": nextErr, "metrics": metricsErr, "close": closeErr,
			"abandon": abandonErr, "batches": batchesErr, "run": c.RunOnce(0, epoch), "flush": c.Flush(0),
			"redeliver": c.Redeliver(),
		}
		for _, track := range []*Track{nil, {}, track} {
			_, refused["totals"] = track.Totals()
			_, refused["stop"] = track.Stop()
			refused["add bytes"] = track.AddBytes(1, true)
			refused["add messages"] = track.AddMessages(1, 1, true)
			refused["flush track"] = track.Flush(0)
			staleAll(t, refused)
		}
		for _, signal := range []*Signal{nil, {}, signal} {
			_, refused["totals"] = signal.Totals()
			_, refused["stop"] = signal.Stop()
			refused["add bytes"] = signal.AddBytes(1, true)
			refused["add messages"] = signal.AddMessages(1, 1, true)
			refused["flush signal"] = signal.Flush(0)
			refused["room"] = signal.ResolveRoom(Room{SID: "RM_1"})
			refused["participant"] = signal.ResolveParticipant(Participant{SID: "PA_1"})
			refused["reset"] = signal.Reset()
			staleAll(t, refused)
		}
	}
	for _, batch := range []*Batch{nil, {}} {
		_, stats := batch.AnalyticsStats()
		staleAll(t, map[string]error{"ack": batch.Ack(), "nack": batch.Nack(), "stats": stats})
		if batch.Records() != nil || batch.Node() != "" || batch.AnalyticsKey() != "" {
			t.Errorf("%+v", batch)
		}
	}
}

func staleAll(t *testing.T, refused map[string]error) {
	t.Helper()
	for what, err := range refused {
		refuses(t, what, err, ErrStale)
	}
}

func TestNoReportsMeansNoBatches(t *testing.T) {
	h := manual(t, Options{NoReports: true})
	must(t, h.track(TrackOptions{}).AddBytes(10, true))
	h.pass(10 * time.Second)
	if batch, err := h.TryNext(); batch != nil {
		t.Errorf("%v, %v", batch, err)
	}
	must(t, h.Flush(0))
	text, err := h.Metrics(Prometheus)
	must(t, err)
	if !strings.Contains(string(text), `lkstats_bytes_total{channel="data",direction="send"} 10`) {
		t.Errorf("%s", text)
	}
	_, err = h.Close(0)
	must(t, err)
}
