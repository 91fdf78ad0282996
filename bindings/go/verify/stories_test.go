// SPDX-License-Identifier: Apache-2.0

package verify

import "math"

// What comes of one epoch, and what a person says of it.
type story struct {
	name  string
	end   string
	takes []take
}

type take struct {
	record  Record
	verdict Verdict
	why     Why
}

func units(n uint64) Traffic { return Traffic{n * 100, n, n * 10, n / 2} }

// A window of a data track, from one total to another.
func data(sequence uint32, before, after uint64) Record {
	r := Record{Key: Key{Sequence: sequence, Kind: KindTraffic}, Running: units(after)}
	r.Window = units(after).less(units(before))
	r.Context[0], r.Slot, r.Tag, r.Epoch = 7, 3, 91, 1
	return r
}

// Likewise of a signal connection.
func signal(sequence uint32, before, after uint64) Record {
	r := data(sequence, before, after)
	r.Signal, r.Epoch = true, 2
	return r
}

func joined() Record {
	r := signal(1, 0, 0)
	r.Kind = KindJoined
	return r
}

func left(sequence uint32, total uint64) Record {
	r := signal(sequence, total, total)
	r.Kind = KindLeft
	return r
}

func unattributed(total uint64) Record {
	r := signal(1, 0, total)
	r.Unattributed = true
	return r
}

func but(r Record, change func(*Record)) Record {
	change(&r)
	return r
}

func is(r Record, verdict Verdict) take       { return take{record: r, verdict: verdict} }
func contradicts(r Record, why Why) take      { return take{r, Contradiction, why} }
func tells(name, end string, t ...take) story { return story{name, end, t} }

func stories() []story {
	return append(append(plainStories(), falseStories()...), crowdedStories()...)
}

func plainStories() []story {
	return []story{
		tells("a data track in order", "complete",
			is(data(1, 0, 4), Next), is(data(2, 4, 5), Next), is(data(3, 5, 9), Next)),
		tells("a signal connection in order", "complete",
			is(joined(), Next), is(signal(2, 0, 4), Next), is(signal(3, 4, 6), Next), is(left(3, 6), Next)),
		tells("a left without traffic", "complete",
			is(joined(), Next), is(signal(2, 0, 4), Next), is(left(3, 4), Next), is(signal(2, 0, 4), Duplicate),
			is(joined(), Duplicate), is(left(3, 4), Duplicate)),
		tells("a connection that said nothing", "complete", is(joined(), Next), is(left(2, 0), Next)),
		tells("a connection that is still there", "gapless", is(joined(), Next), is(signal(2, 0, 4), Next)),
		tells("nobody's connection", "complete", is(unattributed(5), Next), is(unattributed(5), Duplicate)),
		tells("what comes twice", "complete",
			is(joined(), Next), is(joined(), Duplicate), is(signal(2, 0, 4), Next), is(signal(2, 0, 4), Duplicate),
			is(joined(), Duplicate), is(left(2, 4), Next), is(left(2, 4), Duplicate), is(signal(2, 0, 4), Duplicate)),
		tells("a gap, and what was in it", "complete",
			is(data(1, 0, 4), Next), is(data(5, 9, 10), Gap), is(data(3, 6, 7), Late), is(data(2, 4, 6), Late),
			is(data(3, 6, 7), Duplicate), is(data(4, 7, 9), Late), is(data(6, 10, 11), Next)),
		tells("a gap that stays", "3 missing, 5 messages", is(data(1, 0, 4), Next), is(data(5, 9, 10), Gap)),
		tells("the beginning is missing", "56 missing, 100 messages", is(data(57, 100, 104), Gap)),
		tells("all backwards", "complete",
			is(left(3, 6), Gap), is(signal(3, 4, 6), Late), is(signal(2, 0, 4), Late), is(joined(), Late)),
		tells("what came before has all traffic of the left's", "2 missing, 3 messages",
			is(left(4, 4), Gap), is(signal(3, 3, 4), Late), is(left(4, 4), Duplicate), is(signal(3, 3, 4), Duplicate),
			contradicts(signal(4, 3, 4), Content), contradicts(signal(5, 4, 5), Over)),
		tells("traffic was to come with the left", "1 missing, 3 messages",
			is(joined(), Next), is(signal(2, 0, 4), Next), is(left(3, 7), Gap)),
		tells("only with the left can there have been traffic", "2 missing, 5 messages", is(left(2, 5), Gap)),
		tells("a joined and a left, and nothing between but the joined", "1 missing, 0 messages", is(left(2, 0), Gap)),
		tells("whether traffic came with the left nobody knows", "at least 2 missing, 6 messages",
			is(joined(), Next), is(left(4, 6), Gap)),
		tells("... until what is before it came", "complete",
			is(joined(), Next), is(left(4, 6), Gap), is(signal(3, 2, 6), Late), is(signal(2, 0, 2), Late)),
		tells("... or it itself", "complete",
			is(joined(), Next), is(left(4, 6), Gap), is(signal(4, 5, 6), Late), is(signal(3, 2, 5), Late),
			is(signal(4, 5, 6), Duplicate), is(signal(2, 0, 2), Late)),
		tells("the joined is missing", "1 missing, 0 messages", is(signal(2, 0, 4), Gap), is(left(2, 4), Next)),
		tells("the highest sequence", "4294967294 missing, 1000 messages",
			is(data(math.MaxUint32, 1000, 1001), Gap), is(data(math.MaxUint32, 1000, 1001), Duplicate)),
		tells("the highest sequence is a left's", "at least 4294967293 missing, 1000 messages",
			is(joined(), Next), is(left(math.MaxUint32, 1000), Gap), is(left(math.MaxUint32, 1000), Duplicate)),
		tells("and then its traffic", "4294967293 missing, 999 messages",
			is(joined(), Next), is(left(math.MaxUint32, 1000), Gap), is(signal(math.MaxUint32, 999, 1000), Late)),
		tells("figures as high as they can be", "2 missing, 1 messages",
			is(but(data(3, 0, 1), func(r *Record) {
				r.Running = Traffic{math.MaxUint64, 2, math.MaxUint64, 0}
				r.Window = Traffic{math.MaxUint64, 1, math.MaxUint64 - 1, 0}
			}), Gap)),
	}
}

func falseStories() []story {
	list := []story{
		tells("the newest comes with another content", "gapless",
			is(data(1, 0, 4), Next), is(data(2, 4, 6), Next), contradicts(data(2, 5, 6), Content),
			contradicts(data(2, 4, 7), Content), is(data(2, 4, 6), Duplicate)),
		tells("an older one does", "gapless",
			is(data(1, 0, 4), Next), is(data(2, 4, 6), Next), is(data(3, 6, 9), Next),
			contradicts(data(1, 1, 4), Content), contradicts(data(2, 4, 9), Content), contradicts(data(2, 5, 10), Content),
			contradicts(data(1, 0, 9), Content)),
		tells("totals that don't go on", "gapless",
			is(data(1, 0, 4), Next), contradicts(data(2, 5, 6), Totals), contradicts(data(2, 3, 6), Totals),
			contradicts(data(3, 3, 6), Totals), contradicts(data(3, 4, 6), Totals), is(data(2, 4, 6), Next)),
		tells("totals that go back in one figure", "gapless",
			is(data(1, 0, 4), Next),
			contradicts(but(data(3, 6, 8), func(r *Record) { r.Window.RecvBytes = r.Running.RecvBytes }), Totals)),
		tells("what does not fit into the gap", "2 missing, 4 messages",
			is(data(1, 0, 4), Next), is(data(4, 8, 9), Gap), contradicts(data(2, 5, 6), Totals),
			contradicts(data(3, 6, 7), Totals), contradicts(data(2, 4, 8), Totals), contradicts(data(3, 4, 8), Totals),
			contradicts(data(2, 4, 9), Totals)),
		tells("what comes after the left", "gapless",
			is(joined(), Next), is(left(2, 0), Next), contradicts(signal(3, 0, 1), Over), contradicts(left(3, 0), Over),
			contradicts(signal(2, 0, 1), Content)),
		tells("a left before others", "gapless",
			is(joined(), Next), is(signal(2, 0, 1), Next), is(signal(3, 1, 2), Next), contradicts(left(2, 1), Over)),
		tells("two lefts", "gapless",
			is(joined(), Next), is(signal(2, 0, 1), Next), is(left(2, 1), Next), contradicts(left(2, 2), Content),
			contradicts(left(3, 1), Over)),
		tells("two lefts that agree but for the sequence", "gapless",
			is(joined(), Next), is(signal(2, 0, 1), Next), is(signal(3, 1, 2), Next), is(left(3, 2), Next),
			contradicts(left(2, 2), Content)),
		tells("a left with other totals", "gapless",
			is(joined(), Next), is(signal(2, 0, 3), Next), contradicts(left(2, 4), Totals), contradicts(left(3, 2), Totals),
			is(left(2, 3), Next)),
		tells("a left that leaves no traffic for what it says came before", "gapless",
			is(joined(), Next), contradicts(left(4, 0), Totals)),
		tells("a joined of which the first window had traffic already", "nothing",
			contradicts(signal(2, 1, 2), Totals)),
		tells("something else of nobody's connection", "gapless",
			is(unattributed(5), Next), contradicts(joined(), Content), contradicts(signal(2, 5, 6), Content),
			contradicts(unattributed(6), Content)),
		tells("nobody's connection had traffic before", "nothing",
			contradicts(but(unattributed(5), func(r *Record) { r.Window = units(4) }), Totals)),
		tells("a track that becomes a connection", "gapless",
			is(but(signal(1, 0, 2), func(r *Record) { r.Signal, r.Epoch = false, 1 }), Next),
			contradicts(but(signal(2, 2, 3), func(r *Record) { r.Epoch = 1 }), Content)),
	}
	forms := story{name: "what no record is like", end: "nothing"}
	for _, change := range []func(*Record){
		func(r *Record) { r.Sequence = 0 },
		func(r *Record) { r.Epoch = 0 },
		func(r *Record) { r.Epoch = 2 },
		func(r *Record) { r.Kind = 0 },
		func(r *Record) { r.Kind = 4 },
		func(r *Record) { r.Kind = KindJoined },
		func(r *Record) { r.Kind = KindLeft },
		func(r *Record) { r.Unattributed = true },
		func(r *Record) { r.Window = Traffic{} },
		func(r *Record) { r.Window.SendBytes = r.Running.SendBytes + 1 },
		func(r *Record) { r.Window.SendMessages = r.Running.SendMessages + 1 },
		func(r *Record) { r.Window.RecvBytes = r.Running.RecvBytes + 1 },
		func(r *Record) { r.Window.RecvMessages = r.Running.RecvMessages + 1 },
	} {
		forms.takes = append(forms.takes, contradicts(but(data(1, 0, 4), change), Form))
	}
	forms.takes = append(forms.takes, contradicts(signal(1, 0, 4), Form),
		contradicts(but(joined(), func(r *Record) { r.Sequence = 2 }), Form),
		contradicts(but(joined(), func(r *Record) { r.Epoch = 0 }), Form),
		contradicts(but(joined(), func(r *Record) { r.Running = units(1) }), Form),
		contradicts(but(joined(), func(r *Record) { r.Window, r.Running = units(1), units(1) }), Form),
		contradicts(but(joined(), func(r *Record) { r.Unattributed = true }), Form),
		contradicts(left(1, 0), Form),
		contradicts(but(left(2, 4), func(r *Record) { r.Window = units(1) }), Form),
		contradicts(but(signal(2, 0, 1), func(r *Record) { r.Unattributed = true }), Form))
	strangers := story{name: "records of other epochs", end: "gapless", takes: []take{is(joined(), Next)}}
	for _, change := range []func(*Record){
		func(r *Record) { r.Context[0]++ },
		func(r *Record) { r.Slot++ },
		func(r *Record) { r.Tag++ },
		func(r *Record) { r.Epoch++ },
		func(r *Record) { r.Epoch-- },
	} {
		strangers.takes = append(strangers.takes, contradicts(but(signal(2, 0, 4), change), State))
	}
	return append(list, forms, strangers)
}

// More gaps than are told apart.
func crowdedStories() []story {
	// Every second one: 2, 4 ... 16
	var crowd []take
	for s := uint32(2); s <= 16; s += 2 {
		crowd = append(crowd, is(data(s, uint64(s)-1, uint64(s)), Gap))
	}
	after := func(t ...take) []take { return append(append([]take{}, crowd...), t...) }
	// Two and two of a connection, but for one before the left.
	var ended []take
	for s := uint32(3); s <= 21; s += 3 {
		ended = append(ended, is(signal(s, uint64(s)-1, uint64(s)), Gap), is(signal(s+1, uint64(s), uint64(s)+1), Next))
	}
	ended = append(ended, is(signal(24, 23, 24), Gap), is(left(27, 30), Gap), is(signal(25, 24, 25), Unsure),
		is(signal(27, 29, 30), Unsure), is(left(27, 30), Duplicate), contradicts(signal(27, 29, 31), Totals))
	return []story{
		{"one gap too many before a left", "at least 9 missing, 13 messages", ended},
		{"one gap too many before a left, and nothing came into it", "at least 11 missing, 15 messages", ended[:16]},
		{"as many gaps as are told apart", "8 missing, 8 messages", crowd},
		{"and all that was in them", "complete", after(
			is(data(1, 0, 1), Late), is(data(15, 14, 15), Late), is(data(3, 2, 3), Late), is(data(5, 4, 5), Late),
			is(data(7, 6, 7), Late), is(data(9, 8, 9), Late), is(data(11, 10, 11), Late), is(data(13, 12, 13), Late))},
		{"one gap too many: what is missing is exact as long as nothing comes into it", "9 missing, 9 messages",
			after(is(data(18, 17, 18), Gap), is(data(18, 17, 18), Duplicate), is(data(4, 3, 4), Duplicate),
				is(data(19, 18, 19), Next))},
		{"and at least that when something did", "at least 7 missing, 7 messages",
			after(is(data(18, 17, 18), Gap), is(data(1, 0, 1), Unsure), is(data(2, 1, 2), Unsure),
				contradicts(data(1, 1, 2), Totals), contradicts(data(3, 3, 4), Totals), is(data(4, 3, 4), Duplicate))},
		{"never less than nothing", "at least 7 missing, 6 messages",
			after(is(data(18, 17, 18), Gap), is(data(1, 0, 1), Unsure), is(data(1, 0, 1), Unsure), is(data(1, 0, 1), Unsure))},
	}
}
