// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"strings"
	"unicode/utf8"
)

// What lkstats has place for.
const (
	stringMax      = 256 // bytes
	kindDetailsMax = 32
)

// fitting is a name as far as lkstats takes it: LiveKit's own bounds can be set to more. An id is never cut: it would be
// somebody else's.
func fitting(name string) string {
	if len(name) <= stringMax && utf8.ValidString(name) && !strings.Contains(name, "\x00") {
		return name
	}
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	if len(name) > stringMax {
		name = name[:stringMax]
		for len(name) > 0 && !utf8.ValidString(name) {
			name = name[:len(name)-1]
		}
	}
	return name
}
