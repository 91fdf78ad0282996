// SPDX-License-Identifier: Apache-2.0

// Package abi is the way to the C library: all cgo of the binding is here, and nothing of C leaves it. Calls answer
// with the library's status as it is. Before anything else Use has to have answered nil once.
package abi

//go:generate cp ../../../../include/lkstats.h ../../../../include/lkstats_slab.h .

import "unsafe"

// Token names a context. The library never follows it, and neither does anybody else.
type Token uint64

// The flags of lkstats_options_t.
const (
	NoThread    = 1
	Preallocate = 2
	NoReports   = 4
	JournalSync = 8
)

// Abandon is LKSTATS_ABANDON, as a timeout of Close.
const Abandon = -1

// The statuses that the binding itself acts on.
const (
	OK       = 0
	EInval   = -1
	EStale   = -2
	EClosed  = -3
	EAgain   = -5
	EOF      = -6
	ETimeOut = -7
	ELayout  = -9
	ERange   = -13
)

// What keeps a library from use.
type (
	// LayoutError says that it is of a release that this package can't use.
	LayoutError string
	// NoLibraryError says that it is not there, or is another library.
	NoLibraryError string
	// LoadArgumentError says that this path can't be loaded.
	LoadArgumentError string
)

func (e LayoutError) Error() string       { return string(e) }
func (e NoLibraryError) Error() string    { return string(e) }
func (e LoadArgumentError) Error() string { return string(e) }

// Traffic is lkstats_traffic_t.
type Traffic struct {
	SendBytes, SendMessages, RecvBytes, RecvMessages uint64
}

// Time is lkstats_time_t.
type Time struct {
	MonotonicNs, WallNs int64
}

// String is lkstats_string_t: the library's bytes, good as long as their batch.
type String struct {
	Data *byte
	Size uint64
}

// Bytes are the library's bytes themselves.
func (s String) Bytes() []byte { return unsafe.Slice(s.Data, int(s.Size)) }

// Record is lkstats_record_t.
type Record struct {
	Context                               [16]byte
	Slot, Tag, Epoch, Sequence, Kind, pad uint32
	Start, End                            Time
	Window, Running                       Traffic
	Country, RoomSID, RoomName            String
	ParticipantSID, ParticipantIdentity   String
	TrackID, Tenant                       String
	KindDetails                           *int32
	KindDetailsCount                      uint32
	ParticipantKind, Channel              int32
	Flags                                 uint32
}

// Options is what a context is made of.
type Options struct {
	Flags, IntervalMs, MaxTracks uint32
	Node, AnalyticsKey           string
	SlabDir, JournalDir          string
	SegmentBytes, KeepBytes      uint64
	KeepSegments, SegmentAgeMs   uint32
	LogTo                        int // a socket that gets a datagram for each line; below 0: nobody is told
}

// Track is what a data track is made of.
type Track struct {
	Channel, ParticipantKind                             int32
	KindDetails                                          []int32
	Country, RoomSID, RoomName                           string
	ParticipantSID, ParticipantIdentity, TrackID, Tenant string
}

// Unattributed is LKSTATS_UNATTRIBUTED.
const Unattributed = 1

// Batch is lkstats_batch_t: what it leads to is the library's until the batch is answered.
type Batch struct {
	ID                 uint64
	Count              int
	Recovered          bool
	first              unsafe.Pointer
	step               uintptr
	Node, AnalyticsKey String
}

// Record is the one of that number, below Count. A newer library has longer ones.
func (b *Batch) Record(number int) *Record {
	return (*Record)(unsafe.Add(b.first, uintptr(number)*b.step))
}

// Figure is an offset or a size in the C structs that this package was compiled with.
type Figure struct {
	Name  string
	Bytes uintptr
}
