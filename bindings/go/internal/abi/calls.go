// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux

package abi

/*
#include "shim.h"

// None of these calls back into Go: on_batch is never set, and on_log writes to a socket. None keeps what it is given:
// the library copies strings.
#cgo nocallback lkstats_go_open
#cgo nocallback lkstats_go_close
#cgo nocallback lkstats_go_run_once
#cgo nocallback lkstats_go_flush
#cgo nocallback lkstats_go_redeliver
#cgo nocallback lkstats_go_event_fd
#cgo nocallback lkstats_go_metrics
#cgo nocallback lkstats_go_track_new
#cgo nocallback lkstats_go_signal_new
#cgo nocallback lkstats_go_resolve_room
#cgo nocallback lkstats_go_resolve_participant
#cgo nocallback lkstats_go_reset
#cgo nocallback lkstats_go_add
#cgo nocallback lkstats_go_totals
#cgo nocallback lkstats_go_stop
#cgo nocallback lkstats_go_track_flush
#cgo nocallback lkstats_go_next
#cgo nocallback lkstats_go_stats
#cgo nocallback lkstats_go_answer
#cgo nocallback lkstats_go_track_id
#cgo noescape lkstats_go_open
#cgo noescape lkstats_go_close
#cgo noescape lkstats_go_event_fd
#cgo noescape lkstats_go_metrics
#cgo noescape lkstats_go_track_new
#cgo noescape lkstats_go_signal_new
#cgo noescape lkstats_go_resolve_room
#cgo noescape lkstats_go_resolve_participant
#cgo noescape lkstats_go_totals
#cgo noescape lkstats_go_stop
#cgo noescape lkstats_go_next
#cgo noescape lkstats_go_stats
#cgo noescape lkstats_go_track_id
*/
import "C"

import (
	"math"
	"unsafe"

	"github.com/lkstats/lkstats/bindings/go/internal/slab"
)

// Adds find the slots themselves from now on; where these are of another layout they are calls.
func useSlots() { slab.Use((*slab.Anchor)(unsafe.Pointer(C.lkstats_go_anchor()))) }

// A string goes over as its own bytes: they hold no pointer, so that cgo has nothing to check and nothing is copied.
func text(s string) (*C.char, C.uint64_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(s))), C.uint64_t(len(s))
}

// A count that is too large for the library stays one, so that it refuses it.
func numbers(n []int32) (*C.int32_t, C.uint32_t) {
	return (*C.int32_t)(unsafe.SliceData(n)), C.uint32_t(min(uint64(len(n)), math.MaxUint32))
}

func direction(isSend bool) C.int32_t {
	if isSend {
		return 1
	}
	return 0
}

func traffic(t C.lkstats_traffic_t) Traffic {
	return Traffic{uint64(t.send_bytes), uint64(t.send_messages), uint64(t.recv_bytes), uint64(t.recv_messages)}
}

// Version is that of the library in use.
func Version() uint32 { return uint32(C.lkstats_go_version()) }

// StatusText is the library's sentence for a status, StatusName its name.
func StatusText(status int32) string {
	return C.GoString(C.lkstats_go_strerror(C.lkstats_status_t(status)))
}

// StatusName is the library's name of a status.
func StatusName(status int32) string {
	return C.GoString(C.lkstats_go_status_name(C.lkstats_status_t(status)))
}

// Open is lkstats_open.
func Open(o *Options) (Token, int32) {
	var ctx C.lkstats_go_token_t
	node, nodeSize := text(o.Node)
	key, keySize := text(o.AnalyticsKey)
	slab, slabSize := text(o.SlabDir)
	journal, journalSize := text(o.JournalDir)
	status := C.lkstats_go_open(C.uint32_t(o.Flags), C.uint32_t(o.IntervalMs), C.uint32_t(o.MaxTracks), node, nodeSize,
		key, keySize, slab, slabSize, journal, journalSize, C.uint64_t(o.SegmentBytes), C.uint64_t(o.KeepBytes),
		C.uint32_t(o.KeepSegments), C.uint32_t(o.SegmentAgeMs), C.int64_t(o.LogTo), &ctx)
	return Token(ctx), int32(status)
}

// Close is lkstats_close. It blocks a thread for as long as it waits.
func Close(ctx Token, timeoutMs int64) (tracks uint64, left Traffic, status int32) {
	var residue C.lkstats_residue_t
	status = int32(C.lkstats_go_close(C.lkstats_go_token_t(ctx), C.int64_t(timeoutMs), &residue))
	return uint64(residue.tracks), traffic(residue.traffic), status
}

// RunOnce is lkstats_run_once.
func RunOnce(ctx Token, monotonicNs, wallNs int64) int32 {
	return int32(C.lkstats_go_run_once(C.lkstats_go_token_t(ctx), C.int64_t(monotonicNs), C.int64_t(wallNs)))
}

// Flush is lkstats_flush. It blocks a thread for as long as it waits.
func Flush(ctx Token, timeoutMs int64) int32 {
	return int32(C.lkstats_go_flush(C.lkstats_go_token_t(ctx), C.int64_t(timeoutMs)))
}

// Redeliver is lkstats_redeliver.
func Redeliver(ctx Token) int32 {
	return int32(C.lkstats_go_redeliver(C.lkstats_go_token_t(ctx)))
}

// EventFD is lkstats_event_fd.
func EventFD(ctx Token) (int, int32) {
	var fd C.int32_t
	status := C.lkstats_go_event_fd(C.lkstats_go_token_t(ctx), &fd)
	return int(fd), int32(status)
}

// Metrics is lkstats_metrics.
func Metrics(ctx Token, format uint32, buffer []byte) (need uint64, status int32) {
	var size C.uint64_t
	to := (*C.char)(unsafe.Pointer(unsafe.SliceData(buffer)))
	status = int32(C.lkstats_go_metrics(C.lkstats_go_token_t(ctx), C.uint32_t(format), to, C.uint64_t(len(buffer)), &size))
	return uint64(size), status
}

// NewTrack is lkstats_track_new.
func NewTrack(ctx Token, t *Track) (handle uint64, status int32) {
	details, count := numbers(t.KindDetails)
	country, countrySize := text(t.Country)
	roomSID, roomSIDSize := text(t.RoomSID)
	roomName, roomNameSize := text(t.RoomName)
	sid, sidSize := text(t.ParticipantSID)
	identity, identitySize := text(t.ParticipantIdentity)
	trackID, trackIDSize := text(t.TrackID)
	tenant, tenantSize := text(t.Tenant)
	made := C.lkstats_go_track_new(C.lkstats_go_token_t(ctx), C.int32_t(t.Channel), C.int32_t(t.ParticipantKind),
		details, count, country, countrySize, roomSID, roomSIDSize, roomName, roomNameSize, sid, sidSize,
		identity, identitySize, trackID, trackIDSize, tenant, tenantSize)
	return uint64(made.track), int32(made.status)
}

// NewSignal is lkstats_signal_new.
func NewSignal(ctx Token, country, tenant string) (handle uint64, status int32) {
	c, cn := text(country)
	t, tn := text(tenant)
	made := C.lkstats_go_signal_new(C.lkstats_go_token_t(ctx), c, cn, t, tn)
	return uint64(made.track), int32(made.status)
}

// ResolveRoom is lkstats_signal_resolve_room.
func ResolveRoom(handle uint64, sid, name, tenant string) int32 {
	s, sn := text(sid)
	n, nn := text(name)
	t, tn := text(tenant)
	return int32(C.lkstats_go_resolve_room(C.lkstats_signal_t(handle), s, sn, n, nn, t, tn))
}

// ResolveParticipant is lkstats_signal_resolve_participant.
func ResolveParticipant(handle uint64, kind int32, kindDetails []int32, sid, identity, tenant string) int32 {
	details, count := numbers(kindDetails)
	s, sn := text(sid)
	i, in := text(identity)
	t, tn := text(tenant)
	return int32(C.lkstats_go_resolve_participant(C.lkstats_signal_t(handle), C.int32_t(kind), details, count, s, sn, i, in,
		t, tn))
}

// Reset is lkstats_signal_reset.
func Reset(handle uint64) int32 { return int32(C.lkstats_go_reset(C.lkstats_signal_t(handle))) }

// Add is lkstats_add_messages.
func Add(handle, bytes, messages uint64, isSend bool) int32 {
	return int32(C.lkstats_go_add(C.lkstats_track_t(handle), C.uint64_t(bytes), C.uint64_t(messages), direction(isSend)))
}

// Totals is lkstats_track_totals.
func Totals(handle uint64) (Time, Traffic, int32) {
	var t C.lkstats_totals_t
	status := C.lkstats_go_totals(C.lkstats_track_t(handle), &t)
	return Time{int64(t.at.monotonic_ns), int64(t.at.wall_ns)}, traffic(t.traffic), int32(status)
}

// Stop is lkstats_track_stop.
func Stop(handle uint64) (Time, Traffic, int32) {
	var t C.lkstats_totals_t
	status := C.lkstats_go_stop(C.lkstats_track_t(handle), &t)
	return Time{int64(t.at.monotonic_ns), int64(t.at.wall_ns)}, traffic(t.traffic), int32(status)
}

// TrackFlush is lkstats_track_flush. It blocks a thread for as long as it waits.
func TrackFlush(handle uint64, timeoutMs int64) int32 {
	return int32(C.lkstats_go_track_flush(C.lkstats_track_t(handle), C.int64_t(timeoutMs)))
}

// Next is lkstats_next.
func Next(ctx Token) (Batch, int32) {
	var b C.lkstats_batch_t
	if status := C.lkstats_go_next(C.lkstats_go_token_t(ctx), &b); status != OK {
		return Batch{}, int32(status)
	}
	return Batch{
		ID:           uint64(b.id),
		Count:        int(b.record_count),
		Recovered:    b.flags&C.LKSTATS_RECOVERED != 0,
		first:        unsafe.Pointer(b.records),
		step:         uintptr(b.record_size),
		Node:         String{(*byte)(unsafe.Pointer(b.node.data)), uint64(b.node.size)},
		AnalyticsKey: String{(*byte)(unsafe.Pointer(b.analytics_key.data)), uint64(b.analytics_key.size)},
	}, OK
}

// AnalyticsStats is lkstats_batch_analytics_stats: the library's bytes, good as long as the batch.
func AnalyticsStats(ctx Token, id uint64) ([]byte, int32) {
	var data *C.uint8_t
	var size C.uint64_t
	status := C.lkstats_go_stats(C.lkstats_go_token_t(ctx), C.uint64_t(id), &data, &size)
	if status != OK {
		return nil, int32(status)
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size)), OK
}

// Answer is lkstats_ack or lkstats_nack.
func Answer(ctx Token, id uint64, acknowledged bool) int32 {
	return int32(C.lkstats_go_answer(C.lkstats_go_token_t(ctx), C.uint64_t(id), direction(acknowledged)))
}

// TrackID is lkstats_track_id_for_participant.
func TrackID(channel int32, sid string, buffer []byte) (need uint64, status int32) {
	var size C.uint64_t
	s, n := text(sid)
	to := (*C.char)(unsafe.Pointer(unsafe.SliceData(buffer)))
	status = int32(C.lkstats_go_track_id(C.int32_t(channel), s, n, to, C.uint64_t(len(buffer)), &size))
	return uint64(size), status
}
