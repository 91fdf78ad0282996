// SPDX-License-Identifier: Apache-2.0
//! What is said of a record.

use core::fmt;

/// What a record is, seen beside those that came before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Follows the newest.
    Next,
    /// This key came before.
    Duplicate,
    /// Is newer, and some before it did not come, so far: see [`Epoch::missing`](crate::Epoch::missing).
    Gap,
    /// Is one of those.
    Late,
    /// Late or a duplicate: it comes where gaps were too many to be told apart, see
    /// [`GAPS_MAX`](crate::GAPS_MAX).
    Unsure,
    /// Can't be true beside the others.
    Contradiction(Why),
}

/// The verdict in a word: "duplicate".
impl fmt::Display for Verdict {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(match self {
            Verdict::Next => "next",
            Verdict::Duplicate => "duplicate",
            Verdict::Gap => "gap",
            Verdict::Late => "late",
            Verdict::Unsure => "unsure",
            Verdict::Contradiction(_) => "contradiction",
        })
    }
}

/// What contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// No record is like this, whatever came before.
    Form,
    /// The record is of another epoch.
    State,
    /// The same key came before with another content.
    Content,
    /// Window and running totals don't fit those before and after it.
    Totals,
    /// The epoch was over before it.
    Over,
}

/// A sentence.
impl fmt::Display for Why {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(match self {
            Why::Form => "no record is like this, whatever came before",
            Why::State => "the record is of another epoch",
            Why::Content => "the same key came before with another content",
            Why::Totals => "window and running totals do not fit those before and after it",
            Why::Over => "the epoch was over before it",
        })
    }
}
