// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lkstats/lkstats/bindings/go/verify"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// about is what figures are of: a participant's traffic under one track id.
type about struct {
	sid, track string
}

// reported is what a journal says.
type reported struct {
	figures   map[about]client.Traffic // as the participant sees it: what the server received, it sent
	whom      map[about]whom
	records   int
	recovered int
	saved     client.Traffic // what the recovered ones are of
	twice     int
	faults    []string
}

// sum holds the records against each other, and adds up what was reported of each epoch.
func sum(records []record) *reported {
	r := &reported{figures: map[about]client.Traffic{}, whom: map[about]whom{}, records: len(records)}
	epochs := map[verify.EpochKey]*verify.Epoch{}
	of := map[verify.EpochKey]*record{}
	for i := range records {
		one := &records[i]
		if epochs[one.EpochKey] == nil {
			epochs[one.EpochKey], of[one.EpochKey] = new(verify.Epoch), one
		}
		switch verdict := epochs[one.EpochKey].Take(&one.Record); verdict {
		case verify.Contradiction:
			r.fault("%s of %s: %v", one.TrackID, one.ParticipantSID, epochs[one.EpochKey].Why())
		case verify.Duplicate:
			r.twice++
		}
		if one.Recovered {
			r.recovered++
			r.saved = r.saved.Plus(seen(one.Window))
		}
		if one.Unattributed {
			r.fault("%s: nobody knows whose it is", one.TrackID)
		}
		if one.Node != nodeName {
			r.fault("%s of %s: reported by a node %q", one.TrackID, one.ParticipantSID, one.Node)
		}
	}
	for key, epoch := range epochs {
		one := of[key]
		if !epoch.Complete() {
			r.fault("%s of %s: missing %+v, last record there: %v", one.TrackID, one.ParticipantSID, epoch.Missing(), epoch.Over())
		}
		at := about{one.ParticipantSID, one.TrackID}
		r.figures[at] = r.figures[at].Plus(seen(epoch.Running()))
		r.whom[at] = one.whom
	}
	slices.Sort(r.faults)
	return r
}

// seen is a server's traffic as a participant sees it.
func seen(t verify.Traffic) client.Traffic {
	return client.Traffic{
		Sent: client.Flow{Bytes: t.RecvBytes, Messages: t.RecvMessages},
		Got:  client.Flow{Bytes: t.SendBytes, Messages: t.SendMessages},
	}
}

func (r *reported) fault(format string, values ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, values...))
}

// tracks is what there is of a participant, under track ids.
func (r *reported) tracks(sid string) []string {
	var ids []string
	for at := range maps.Keys(r.figures) {
		if at.sid == sid {
			ids = append(ids, at.track)
		}
	}
	slices.Sort(ids)
	return ids
}
