// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"fmt"
	"runtime"
	"time"

	"github.com/lkstats/lkstats/bindings/go/internal/abi"
)

// A counter is what a track and a signal connection have in common.
//
// It has no cleanup of its own: with a million tracks that trebles what a garbage collection takes (24 ms and 69 ms,
// 80 bytes more a track), for hosts that forget to stop.
type counter struct {
	handle  uint64   // 0: a zero value, or inert
	context *Context // nil: a zero value; keeps the context reachable
}

// add is the call that takes every add which the slab did not.
//
//go:noinline
func (k *counter) add(bytes, messages uint64, isSend bool) error {
	if k.context == nil {
		return ErrStale
	}
	return bare(abi.Add(k.handle, bytes, messages, isSend))
}

func (k *counter) totals() (Totals, error) {
	if k.context == nil {
		return Totals{}, refused("totals", abi.EStale)
	}
	at, traffic, status := abi.Totals(k.handle)
	runtime.KeepAlive(k)
	if status != abi.OK {
		return Totals{}, refused("totals", status)
	}
	return Totals{Time(at), Traffic(traffic)}, nil
}

func (k *counter) stop() (Totals, error) {
	if k.context == nil {
		return Totals{}, refused("stop", abi.EStale)
	}
	at, traffic, status := abi.Stop(k.handle)
	runtime.KeepAlive(k)
	if status != abi.OK {
		return Totals{}, refused("stop", status)
	}
	return Totals{Time(at), Traffic(traffic)}, nil
}

func (k *counter) flush(timeout time.Duration) error {
	const call = "flush"
	if k.context == nil {
		return refused(call, abi.EStale)
	}
	ms, err := milliseconds(call, "timeout", timeout)
	if err != nil {
		return err
	}
	status := abi.TrackFlush(k.handle, ms)
	runtime.KeepAlive(k)
	return refused(call, status)
}

func blameChannel(channel Channel) string {
	return fmt.Sprintf("Channel is %d; give ChannelData or ChannelDataTrack", channel)
}
