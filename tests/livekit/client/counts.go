// SPDX-License-Identifier: Apache-2.0

package client

// Flow is what went one way.
type Flow struct {
	Bytes, Messages uint64
}

func (f *Flow) add(bytes int) {
	f.Bytes += uint64(bytes)
	f.Messages++
}

func (f *Flow) takeBack(bytes int) {
	f.Bytes -= uint64(bytes)
	f.Messages--
}

// Plus is the sum.
func (f Flow) Plus(other Flow) Flow {
	return Flow{f.Bytes + other.Bytes, f.Messages + other.Messages}
}

// Traffic is what a participant sent to the server, and got from it.
type Traffic struct {
	Sent, Got Flow
}

// Plus is the sum.
func (t Traffic) Plus(other Traffic) Traffic {
	return Traffic{t.Sent.Plus(other.Sent), t.Got.Plus(other.Got)}
}

// Counts is all traffic of a participant's session, over all its signal connections.
type Counts struct {
	// Signal is the messages of the web socket, as they are encoded in it.
	Signal Traffic
	// Data is the messages of the channels _reliable and _lossy, as they were on the channel.
	Data Traffic
	// Tracks is the frames of data tracks, with their headers, by the track's sid: what was sent of one's own, what was
	// got of others'.
	Tracks map[string]Traffic
}

// Total is the sum of all.
func (c *Counts) Total() Traffic {
	total := c.Signal.Plus(c.Data)
	for _, track := range c.Tracks {
		total = total.Plus(track)
	}
	return total
}

// heard is what came of one sender's numbered messages, from the first that came on.
type heard struct {
	first, last, count uint32
}

// again takes one of a channel in order, where an older number is one that came before.
func (h *heard) again(number uint32) {
	if number > h.last {
		h.take(number)
	}
}

func (h *heard) take(number uint32) {
	if h.count == 0 || number < h.first {
		h.first = number
	}
	h.last = max(h.last, number)
	h.count++
}

// all says that all of them came, up to this one.
func (h *heard) all(number uint32) bool {
	return h != nil && h.count != 0 && h.last == number && h.missing() == 0
}

// newest says that this one came, which is the newest.
func (h *heard) newest(number uint32) bool { return h != nil && h.count != 0 && h.last == number }

func (h *heard) missing() uint32 {
	if h.count == 0 {
		return 0
	}
	return h.last - h.first + 1 - h.count
}
