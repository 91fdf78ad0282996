// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"fmt"
	"runtime"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// MetricsFormat is one of two texts with the same figures.
type MetricsFormat uint32

const (
	// OpenMetrics is what scrapers ask for with "application/openmetrics-text" in Accept.
	OpenMetrics MetricsFormat = 0
	// Prometheus is for older scrapers.
	Prometheus MetricsFormat = 1
)

// ContentType is the Content-Type header of an answer with that text; empty where it is another value.
func (f MetricsFormat) ContentType() string {
	switch f {
	case OpenMetrics:
		return "application/openmetrics-text; version=1.0.0; charset=utf-8"
	case Prometheus:
		return "text/plain; version=0.0.4; charset=utf-8"
	}
	return ""
}

// Metrics is what a metrics endpoint of the host's would answer, some five thousand bytes whatever the number of
// tracks: bytes and messages by channel and direction, exact at the instant of the call, refused adds, and how the
// library itself is doing. It walks over all tracks, a few milliseconds for a million.
//
// Errors: ErrInvalid: another format; ErrNoMemory; ErrClosed; ErrStale.
func (c *Context) Metrics(format MetricsFormat) ([]byte, error) {
	const call = "metrics"
	if !c.known() {
		return nil, refused(call, abi.EStale)
	}
	defer runtime.KeepAlive(c)
	for buffer := make([]byte, 8192); ; {
		need, status := abi.Metrics(c.token, uint32(format), buffer)
		switch status {
		case abi.OK:
			return buffer[:need], nil
		case abi.ERange:
			buffer = make([]byte, need+need/8) // it may have grown when it is asked again
		case abi.EInval:
			return nil, invalid(call, fmt.Sprintf("format is %d; give OpenMetrics or Prometheus", format))
		default:
			return nil, refused(call, status)
		}
	}
}
