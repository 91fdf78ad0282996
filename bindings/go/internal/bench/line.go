// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"math"
	"slices"
)

// line is one of the table: what lkstats costs from Go, beside what it could cost at best.
type line struct {
	what   string
	target float64   // the highest ratio that is good enough; 0: for orientation
	ours   []float64 // nanoseconds, one figure a round
	limit  []float64 // of the same rounds
}

// verdict is what the rounds of a line say.
type verdict struct {
	ours, limit float64 // medians
	ratio       float64 // of the two
	spread      float64 // of the rounds' own ratios: from the 10th to the 90th percentile, relative to their median
	met         bool
	uncertain   bool // the spread is wider than the distance from the target
}

func judge(l line) verdict {
	ratios := make([]float64, len(l.ours))
	for i := range ratios {
		ratios[i] = l.ours[i] / l.limit[i]
	}
	v := verdict{ours: percentile(l.ours, 0.5), limit: percentile(l.limit, 0.5)}
	v.ratio = v.ours / v.limit
	v.spread = (percentile(ratios, 0.9) - percentile(ratios, 0.1)) / percentile(ratios, 0.5)
	if l.target != 0 {
		v.met = v.ratio <= l.target
		v.uncertain = v.spread*v.ratio > math.Abs(l.target-v.ratio)
	}
	return v
}

func percentile(values []float64, part float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	place := part * float64(len(sorted)-1)
	below := int(place)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (sorted[above]-sorted[below])*(place-float64(below))
}
