// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/lkstats/lkstats/bindings/go/verify"
)

// record is one report of a journal, as include/lkstats_journal.h describes it.
type record struct {
	verify.Record
	Node, AnalyticsKey string
	Recovered          bool // of a context other than the writer's
	StartNs, EndNs     int64
	StartWall, EndWall int64
	whom
}

// whom a report is about.
type whom struct {
	Channel, ParticipantKind int64
	KindDetails              []int64
	Country                  string
	RoomSID, RoomName        string
	ParticipantSID, Identity string
	TrackID, Tenant          string
}

// Tags, flags and bits of the format.
const (
	tagOrigin, tagTrack, tagWindow = 1, 2, 0x80
	hasNumber, hasKind             = 1, 2
	hasMonotonic, hasWall          = 4, 8
	hasWhole, hasSend, hasRecv     = 16, 32, 64
	sameSequence                   = 0x80
	unattributed                   = 1
	channelSignal                  = 3
	journalVersion                 = 1
	stringMax                      = 256
	segmentSize                    = 584
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// origin is a context that reports are of.
type origin struct {
	uuid      [16]byte
	node, key string
}

// track is a track of a segment, and its report that came last.
type track struct {
	whom
	origin   origin
	foreign  bool
	key      verify.EpochKey
	first    uint32
	flags    uint64
	last     *record
	lastStep uint32
}

// segment is what reading one needs to know of what was before.
type segment struct {
	monotonic, wall int64 // when it was created
	origins         map[uint64]origin
	tracks          map[uint64]*track
	records         []record
}

// readJournal reads all segments of a directory. A torn tail is none of its reports; damage is an error.
func readJournal(directory string) ([]record, error) {
	names, err := filepath.Glob(filepath.Join(directory, "lkstats-*.journal"))
	if err != nil {
		return nil, err
	}
	var all []record
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		records, err := readSegment(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		all = append(all, records...)
	}
	return all, nil
}

func readSegment(content []byte) ([]record, error) {
	if len(content) < segmentSize {
		return nil, nil // torn within its header
	}
	header, little := content[:segmentSize], binary.LittleEndian
	switch {
	case string(header[:8]) != "lkstatsj":
		return nil, errors.New("no journal of lkstats")
	case little.Uint32(header[8:]) != journalVersion || little.Uint32(header[12:]) != segmentSize:
		return nil, fmt.Errorf("version %d", little.Uint32(header[8:]))
	case crc32.Checksum(header[:segmentSize-4], castagnoli) != little.Uint32(header[segmentSize-4:]):
		return nil, errors.New("the header is damaged")
	}
	node, key := little.Uint32(header[36:]), little.Uint32(header[40:])
	if node > stringMax || key > stringMax {
		return nil, errors.New("sizes of the header")
	}
	own := origin{node: string(header[64 : 64+node]), key: string(header[64+stringMax : 64+stringMax+key])}
	copy(own.uuid[:], header[16:32])
	s := &segment{
		monotonic: int64(little.Uint64(header[48:])), wall: int64(little.Uint64(header[56:])),
		origins: map[uint64]origin{0: own}, tracks: map[uint64]*track{},
	}
	for rest := content[segmentSize:]; len(rest) >= 8; {
		size := uint64(little.Uint32(rest))
		if size == 0 && len(bytes.Trim(rest, "\x00")) == 0 {
			break // zeros that nobody wrote over
		}
		if uint64(len(rest)) < 8+size {
			break // torn
		}
		sum := crc32.Update(crc32.Checksum(rest[:4], castagnoli), castagnoli, rest[8:8+size])
		if sum != little.Uint32(rest[4:]) {
			if uint64(len(rest)) == 8+size {
				break // torn
			}
			return nil, errors.New("a frame is damaged")
		}
		if err := s.frame(rest[8 : 8+size]); err != nil {
			return nil, err
		}
		rest = rest[8+size:]
	}
	return s.records, nil
}

// frame reads the entries of one. What a window leaves out is as in the one before it.
func (s *segment) frame(payload []byte) error {
	in := &reader{rest: payload}
	implied := instant{monotonic: s.monotonic, offset: s.wall - s.monotonic}
	for len(in.rest) != 0 && in.err == nil {
		switch tag := in.byte(); {
		case tag == tagOrigin:
			number, one := in.varint(), origin{}
			copy(one.uuid[:], in.bytes(16))
			one.node, one.key = in.string(), in.string()
			s.origins[number] = one
		case tag == tagTrack:
			implied.number = s.track(in)
		case tag&tagWindow != 0:
			s.window(in, tag, &implied)
		default:
			return fmt.Errorf("an entry with tag %d", tag)
		}
	}
	return in.err
}

func (s *segment) track(in *reader) uint64 {
	number, from := in.varint(), in.varint()
	of, known := s.origins[from]
	if !known {
		in.fail("a track of an origin that was not told")
	}
	one := &track{origin: of, foreign: from != 0}
	one.key = verify.EpochKey{Context: of.uuid, Slot: uint32(in.varint()), Tag: uint32(in.varint()), Epoch: uint32(in.varint())}
	one.first, one.flags = uint32(in.varint()), in.varint()
	one.Channel, one.ParticipantKind = in.signed(), in.signed()
	for range min(in.varint(), uint64(len(in.rest))) {
		one.KindDetails = append(one.KindDetails, in.signed())
	}
	for _, text := range []*string{&one.Country, &one.RoomSID, &one.RoomName, &one.ParticipantSID, &one.Identity,
		&one.TrackID, &one.Tenant} {
		*text = in.string()
	}
	s.tracks[number] = one
	return number
}
