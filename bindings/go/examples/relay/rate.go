// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"
)

// rateText is bytes a second over a window, in the unit that suits it.
func rateText(bytes uint64, window time.Duration) string {
	rate := 0.0
	if window > 0 {
		rate = float64(bytes) / window.Seconds()
	}
	units := []string{"B/s", "kB/s", "MB/s", "GB/s", "TB/s"}
	for rate >= 999.95 && len(units) > 1 {
		rate /= 1000
		units = units[1:]
	}
	return fmt.Sprintf("%.1f %s", rate, units[0])
}
