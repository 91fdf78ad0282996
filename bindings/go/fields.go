// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	stringMax      = 256
	kindDetailsMax = 32
)

// A field is a string on its way to the library, with the name that an error gives it.
type field struct{ name, value string }

// blame finds what the library refused a call for: it says only that something is invalid. otherwise is for what is
// not about a string.
func blame(call string, kindDetails []int32, otherwise string, fields ...field) error {
	for _, f := range fields {
		switch {
		case len(f.value) > stringMax:
			return invalid(call, fmt.Sprintf("%s has %d bytes; shorten it to %d", f.name, len(f.value), stringMax))
		case !utf8.ValidString(f.value):
			return invalid(call, fmt.Sprintf("%s is not valid UTF-8: %q; encode it, or replace what is not", f.name, f.value))
		case strings.IndexByte(f.value, 0) >= 0:
			return invalid(call, fmt.Sprintf("%s has a NUL: %q; leave it out", f.name, f.value))
		}
	}
	if len(kindDetails) > kindDetailsMax {
		return invalid(call, fmt.Sprintf("KindDetails has %d entries; give at most %d", len(kindDetails), kindDetailsMax))
	}
	return invalid(call, otherwise)
}
