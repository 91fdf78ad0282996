// SPDX-License-Identifier: Apache-2.0

package main

import "regexp"

// What a client may say to the relay, one text message each:
//
//	join ROOM PARTICIPANT   first of all, and once
//	move ROOM               the relay answers "moved ROOM"; until then the client sends nothing
//
// ROOM and PARTICIPANT are up to 64 letters, digits, '-', '_' and '.'.
const commandMaxLength = 160

var (
	joinCommand = regexp.MustCompile(`\Ajoin ([A-Za-z0-9._-]{1,64}) ([A-Za-z0-9._-]{1,64})\z`)
	moveCommand = regexp.MustCompile(`\Amove ([A-Za-z0-9._-]{1,64})\z`)
)

func readJoin(text []byte) (room, participant string, ok bool) {
	words := joinCommand.FindSubmatch(text)
	if words == nil {
		return "", "", false
	}
	return string(words[1]), string(words[2]), true
}

func readMove(text []byte) (room string, ok bool) {
	words := moveCommand.FindSubmatch(text)
	if words == nil {
		return "", false
	}
	return string(words[1]), true
}
