// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package abi

// #include "shim.h"
import "C"

import "unsafe"

// Figures are sizes and offsets in the C structs, as cgo has them from the header.
func Figures() []Figure {
	record, key, batch := C.lkstats_record_t{}, C.lkstats_key_t{}, C.lkstats_batch_t{}
	return []Figure{
		{"options.size", unsafe.Sizeof(C.lkstats_options_t{})},
		{"track_options.size", unsafe.Sizeof(C.lkstats_track_options_t{})},
		{"signal_options.size", unsafe.Sizeof(C.lkstats_signal_options_t{})},
		{"room.size", unsafe.Sizeof(C.lkstats_room_t{})},
		{"participant.size", unsafe.Sizeof(C.lkstats_participant_t{})},
		{"totals.size", unsafe.Sizeof(C.lkstats_totals_t{})},
		{"residue.size", unsafe.Sizeof(C.lkstats_residue_t{})},
		{"batch.size", unsafe.Sizeof(batch)},
		{"record.size", unsafe.Sizeof(record)},
		{"record.window", unsafe.Offsetof(record.window)},
		{"record.running", unsafe.Offsetof(record.running)},
		{"record.country", unsafe.Offsetof(record.country)},
		{"record.kind_details", unsafe.Offsetof(record.kind_details)},
		{"record.flags", unsafe.Offsetof(record.flags)},
		{"key.size", unsafe.Sizeof(key)},
		{"key.kind", unsafe.Offsetof(key.kind)},
		{"api.size", unsafe.Sizeof(C.lkstats_api_t{})},
		{"slab.size", unsafe.Sizeof(C.lkstats_slab_t{})},
		{"anchor.size", unsafe.Sizeof(C.lkstats_slab_anchor_t{})},
	}
}
