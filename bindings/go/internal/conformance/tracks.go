// SPDX-License-Identifier: Apache-2.0

package main

import lkstats "github.com/lkstats/lkstats/bindings/go"

// handle is one that the story has made. The name of one that could not be made is forgotten.
func (h *host) handle(name string) (handle, error) {
	handle := h.handles[name]
	if handle == nil {
		return nil, lkstats.ErrStale
	}
	return handle, nil
}

// signal is the same for what only a signal connection has: a Track does not offer it.
func (h *host) signal(name string) (*lkstats.Signal, error) {
	handle, err := h.handle(name)
	if err != nil {
		return nil, err
	}
	signal, ok := handle.(*lkstats.Signal)
	if !ok {
		return nil, lkstats.ErrInvalid
	}
	return signal, nil
}

func (h *host) keep(name string, handle handle, err error) error {
	if err != nil {
		delete(h.handles, name)
		return err
	}
	h.handles[name] = handle
	return nil
}

func newTrack(w *words) action {
	name := w.next()
	options := lkstats.TrackOptions{
		Channel:             lkstats.Channel(w.int32()),
		ParticipantKind:     w.int32(),
		KindDetails:         w.details(),
		Country:             w.text(),
		RoomSID:             w.text(),
		RoomName:            w.text(),
		ParticipantSID:      w.text(),
		ParticipantIdentity: w.text(),
		TrackID:             w.text(),
		Tenant:              w.text(),
	}
	return func(h *host) (answer, error) {
		track, err := h.context.NewTrack(options)
		return answer{}, h.keep(name, track, err)
	}
}

func newSignal(w *words) action {
	name := w.next()
	options := lkstats.SignalOptions{Country: w.text(), Tenant: w.text()}
	return func(h *host) (answer, error) {
		signal, err := h.context.NewSignal(options)
		return answer{}, h.keep(name, signal, err)
	}
}

func resolveRoom(w *words) action {
	name := w.next()
	room := lkstats.Room{SID: w.text(), Name: w.text(), Tenant: w.text()}
	return onSignal(name, func(signal *lkstats.Signal) error { return signal.ResolveRoom(room) })
}

func resolveParticipant(w *words) action {
	name := w.next()
	participant := lkstats.Participant{SID: w.text(), Identity: w.text(), Kind: w.int32(), KindDetails: w.details(),
		Tenant: w.text()}
	return onSignal(name, func(signal *lkstats.Signal) error { return signal.ResolveParticipant(participant) })
}

func reset(w *words) action { return onSignal(w.next(), (*lkstats.Signal).Reset) }

func onSignal(name string, call func(*lkstats.Signal) error) action {
	return func(h *host) (answer, error) {
		signal, err := h.signal(name)
		if err != nil {
			return answer{}, err
		}
		return answer{}, call(signal)
	}
}

func addBytes(w *words) action {
	name, bytes, isSend := w.next(), w.uint64(), w.yes()
	return func(h *host) (answer, error) {
		handle, err := h.handle(name)
		if err != nil {
			return answer{}, err
		}
		return answer{}, handle.AddBytes(bytes, isSend)
	}
}

func addMessages(w *words) action {
	name, bytes, messages, isSend := w.next(), w.uint64(), w.uint64(), w.yes()
	return func(h *host) (answer, error) {
		handle, err := h.handle(name)
		if err != nil {
			return answer{}, err
		}
		return answer{}, handle.AddMessages(bytes, messages, isSend)
	}
}

func totals(w *words) action { return totalsOf(w.next(), handle.Totals) }

func stop(w *words) action { return totalsOf(w.next(), handle.Stop) }

func totalsOf(name string, call func(handle) (lkstats.Totals, error)) action {
	return func(h *host) (answer, error) {
		handle, err := h.handle(name)
		if err != nil {
			return answer{}, err
		}
		totals, err := call(handle)
		if err != nil {
			return answer{}, err
		}
		return answer{text: totalsText(totals)}, nil
	}
}
