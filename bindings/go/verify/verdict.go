// SPDX-License-Identifier: Apache-2.0

package verify

// Verdict is what a record is, seen beside those that came before it.
type Verdict int

const (
	// Next follows the newest.
	Next Verdict = iota
	// Duplicate: this key came before.
	Duplicate
	// Gap is newer, and some before it did not come, so far: see Epoch.Missing.
	Gap
	// Late is one of those.
	Late
	// Unsure is late or a duplicate: it comes where gaps were too many to be told apart, see GapsMax.
	Unsure
	// Contradiction can't be true beside the others: see Epoch.Why.
	Contradiction
)

// String is the verdict in a word: "duplicate".
func (v Verdict) String() string {
	words := [...]string{"next", "duplicate", "gap", "late", "unsure", "contradiction"}
	if v < 0 || int(v) >= len(words) {
		return "unknown"
	}
	return words[v]
}

// Why is what contradicts.
type Why int

const (
	// Nothing contradicts.
	Nothing Why = iota
	// Form: no record is like this, whatever came before.
	Form
	// State: the record is of another epoch, or there is none.
	State
	// Content: the same key came before with another content.
	Content
	// Totals: window and running totals don't fit those before and after it.
	Totals
	// Over: the epoch was over before it.
	Over
)

// String is a sentence.
func (w Why) String() string {
	sentences := [...]string{
		"nothing contradicts",
		"no record is like this, whatever came before",
		"the record is of another epoch, or there is no record or no state",
		"the same key came before with another content",
		"window and running totals do not fit those before and after it",
		"the epoch was over before it",
	}
	if w < 0 || int(w) >= len(sentences) {
		return "unknown"
	}
	return sentences[w]
}
