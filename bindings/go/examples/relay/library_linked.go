// SPDX-License-Identifier: Apache-2.0

//go:build !lkstats_dlopen

package main

// loadLibrary: lkstats was linked.
func loadLibrary() error { return nil }
