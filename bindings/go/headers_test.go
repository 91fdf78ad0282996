// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"bytes"
	"os"
	"testing"
)

// A module can't reach outside of itself, so it has copies of the headers; where it lies in the repository they have
// to be the repository's.
func TestTheHeadersAreTheLibrarys(t *testing.T) {
	for _, name := range []string{"lkstats.h", "lkstats_slab.h"} {
		theirs, err := os.ReadFile("../../include/" + name)
		if os.IsNotExist(err) {
			t.Skip("the module is not in the repository")
		}
		ours, ourErr := os.ReadFile("internal/abi/" + name)
		if err != nil || ourErr != nil {
			t.Fatal(err, ourErr)
		}
		if !bytes.Equal(ours, theirs) {
			t.Errorf("internal/abi/%s is not include/%s: run go generate ./internal/abi", name, name)
		}
	}
}
