// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// handle is what a Track and a Signal have in common.
type handle interface {
	AddBytes(bytes uint64, isSend bool) error
	AddMessages(bytes, messages uint64, isSend bool) error
	Totals() (lkstats.Totals, error)
	Stop() (lkstats.Totals, error)
	Flush(timeout time.Duration) error
}

// host is what a story has made so far.
type host struct {
	out     *bufio.Writer
	context *lkstats.Context // nil: none
	files   lkstats.Options  // those of SlabDir and JournalDir, for the next open
	handles map[string]handle
	batches map[string]*lkstats.Batch
}

// answer is what a command has to say: what follows the status in its line, and the lines after it. Where there is
// an error it is not written, but for what is said of it.
type answer struct {
	text  string
	lines []string
}

// command takes its words and answers what to do, which is done when all words were as they should be.
type command func(w *words) action

type action func(h *host) (answer, error)

func newHost(out *bufio.Writer) *host {
	h := &host{out: out}
	h.forget()
	return h
}

// forget abandons what is open.
func (h *host) forget() {
	if h.context != nil {
		h.context.Close(lkstats.Abandon)
	}
	h.context = nil
	h.files = lkstats.Options{}
	h.handles = make(map[string]handle)
	h.batches = make(map[string]*lkstats.Batch)
}

// do does one line of the script.
func (h *host) do(number int, line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	w := &words{rest: strings.Split(line, " ")}
	name := w.next()
	if name == "story" {
		h.forget()
		fmt.Fprintf(h.out, "story %s\n", w.next())
		return w.end()
	}
	command := commands[name]
	if command == nil {
		return fmt.Errorf("%q is no command", name)
	}
	action := command(w)
	if err := w.end(); err != nil {
		return err
	}
	answer, err := action(h)
	fmt.Fprintf(h.out, "%d: %s", number, statusName(err))
	if answer.text != "" {
		fmt.Fprintf(h.out, " %s", answer.text)
	}
	fmt.Fprintln(h.out)
	for _, line := range answer.lines {
		fmt.Fprintf(h.out, "  %s\n", line)
	}
	return nil
}

// statusName is the C name of what the binding answered.
func statusName(err error) string {
	var status lkstats.Status
	switch {
	case err == nil:
		return "LKSTATS_OK"
	case errors.Is(err, errAgain):
		return "LKSTATS_EAGAIN"
	case errors.Is(err, io.EOF):
		return "LKSTATS_EOF"
	case errors.As(err, &status):
		return status.Name()
	default:
		return fmt.Sprintf("%q is no status", err)
	}
}
