// SPDX-License-Identifier: Apache-2.0

//go:build lkstats_dlopen

package main

import (
	"flag"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

var library = flag.String("library", "", "`path` of liblkstats.so; default: wherever the system finds it")

// loadLibrary loads lkstats from the path that --library names.
func loadLibrary() error {
	if *library == "" {
		return nil // the first call of lkstats will look for it
	}
	return lkstats.Load(*library)
}
