// SPDX-License-Identifier: Apache-2.0
//! Batches as an iterator.

use std::iter::FusedIterator;

use crate::{Batch, Context, Error, Result};

/// The batches that are there now: [`Context::batches`].
#[derive(Debug)]
#[must_use = "batches are taken by iterating"]
pub struct Batches<'a> {
    context: &'a Context,
    over: bool,
    ended: bool,
}

impl<'a> Batches<'a> {
    pub(crate) fn new(context: &'a Context) -> Batches<'a> {
        Batches {
            context,
            over: false,
            ended: false,
        }
    }

    /// Whether nothing will come any more: the context is closed, and nothing is owed. Known once
    /// the iterator is over.
    pub fn ended(&self) -> bool {
        self.ended
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Batch<'a>>;

    fn next(&mut self) -> Option<Result<Batch<'a>>> {
        if self.over {
            return None;
        }
        let next = self.context.try_next();
        self.over = !matches!(next, Ok(Some(_)));
        self.ended = next.as_ref().err() == Some(&Error::Eof);
        if self.ended {
            None
        } else {
            next.transpose()
        }
    }
}

impl FusedIterator for Batches<'_> {}
