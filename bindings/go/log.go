// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// LogLevel says how much a line for Options.Log matters.
type LogLevel int32

const (
	// LogError says that something was damaged, or is lost to the library.
	LogError LogLevel = 1
	// LogWarning says that nothing is lost, but somebody should look: a full disk, a slow directory.
	LogWarning LogLevel = 2
	// LogInfo says that a dead context was recovered, or that writing goes on again.
	LogInfo LogLevel = 3
)

// String is "error", "warning" or "info".
func (l LogLevel) String() string {
	switch l {
	case LogError:
		return "error"
	case LogWarning:
		return "warning"
	case LogInfo:
		return "info"
	}
	return "unknown"
}

// A logger calls Options.Log with what the library writes to a socket, from whichever thread. It knows nothing of its
// context, which stays one that can become unreachable.
type logger struct {
	to   int           // the library's end of the socket
	done chan struct{} // closed when the last line was told
}

// newLogger is nil where nobody wants to be told.
func newLogger(call string, log func(LogLevel, string)) (*logger, error) {
	if log == nil {
		return nil, nil
	}
	from, to, err := socketPair()
	if err != nil {
		return nil, &callError{call, fmt.Sprintf("a socket for Log: %v; raise the limit of open files (ulimit -n)", err), ErrNoFile}
	}
	l := &logger{to, make(chan struct{})}
	go l.tell(from, log)
	return l, nil
}

// fd is where the library writes to; below 0: nowhere.
func (l *logger) fd() int {
	if l == nil {
		return -1
	}
	return l.to
}

const (
	logLineMax  = 4096 // bytes of a datagram; the library's lines are shorter
	logLevelEnd = 4    // it begins with the level
)

func (l *logger) tell(from *os.File, log func(LogLevel, string)) {
	defer close(l.done)
	defer from.Close()
	for line := make([]byte, logLineMax); ; {
		size, err := from.Read(line)
		if err != nil { // the end
			return
		}
		if size >= logLevelEnd {
			text := strings.ToValidUTF8(string(line[logLevelEnd:size]), "")
			log(LogLevel(binary.NativeEndian.Uint32(line)), text)
		}
	}
}

// end comes when the library writes no more, and returns when all that it has written was told.
func (l *logger) end() {
	if l != nil {
		closeSocket(l.to)
		<-l.done
	}
}

// What it takes to close a context that is gone.
type lostContext struct {
	token   abi.Token
	journal bool
	log     *logger
}

// closeLost gives up what is not acknowledged, but for what a journal takes within a second.
func closeLost(lost lostContext) {
	status := int32(abi.ETimeOut)
	if lost.journal {
		_, _, status = abi.Close(lost.token, lastReportsMs)
	}
	if status == abi.ETimeOut {
		_, _, status = abi.Close(lost.token, abi.Abandon)
	}
	if status == abi.OK { // otherwise the library may still write
		lost.log.end()
	}
}

const lastReportsMs = 1000
