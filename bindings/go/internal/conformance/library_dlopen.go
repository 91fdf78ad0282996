// SPDX-License-Identifier: Apache-2.0

//go:build lkstats_dlopen

package main

import (
	"flag"
	"os"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const libraryUsage = "--library PATH "

var library = flag.String("library", "", "`path` of the library to load")

func useLibrary() error {
	if *library == "" {
		flag.Usage()
		os.Exit(exitScript)
	}
	return lkstats.Load(*library)
}
