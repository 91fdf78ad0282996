// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"fmt"

	"github.com/lkstats/lkstats/bindings/go/verify"
)

// A store that has the first and the third window of a track.
func Example() {
	track := verify.EpochKey{Context: [16]byte{7}, Slot: 3, Tag: 91, Epoch: 1}
	window := func(sequence uint32, bytes, running uint64) verify.Record {
		return verify.Record{
			Key:     verify.Key{EpochKey: track, Sequence: sequence, Kind: verify.KindTraffic},
			Window:  verify.Traffic{RecvBytes: bytes, RecvMessages: 1},
			Running: verify.Traffic{RecvBytes: running, RecvMessages: uint64(sequence)},
		}
	}
	epochs := map[verify.EpochKey]*verify.Epoch{}
	take := func(r verify.Record) {
		epoch := epochs[r.EpochKey]
		if epoch == nil {
			epoch = &verify.Epoch{}
			epochs[r.EpochKey] = epoch
		}
		verdict, missing := epoch.Take(&r), epoch.Missing()
		fmt.Println(r.Sequence, verdict, "missing:", missing.Sequences, "with", missing.Traffic.RecvBytes, "bytes")
	}
	take(window(1, 1200, 1200))
	take(window(3, 50, 1550))
	take(window(3, 50, 1550))
	take(window(2, 300, 1500))
	fmt.Println("complete:", epochs[track].Complete())
	// Output:
	// 1 next missing: 0 with 0 bytes
	// 3 gap missing: 1 with 300 bytes
	// 3 duplicate missing: 1 with 300 bytes
	// 2 late missing: 0 with 0 bytes
	// complete: true
}
