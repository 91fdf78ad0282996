// SPDX-License-Identifier: Apache-2.0

package slab

import "testing"

const mine = 7<<32 + 3 // tag 7, slot 3

// in has a slot where the handle finds it.
func in(t *testing.T, slot Slot) *Slot {
	slots := make([]Slot, 4)
	slots[3] = slot
	before := Use(&Anchor{Limit: 4, Slots: &slots[0]})
	t.Cleanup(func() { Use(before) })
	return &slots[3]
}

func live(t *testing.T) *Slot { return in(t, Slot{State: Live + 3, Tag: 7}) }

func TestAnAddIsInItsDirection(t *testing.T) {
	s := live(t)
	if !Add(mine, 100, 1, true) || !Add(mine, 7, 2, false) || !Add(mine, 0, 0, false) {
		t.Fatal("refused")
	}
	if want := [2]uint64{1<<37 + 100<<1, 2<<37 + 7<<1}; s.Word != want || s.Carry != [2]uint64{} {
		t.Errorf("%x, not %x; carry %x", s.Word, want, s.Carry)
	}
}

func TestWhatIsNotMineIsLeftAlone(t *testing.T) {
	for what, slot := range map[string]Slot{
		"another tag": {State: Live + 3, Tag: 8}, "stopping": {State: 2*Live + 3, Tag: 7}, "free": {Tag: 7},
		"a forked child's": {},
	} {
		s := in(t, slot)
		if Add(mine, 1, 1, true) || s.Word != [2]uint64{} {
			t.Errorf("%s: %x", what, s.Word)
		}
	}
}

func TestAHandleIsLookedUpNeverFollowed(t *testing.T) {
	s := live(t)
	for what, handle := range map[string]uint64{
		"nothing": 0, "past the limit": 7<<32 + 4, "the highest": 1<<64 - 1, "one with a bit that is zero": mine + 1<<24,
	} {
		if Add(handle, 1, 1, true) || s.Word[0] != 0 {
			t.Errorf("%s counts", what)
		}
	}
	free := in(t, Slot{})
	if Add(0, 1, 1, true) || Add(3, 1, 1, true) || free.Word[0] != 0 {
		t.Error("a slot that nobody ever had")
	}
	Use(nil)
	if Add(mine, 1, 1, true) {
		t.Error("without slots")
	}
}

func TestTooMuchIsNotCounted(t *testing.T) {
	s := live(t)
	if Add(mine, 1<<35, 1, true) || Add(mine, 1, 1<<26, true) || Add(mine, 1<<63, 1<<63, true) || s.Word[0] != 0 {
		t.Errorf("%x", s.Word)
	}
	if !Add(mine, 1<<35-1, 1<<26-1, true) {
		t.Error("the most is refused")
	}
}

func TestAnAddAfterTheClosedBitDoesNotCount(t *testing.T) {
	s := live(t)
	s.Word[0] = closed // the stop came between the add's check and its instruction
	if Add(mine, 1, 1, true) || s.Carry[0] != 0 {
		t.Error("it counts")
	}
	s.Word[0] = (1<<36-1)<<1 | closed
	if Add(mine, 1, 1, true) || s.Carry[0] != 0 {
		t.Error("it carries")
	}
}

func TestTheAddThatCarriesPostsItOnce(t *testing.T) {
	const byteFull, messagesFull = (1<<36 - 1) << 1, (1<<27 - 1) << 37
	for what, test := range map[string]struct{ before, carry uint64 }{
		"nothing":  {0, 0},
		"a rise":   {1<<36 - 2, 0}, // bit 36 rises
		"bytes":    {byteFull, 1},
		"messages": {messagesFull, 1 << 32},
		"both":     {messagesFull | byteFull, 1<<32 + 1},
	} {
		s := live(t)
		s.Word[1] = test.before
		if !Add(mine, 1, 1, false) || s.Carry != [2]uint64{0, test.carry} {
			t.Errorf("%s: carry %x, not %x", what, s.Carry, test.carry)
		}
		if !Add(mine, 1, 1, false) || s.Carry[1] != test.carry {
			t.Errorf("%s: carry %x after another add", what, s.Carry)
		}
	}
}
