// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package main

import (
	"fmt"
	"strings"
)

// The columns are those of tests/bench.

func printTableHead() {
	fmt.Printf("%-58s %12s %12s %6s %7s %7s  %s\n", "what", "ours", "limit", "ratio", "spread", "target", "met")
}

func printTableRow(l line) {
	v := judge(l)
	fmt.Printf("%-58s %12s %12s %6.2f %6.1f%% %7s  %s\n", l.what, quantity(v.ours), quantity(v.limit),
		v.ratio, v.spread*100, targetWord(l), metWord(l, v))
}

func printJSON(lines []line) {
	objects := make([]string, len(lines))
	for i, l := range lines {
		v := judge(l)
		objects[i] = fmt.Sprintf(`{"what": %q, "unit": "ns", "ours": %.6g, "limit": %.6g, "ratio": %.4f, `+
			`"spread": %.4f, %s}`, l.what, v.ours, v.limit, v.ratio, v.spread, targetFields(l, v))
	}
	fmt.Printf("[\n  %s\n]\n", strings.Join(objects, ",\n  "))
}

func quantity(ns float64) string {
	if ns < 100 {
		return fmt.Sprintf("%.2f ns", ns)
	}
	return fmt.Sprintf("%.0f ns", ns)
}

func targetFields(l line, v verdict) string {
	if l.target == 0 {
		return `"target": null, "met": null, "uncertain": null`
	}
	return fmt.Sprintf(`"target": %.6g, "met": %t, "uncertain": %t`, l.target, v.met, v.uncertain)
}

func targetWord(l line) string {
	if l.target == 0 {
		return ""
	}
	return fmt.Sprintf("<= %.1f", l.target)
}

func metWord(l line, v verdict) string {
	if l.target == 0 {
		return ""
	}
	word := "no"
	if v.met {
		word = "yes"
	}
	if v.uncertain {
		word += ", within the spread"
	}
	return word
}
