// SPDX-License-Identifier: Apache-2.0

package abi

import "fmt"

// FormatVersion writes what lkstats_version answers: "0.1.0".
func FormatVersion(version uint32) string {
	return fmt.Sprintf("%d.%d.%d", version>>16, version>>8&0xff, version&0xff)
}
