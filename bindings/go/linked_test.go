// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && !lkstats_dlopen

package lkstats

import (
	"errors"
	"strings"
	"testing"
)

func TestALinkedProgramLoadsNothing(t *testing.T) {
	err := Load("liblkstats.so.0")
	if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "lkstats_dlopen") {
		t.Errorf("%v", err)
	}
}
