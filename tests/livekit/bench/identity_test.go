// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestACrowdIsRoomsOfTenAndNoObjectIsThereTwice(t *testing.T) {
	all := identities(2*aRoomHas + 5)

	objects := make(map[identity]bool)
	people := make(map[string]int)
	for _, who := range all {
		objects[who] = true
		people[string(who.participant)]++
	}
	if len(all) != 2*aRoomHas+5 || len(objects) != len(all) {
		t.Errorf("%d objects, %d of them different", len(all), len(objects))
	}
	// Two whole rooms, and the first person of the third.
	if len(people) != 2*inARoom+1 || people["PA_000000000019"] != oneHas {
		t.Errorf("%d people, the last of the second room with %d", len(people), people["PA_000000000019"])
	}
}
