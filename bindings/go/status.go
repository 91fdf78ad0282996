// SPDX-License-Identifier: Apache-2.0

package lkstats

import "strconv"

// Status is the library's answer to a call that it refused. Every error of this package that comes from the library
// satisfies errors.Is with one of the values below. The library has a few more, which no call of this package answers.
type Status int32

const (
	// ErrInvalid says that an argument is outside its range, or a string is malformed.
	ErrInvalid Status = -1
	// ErrStale says that the context, track, signal connection or batch is not, or no longer, known; also where it is
	// nil or a zero value.
	ErrStale Status = -2
	// ErrClosed says that the track is stopped or the context is closed.
	ErrClosed Status = -3
	// ErrFull says that no place is free for one more track or epoch; nothing changed.
	ErrFull Status = -4
	// ErrTimedOut says that the time was over before everything was acknowledged.
	ErrTimedOut Status = -7
	// ErrForked says that the context belongs to the process that this one was forked from.
	ErrForked Status = -8
	// ErrLayout says that the library is of another release than this package can use.
	ErrLayout Status = -9
	// ErrNoMemory says that memory, address space or the file-size limit is exhausted.
	ErrNoMemory Status = -10
	// ErrNoFile says that too few file descriptors are free.
	ErrNoFile Status = -11
	// ErrNoThread says that a thread could not be started.
	ErrNoThread Status = -12
	// ErrSystem says that the operating system refused a call that the library needs.
	ErrSystem Status = -14
	// ErrInternal says that the library has a defect; please report it.
	ErrInternal Status = -15
	// ErrResolved says that the room or the participant is known already: the first resolution counts.
	ErrResolved Status = -17
	// ErrDir says that Options.SlabDir or Options.JournalDir is not a directory, can't be written to, or that others may
	// replace files in it.
	ErrDir Status = -18
)

type statusText struct{ name, text string }

// By the negative of their value. The library's own words, so that they are there without it too.
var statusTexts = [...]statusText{
	{"LKSTATS_OK", "done"},
	{"LKSTATS_EINVAL", "an argument is outside its range, or a struct or string is malformed"},
	{"LKSTATS_ESTALE", "the handle, context or batch is not, or no longer, known"},
	{"LKSTATS_ECLOSED", "the track is stopped or the context is closed"},
	{"LKSTATS_EFULL", "no place is free for one more track or epoch; nothing changed"},
	{"LKSTATS_EAGAIN", "nothing to take now; wait for the event descriptor"},
	{"LKSTATS_EOF", "nothing to take, and nothing will come: the context is closed"},
	{"LKSTATS_ETIMEDOUT", "the time was over before everything was acknowledged"},
	{"LKSTATS_EFORKED", "the handle or context belongs to the process that this one was forked from"},
	{"LKSTATS_ELAYOUT", "this library has another slab layout or function table than the one asked for"},
	{"LKSTATS_ENOMEM", "memory, address space or the file-size limit is exhausted"},
	{"LKSTATS_ENOFILE", "too few free file descriptors"},
	{"LKSTATS_ENOTHREAD", "a thread could not be started"},
	{"LKSTATS_ERANGE", "the buffer is too small; the size it needs was stored"},
	{"LKSTATS_ESYSTEM", "the operating system refused a call that the library needs"},
	{"LKSTATS_EINTERNAL", "a defect in the library; please report it"},
	{"LKSTATS_EREENTRANT", "on_batch may not make this call: it would wait for itself"},
	{"LKSTATS_ERESOLVED", "this is known already: the first resolution counts"},
	{"LKSTATS_EDIR", "not a directory, not to be written to, or others may replace files in it"},
}

func (s Status) known() statusText {
	if s > 0 || s <= -Status(len(statusTexts)) { // not -s: the least number has no opposite
		return statusText{"LKSTATS_UNKNOWN", "not a status of this library"}
	}
	return statusTexts[-s]
}

// Name is the status's name in the C library: "LKSTATS_EFULL".
func (s Status) Name() string { return s.known().name }

// Error is the status's sentence and its name.
func (s Status) Error() string {
	known := s.known()
	if known.name == "LKSTATS_UNKNOWN" {
		return "lkstats: " + known.text + " (" + strconv.Itoa(int(s)) + ")"
	}
	return "lkstats: " + known.text + " (" + known.name + ")"
}

// Made once: an add that is refused allocates no more than one that counts.
var statusErrors = func() (all [len(statusTexts)]error) {
	for i := 1; i < len(all); i++ {
		all[i] = Status(-i)
	}
	return all
}()

// bare is the error of a status from the library: nil for LKSTATS_OK.
func bare(status int32) error {
	if status <= 0 && status > -int32(len(statusErrors)) {
		return statusErrors[-status]
	}
	return Status(status)
}
