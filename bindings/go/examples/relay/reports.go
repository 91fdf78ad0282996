// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// reports prints what is reported, as it comes, and sums it up.
type reports struct {
	sums      ledger
	batches   uint64
	records   uint64
	givenBack uint64
}

func newReports() *reports { return &reports{sums: make(ledger)} }

func printHeading() {
	fmt.Printf("%-10s %-12s %-7s %-9s %12s %9s %13s   %s\n",
		"room", "participant", "channel", "direction", "bytes", "messages", "rate", "track")
}

func (r *reports) read(records []lkstats.Record) {
	for i := range records {
		record := &records[i]
		key := ledgerKey{
			room:        name(record, record.RoomName),
			participant: name(record, record.ParticipantIdentity),
			channel:     channelText(record.Channel),
		}
		r.sums.row(key).add(record)
		printRecord(key, record)
	}
	r.records += uint64(len(records))
}

// add: the window of a joined and of a left is empty.
func (row *ledgerRow) add(record *lkstats.Record) {
	row.upBytes += record.Window.RecvBytes
	row.upMessages += record.Window.RecvMessages
	row.downBytes += record.Window.SendBytes
	row.downMessages += record.Window.SendMessages
	switch record.Key.Kind {
	case lkstats.RecordJoined:
		row.joined++
	case lkstats.RecordLeft:
		row.left++
	}
}

func printRecord(key ledgerKey, record *lkstats.Record) {
	switch record.Key.Kind {
	case lkstats.RecordJoined, lkstats.RecordLeft:
		fmt.Printf("%-10s %-12s %-7s %-9v %12s %9s %13s   %s\n",
			key.room, key.participant, key.channel, record.Key.Kind, "", "", "", record.TrackID)
	default:
		printWindow(key, record, "up", record.Window.RecvBytes, record.Window.RecvMessages)
		printWindow(key, record, "down", record.Window.SendBytes, record.Window.SendMessages)
	}
}

func printWindow(key ledgerKey, record *lkstats.Record, direction string, bytes, messages uint64) {
	if bytes == 0 && messages == 0 {
		return
	}
	fmt.Printf("%-10s %-12s %-7s %-9s %12d %9d %13s   %s\n", key.room, key.participant, key.channel, direction,
		bytes, messages, rateText(bytes, record.End.Monotonic()-record.Start.Monotonic()), record.TrackID)
}

func name(record *lkstats.Record, name string) string {
	if name == "" && record.Unattributed {
		return unknown
	}
	return name
}

func channelText(channel lkstats.Channel) string {
	switch channel {
	case lkstats.ChannelSignal:
		return "signal"
	case lkstats.ChannelDataTrack:
		return "track"
	default:
		return "data"
	}
}
