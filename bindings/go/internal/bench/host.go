// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"fmt"
	"os"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// With this interval one pass over the slots folds and freezes: no fold-only pass in between.
const interval = time.Second

// host is a server that is measured: a context without a thread, whose clock stands still unless it is told to move.
type host struct {
	context *lkstats.Context
	now     time.Duration
}

// fail ends the program: nothing below is meant to fail.
func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "bench: %s: %v\n", what, err)
	os.Exit(1)
}

func must(what string, err error) {
	if err != nil {
		fail(what, err)
	}
}

// openHost sets what all of them have in common.
func openHost(options lkstats.Options) *host {
	options.Node = "ND_bench4mT7qLw"
	options.AnalyticsKey = "bench"
	options.ReportInterval = interval
	options.Manual = true
	context, err := lkstats.Open(options)
	must("Open", err)
	h := &host{context: context}
	h.advance(0) // the first call starts the first interval
	return h
}

func (h *host) close() { h.context.Close(lkstats.Abandon) }

func (h *host) start(options lkstats.TrackOptions) *lkstats.Track {
	track, err := h.context.NewTrack(options)
	must("NewTrack", err)
	return track
}

func (h *host) advance(by time.Duration) {
	h.now += by
	must("RunOnce", h.context.RunOnce(h.now, time.Unix(1785500000, 0).Add(h.now)))
}

// drain takes and acknowledges every batch there is; look sees each record.
func (h *host) drain(look func(*lkstats.Record)) {
	for {
		batch, err := h.context.TryNext()
		must("TryNext", err)
		if batch == nil {
			return
		}
		records := batch.Records()
		for i := range records {
			look(&records[i])
		}
		must("Ack", batch.Ack())
	}
}

func ignore(*lkstats.Record) {}
