// SPDX-License-Identifier: Apache-2.0

// Package layout has the sizes and offsets that the binding relies on: of the slot as Go declares it, and of the C
// structs as cgo has them from the header that the binding compiles against.
package layout

import (
	"unsafe"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
	"github.com/lkstats/lkstats/bindings/go/internal/slab"
)

// Figure is one of them: Bytes is a size where the name ends in ".size", an offset otherwise.
type Figure = abi.Figure

// Figures are all of them, the slot's first, in an order that never changes.
func Figures() []Figure {
	slot := slab.Slot{}
	return append([]Figure{
		{Name: "slot.size", Bytes: unsafe.Sizeof(slot)},
		{Name: "slot.state", Bytes: unsafe.Offsetof(slot.State)},
		{Name: "slot.tag", Bytes: unsafe.Offsetof(slot.Tag)},
		{Name: "slot.word", Bytes: unsafe.Offsetof(slot.Word)},
		{Name: "slot.carry", Bytes: unsafe.Offsetof(slot.Carry)},
		{Name: "slot.last", Bytes: unsafe.Offsetof(slot.Last)},
		{Name: "slot.record", Bytes: unsafe.Offsetof(slot.Record)},
		{Name: "slot.epoch", Bytes: unsafe.Offsetof(slot.Epoch)},
	}, abi.Figures()...)
}
