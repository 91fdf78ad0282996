// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
)

// Room and participant of those who never said who they are.
const unknown = "(unknown)"

// ledgerKey says whose a row is.
type ledgerKey struct {
	room, participant, channel string
}

// ledgerRow is who moved how much, seen from the server: up is what it received, down what it sent.
type ledgerRow struct {
	upBytes, upMessages     uint64
	downBytes, downMessages uint64
	joined, left            uint64
}

// ledger has one row per room, participant and channel.
type ledger map[ledgerKey]*ledgerRow

func (l ledger) row(key ledgerKey) *ledgerRow {
	if l[key] == nil {
		l[key] = new(ledgerRow)
	}
	return l[key]
}

// write makes a file of it: one row a line, tab-separated, in the order of the fields.
func (l ledger) write(path string) error {
	var text strings.Builder
	for key, row := range l {
		fmt.Fprintf(&text, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\n", key.room, key.participant, key.channel,
			row.upBytes, row.upMessages, row.downBytes, row.downMessages, row.joined, row.left)
	}
	return os.WriteFile(path, []byte(text.String()), 0o666)
}
