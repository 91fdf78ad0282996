// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// written is what a segment of a journal has of one epoch of an object. include/lkstats_journal.h has the format.
type written struct {
	origin
	handle         lkstats.Handle
	unattributed   bool
	channel        lkstats.Channel
	kind           int64
	kindDetails    []int64
	country        string
	roomSID, room  string
	participant    string
	identity       string
	track          string
	tenant         string
	joined, left   int
	windows        int
	counted        lkstats.Traffic
	epoch, ordinal uint64
}

// origin is the context that it is of.
type origin struct {
	node, key string
	recovered bool // another one wrote it down
}

// readJournal reads all segments of a directory, in the order of their names.
func readJournal(t *testing.T, directory string) (all []*written, segments int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "lkstats-*.journal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readSegment(t, content)...)
	}
	return all, len(files)
}

// mustBeWritten is the one thing that a journal has of a track.
func mustBeWritten(t *testing.T, directory string, track string) *written {
	t.Helper()
	all, _ := readJournal(t, directory)
	var found []*written
	for _, one := range all {
		if one.track == track {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the journal has %d objects, %d of them %s", len(all), len(found), track)
	}
	return found[0]
}

func readSegment(t *testing.T, content []byte) (all []*written) {
	t.Helper()
	const header, text = 584, 256
	if len(content) < header || string(content[:8]) != "lkstatsj" {
		t.Fatalf("no segment: %d bytes", len(content))
	}
	little := binary.LittleEndian
	node, key := little.Uint32(content[36:]), little.Uint32(content[40:])
	origins := map[uint64]origin{0: {node: string(content[64 : 64+node]), key: string(content[64+text : 64+text+key])}}
	tracks := map[uint64]*written{}
	for rest := content[header:]; len(rest) >= 8; {
		size := int(little.Uint32(rest))
		if size == 0 || size > len(rest)-8 {
			break // a torn tail
		}
		in := entries{t, rest[8 : 8+size]}
		rest = rest[8+size:]
		for number := uint64(0); len(in.rest) != 0; {
			switch tag := in.byte(); {
			case tag == 1:
				of := in.varint()
				in.bytes(16)
				origins[of] = origin{in.string(), in.string(), true}
			case tag == 2:
				number = in.varint()
				tracks[number] = in.track(origins)
				all = append(all, tracks[number])
			case tag&0x80 != 0:
				in.window(tag, &number, tracks)
			default:
				t.Fatalf("an entry with tag %d", tag)
			}
		}
	}
	return all
}

// entries are what is left of a frame.
type entries struct {
	t    *testing.T
	rest []byte
}

func (in *entries) track(origins map[uint64]origin) *written {
	one := &written{origin: origins[in.varint()]}
	slot, tag := in.varint(), in.varint()
	one.handle = lkstats.Handle(tag<<32 | slot)
	one.epoch, one.ordinal = in.varint(), in.varint()
	one.unattributed = in.varint()&1 != 0
	one.channel, one.kind = lkstats.Channel(in.signed()), in.signed()
	for range in.varint() {
		one.kindDetails = append(one.kindDetails, in.signed())
	}
	for _, text := range []*string{&one.country, &one.roomSID, &one.room, &one.participant, &one.identity, &one.track, &one.tenant} {
		*text = in.string()
	}
	return one
}

func (in *entries) window(tag byte, number *uint64, tracks map[uint64]*written) {
	in.varint() // the sequence
	if tag&1 != 0 {
		*number += uint64(in.signed())
	}
	of := tracks[*number]
	if of == nil {
		in.t.Fatalf("a window of a track %d that was not told", *number)
	}
	*number++
	kind := lkstats.RecordTraffic
	if tag&2 != 0 {
		kind = lkstats.RecordKind(in.byte() &^ 0x80)
	}
	for _, instant := range []byte{4, 8} {
		if tag&instant != 0 {
			in.signed()
		}
	}
	if tag&16 != 0 {
		for range 6 { // two lengths, four running totals
			in.varint()
		}
	}
	if tag&32 != 0 {
		of.counted.SendBytes += in.varint()
		of.counted.SendMessages += in.varint()
	}
	if tag&64 != 0 {
		of.counted.RecvBytes += in.varint()
		of.counted.RecvMessages += in.varint()
	}
	switch kind {
	case lkstats.RecordJoined:
		of.joined++
	case lkstats.RecordLeft:
		of.left++
	default:
		of.windows++
	}
}

func (in *entries) bytes(size uint64) []byte {
	if size > uint64(len(in.rest)) {
		in.t.Fatal("an entry that ends too early")
	}
	taken := in.rest[:size]
	in.rest = in.rest[size:]
	return taken
}

func (in *entries) byte() byte     { return in.bytes(1)[0] }
func (in *entries) string() string { return string(in.bytes(in.varint())) }

func (in *entries) varint() uint64 {
	value, size := binary.Uvarint(in.rest)
	if size <= 0 {
		in.t.Fatal("a number that ends too early")
	}
	in.rest = in.rest[size:]
	return value
}

func (in *entries) signed() int64 {
	value := in.varint()
	return int64(value>>1) ^ -int64(value&1)
}
