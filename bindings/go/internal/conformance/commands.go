// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// What the wall clock shows when the monotonic one is at zero.
const wallStartNs = 1700000000000000000

var commands = map[string]command{
	"files":       files,
	"open":        open,
	"run":         runOnce,
	"track":       newTrack,
	"signal":      newSignal,
	"room":        resolveRoom,
	"participant": resolveParticipant,
	"reset":       reset,
	"bytes":       addBytes,
	"add":         addMessages,
	"totals":      totals,
	"stop":        stop,
	"flush":       flush,
	"next":        next,
	"stats":       stats,
	"ack":         ack,
	"nack":        nack,
	"redeliver":   redeliver,
	"metrics":     metrics,
	"track_id":    trackID,
	"close":       closeContext(0),
	"abandon":     closeContext(lkstats.Abandon),
	"statuses":    statuses,
	"layout":      layout,
}

func files(w *words) action {
	options := lkstats.Options{
		SlabDir:             w.text(),
		JournalDir:          w.text(),
		JournalSegmentBytes: w.uint64(),
		JournalKeepBytes:    w.uint64(),
		JournalKeepSegments: uint32(w.number(math.MaxUint32)),
		JournalSegmentAge:   time.Duration(w.number(math.MaxUint32)) * time.Millisecond,
		JournalSync:         w.yes(),
	}
	return func(h *host) (answer, error) {
		h.files = options
		return answer{}, nil
	}
}

func open(w *words) action {
	node, key := w.text(), w.text()
	interval := time.Duration(w.number(math.MaxUint32)) * time.Millisecond
	maxTracks := uint32(w.number(math.MaxUint32))
	preallocate, noReports := w.yes(), w.yes()
	return func(h *host) (answer, error) {
		options := h.files
		options.Node, options.AnalyticsKey = node, key
		options.ReportInterval, options.MaxTracks = interval, maxTracks
		options.Preallocate, options.NoReports, options.Manual = preallocate, noReports, true
		h.files = lkstats.Options{}
		var err error
		h.context, err = lkstats.Open(options)
		return answer{}, err
	}
}

func runOnce(w *words) action {
	monotonic := time.Duration(w.number(math.MaxInt64 - wallStartNs))
	return func(h *host) (answer, error) {
		return answer{}, h.context.RunOnce(monotonic, time.Unix(0, wallStartNs).Add(monotonic))
	}
}

// flush is of a handle or, as *, of the context.
func flush(w *words) action {
	name := w.next()
	return func(h *host) (answer, error) {
		if name == "*" {
			return answer{}, h.context.Flush(0)
		}
		handle, err := h.handle(name)
		if err != nil {
			return answer{}, err
		}
		return answer{}, handle.Flush(0)
	}
}

func redeliver(*words) action {
	return func(h *host) (answer, error) { return answer{}, h.context.Redeliver() }
}

func closeContext(timeout time.Duration) command {
	return func(*words) action {
		return func(h *host) (answer, error) {
			residue, err := h.context.Close(timeout)
			if err != nil && !isStatus(err, lkstats.ErrTimedOut) {
				return answer{}, err
			}
			return answer{text: residueText(residue)}, err
		}
	}
}
