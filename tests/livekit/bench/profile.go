// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// What a server says of itself, at its debug port.

func (s *server) goroutines() float64 {
	var count float64
	s.profile("goroutine?debug=1", func(text io.Reader) error {
		_, err := fmt.Fscanf(text, "goroutine profile: total %g", &count)
		return err
	})
	return count
}

// heap of a server, in bytes.
type heap struct {
	Live     float64
	Stacks   float64
	Counting float64 // what is live of what the counting allocated; right with GODEBUG=memprofilerate=1 only
}

func (s *server) heap() (h heap) {
	// What a pool or a finalizer holds goes with the second, and the profile is of the collection before.
	for range 3 {
		s.profile("heap?gc=1&debug=1", func(text io.Reader) (err error) {
			h, err = readHeap(text)
			return err
		})
	}
	return h
}

// counting is what the frames of LiveKit's file and of lkstats look like in a profile.
var (
	counting = regexp.MustCompile(`/signalanddatastats\.go:|/lkstats/bindings/go/`)
	live     = regexp.MustCompile(`^\d+: (\d+) \[`)
)

func readHeap(text io.Reader) (h heap, err error) {
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	var bytes float64
	ours := false
	allocation := func() {
		if ours {
			h.Counting += bytes
		}
		bytes, ours = 0, false
	}
	for lines.Scan() {
		line := lines.Text()
		if match := live.FindStringSubmatch(line); match != nil {
			allocation()
			if bytes, err = strconv.ParseFloat(match[1], 64); err != nil {
				return h, err
			}
		} else if strings.HasPrefix(line, "#\t") {
			ours = ours || counting.MatchString(line)
		} else if value, found := strings.CutPrefix(line, "# HeapAlloc = "); found {
			h.Live, err = strconv.ParseFloat(value, 64)
		} else if value, found := strings.CutPrefix(line, "# Stack = "); found {
			inUse, _, _ := strings.Cut(value, " / ")
			h.Stacks, err = strconv.ParseFloat(inUse, 64)
		}
		if err != nil {
			return h, err
		}
	}
	allocation()
	if h.Live == 0 || h.Stacks == 0 {
		return h, fmt.Errorf("a heap profile without its figures")
	}
	return h, lines.Err()
}

func (s *server) profile(name string, read func(io.Reader) error) {
	answer, err := http.Get(s.debug + name)
	must("profile", err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		fail("profile", fmt.Errorf("%s: %s", name, answer.Status))
	}
	must("profile", read(answer.Body))
}
