// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
)

// table prints lines as they are done, or all of them as JSON at the end.
type table struct {
	json  bool
	lines []line
}

func (t *table) begin() {
	if !t.json {
		fmt.Printf("%-53s %17s %17s %7s  %-16s %8s  %s\n", "what", "lkstats", "stock", "ratio", "range", "target", "met")
	}
}

func (t *table) add(lines ...line) {
	t.lines = append(t.lines, lines...)
	if t.json {
		return
	}
	for _, l := range lines {
		v := judge(l)
		fmt.Printf("%-53s %17s %17s %7s  %-16s %8s  %s\n", l.what, quantity(v.ours, l.unit), quantity(v.stock, l.unit),
			number(v.ratio), number(v.low)+" .. "+number(v.high), l.targetWord(), l.metWord(v))
	}
}

// figures is a line in JSON. Ratios are ours by stock's.
type figures struct {
	What      string    `json:"what"`
	Unit      string    `json:"unit"`
	Lkstats   float64   `json:"lkstats"`
	Stock     float64   `json:"stock"`
	Ratio     float64   `json:"ratio"`
	Range     []float64 `json:"range"`
	Rounds    int       `json:"rounds"`
	Target    *float64  `json:"target"`
	Met       *bool     `json:"met"`
	Uncertain *bool     `json:"uncertain"`
}

func (t *table) end() {
	if !t.json {
		return
	}
	all := make([]figures, 0, len(t.lines))
	for _, l := range t.lines {
		v := judge(l)
		f := figures{What: l.what, Unit: l.unit, Lkstats: v.ours, Stock: v.stock, Ratio: v.ratio,
			Range: []float64{v.low, v.high}, Rounds: len(l.ours)}
		if l.target != nil {
			f.Target, f.Met, f.Uncertain = &l.target.ratio, &v.met, &v.uncertain
		}
		all = append(all, f)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	must("JSON", encoder.Encode(all))
}

func (l *line) targetWord() string {
	if l.target == nil {
		return ""
	}
	return l.target.word
}

func (l *line) metWord(v verdict) string {
	if l.target == nil {
		return ""
	}
	word := "not met"
	if v.met {
		word = "met"
	}
	if v.uncertain {
		word += ", within the spread"
	}
	return word
}

func quantity(value float64, unit string) string {
	return strings.TrimSuffix(number(value)+" "+unit, " ")
}

// number has three digits that count, more before the point.
func number(value float64) string {
	if value == 0 {
		return "0"
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(value))))
	return fmt.Sprintf("%.*f", min(max(digits, 0), 6), value)
}
