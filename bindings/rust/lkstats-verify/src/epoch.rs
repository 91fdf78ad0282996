// SPDX-License-Identifier: Apache-2.0
//! One epoch of one handle.

use alloc::vec::Vec;

use crate::gap::{put, Run};
use crate::{EpochKey, Gap, Kind, Record, Traffic, Verdict, Why};

/// What came of one epoch of one handle. The default is one of which nothing came.
///
/// It allocates when something is missing, and no more than [`GAPS_MAX`](crate::GAPS_MAX) gaps and one.
#[derive(Clone, Debug, Default)]
pub struct Epoch {
    /// Of the first record that came.
    begun: Option<Begun>,
    gaps: Vec<Gap>,
    contradictions: u32,
}

#[derive(Clone, Debug)]
struct Begun {
    key: EpochKey,
    signal: bool,
    unattributed: bool,
    /// The last record came.
    over: bool,
    /// Which is a left without traffic.
    alone: bool,
    newest: u32,
    /// Of the newest.
    running: Traffic,
    window: Traffic,
    /// Sum of the windows that came.
    known: Traffic,
}

/// What did not come, before the newest record that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Missing {
    /// How many sequences, at least.
    pub sequences: u32,
    /// It is just that many, and just that traffic; if not, at least.
    pub exact: bool,
    /// What was counted in them.
    pub traffic: Traffic,
}

impl Epoch {
    /// Takes a record.
    ///
    /// All that are given to one `Epoch` are of one epoch; their order does not matter, nor how often each
    /// comes. That a key came before with another content is seen of the newest record, and of others as far
    /// as their figures don't fit between their neighbours'. A kind of record that this crate does not know is
    /// a contradiction, which changes nothing but, unless it is [`Why::State`], [`Epoch::contradictions`].
    pub fn take(&mut self, record: &Record) -> Verdict {
        let verdict = self.judge(record).unwrap_or_else(Verdict::Contradiction);
        if matches!(verdict, Verdict::Contradiction(why) if why != Why::State) {
            self.contradictions = self.contradictions.saturating_add(1);
        }
        verdict
    }

    fn judge(&mut self, record: &Record) -> Result<Verdict, Why> {
        let key = &record.key;
        if (self.begun.as_ref()).is_some_and(|begun| begun.key != key.epoch) {
            return Err(Why::State);
        }
        if !record.is_well_formed() {
            return Err(Why::Form);
        }
        let Some(begun) = &mut self.begun else {
            return self.newer(record);
        };
        if (begun.signal, begun.unattributed) != (record.signal, record.unattributed) {
            return Err(Why::Content);
        }
        if key.sequence > begun.newest {
            return self.newer(record);
        }
        if key.kind == Kind::LEFT {
            return begun.left(record);
        }
        let number = self.gaps.partition_point(|gap| gap.last < key.sequence);
        match self.gaps.get_mut(number) {
            Some(gap) if gap.first <= key.sequence => {
                let whole = Run {
                    first: gap.first.into(),
                    last: gap.last.into(),
                    // A left came with the last sequence, its traffic did not.
                    open: begun.over && gap.last == begun.newest,
                    before: gap.before,
                    after: gap.after,
                };
                let (ahead, behind) = whole.around(record).ok_or(Why::Totals)?;
                begun.known = begun.known.plus(record.window, begun.running);
                if gap.merged {
                    gap.exact = false;
                    gap.missing = gap.missing.saturating_sub(1);
                    return Ok(Verdict::Unsure);
                }
                if key.sequence == begun.newest {
                    begun.window = record.window;
                }
                begun.alone |= behind.ends_alone();
                let joins = record.joins();
                let rest = ahead.gap(joins).into_iter().chain(behind.gap(joins));
                put(&mut self.gaps, number..number + 1, rest);
                Ok(Verdict::Late)
            }
            _ => {
                let among = begun.between(
                    number.checked_sub(1).map(|before| &self.gaps[before]),
                    self.gaps.get(number),
                );
                let other = key.sequence == begun.newest && record.window != begun.window;
                match among.around(record) {
                    Some(_) if !other => Ok(Verdict::Duplicate),
                    _ => Err(Why::Content),
                }
            }
        }
    }

    /// One that is newer than all before it.
    fn newer(&mut self, record: &Record) -> Result<Verdict, Why> {
        let left = record.key.kind == Kind::LEFT;
        let (newest, running, known) = match &self.begun {
            Some(begun) if begun.over => return Err(Why::Over),
            Some(begun) => (begun.newest, begun.running, begun.known),
            None => Default::default(),
        };
        let between = Run {
            first: u64::from(newest) + 1,
            // A left's own traffic, if there is any, is still to come.
            last: u64::from(record.key.sequence) - u64::from(!left),
            open: left,
            before: running,
            after: record.before(),
        };
        if !between.is_possible(record.joins()) {
            return Err(Why::Totals);
        }
        self.begun = Some(Begun {
            key: record.key.epoch,
            signal: record.signal,
            unattributed: record.unattributed,
            over: left || record.unattributed,
            alone: between.ends_alone(),
            newest: record.key.sequence,
            running: record.running,
            window: record.window,
            known: known.plus(record.window, record.running),
        });
        let Some(gap) = between.gap(record.joins()) else {
            return Ok(Verdict::Next);
        };
        let end = self.gaps.len();
        put(&mut self.gaps, end..end, [gap]);
        Ok(Verdict::Gap)
    }

    /// What is missing before the newest record that came. Where nothing came nothing is missing, as far
    /// as one can see.
    pub fn missing(&self) -> Missing {
        Missing {
            sequences: self.gaps.iter().map(|gap| gap.missing).sum(),
            exact: self.gaps.iter().all(|gap| gap.exact),
            traffic: (self.begun.as_ref())
                .map_or_else(Traffic::default, |begun| begun.running.less(begun.known)),
        }
    }

    /// Where it is missing, the oldest first.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Whether something came, and everything before the newest of it did: nothing is missing so far.
    pub fn is_gapless(&self) -> bool {
        self.begun.is_some() && self.gaps.is_empty()
    }

    /// Whether it is gapless, nothing contradicted, and, of a signal connection, its last record came. Of a
    /// data track, whose records don't say which is the last, it means so far.
    pub fn is_complete(&self) -> bool {
        let ended = |begun: &Begun| !begun.signal || begun.over;
        self.is_gapless() && self.contradictions == 0 && self.begun.as_ref().is_some_and(ended)
    }

    /// Whether nothing is missing between two epochs: this one is of the same handle as `former`, of the
    /// epoch after it, and `former` is complete. `None`: whether this one is of epoch 1.
    ///
    /// Where this is so of all epochs of a handle, one after the other, and the last is complete, every byte
    /// came that was reported of it.
    pub fn follows(&self, former: Option<&Epoch>) -> bool {
        let Some(key) = self.key() else { return false };
        let Some(former) = former else {
            return key.epoch == 1;
        };
        let next = |begun: &Begun| {
            let epoch = begun.key.epoch.checked_add(1)?;
            (!begun.unattributed).then_some(EpochKey { epoch, ..begun.key })
        };
        former.is_complete() && former.begun.as_ref().and_then(next) == Some(key)
    }

    /// Of which epoch the records are, once one came.
    pub fn key(&self) -> Option<EpochKey> {
        self.begun.as_ref().map(|begun| begun.key)
    }

    /// The highest sequence that came; 0 where none did.
    pub fn newest(&self) -> u32 {
        self.begun.as_ref().map_or(0, |begun| begun.newest)
    }

    /// The running totals of the newest record.
    pub fn running(&self) -> Traffic {
        (self.begun.as_ref()).map_or_else(Traffic::default, |begun| begun.running)
    }

    /// Whether the epoch's last record came: a left, or an unattributed one.
    pub fn is_over(&self) -> bool {
        self.begun.as_ref().is_some_and(|begun| begun.over)
    }

    /// How many records were a contradiction.
    pub fn contradictions(&self) -> u32 {
        self.contradictions
    }
}

impl Begun {
    /// A left that is not newer.
    fn left(&mut self, record: &Record) -> Result<Verdict, Why> {
        let (last, agrees) = (
            record.key.sequence == self.newest,
            record.running == self.running,
        );
        match (self.over, last, agrees) {
            (true, true, true) => Ok(Verdict::Duplicate),
            (true, _, _) => Err(Why::Content),
            (false, false, _) => Err(Why::Over),
            (false, true, false) => Err(Why::Totals),
            (false, true, true) => {
                self.over = true;
                Ok(Verdict::Next)
            }
        }
    }

    /// What came between two gaps.
    fn between(&self, before: Option<&Gap>, after: Option<&Gap>) -> Run {
        let (first, before) = before.map_or_else(
            || (1, Traffic::default()),
            |gap| (u64::from(gap.last) + 1, gap.after),
        );
        let (last, after) = after.map_or_else(
            || (u64::from(self.newest) - u64::from(self.alone), self.running),
            |gap| (u64::from(gap.first) - 1, gap.before),
        );
        Run {
            first,
            last,
            open: false,
            before,
            after,
        }
    }
}
