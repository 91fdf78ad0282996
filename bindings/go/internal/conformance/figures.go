// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	lkstats "github.com/lkstats/lkstats/bindings/go"
	figures "github.com/lkstats/lkstats/bindings/go/internal/layout"
)

func isStatus(err error, status lkstats.Status) bool { return errors.Is(err, status) }

// metrics shows what was counted; how the library itself is doing is not the same from one run to the next.
func metrics(w *words) action {
	format := lkstats.MetricsFormat(w.number(math.MaxUint32))
	return func(h *host) (answer, error) {
		text, err := h.context.Metrics(format)
		if err != nil {
			return answer{}, err
		}
		var lines []string
		for _, line := range bytes.Split(text, []byte("\n")) {
			if bytes.HasPrefix(line, []byte("lkstats_bytes_total")) ||
				bytes.HasPrefix(line, []byte("lkstats_messages_total")) {
				lines = append(lines, string(line))
			}
		}
		return answer{lines: lines}, nil
	}
}

func trackID(w *words) action {
	channel, sid := lkstats.Channel(w.int32()), w.text()
	return func(*host) (answer, error) {
		id, err := lkstats.TrackIDForParticipant(channel, sid)
		if err != nil {
			return answer{}, err
		}
		return answer{text: textWord(id)}, nil
	}
}

// statuses shows the binding's own table, and one past its end.
func statuses(*words) action {
	return func(*host) (answer, error) {
		var lines []string
		for status := lkstats.Status(0); status >= -19; status-- {
			lines = append(lines, fmt.Sprintf("%d %s", int32(status), status.Name()))
		}
		return answer{lines: lines}, nil
	}
}

// layout shows sizes and offsets as Go's compiler and cgo have them.
func layout(*words) action {
	return func(*host) (answer, error) {
		var lines []string
		for _, figure := range figures.Figures() {
			lines = append(lines, fmt.Sprintf("%s %d", figure.Name, figure.Bytes))
		}
		return answer{lines: lines}, nil
	}
}
