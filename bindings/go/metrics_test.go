// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package lkstats

import (
	"strings"
	"testing"
)

func TestAMetricsFormatSaysWhatAScraperHasToKnow(t *testing.T) {
	h := manual(t, Options{})
	for format, want := range map[MetricsFormat]struct{ contentType, last string }{
		OpenMetrics: {"application/openmetrics-text; version=1.0.0; charset=utf-8", "# EOF\n"},
		Prometheus:  {"text/plain; version=0.0.4; charset=utf-8", "\n"},
	} {
		text, err := h.Metrics(format)
		must(t, err)
		if got := format.ContentType(); got != want.contentType || !strings.HasSuffix(string(text), want.last) {
			t.Errorf("%d: %q of %s", format, got, text)
		}
	}
	if got := MetricsFormat(2).ContentType(); got != "" {
		t.Errorf("of none: %q", got)
	}
}
