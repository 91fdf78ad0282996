// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/livekit/livekit-server/pkg/rtc/types"
	"github.com/livekit/protocol/livekit"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// ruleOf is what an options file with that tenant section says.
func ruleOf(t *testing.T, section string) tenantRule {
	t.Helper()
	config, err := readConfig(file(t, "tenant: "+section+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	rule, err := config.Tenant.rule()
	if err != nil {
		t.Fatal(err)
	}
	return rule
}

// inRoom has each listener tell of that room, as the server's own package does it.
func inRoom(t *testing.T, sid, name string) {
	before := RoomOf
	t.Cleanup(func() { RoomOf = before })
	RoomOf = func(types.ParticipantTelemetryListener) (string, string) { return sid, name }
}

// Given a rule that says who pays, when a connection is resolved and then a data channel and a data track have their first
// messages, then the journal names that tenant with all three, and with none where the room or the attribute does not say.
func TestTheJournalSaysWhoPays(t *testing.T) {
	const (
		byRoom    = `{from: room_name, prefix_before: "-"}`
		byPattern = `{from: room_name, regexp: "^([a-z]+)-[0-9]+$"}`
		byValue   = `{from: attribute, attribute: payer}`
		byPart    = `{from: attribute, attribute: payer, prefix_before: "/"}`
		byGroup   = `{from: attribute, attribute: payer, regexp: "^(?:org|team):(\\w+)"}`
	)
	long := strings.Repeat("x", 256)
	for name, story := range map[string]struct {
		rule, room, payer, tenant string
	}{
		"the room's prefix":                {byRoom, "acme-standup-7", "", "acme"},
		"a room without the separator":     {byRoom, "acme", "acme-7", ""},
		"a room with nothing before it":    {byRoom, "-acme", "", ""},
		"the whole room name":              {`{from: room_name}`, "acme", "", "acme"},
		"the room's match":                 {byPattern, "acme-7", "", "acme"},
		"a room of another form":           {byPattern, "Acme-7", "", ""},
		"the longest there can be":         {byRoom, long[:255] + "-7", "", long[:255]},
		"a room name cut to what fits":     {byRoom, long + "-7", "", long},
		"one byte too long":                {byRoom, long + "x-7", "", ""},
		"the attribute's value":            {byValue, "acme-7", "globex", "globex"},
		"no such attribute":                {byValue, "acme-7", "", ""},
		"an attribute that is too long":    {byValue, "acme-7", long + "x", ""},
		"an attribute with a NUL":          {byValue, "acme-7", "glo\x00bex", ""},
		"an attribute that is not UTF-8":   {byValue, "acme-7", "glo\xffbex", ""},
		"the attribute's prefix":           {byPart, "acme-7", "globex/north/12", "globex"},
		"an attribute without a separator": {byPart, "acme-7", "globex", ""},
		"the attribute's match":            {byGroup, "acme-7", "team:globex!", "globex"},
		"an attribute of another form":     {byGroup, "acme-7", "globex", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inRoom(t, "RM_x", story.room)
			directory := t.TempDir()
			serve(t, lkstats.Options{JournalDir: directory}, ruleOf(t, story.rule), func(h host) {
				w := newWitness()
				signal, channels, track := h.signal(w), h.channels("PA_ana", w), h.track("PA_ana", w)
				who := &livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana"}
				if story.payer != "" {
					who.Attributes = map[string]string{"payer": story.payer, "other": "nobody"}
				}
				signal.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: story.room})
				signal.ResolveParticipant(who)
				for _, object := range []counted{signal, channels, track} {
					object.AddBytes(1, true)
					object.Stop()
				}
				h.windows()
				if times := w.count("joined"); times != 1 {
					h.t.Errorf("joined was told %d times", times)
				}
			})
			for track, channel := range map[string]lkstats.Channel{
				"TR_SGPA_ana": lkstats.ChannelSignal, "TR_DTPA_ana": lkstats.ChannelData, "DTR_PA_ana": lkstats.ChannelDataTrack,
			} {
				is := mustBeWritten(t, directory, track)
				if is.tenant != story.tenant || is.identity != "ana" || is.roomSID != "RM_x" || is.participant != "PA_ana" ||
					is.channel != channel || is.counted.SendBytes != 1 {
					t.Errorf("the journal has %+v, not tenant %q", is, story.tenant)
				}
			}
		})
	}
}

// Given a connection that was told of its participant's attributes, when it drops, and one that resumes the session says no
// more than sid and identity, then both, and a data channel whose first message comes between or after, have the tenant.
func TestAResumedSessionKeepsItsTenant(t *testing.T) {
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, ruleOf(t, "{from: attribute, attribute: payer}"), func(h host) {
		w := newWitness()
		first := h.signal(w)
		first.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		first.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana", Attributes: map[string]string{"payer": "globex"}})
		first.AddBytes(1, true)
		second := h.signal(w)
		second.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana"})
		second.AddBytes(2, true)
		first.Stop() // it may still stop when the next one is there
		h.pass(20 * time.Second)
		channels := h.channels("PA_ana", w)
		channels.AddBytes(4, true)
		second.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		second.Stop()
		h.pass(20 * time.Second)
		third := h.signal(w)
		third.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana"})
		third.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		third.AddBytes(8, true)
		third.Stop()
		channels.Stop()
		h.windows()
	})
	var sent uint64
	all, _ := readJournal(t, directory)
	for _, one := range all {
		sent += one.counted.SendBytes
		if one.tenant != "globex" || one.identity != "ana" {
			t.Errorf("of %s the journal has tenant %q and identity %q", one.track, one.tenant, one.identity)
		}
	}
	if sent != 15 || len(all) != 4 {
		t.Errorf("%d bytes of %d objects", sent, len(all))
	}
}

// Given a data channel whose first message comes before anybody has said who that is, when the connection is resolved later,
// then its traffic is there without a tenant, and is nobody else's.
func TestAMessageBeforeTheConnectionIsKnownHasNoTenant(t *testing.T) {
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, ruleOf(t, "{from: attribute, attribute: payer}"), func(h host) {
		w := newWitness()
		channels, signal := h.channels("PA_ana", w), h.signal(w)
		channels.AddBytes(4, true)
		signal.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana", Attributes: map[string]string{"payer": "globex"}})
		signal.Stop()
		channels.Stop()
		h.windows()
	})
	if is := mustBeWritten(t, directory, "TR_DTPA_ana"); is.tenant != "" || is.identity != "" || is.counted.SendBytes != 4 {
		t.Errorf("the journal has %+v", is)
	}
	if is := mustBeWritten(t, directory, "TR_SGPA_ana"); is.tenant != "globex" {
		t.Errorf("the journal has %+v", is)
	}
}

// Given a participant whose attribute says who pays, when somebody else connects and says that participant's sid, as any
// client can, and then more of the participant's objects count, then these have the participant's identity and tenant, and
// the other one's connection has neither.
func TestNobodyCountsAsSomebodyElseByTheirSid(t *testing.T) {
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, ruleOf(t, "{from: attribute, attribute: payer}"), func(h host) {
		w := newWitness()
		payer := func(name string) map[string]string { return map[string]string{"payer": name} }
		signal, resumed, other, late := h.signal(w), h.signal(w), h.signal(w), h.signal(w)
		signal.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana", Attributes: payer("globex")})
		for of, said := range map[*BytesSignalStats]*livekit.ParticipantInfo{
			other:   {Sid: "PA_ana", Identity: "mallory", Attributes: payer("initech")},
			resumed: {Sid: "PA_ana", Identity: "ana"},
		} {
			of.ResolveParticipant(said)
			of.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		}
		late.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "x"})
		late.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_bob", Identity: "bob", Attributes: payer("hooli")})
		late.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana", Attributes: payer("initech")}) // the first one counts

		channels := h.channels("PA_ana", w)
		channels.AddBytes(1, true)
		signal.AddBytes(2, true)
		resumed.AddBytes(4, true)
		other.AddBytes(8, true)
		for _, object := range []counted{channels, signal, resumed, other, late} {
			object.Stop()
		}
		h.windows()
	})
	type payment struct{ identity, tenant string }
	paid := map[payment]uint64{}
	all, _ := readJournal(t, directory)
	for _, one := range all {
		if one.participant == "PA_ana" {
			paid[payment{one.identity, one.tenant}] += one.counted.SendBytes
		}
	}
	if expected := (map[payment]uint64{{"ana", "globex"}: 1 + 2 + 4, {"mallory", "initech"}: 8}); !maps.Equal(paid, expected) {
		t.Errorf("the journal has %v, not %v", paid, expected)
	}
}

// Given a participant whose connection is with another node, when its objects count here, then the server says who that is,
// and the journal has identity and tenant.
func TestTheServerIsAskedWhereNoConnectionHasSaidWhoThatIs(t *testing.T) {
	inRoom(t, "RM_x", "x")
	before := ParticipantOf
	t.Cleanup(func() { ParticipantOf = before })
	var asked int
	ParticipantOf = func(_ types.ParticipantTelemetryListener, sid livekit.ParticipantID) (string, map[string]string) {
		asked++
		return "id of " + string(sid), map[string]string{"payer": "globex"}
	}
	directory := t.TempDir()
	serve(t, lkstats.Options{JournalDir: directory}, ruleOf(t, "{from: attribute, attribute: payer}"), func(h host) {
		w := newWitness()
		for _, object := range []counted{h.channels("PA_ana", w), h.track("PA_ana", w)} {
			object.AddBytes(4, true)
			object.Stop()
		}
		h.windows()
	})
	for _, track := range []string{"TR_DTPA_ana", "DTR_PA_ana"} {
		if is := mustBeWritten(t, directory, track); is.tenant != "globex" || is.identity != "id of PA_ana" || is.roomSID != "RM_x" {
			t.Errorf("the journal has %+v", is)
		}
	}
	if asked != 1 {
		t.Errorf("the server was asked %d times about one participant", asked)
	}
}

// Given a participant who has been gone for long, when an object of the same sid counts, then nothing is remembered.
func TestAParticipantIsForgotten(t *testing.T) {
	serve(t, lkstats.Options{}, ruleOf(t, "{from: attribute, attribute: payer}"), func(h host) {
		w := newWitness()
		signal, channels := h.signal(w), h.channels("PA_ana", w)
		signal.ResolveRoom(&livekit.Room{Sid: "RM_x"})
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana", Attributes: map[string]string{"payer": "globex"}})
		signal.Stop()
		h.pass(time.Hour)
		if who := h.people.find("PA_ana"); who.tenant != "globex" || who.identity != "ana" {
			h.t.Errorf("while the data channels count, %+v is known", who)
		}
		channels.Stop()
		h.pass(time.Hour)
		if kept := len(h.people.known) + len(h.objects) + len(h.ending); kept != 0 {
			h.t.Errorf("%d participants and %d objects are kept", len(h.people.known), len(h.objects)+len(h.ending))
		}
	})
}
