// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

const (
	rowEnd = 0x21776f72
	rowAck = 0x216b6361 // not a record: the batch of that number was acknowledged
)

// row is what tests/soak/row.h describes, in the order of its fields.
type row struct {
	Context                                 [16]byte
	Slot, Tag, Epoch, Sequence, Kind, Flags uint32
	Start, End                              lkstats.Time
	Window, Running                         lkstats.Traffic
	RecordFlags                             uint32
	Channel                                 int32
	IdentitySum                             uint64
	Identity, Room, Tenant, Node            [24]byte
	Last, Batch                             uint32
}

// sum is FNV-1a over each text and a zero.
func sum(texts ...string) uint64 {
	all := uint64(0xcbf29ce484222325)
	for _, text := range texts {
		for _, b := range append([]byte(text), 0) {
			all = (all ^ uint64(b)) * 0x100000001b3
		}
	}
	return all
}

// beginning leaves a zero at the end.
func beginning(text string) (field [24]byte) {
	copy(field[:23], text)
	return field
}

func rowOf(r *lkstats.Record, node string) row {
	line := row{Context: r.Key.Context, Slot: r.Key.Slot, Tag: r.Key.Tag, Epoch: r.Key.Epoch, Sequence: r.Key.Sequence,
		Kind: uint32(r.Key.Kind), Start: r.Start, End: r.End, Window: r.Window, Running: r.Running,
		Channel: int32(r.Channel), IdentitySum: sum(r.RoomSID, r.RoomName, r.ParticipantSID, r.ParticipantIdentity),
		Identity: beginning(r.ParticipantIdentity), Room: beginning(r.RoomName), Tenant: beginning(r.Tenant),
		Node: beginning(node), Last: rowEnd}
	if r.Unattributed {
		line.RecordFlags = 1
	}
	return line
}

// store writes all rows of a batch at once: a kill can cut the last one short, then the batch is not acknowledged.
func (h *host) store(batch *lkstats.Batch) {
	var text bytes.Buffer
	h.batches++
	records := batch.Records()
	for i := range records {
		h.put(&text, rowOf(&records[i], batch.Node()))
	}
	h.write(&text)
}

func (h *host) put(text *bytes.Buffer, r row) {
	r.Batch = h.batches
	if err := binary.Write(text, binary.NativeEndian, r); err != nil {
		h.fail("%v", err)
	}
}

func (h *host) write(text *bytes.Buffer) {
	if _, err := h.rows.Write(text.Bytes()); err != nil {
		h.fail("%v", err)
	}
}

// take stores and acknowledges a batch, and now and then refuses it, or does both.
func (h *host) take(batch *lkstats.Batch, random *rand.Rand) {
	refuses := random.IntN(10) == 0
	if !refuses {
		h.store(batch)
	}
	if refuses || random.IntN(20) == 0 {
		h.expect("Nack", batch.Nack())
		return
	}
	h.expect("Ack", batch.Ack())
	var text bytes.Buffer
	h.put(&text, row{Last: rowAck})
	h.write(&text)
}

func (h *host) consume() {
	random := h.random(consumerNumber)
	for batch, err := range h.ctx.Batches(context.Background()) {
		h.expect("Batches", err)
		if batch != nil {
			h.take(batch, random)
		}
	}
	h.fail("Batches ended")
}
