// SPDX-License-Identifier: Apache-2.0

// bench [--json] [--lkstats SERVER --stock SERVER] [add | crowd | server]...: measures the drop-in beside LiveKit's own
// code, in turn, and shows one line each: medians, and where the middle eight tenths of the rounds' own ratios lie. The
// subject server needs a livekit-server of each build. Exits with 0 whatever the figures are.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
)

var subjects = []string{"add", "crowd", "server"}

func main() {
	if len(os.Args) == 3 && os.Args[1] == crowdArgument {
		k, err := strconv.Atoi(os.Args[2])
		must(crowdArgument, err)
		crowdHere(kind(k))
		return
	}
	var t table
	var servers programs
	flag.Usage = usage
	flag.BoolVar(&t.json, "json", false, "")
	flag.StringVar(&servers[lkstatsKind], "lkstats", "", "")
	flag.StringVar(&servers[stockKind], "stock", "", "")
	flag.Parse()
	wanted := flag.Args()
	for _, subject := range wanted {
		if !slices.Contains(subjects, subject) {
			usage()
			os.Exit(2)
		}
	}
	if len(wanted) == 0 {
		wanted = subjects
	}
	if slices.Contains(wanted, "server") && (servers[lkstatsKind] == "" || servers[stockKind] == "") {
		fail("server", errors.New("there has to be a server of each build: --lkstats SERVER --stock SERVER"))
	}

	exitWhenAsked()
	t.begin()
	if slices.Contains(wanted, "add") {
		measureAdds(t.add)
	}
	if slices.Contains(wanted, "crowd") {
		measureCrowd(t.add)
	}
	if slices.Contains(wanted, "server") {
		measureForwarding(servers, t.add)
	}
	t.end()
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: bench [--json] [--lkstats SERVER --stock SERVER] [add | crowd | server]...")
}
