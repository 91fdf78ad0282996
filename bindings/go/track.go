// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"runtime"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
	"github.com/lkstats/lkstats/bindings/go/internal/slab"
)

// TrackOptions says whose a data track is. All of it is optional.
type TrackOptions struct {
	Channel             Channel // ChannelData, the default, or ChannelDataTrack
	Country             string
	RoomSID             string
	RoomName            string
	ParticipantSID      string
	ParticipantIdentity string
	TrackID             string  // default: "TR_DT" + ParticipantSID, or empty where that is empty too
	Tenant              string  // whoever pays; opaque to the library
	ParticipantKind     int32   // livekit.ParticipantInfo.Kind; any number
	KindDetails         []int32 // livekit.ParticipantInfo.KindDetail; any numbers, at most 32; copied
}

// Track counts a participant's data traffic, until Stop. One that is forgotten without Stop keeps its place among
// Options.MaxTracks as long as its context is open.
type Track struct {
	counter
}

// NewTrack starts to count a data track. On an error the *Track is not nil but inert: adds on it are refused with
// ErrStale and harmless, so that a server runs on.
//
// Errors: ErrInvalid, which names the field; ErrFull: Options.MaxTracks are in use; ErrClosed; ErrStale; where memory
// has to grow for it also ErrNoMemory, ErrNoFile, ErrSystem.
func (c *Context) NewTrack(options TrackOptions) (*Track, error) {
	const call = "new track"
	t := &Track{}
	if !c.known() {
		return t, refused(call, abi.EStale)
	}
	o := &options
	handle, status := abi.NewTrack(c.token, &abi.Track{
		Channel: int32(o.Channel), ParticipantKind: o.ParticipantKind, KindDetails: o.KindDetails, Country: o.Country,
		RoomSID: o.RoomSID, RoomName: o.RoomName, ParticipantSID: o.ParticipantSID,
		ParticipantIdentity: o.ParticipantIdentity, TrackID: o.TrackID, Tenant: o.Tenant})
	runtime.KeepAlive(c)
	t.counter = counter{handle, c}
	if status == abi.EInval {
		return t, blame(call, o.KindDetails, blameChannel(o.Channel), field{"Country", o.Country},
			field{"RoomSID", o.RoomSID}, field{"RoomName", o.RoomName}, field{"ParticipantSID", o.ParticipantSID},
			field{"ParticipantIdentity", o.ParticipantIdentity}, field{"TrackID", o.TrackID},
			field{"Tenant", o.Tenant})
	}
	return t, refused(call, status)
}

// AddBytes counts one message of that many bytes, below 2^35; isSend: it was sent, else received. One atomic
// instruction, without a call into C or an allocation.
//
// Errors, none of which counted anything: ErrInvalid: 2^35 bytes or more; ErrClosed: the track is stopped; ErrStale:
// it is inert, or nothing of it is left.
func (t *Track) AddBytes(bytes uint64, isSend bool) error {
	if t == nil {
		return ErrStale
	}
	if slot := slab.Find(t.handle); slot != nil && bytes < slab.BytesLimit { // slab.Add, without the call
		increment := slab.Increment(bytes, 1)
		now := slot.Count(increment, isSend)
		if slab.Plain(increment, now) || slot.Rare(increment, now, isSend) {
			return nil
		}
	}
	return t.counter.add(bytes, 1, isSend)
}

// AddMessages counts messages together, below 2^26 and 0 too, bytes being their sum. Otherwise it is AddBytes.
//
// Exact windows are promised for fewer than 2^36 bytes and 2^27 messages in one direction of one track between two
// passes of the reporter, of which there is at least one a second.
func (t *Track) AddMessages(bytes, messages uint64, isSend bool) error {
	if t == nil {
		return ErrStale
	}
	if slab.Add(t.handle, bytes, messages, isSend) {
		return nil
	}
	return t.counter.add(bytes, messages, isSend)
}

// Totals is what was counted since the track was made; of a stopped one the final totals, until nothing of it is owed
// any more.
//
// Errors: ErrStale; ErrClosed: the context is closed.
func (t *Track) Totals() (Totals, error) {
	if t == nil {
		return Totals{}, refused("totals", abi.EStale)
	}
	return t.totals()
}

// Stop stops the track and answers its final totals: adds that returned nil are in them, later ones are refused with
// ErrClosed. The last report follows within 100 milliseconds, or as soon as the one before is acknowledged. A second
// stop is the same stop, as long as something is owed.
//
// Errors: ErrStale: nothing of the track is left; ErrClosed: the context is closed.
func (t *Track) Stop() (Totals, error) {
	if t == nil {
		return Totals{}, refused("stop", abi.EStale)
	}
	return t.stop()
}

// Flush is Context.Flush of this track alone.
func (t *Track) Flush(timeout time.Duration) error {
	if t == nil {
		return refused("flush", abi.EStale)
	}
	return t.flush(timeout)
}
