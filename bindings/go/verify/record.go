// SPDX-License-Identifier: Apache-2.0

package verify

// Kind is what a record says. The numbers are those of lkstats.RecordKind and of lkstats.h.
type Kind uint32

const (
	// KindTraffic is one window of one track.
	KindTraffic Kind = 1
	// KindJoined says that a signal connection's epoch has both room and participant.
	KindJoined Kind = 2
	// KindLeft says that it is over.
	KindLeft Kind = 3
)

// Traffic is bytes and messages of both directions. An lkstats.Traffic converts to it.
type Traffic struct {
	SendBytes, SendMessages, RecvBytes, RecvMessages uint64
}

// EpochKey names one epoch of one handle. It is comparable: the key of a map of epochs.
type EpochKey struct {
	Context          [16]byte // uuid
	Slot, Tag, Epoch uint32
}

// Key names one record.
type Key struct {
	EpochKey
	Sequence uint32
	Kind     Kind
}

// Record is what the proof needs of one: fields of an lkstats.Record, or of a row of a store.
type Record struct {
	Key
	Window, Running Traffic
	Signal          bool // of a signal connection: Channel is lkstats.ChannelSignal
	Unattributed    bool
}

// What the running totals were when the window began.
func (r *Record) before() Traffic { return r.Running.less(r.Window) }

// The epoch begins with joined.
func (r *Record) joins() bool { return r.Signal && !r.Unattributed }

// Whether there can be such a record at all.
func (r *Record) wellFormed() bool {
	if r.Epoch == 0 || r.Sequence == 0 || !r.Window.atMost(r.Running) {
		return false
	}
	if r.Window.none() != (r.Kind != KindTraffic) {
		return false
	}
	switch {
	case !r.Signal:
		return r.Kind == KindTraffic && r.Epoch == 1 && !r.Unattributed
	case r.Unattributed:
		return r.Kind == KindTraffic && r.Sequence == 1
	case r.Kind == KindJoined:
		return r.Sequence == 1 && r.Running.none()
	}
	return (r.Kind == KindTraffic || r.Kind == KindLeft) && r.Sequence >= 2
}
