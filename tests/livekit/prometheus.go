// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// sample is one line of the endpoint's answer.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

// scrape reads LiveKit's Prometheus endpoint.
func (s *server) scrape() ([]sample, error) {
	answer, err := asking.Get(s.metrics)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the Prometheus endpoint answers %s", answer.Status)
	}
	return parseSamples(answer.Body)
}

func parseSamples(from io.Reader) ([]sample, error) {
	var samples []sample
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			return nil, fmt.Errorf("no value in %q", line)
		}
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		name, rest, _ := strings.Cut(line[:at], "{")
		one := sample{name, map[string]string{}, value}
		for rest = strings.TrimSuffix(rest, "}"); rest != ""; {
			key, after, found := strings.Cut(rest, "=")
			if !found {
				return nil, fmt.Errorf("labels of %q", line)
			}
			quoted, err := strconv.QuotedPrefix(after)
			if err != nil {
				return nil, fmt.Errorf("labels of %q: %w", line, err)
			}
			if one.labels[key], err = strconv.Unquote(quoted); err != nil {
				return nil, fmt.Errorf("labels of %q: %w", line, err)
			}
			rest = strings.TrimPrefix(after[len(quoted):], ",")
		}
		samples = append(samples, one)
	}
	return samples, lines.Err()
}

// ownFigures is what LiveKit itself has of the node: what was reported to it so far. As the clients see it: the server's
// incoming is what they sent.
func ownFigures(samples []sample) (seen client.Traffic) {
	for _, one := range samples {
		flow := &seen.Sent
		if one.labels["direction"] == "outgoing" {
			flow = &seen.Got
		}
		switch one.name {
		case "livekit_packet_bytes":
			flow.Bytes += uint64(one.value)
		case "livekit_packet_total":
			flow.Messages += uint64(one.value)
		}
	}
	return seen
}

// liveFigures is what lkstats has of the node at this instant, reported or not.
func liveFigures(samples []sample) (seen client.Traffic) {
	for _, one := range samples {
		flow := &seen.Sent
		if one.labels["direction"] == "send" {
			flow = &seen.Got
		}
		switch one.name {
		case "lkstats_bytes_total":
			flow.Bytes += uint64(one.value)
		case "lkstats_messages_total":
			flow.Messages += uint64(one.value)
		}
	}
	return seen
}

// refused is how many adds lkstats refused: of objects that had been stopped.
func refused(samples []sample) (count uint64) {
	for _, one := range samples {
		if one.name == "lkstats_refused_adds_total" {
			count += uint64(one.value)
		}
	}
	return count
}
