// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/observability/roomobs"

	lkstats "github.com/lkstats/lkstats/bindings/go"
)

// Given names and kind details that lkstats has no place for, as LiveKit's own limits can allow them, when a connection has
// them, and before and after it others that fit, then LiveKit is told of all of it as it was said, and the journal has what fits.
func TestANameThatIsTooLongIsToldInFull(t *testing.T) {
	long, kinds := strings.Repeat("ä", 200), make([]livekit.ParticipantInfo_KindDetail, 40)
	for i := range kinds {
		kinds[i] = livekit.ParticipantInfo_KindDetail(i)
	}
	inRoom(t, "RM_1", long)
	journal := t.TempDir()
	serve(t, lkstats.Options{JournalDir: journal}, tenantRule{}, func(h host) {
		w := newWitness()
		signal, channels := h.signal(w), h.channels("PA_1", w)
		signal.ResolveRoom(&livekit.Room{Sid: "RM_never", Name: long + "!"})
		signal.Reset() // nobody was in it
		signal.ResolveRoom(&livekit.Room{Sid: "RM_0", Name: "short"})
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_0", Identity: "ana"})
		signal.Reset()
		signal.ResolveRoom(&livekit.Room{Sid: "RM_1", Name: long})
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_1", Identity: "a\x00b", KindDetails: kinds})
		for _, object := range []counted{signal, channels} {
			object.AddBytes(1, true)
		}
		signal.Reset()
		signal.ResolveRoom(&livekit.Room{Sid: "RM_2", Name: "short"})
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_2", Identity: "ana", KindDetails: kinds[:2]})
		signal.Stop()
		channels.Stop()
		h.windows()

		for i, expected := range []struct {
			room, identity string
			kinds          []livekit.ParticipantInfo_KindDetail
		}{{"short", "ana", nil}, {long, "a\x00b", kinds}, {"short", "ana", kinds[:2]}} {
			if i >= w.count("joined") {
				h.t.Fatalf("joined was told %d times", i)
			}
			_, room, who, _, _, _, _ := w.ParticipantJoinedArgsForCall(i)
			if room.Name != expected.room || who.Identity != expected.identity || !slices.Equal(who.KindDetails, expected.kinds) {
				h.t.Errorf("LiveKit was told of room %q, identity %q, kind details %v", room.Name, who.Identity, who.KindDetails)
			}
		}
		if !w.has(event{what: "sent", room: long, participant: "PA_1", track: "TR_SGPA_1", bytes: 1, messages: 1}) || w.sum("TR_DTPA_1").SendBytes != 1 {
			h.t.Errorf("LiveKit was told %+v", w.told())
		}
	})
	for _, track := range []string{"TR_SGPA_1", "TR_DTPA_1"} {
		is := mustBeWritten(t, journal, track)
		if is.room != long[:256] || is.identity != "a\uFFFDb" || !utf8.ValidString(is.room) || is.counted.SendBytes != 1 {
			t.Errorf("the journal has room %q, identity %q, %+v", is.room, is.identity, is.counted)
		}
	}
	if is := mustBeWritten(t, journal, "TR_SGPA_1"); len(is.kindDetails) != kindDetailsMax || is.kindDetails[31] != 31 {
		t.Errorf("the journal has kind details %v", is.kindDetails)
	}
}

// Given an id that lkstats has no place for, which nobody may cut, when a data track has it, then it counts in Go alone, and
// LiveKit is told under that id.
func TestAnIDIsNeverCut(t *testing.T) {
	log := listenToLog(t)
	serve(t, lkstats.Options{}, tenantRule{}, func(h host) {
		w, id := newWitness(), livekit.TrackID("DTR_"+strings.Repeat("x", 300))
		for range 2 {
			track := h.object(id, "PA_ana", w)
			track.AddBytes(5, true)
			track.Stop()
		}
		h.windows()
		if sum := w.sum(id); sum != (lkstats.Traffic{SendBytes: 10, SendMessages: 2}) {
			h.t.Errorf("LiveKit was told %+v", w.told())
		}
	})
	if errs := log.errors(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "TrackID has 304 bytes") {
		t.Errorf("LiveKit's log has %v", errs)
	}
}

// Given a participant of a kind of its own, when a connection and a data track of theirs count, then the journal says of both
// who that is, in which room, and of which kind.
func TestTheJournalSaysWhoItIs(t *testing.T) {
	inRoom(t, "RM_x", "lounge")
	journal := t.TempDir()
	kinds := []livekit.ParticipantInfo_KindDetail{livekit.ParticipantInfo_CLOUD_AGENT, 77}
	serve(t, lkstats.Options{JournalDir: journal}, tenantRule{}, func(h host) {
		w := newWitness()
		signal := h.signal(w)
		signal.ResolveParticipant(&livekit.ParticipantInfo{Sid: "PA_ana", Identity: "ana", Kind: livekit.ParticipantInfo_AGENT, KindDetails: kinds})
		signal.ResolveRoom(&livekit.Room{Sid: "RM_x", Name: "lounge"})
		track := h.newTrackStats("de", "DTR_ana", "PA_ana", livekit.ParticipantInfo_AGENT, kinds, listening(&w.listener),
			roomobs.NewNoopParticipantSessionReporter())
		kinds[1] = 78 // they were copied
		for _, object := range []counted{signal, track} {
			object.AddBytes(1, true)
			object.Stop()
		}
		h.windows()
	})
	for track, country := range map[string]string{"TR_SGPA_ana": "", "DTR_ana": "de"} {
		is := mustBeWritten(t, journal, track)
		if is.country != country || is.roomSID != "RM_x" || is.room != "lounge" || is.participant != "PA_ana" || is.identity != "ana" ||
			is.kind != int64(livekit.ParticipantInfo_AGENT) || !slices.Equal(is.kindDetails, []int64{int64(livekit.ParticipantInfo_CLOUD_AGENT), 77}) ||
			is.unattributed || is.counted.SendBytes != 1 {
			t.Errorf("the journal has %+v", is)
		}
	}
}
