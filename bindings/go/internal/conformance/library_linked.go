// SPDX-License-Identifier: Apache-2.0

//go:build !lkstats_dlopen

package main

import lkstats "github.com/lkstats/lkstats/bindings/go"

const libraryUsage = ""

// useLibrary: lkstats is linked, or what stands in for it. Any call will say whether it can be used.
func useLibrary() error {
	_, err := lkstats.TrackIDForParticipant(lkstats.ChannelData, "")
	return err
}
