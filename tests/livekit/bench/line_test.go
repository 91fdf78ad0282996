// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestAVerdictIsOfTheRoundsOwnRatios(t *testing.T) {
	// Given rounds on a machine that gets slower, lkstats being quicker in most of them.
	l := line{target: notAbove, ours: []float64{9, 40, 270}, stock: []float64{10, 50, 200}}

	v := judge(l)

	if v.ratio != 0.9 || v.low <= 0.8 || v.low >= 0.9 || v.high <= 1 || v.high >= 1.35 {
		t.Errorf("%v, from %v to %v", v.ratio, v.low, v.high)
	}
	if !v.met || !v.uncertain {
		t.Errorf("met: %v, uncertain: %v", v.met, v.uncertain)
	}
}

func TestATargetSaysWhetherTheSameIsGoodEnough(t *testing.T) {
	for _, c := range []struct {
		target *target
		ratio  float64
		met    bool
	}{{notAbove, 1, true}, {notAbove, 1.001, false}, {less, 1, false}, {less, 0.999, true}, {none, 0, true}, {none, 1, false}} {
		v := judge(line{target: c.target, ours: []float64{c.ratio}, stock: []float64{1}})
		if v.met != c.met || v.uncertain {
			t.Errorf("%v with target %s: met: %v, uncertain: %v", c.ratio, c.target.word, v.met, v.uncertain)
		}
	}
}

func TestAPercentileLiesBetweenFigures(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	for part, want := range map[float64]float64{0: 1, 0.5: 2.5, 1: 4} {
		if got := percentile(values, part); got != want {
			t.Errorf("%v of them is %v", part, got)
		}
	}
}

func TestANumberHasThreeDigitsThatCount(t *testing.T) {
	for value, word := range map[float64]string{0: "0", 0.0123456: "0.0123", 1.0049: "1.00", 12.345: "12.3", 123.4: "123", 98765.4: "98765"} {
		if n := number(value); n != word {
			t.Errorf("%v is %s", value, n)
		}
	}
}
