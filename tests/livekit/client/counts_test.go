// SPDX-License-Identifier: Apache-2.0

package client

import "testing"

func TestASendersMessagesAreAllThereOrSomeAreMissing(t *testing.T) {
	var nothing *heard
	if nothing.all(0) || nothing.newest(0) {
		t.Error("of whom nothing came, something did")
	}
	var lossy heard
	for _, number := range []uint32{7, 8, 11, 10} {
		lossy.take(number)
	}
	if lossy.all(11) || !lossy.newest(11) || lossy.newest(12) || lossy.missing() != 1 {
		t.Errorf("9 is missing: %+v", lossy)
	}
	lossy.take(9)
	if !lossy.all(11) || lossy.missing() != 0 {
		t.Errorf("nothing is missing: %+v", lossy)
	}
	var reliable heard
	for _, number := range []uint32{3, 4, 5, 4, 5, 6} { // a replay, and what it overlaps with
		reliable.again(number)
	}
	if !reliable.all(6) {
		t.Errorf("nothing is missing: %+v", reliable)
	}
}

func TestEachMessageCountsOnce(t *testing.T) {
	var counts Counts
	counts.Signal.Sent.add(10)
	counts.Data.Got.add(0)
	counts.Tracks = map[string]Traffic{"DTR_1": {Got: Flow{Bytes: 16, Messages: 1}}, "DTR_2": {Sent: Flow{Bytes: 5, Messages: 2}}}
	counts.Data.Sent.add(20)
	counts.Data.Sent.takeBack(20)
	want := Traffic{Sent: Flow{Bytes: 15, Messages: 3}, Got: Flow{Bytes: 16, Messages: 2}}
	if total := counts.Total(); total != want {
		t.Errorf("%+v", total)
	}
}
