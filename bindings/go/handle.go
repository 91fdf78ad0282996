// SPDX-License-Identifier: Apache-2.0

package lkstats

// Handle names a track or a signal connection of one context: what a record is of ([Key.Handle]) is found with it in a
// map of the consumer's own. 0 is never one. None comes again before 2^32 others of the process, also where its slot does.
//
// A dead context's records, which come first where Options.SlabDir is given, may have the same handles as this
// process's: [Batch.Recovered] tells them apart, and so does their Key.Context.
type Handle uint64

// Handle is what Key.Handle of all of the track's records is. 0: the track is nil or inert.
func (t *Track) Handle() Handle {
	if t == nil {
		return 0
	}
	return Handle(t.handle)
}

// Handle is what Key.Handle of the connection's records is, in all its epochs. 0: it is nil or inert.
func (s *Signal) Handle() Handle {
	if s == nil {
		return 0
	}
	return Handle(s.handle)
}

// Handle is that of the track or the connection that the record is of, in the context that Key.Context says.
func (k Key) Handle() Handle { return Handle(uint64(k.Tag)<<32 | uint64(k.Slot)) }
