// SPDX-License-Identifier: Apache-2.0

package lkstats

import "github.com/lkstats/lkstats/bindings/go/internal/abi"

// A callError says which call was refused, why, and what to do; errors.Is finds its status.
type callError struct {
	call   string
	why    string
	status Status
}

func (e *callError) Error() string {
	return "lkstats: " + e.call + ": " + e.why + " (" + e.status.Name() + ")"
}

func (e *callError) Unwrap() error { return e.status }

// What a host can do about a status, where there is something.
var advice = map[Status]string{
	ErrStale:    "look at the error of the call that made it; after the end of what it counted it is gone",
	ErrClosed:   "make a new one", // a signal connection; calls on anything else have their own
	ErrFull:     "raise Options.MaxTracks, or acknowledge batches: what is stopped or reset keeps its place until then",
	ErrTimedOut: "take and acknowledge batches meanwhile, or give it more time",
	ErrForked:   "open a context in this process",
	ErrNoMemory: "raise the limits of memory and file size (ulimit -v, ulimit -f)",
	ErrNoFile:   "raise the limit of open files (ulimit -n)",
	ErrNoThread: "raise the limit of threads (ulimit -u)",
	ErrSystem:   "look at what the process may do (seccomp, memfd_create)",
	ErrResolved: "call Reset first when the connection is somebody else's now",
	ErrDir:      "make it a directory of this user's, or root's, that nobody else may write to",
}

const (
	nothingOwed  = "nothing is owed any more"
	answerBefore = "answer batches before Close ends; it gave up what was not acknowledged"
)

// What a host can do about ErrClosed, by the call that was refused.
var adviceClosed = map[string]string{
	"new track":       "open a new context",
	"new signal":      "open a new context",
	"run once":        "open a new context",
	"metrics":         "open a new context",
	"flush":           nothingOwed,
	"close":           nothingOwed,
	"redeliver":       nothingOwed,
	"totals":          "ask before Close ends",
	"stop":            "ask before Close ends; it has stopped all there was",
	"ack":             answerBefore,
	"nack":            answerBefore,
	"analytics stats": answerBefore,
}

// refused is the error of a call: nil for LKSTATS_OK.
func refused(call string, status int32) error {
	if status == abi.OK {
		return nil
	}
	s := Status(status)
	why := s.known().text
	what := advice[s]
	if own := adviceClosed[call]; own != "" && s == ErrClosed {
		what = own
	}
	if what != "" {
		why += "; " + what
	}
	return &callError{call, why, s}
}

// invalid is the error of an argument that a call can't take.
func invalid(call, why string) error { return &callError{call, why, ErrInvalid} }
