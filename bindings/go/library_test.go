// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func TestTheVersionIsTheLibrarys(t *testing.T) {
	if got := Version(); !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(got) {
		t.Errorf("%q", got)
	}
}

func TestTrackIDsAreLiveKits(t *testing.T) {
	long := strings.Repeat("\xff", 1000)
	for want, of := range map[string]struct {
		channel Channel
		sid     string
	}{
		"TR_DTPA_1": {ChannelData, "PA_1"}, "TR_SGPA_1": {ChannelSignal, "PA_1"}, "TR_DT": {ChannelData, ""},
		"TR_SG" + long: {ChannelSignal, long},
	} {
		if got, err := TrackIDForParticipant(of.channel, of.sid); got != want || err != nil {
			t.Errorf("%q, not %q: %v", got, want, err)
		}
	}
}

func TestMetricsAreExactAtTheCall(t *testing.T) {
	h := manual(t, Options{})
	must(t, h.track(TrackOptions{}).AddMessages(1234, 5, false))
	for _, format := range []MetricsFormat{OpenMetrics, Prometheus} {
		text, err := h.Metrics(format)
		must(t, err)
		for _, line := range []string{`lkstats_bytes_total{channel="data",direction="recv"} 1234`,
			`lkstats_messages_total{channel="data",direction="recv"} 5`} {
			if !bytes.Contains(text, []byte(line+"\n")) {
				t.Errorf("%s is not in\n%s", line, text)
			}
		}
		if ends := bytes.HasSuffix(text, []byte("# EOF\n")); ends != (format == OpenMetrics) {
			t.Errorf("format %d ends with %q", format, text[len(text)-20:])
		}
	}
}
