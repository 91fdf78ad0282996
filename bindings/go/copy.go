// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"unsafe"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// A recordCopy is records in Go's memory: one piece for themselves, one for all strings, one for all kind details.
type recordCopy struct {
	records []Record
	text    []byte
	details []int32
}

func newCopy(records int, text, details uint64) *recordCopy {
	return &recordCopy{make([]Record, records), newText(text), make([]int32, details)}
}

// newText has one byte more, so that the end of the last string is within it, too.
func newText(size uint64) []byte { return make([]byte, size+1) }

// copyAll is of a whole batch.
func copyAll(batch *abi.Batch) []Record {
	var text, details uint64
	for i := range batch.Count {
		r := batch.Record(i)
		text += textSize(r)
		details += uint64(r.KindDetailsCount)
	}
	return newCopy(batch.Count, text, details).fill(batch, 0)
}

func textSize(r *abi.Record) uint64 {
	return r.Country.Size + r.RoomSID.Size + r.RoomName.Size + r.ParticipantSID.Size + r.ParticipantIdentity.Size +
		r.TrackID.Size + r.Tenant.Size
}

// fill copies records out of the library's memory, from the first-th on, as many as there is place for and at least
// one. What was here before is written over.
func (c *recordCopy) fill(batch *abi.Batch, first int) []Record {
	records, details := c.records[:min(len(c.records), batch.Count-first)], c.details
	text, left := unsafe.Pointer(unsafe.SliceData(c.text)), uint64(len(c.text))
	for i := range records {
		to, from := &records[i], batch.Record(first+i)
		size := textSize(from)
		if size >= left || int(from.KindDetailsCount) > len(details) {
			if i > 0 {
				return records[:i]
			}
			large := newText(size)
			text, left = unsafe.Pointer(unsafe.SliceData(large)), size+1
			details = make([]int32, from.KindDetailsCount)
		}
		left -= size
		to.Key = Key{from.Context, from.Slot, from.Tag, from.Epoch, from.Sequence, RecordKind(from.Kind)}
		to.Start, to.End = Time(from.Start), Time(from.End)
		to.Window, to.Running = Traffic(from.Window), Traffic(from.Running)
		to.Country, text = copyString(text, &from.Country)
		to.RoomSID, text = copyString(text, &from.RoomSID)
		to.RoomName, text = copyString(text, &from.RoomName)
		to.ParticipantSID, text = copyString(text, &from.ParticipantSID)
		to.ParticipantIdentity, text = copyString(text, &from.ParticipantIdentity)
		to.TrackID, text = copyString(text, &from.TrackID)
		to.Tenant, text = copyString(text, &from.Tenant)
		to.KindDetails, details = copyNumbers(details, from.KindDetails, int(from.KindDetailsCount))
		to.ParticipantKind, to.Channel = from.ParticipantKind, Channel(from.Channel)
		to.Unattributed = from.Flags&abi.Unattributed != 0
	}
	return records
}

// copyString copies to a place that has room for it, and answers where the next one goes. It is small enough to be
// inlined, and most strings are of 8 to 16 bytes: two moves, which may overlap, in place of a call.
func copyString(place unsafe.Pointer, from *abi.String) (string, unsafe.Pointer) {
	size := int(from.Size)
	if size == 0 {
		return "", place
	}
	data := unsafe.Pointer(from.Data)
	if size >= 8 && size <= 16 {
		first, last := *(*uint64)(data), *(*uint64)(unsafe.Add(data, size-8))
		*(*uint64)(place), *(*uint64)(unsafe.Add(place, size-8)) = first, last
	} else {
		copy(unsafe.Slice((*byte)(place), size), unsafe.Slice(from.Data, size))
	}
	return unsafe.String((*byte)(place), size), unsafe.Add(place, size)
}

func copyNumbers(place []int32, from *int32, count int) (numbers, rest []int32) {
	if count == 0 {
		return nil, place
	}
	copy(place, unsafe.Slice(from, count))
	return place[:count:count], place[count:]
}
