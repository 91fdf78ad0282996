// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

func trafficText(traffic lkstats.Traffic) string {
	return fmt.Sprintf("%d,%d,%d,%d",
		traffic.SendBytes, traffic.SendMessages, traffic.RecvBytes, traffic.RecvMessages)
}

func timeText(at lkstats.Time) string {
	return fmt.Sprintf("%d,%d", at.MonotonicNs, at.WallNs)
}

func totalsText(totals lkstats.Totals) string {
	return fmt.Sprintf("%s at=%s", trafficText(totals.Traffic), timeText(totals.At))
}

func residueText(residue lkstats.Residue) string {
	return fmt.Sprintf("tracks=%d traffic=%s", residue.Tracks, trafficText(residue.Traffic))
}

func recordText(record *lkstats.Record) string {
	flags := 0
	if record.Unattributed {
		flags = 1
	}
	text := fmt.Sprintf("record %v epoch=%d sequence=%d channel=%d flags=%d",
		record.Key.Kind, record.Key.Epoch, record.Key.Sequence, record.Channel, flags)
	text += fmt.Sprintf(" start=%s end=%s window=%s running=%s",
		timeText(record.Start), timeText(record.End), trafficText(record.Window), trafficText(record.Running))
	text += fmt.Sprintf(" country=%s room_sid=%s room_name=%s participant_sid=%s identity=%s track_id=%s tenant=%s",
		textWord(record.Country), textWord(record.RoomSID), textWord(record.RoomName),
		textWord(record.ParticipantSID), textWord(record.ParticipantIdentity), textWord(record.TrackID),
		textWord(record.Tenant))
	return text + fmt.Sprintf(" kind=%d details=%s", record.ParticipantKind, detailsWord(record.KindDetails))
}
