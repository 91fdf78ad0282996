// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"

	"github.com/lkstats/lkstats/bindings/go/verify"
)

// instant is what a window has as the one before it, where it does not say otherwise.
type instant struct {
	number            uint64
	monotonic, offset int64 // of the end; wall minus monotonic
}

// window reads one report.
func (s *segment) window(in *reader, tag byte, implied *instant) {
	step := uint32(in.varint())
	if tag&hasNumber != 0 {
		implied.number += uint64(in.signed())
	}
	of := s.tracks[implied.number]
	if of == nil {
		in.fail("a window of a track that was not told")
		return
	}
	implied.number++
	one := record{Node: of.origin.node, AnalyticsKey: of.origin.key, Recovered: of.foreign, whom: of.whom}
	one.EpochKey, one.Sequence, one.Kind = of.key, of.first+step, verify.KindTraffic
	one.Signal, one.Unattributed = of.Channel == channelSignal, of.flags&unattributed != 0
	same := false
	if tag&hasKind != 0 {
		kind := in.byte()
		same = kind&sameSequence != 0
		one.Kind = verify.Kind(kind &^ sameSequence)
	}
	if tag&hasMonotonic != 0 {
		implied.monotonic += in.signed()
	}
	if tag&hasWall != 0 {
		implied.offset += in.signed()
	}
	one.EndNs, one.EndWall = implied.monotonic, implied.monotonic+implied.offset
	if tag&hasWhole != 0 {
		one.StartNs = one.EndNs - in.signed()
		one.StartWall = one.StartNs + implied.offset - in.signed()
		one.Running = verify.Traffic{
			SendBytes: in.varint(), SendMessages: in.varint(), RecvBytes: in.varint(), RecvMessages: in.varint(),
		}
	}
	if tag&hasSend != 0 {
		one.Window.SendBytes, one.Window.SendMessages = in.varint(), in.varint()
	}
	if tag&hasRecv != 0 {
		one.Window.RecvBytes, one.Window.RecvMessages = in.varint(), in.varint()
	}
	if tag&hasWhole == 0 && !one.follow(of.last, same) {
		in.fail("a window that follows none")
		return
	}
	of.last = &one
	s.records = append(s.records, one)
}

// follow takes start and running totals from the report before.
func (r *record) follow(before *record, same bool) bool {
	if before == nil || (same && before.Sequence != r.Sequence) || (!same && before.Sequence != r.Sequence-1) {
		return false
	}
	r.StartNs, r.StartWall = before.EndNs, before.EndWall
	switch {
	case r.Kind == verify.KindLeft:
		r.StartNs, r.StartWall = r.EndNs, r.EndWall
	case before.Kind == verify.KindJoined:
		r.StartNs, r.StartWall = before.StartNs, before.StartWall
	}
	r.Running = verify.Traffic{
		SendBytes:    before.Running.SendBytes + r.Window.SendBytes,
		SendMessages: before.Running.SendMessages + r.Window.SendMessages,
		RecvBytes:    before.Running.RecvBytes + r.Window.RecvBytes,
		RecvMessages: before.Running.RecvMessages + r.Window.RecvMessages,
	}
	return true
}

// reader takes a payload apart. After an error all that it answers is zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = errors.New(why)
	}
	r.rest = nil
}

func (r *reader) bytes(size uint64) []byte {
	if size > uint64(len(r.rest)) {
		r.fail("an entry that ends too early")
		return nil
	}
	taken := r.rest[:size]
	r.rest = r.rest[size:]
	return taken
}

func (r *reader) byte() byte {
	if taken := r.bytes(1); taken != nil {
		return taken[0]
	}
	return 0
}

func (r *reader) varint() uint64 {
	value, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail("a number that ends too early")
		return 0
	}
	r.rest = r.rest[size:]
	return value
}

func (r *reader) signed() int64 {
	value := r.varint()
	return int64(value>>1) ^ -int64(value&1)
}

func (r *reader) string() string { return string(r.bytes(r.varint())) }
