// SPDX-License-Identifier: Apache-2.0

package main

import "slices"

// target is the highest ratio that is good enough, and how it reads.
type target struct {
	ratio float64
	word  string
	below bool // the ratio has to be below it
}

var (
	notAbove = &target{1, "<= 1", false}
	less     = &target{1, "< 1", true}
	none     = &target{0, "0", false}
)

// line is one of the table: what a server on lkstats costs beside a stock one, in the same rounds.
type line struct {
	what   string
	unit   string
	target *target   // nil: for orientation
	ours   []float64 // one figure a round, in unit
	stock  []float64 // of the same rounds
}

// add takes one round's figures.
func (l *line) add(figures pair) {
	l.ours = append(l.ours, figures[lkstatsKind])
	l.stock = append(l.stock, figures[stockKind])
}

// verdict is what the rounds of a line say.
type verdict struct {
	ours, stock      float64 // medians
	ratio, low, high float64 // of the rounds' own ratios: the median, and where the middle eight tenths of them lie
	met              bool    // the median is good enough
	uncertain        bool    // not all of those eight tenths say the same
}

func judge(l line) verdict {
	ratios := make([]float64, len(l.ours))
	for i := range ratios {
		ratios[i] = l.ours[i] / l.stock[i]
	}
	v := verdict{ours: percentile(l.ours, 0.5), stock: percentile(l.stock, 0.5), ratio: percentile(ratios, 0.5),
		low: percentile(ratios, 0.1), high: percentile(ratios, 0.9)}
	if l.target != nil {
		v.met = l.target.met(v.ratio)
		v.uncertain = l.target.met(v.low) != l.target.met(v.high)
	}
	return v
}

func (t *target) met(ratio float64) bool {
	if t.below {
		return ratio < t.ratio
	}
	return ratio <= t.ratio
}

func percentile(values []float64, part float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	place := part * float64(len(sorted)-1)
	below := int(place)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (sorted[above]-sorted[below])*(place-float64(below))
}
