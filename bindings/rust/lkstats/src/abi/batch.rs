// SPDX-License-Identifier: Apache-2.0
//! Reports that are taken together and answered together, read where the library has them.
//!
//! Why nothing borrowed from a batch can dangle: its memory is the library's until the batch is
//! answered, or the context is abandoned, or closed with all of its records acknowledged. Reports
//! is only ever lent, by a [`Batch`] or for the length of a call of on_batch, and what it lends
//! does not outlive that loan. A Batch is answered by value, so no loan is left. It borrows the
//! context, so that can't be abandoned (by value), dropped, or asked to redeliver (exclusively)
//! while one is out. Without a redelivery no other batch has the same records, so nobody else can
//! acknowledge them, and a close can't end before they are; where a journal does, or they are a dead
//! context's, the batches that are out are counted, and close does not end before there are none. A
//! Batch that is leaked (mem::forget) is never answered, and lends nothing any more.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::mem::{align_of, size_of};
use std::ops::Deref;
use std::ptr;

use lkstats_sys as sys;

use super::call::call;
use super::out::Place;
use super::record::Record;
use super::text::{borrow, items};
use crate::{Context, Error, Result};

/// What a batch holds, and `on_batch` is called with.
pub struct Reports {
    raw: sys::lkstats_batch_t,
}

// SAFETY: the library's memory and calls are not bound to a thread. Not Sync: AnalyticsStats may be
// asked for by one thread at a time.
unsafe impl Send for Reports {}

impl Reports {
    /// Fails where records are of a form that this crate can't step over.
    pub(super) fn new(raw: sys::lkstats_batch_t) -> Result<Reports> {
        let step = raw.record_size as usize;
        let fits = step >= size_of::<sys::lkstats_record_t>()
            && step % align_of::<sys::lkstats_record_t>() == 0;
        fits.then_some(Reports { raw }).ok_or(Error::Layout)
    }

    /// The records, in the order in which they are to be read.
    pub fn records(&self) -> Records<'_> {
        Records {
            next: self.raw.records.cast(),
            step: self.raw.record_size as usize,
            left: self.raw.record_count as usize,
            batch: PhantomData,
        }
    }

    /// Whether these are reports of a dead context's: [`Options::slab_dir`](crate::Options::slab_dir).
    pub fn recovered(&self) -> bool {
        self.raw.flags & sys::LKSTATS_RECOVERED != 0
    }

    /// As the context's options have it, or those of the dead one whose reports these are:
    /// [`Options::slab_dir`](crate::Options::slab_dir).
    pub fn node(&self) -> &str {
        // SAFETY: the library's as long as the batch is out.
        unsafe { borrow(&self.raw.node) }
    }

    /// As the same options have it.
    pub fn analytics_key(&self) -> &str {
        // SAFETY: the library's as long as the batch is out.
        unsafe { borrow(&self.raw.analytics_key) }
    }

    /// The batch as one serialized livekit.AnalyticsStats message: for each record a stat UPSTREAM
    /// where something was received, then a stat DOWNSTREAM where something was sent. The same
    /// bytes each time.
    pub fn analytics_stats(&self) -> Result<&[u8]> {
        let (mut data, mut size) = (ptr::null(), 0);
        // SAFETY: the batch is out, this is its only thread (not Sync), both results can be
        // written.
        unsafe { call!(batch_analytics_stats(&self.raw, &mut data, &mut size)) }?;
        // SAFETY: the library keeps the bytes as long as the batch is out.
        Ok(unsafe { items(data, size) })
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports")
            .field("id", &self.raw.id)
            .field("records", &self.raw.record_count)
            .field("node", &self.node())
            .finish_non_exhaustive()
    }
}

/// The records of a batch.
#[derive(Clone)]
pub struct Records<'a> {
    next: *const u8,
    step: usize,
    left: usize,
    batch: PhantomData<&'a Reports>,
}

// SAFETY: records are constant as long as 'a.
unsafe impl Send for Records<'_> {}
// SAFETY: as above.
unsafe impl Sync for Records<'_> {}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    #[inline]
    fn next(&mut self) -> Option<Record<'a>> {
        self.left = self.left.checked_sub(1)?;
        let raw = self.next.cast::<sys::lkstats_record_t>();
        // One past the last is never followed.
        self.next = self.next.wrapping_add(self.step);
        // SAFETY: one of the batch's records, which are step apart, as long as this crate's at
        // least, aligned, and constant as long as 'a, strings and lists included.
        Some(unsafe { Record::new(&*raw) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Records<'_> {}
impl FusedIterator for Records<'_> {}

impl fmt::Debug for Records<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Reports that were taken and have to be answered. Dropped without an answer it is given back, so
/// that a consumer that panics loses nothing.
///
/// Leaked ([`std::mem::forget`]), its records are out until the context is closed or asked to
/// redeliver.
///
/// Its records are the library's memory until the answer, and the compiler sees to it that they are
/// not used any more then:
///
/// ```compile_fail,E0505
/// # fn f(batch: lkstats::Batch<'_>) {
/// let record = batch.records().next();
/// batch.ack();
/// println!("{record:?}");
/// # }
/// ```
///
/// that the context is not given up or asked to redeliver while a batch is out:
///
/// ```compile_fail,E0505
/// # fn f(context: lkstats::Context) {
/// let batch = context.try_next();
/// context.abandon();
/// drop(batch);
/// # }
/// ```
///
/// ```compile_fail,E0502
/// # fn f(mut context: lkstats::Context) {
/// let batch = context.try_next();
/// context.redeliver();
/// drop(batch);
/// # }
/// ```
///
/// that nothing of a batch leaves `on_batch`:
///
/// ```compile_fail,E0521
/// use lkstats::{Context, Options, Record};
/// static KEPT: std::sync::Mutex<Vec<Record<'static>>> = std::sync::Mutex::new(Vec::new());
/// let context = Context::open_with(&Options::default(), |reports| {
///     KEPT.lock().unwrap().extend(reports.records());
/// });
/// ```
///
/// and that it is read by one thread at a time:
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<lkstats::Batch<'static>>();
/// ```
#[must_use = "a batch that is dropped is given back, and comes again"]
pub struct Batch<'a> {
    reports: Reports,
    context: PhantomData<&'a Context>,
    answered: bool,
    /// Where it is counted. Left when it was answered.
    _place: Option<Place<'a>>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(raw: sys::lkstats_batch_t, place: Option<Place<'a>>) -> Result<Batch<'a>> {
        let reports = Reports::new(raw).inspect_err(|_| {
            // SAFETY: known by its context and id alone.
            let _ = unsafe { call!(nack(&raw)) };
        })?;
        Ok(Batch {
            reports,
            context: PhantomData,
            answered: false,
            _place: place,
        })
    }

    /// Acknowledges every record: they are never delivered again. Fails with
    /// [`Closed`](Error::Closed): the context is.
    pub fn ack(mut self) -> Result<()> {
        self.answered = true;
        // SAFETY: nothing borrowed from it is left, since it is here by value.
        unsafe { call!(ack(&self.reports.raw)) }
    }

    /// Gives the batch back: its records are delivered again, same keys, same content, before newer
    /// ones. Fails as [`ack`](Batch::ack) does.
    pub fn nack(mut self) -> Result<()> {
        self.answered = true;
        // SAFETY: as in ack.
        unsafe { call!(nack(&self.reports.raw)) }
    }
}

impl Deref for Batch<'_> {
    type Target = Reports;

    fn deref(&self) -> &Reports {
        &self.reports
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if !self.answered {
            // SAFETY: as in ack: what was borrowed from it is not used any more.
            let _ = unsafe { call!(nack(&self.reports.raw)) };
        }
    }
}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Batch").field(&self.reports).finish()
    }
}
