// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/livekit/protocol/livekit"
)

// compare says where what LiveKit was told of a trace is not what has to come of it.
func (o *goldenTold) compare(trace *goldenTrace, expected *goldenOutcome) error {
	if o.wrong != nil {
		return o.wrong
	}
	if others := o.others(); len(others) != 0 {
		return fmt.Errorf("LiveKit's telemetry was told %v too", others)
	}
	var due []goldenEvent
	for _, e := range expected.Events {
		if !e.Unattributed { // the journal has it; LiveKit's telemetry has no word for it
			due = append(due, e)
		}
	}
	if err := goldenSame("event", o.events(), goldenAll(due, goldenEvent.told)); err != nil {
		return err
	}
	if err := goldenSame("call of a resolver", o.resolver(), expected.Resolver); err != nil {
		return err
	}
	if trace.Kind == "signal" {
		if err := o.inOrder(); err != nil {
			return err
		}
	} else if !slices.Equal(o.tracks, []string{trace.Config.TrackID}) {
		return fmt.Errorf("the reporter was asked for the tracks %q, not %q", o.tracks, trace.Config.TrackID)
	}
	if err := goldenSame("window's transactions", goldenWindows(o.txs()), goldenDueTxs(due)); err != nil {
		return err
	}
	return o.sums(expected)
}

func goldenAll[From, To any](all []From, of func(From) To) (some []To) {
	for _, one := range all {
		some = append(some, of(one))
	}
	return some
}

func goldenSame[What any](what string, is, expected []What) error {
	for i := range max(len(is), len(expected)) {
		switch {
		case i >= len(is):
			return fmt.Errorf("%s %d is missing\n    expected %+v", what, i, expected[i])
		case i >= len(expected):
			return fmt.Errorf("%s %d is too many\n    is       %+v", what, i, is[i])
		case !reflect.DeepEqual(is[i], expected[i]):
			return fmt.Errorf("%s %d\n    is       %+v\n    expected %+v", what, i, is[i], expected[i])
		}
	}
	return nil
}

// goldenWindows puts the transactions of one window and direction together: more than one are there only where the
// figures have more than 32 bits.
func goldenWindows(txs []goldenTx) (windows []goldenTx) {
	full := false
	for _, tx := range txs {
		if last := len(windows) - 1; full && windows[last].afterOp == tx.afterOp && windows[last].isSend == tx.isSend {
			windows[last].bytes += tx.bytes
			windows[last].packets += tx.packets
		} else {
			windows = append(windows, tx)
		}
		full = tx.bytes == math.MaxUint32 || tx.packets == math.MaxUint32
	}
	return windows
}

// goldenDueTxs are one a stat, with the kind of whoever the stat is of.
func goldenDueTxs(events []goldenEvent) (txs []goldenTx) {
	for _, e := range events {
		if e.Event == "track_stats" {
			txs = append(txs, goldenTx{e.AfterOp, e.Participant.goldenKind, e.StreamType == livekit.StreamType_DOWNSTREAM, e.Bytes, e.Packets})
		}
	}
	return txs
}

// sums: what was observed of each kind, and what nobody was told of, is all that counted.
func (o *goldenTold) sums(expected *goldenOutcome) error {
	is, due := map[string]goldenTraffic{}, map[string]goldenTraffic{}
	all := o.txs()
	for _, e := range expected.Events {
		if e.Unattributed {
			all = append(all, goldenDueTxs([]goldenEvent{e})...)
		}
	}
	for _, tx := range all {
		sum := is[tx.kind.key()]
		sum.add(tx.isSend, tx.bytes, tx.packets)
		is[tx.kind.key()] = sum
	}
	for _, kind := range expected.Kinds {
		due[kind.key()] = goldenTraffic{kind.SendBytes, kind.SendPackets, kind.RecvBytes, kind.RecvPackets}
	}
	if !maps.Equal(is, due) {
		return fmt.Errorf("observed by kind: %+v, not %+v", is, due)
	}
	return nil
}

func (t *goldenTraffic) add(isSend bool, bytes, messages uint64) {
	if isSend {
		t.SendBytes += bytes
		t.SendMessages += messages
	} else {
		t.RecvBytes += bytes
		t.RecvMessages += messages
	}
}

// inOrder: of each epoch the deferred reporter is resolved, then joined, the windows and left are told, and only then it
// is reset.
func (o *goldenTold) inOrder() error {
	joined, resolved := false, 0
	const levels = 5
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, one := range o.all {
		good := true
		switch what := one.(type) {
		case goldenResolver:
			if what.Call == "resolve" {
				good = !joined && resolved < levels
				resolved++
			} else {
				good = !joined
				resolved = 0
			}
		case goldenTx:
			good = joined
		case goldenEvent:
			switch what.Event {
			case "joined":
				good = !joined && resolved == levels
				joined = true
			case "left":
				good = joined
				joined = false
			case "track_stats":
				good = joined
			}
		}
		if !good {
			return fmt.Errorf("out of order, call %d: %+v", i, one)
		}
	}
	return nil
}
