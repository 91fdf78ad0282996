// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lkstats/lkstats/tests/livekit/client"
)

// session is one participant's, as client.Client has it.
type session interface {
	Room() string
	RoomSid() string
	Identity() string
	Sid() string
	Counts() client.Counts
}

// comparison is a table, and what is not equal in it.
type comparison struct {
	table       *tabwriter.Writer
	above       string
	differences []string
}

func newComparison(to io.Writer) *comparison {
	c := &comparison{table: tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(c.table, "participant\tchannel\tsent\treported\tgot\treported\t")
	return c
}

func (c *comparison) differ(format string, values ...any) {
	c.differences = append(c.differences, fmt.Sprintf(format, values...))
}

func cell(flow client.Flow) string { return fmt.Sprintf("%d B in %d", flow.Bytes, flow.Messages) }

// row holds what clients counted against what somebody said of it. Its first column stays empty where it goes on with
// the one above.
func (c *comparison) row(who, channel string, counted, said client.Traffic) {
	mark := ""
	if counted != said {
		mark = "differs"
		c.differ("%s %s: counted %+v, reported %+v", who, channel, counted, said)
	}
	name := who
	if who == c.above {
		name = ""
	}
	c.above = who
	fmt.Fprintf(c.table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, channel,
		cell(counted.Sent), cell(said.Sent), cell(counted.Got), cell(said.Got), mark)
}

// participant holds a participant's session against what was reported, each data track on its own and all of them in one
// row.
func (c *comparison) participant(one session, said *reported) {
	who, counts := one.Room()+" "+one.Identity()+" "+one.Sid(), one.Counts()
	signal, data := about{one.Sid(), "TR_SG" + one.Sid()}, about{one.Sid(), "TR_DT" + one.Sid()}
	c.row(who, "signal", counts.Signal, said.figures[signal])
	c.row(who, "data channels", counts.Data, said.figures[data])
	var counted, reported client.Traffic
	for sid, traffic := range counts.Tracks {
		at := about{one.Sid(), sid}
		if traffic != said.figures[at] {
			c.differ("%s, data track %s: counted %+v, reported %+v", who, sid, traffic, said.figures[at])
		}
		counted, reported = counted.Plus(traffic), reported.Plus(said.figures[at])
	}
	c.row(who, fmt.Sprintf("%d data tracks", len(counts.Tracks)), counted, reported)
	for _, track := range said.tracks(one.Sid()) {
		at := about{one.Sid(), track}
		if _, known := counts.Tracks[track]; !known && at != signal && at != data {
			c.differ("%s: reported %+v of %s, which is none of theirs", who, said.figures[at], track)
		}
		c.identity(one, said.whom[at])
	}
}

// identity holds whom a record is about against who it was.
func (c *comparison) identity(one session, said whom) {
	tenant, _, _ := strings.Cut(one.Room(), "-")
	want := []string{one.Room(), one.RoomSid(), one.Identity(), one.Sid(), tenant}
	got := []string{said.RoomName, said.RoomSID, said.Identity, said.ParticipantSID, said.Tenant}
	if !slices.Equal(want, got) {
		c.differ("%s of %s is reported as of %q, and is of %q", said.TrackID, one.Sid(), got, want)
	}
}

// journal holds all sessions against a journal: nothing missing, nothing else in it.
func (c *comparison) journal(sessions []session, said *reported) {
	c.differences = append(c.differences, said.faults...)
	known := map[string]bool{}
	for _, one := range sessions {
		known[one.Sid()] = true
		c.participant(one, said)
	}
	for at, traffic := range said.figures {
		if !known[at.sid] {
			c.differ("reported %+v of %s, %s, who is none of the participants", traffic, at.track, at.sid)
		}
	}
}

// end prints the table and the verdict.
func (c *comparison) end(to io.Writer) error {
	if err := c.table.Flush(); err != nil {
		return err
	}
	if len(c.differences) == 0 {
		fmt.Fprintln(to, "equal")
		return nil
	}
	for _, difference := range c.differences {
		fmt.Fprintln(to, "not equal:", difference)
	}
	return fmt.Errorf("%d differences", len(c.differences))
}

// total is the sum of all sessions.
func total(sessions []session) (sum client.Traffic) {
	for _, one := range sessions {
		counts := one.Counts()
		sum = sum.Plus(counts.Total())
	}
	return sum
}
