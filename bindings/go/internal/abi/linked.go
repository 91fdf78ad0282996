// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package abi

/*
#cgo pkg-config: lkstats
#include "shim.h"

static lkstats_status_t linked(uint32_t *version) { return lkstats_go_use(lkstats_get_api, version); }
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
)

var use = sync.OnceValue(func() error {
	var version C.uint32_t
	if C.linked(&version) != OK {
		return unusable("the lkstats library that this program runs with", uint32(version))
	}
	useSlots()
	return nil
})

// Use makes the library ready for the calls.
func Use() error { return use() }

// Load is only there where the library is loaded.
func Load(string) error {
	return fmt.Errorf("lkstats: load: this program is linked with the library; build it with -tags lkstats_dlopen to load one: %w", errors.ErrUnsupported)
}
