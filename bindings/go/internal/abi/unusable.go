// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package abi

// #include "shim.h"
import "C"

import "fmt"

// unusable says why a library's table can't be used: version is 0 where it has none that this package knows.
func unusable(library string, version uint32) error {
	needed := FormatVersion(C.LKSTATS_VERSION_MAJOR<<16 | C.LKSTATS_VERSION_MINOR<<8 | C.LKSTATS_VERSION_PATCH)
	if version == 0 {
		return LayoutError(fmt.Sprintf("%s has no function table of version %d, which this package for lkstats %s needs; use the package of the library's release",
			library, C.LKSTATS_API_VERSION, needed))
	}
	return LayoutError(fmt.Sprintf("%s is lkstats %s with fewer functions than this package for lkstats %s needs; install %s or a newer one",
		library, FormatVersion(version), needed, needed))
}
