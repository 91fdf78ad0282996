// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

// bench [--json] [go]: measures the Go binding against what it could cost at best, both in the same run, and shows
// one line each, like lkstats_bench (tests/bench). Exits with 0 whatever the figures are.
package main

import (
	"fmt"
	"os"
)

func main() {
	json := false
	for _, argument := range os.Args[1:] {
		switch argument {
		case "--json":
			json = true
		case "go": // the one subject that there is here
		default:
			fmt.Fprintln(os.Stderr, "usage: bench [--json] [go]")
			os.Exit(1)
		}
	}

	var lines []line
	if !json {
		printTableHead()
	}
	finished := func(l line) {
		if !json {
			printTableRow(l)
		}
		lines = append(lines, l)
	}
	measureAdds(finished)
	measureChurn(finished)
	measureConsume(finished)
	if json {
		printJSON(lines)
	}
}
