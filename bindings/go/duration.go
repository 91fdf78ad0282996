// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"fmt"
	"time"
)

// milliseconds rounds up, so that a wait is never shorter than was asked for.
func milliseconds(call, name string, d time.Duration) (int64, error) {
	if d < 0 {
		return 0, invalid(call, fmt.Sprintf("%s is %v; give 0 or more", name, d))
	}
	ms := int64(d / time.Millisecond)
	if d%time.Millisecond != 0 {
		ms++
	}
	return ms, nil
}

// nanoseconds since 1970, where the library can hold them: from the year 1678 to 2262.
func nanoseconds(call string, wall time.Time) (int64, error) {
	ns := wall.UnixNano()
	if !time.Unix(0, ns).Equal(wall) {
		return 0, invalid(call, fmt.Sprintf("wall is %v; give a time between the years 1678 and 2262", wall))
	}
	return ns, nil
}
