// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"errors"
	"fmt"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// Version is the release of the library in use, "0.1.0"; empty where there is none, and then Open says why.
func Version() string {
	if abi.Use() != nil {
		return ""
	}
	return abi.FormatVersion(abi.Version())
}

// ErrNoLibrary says that lkstats could not be loaded: the library is not there, or it is another one. A server may
// run on without it: a nil *Context refuses everything with ErrStale, adds on its tracks included.
var ErrNoLibrary = errors.New("lkstats: no library")

// Load takes the library at path into use, for as long as the process lives; call it before anything else. Only with
// the build tag lkstats_dlopen. Without a call liblkstats.so.0 is loaded when it is first needed. After an error
// another path can be tried.
//
// Errors: ErrNoLibrary; ErrLayout: it is older or newer than this package can use; ErrInvalid: path is empty or has a
// NUL, or another library is in use already; errors.ErrUnsupported: without the build tag.
func Load(path string) error {
	return usable(abi.Load(path))
}

// usable makes an error of this package of one about the library.
func usable(err error) error {
	const call = "load"
	switch why := err.(type) {
	case abi.LayoutError:
		return &callError{call, string(why), ErrLayout}
	case abi.LoadArgumentError:
		return invalid(call, string(why))
	case abi.NoLibraryError:
		return noLibraryError(why)
	}
	return err
}

// A noLibraryError says what was looked for, and what to do.
type noLibraryError string

func (e noLibraryError) Error() string { return "lkstats: load: " + string(e) }

func (e noLibraryError) Unwrap() error { return ErrNoLibrary }

// TrackIDForParticipant is "TR_DT" (ChannelData) or "TR_SG" (ChannelSignal) and participantSID, of any length and any
// bytes.
//
// Errors: ErrInvalid: another channel; those of a library that can't be used, as Open.
func TrackIDForParticipant(channel Channel, participantSID string) (string, error) {
	const call = "track id"
	if err := usable(abi.Use()); err != nil {
		return "", err
	}
	buffer := make([]byte, len(participantSID)+16)
	for {
		need, status := abi.TrackID(int32(channel), participantSID, buffer)
		switch status {
		case abi.OK:
			return string(buffer[:need]), nil
		case abi.ERange:
			buffer = make([]byte, need)
		case abi.EInval:
			return "", invalid(call, fmt.Sprintf("channel is %d; give ChannelData or ChannelSignal", channel))
		default:
			return "", refused(call, status)
		}
	}
}
