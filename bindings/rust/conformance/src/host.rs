// SPDX-License-Identifier: Apache-2.0
//! What a story has open, and the calls on the context.
//!
//! A batch borrows its context, so the lines are run in stretches: one ends where a call needs the context for
//! itself. No batch is out there, says the suite.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use lkstats::{Batch, Channel, Context, Error, MetricsFormat, Options, Residue};

use crate::handles::Handles;
use crate::script::{Line, NotUnderstood, Script};
use crate::transcript::{Figures, Text};
use crate::{batches, layout};

const WALL_AT_0: Duration = Duration::from_nanos(1_700_000_000_000_000_000);

pub enum Failure {
    Script(NotUnderstood),
    Output(io::Error),
}

impl From<NotUnderstood> for Failure {
    fn from(failure: NotUnderstood) -> Self {
        Self::Script(failure)
    }
}

impl From<io::Error> for Failure {
    fn from(failure: io::Error) -> Self {
        Self::Output(failure)
    }
}

pub type Done = Result<(), Failure>;

pub struct Host<'a> {
    script: Script<'a>,
    out: &'a mut dyn Write,
    handles: Handles<'a>,
    files: Files,
}

/// Options of slab_dir and journal_dir, for the next open.
#[derive(Default)]
struct Files {
    slab_dir: Vec<u8>,
    journal_dir: Vec<u8>,
    segment_bytes: u64,
    keep_bytes: u64,
    keep_segments: u32,
    segment_age: Duration,
    sync: bool,
}

/// What ends a stretch.
enum Alone<'a> {
    Story(Line<'a>),
    Open(Line<'a>),
    Redeliver(Line<'a>),
    Abandon(Line<'a>),
}

impl<'a> Host<'a> {
    pub fn new(text: &'a str, out: &'a mut dyn Write) -> Self {
        Self {
            script: Script::new(text),
            out,
            handles: Handles::default(),
            files: Files::default(),
        }
    }

    pub fn run(mut self) -> Done {
        let mut context = None;
        while let Some(alone) = self.run_stretch(context.as_ref())? {
            match alone {
                Alone::Story(line) => self.story(line, context.take())?,
                Alone::Open(line) => context = self.open(line)?,
                Alone::Redeliver(line) => self.redeliver(line, context.as_mut())?,
                Alone::Abandon(line) => self.abandon(line, context.take())?,
            }
        }
        self.end_story(context);
        Ok(())
    }

    /// `None`: the script is at its end.
    fn run_stretch(&mut self, context: Option<&Context>) -> Result<Option<Alone<'a>>, Failure> {
        let mut batches: HashMap<&str, Batch<'_>> = HashMap::new();
        for mut line in self.script.by_ref() {
            let command = line.word()?;
            let out = &mut *self.out;
            match command {
                "story" => return Ok(Some(Alone::Story(line))),
                "open" => return Ok(Some(Alone::Open(line))),
                "abandon" => return Ok(Some(Alone::Abandon(line))),
                "redeliver" if !batches.is_empty() => {
                    return Err(line
                        .not_understood("a batch is out: Rust has no redelivery then")
                        .into())
                }
                "redeliver" => return Ok(Some(Alone::Redeliver(line))),
                "files" => {
                    self.files = files(&mut line)?;
                    answer_line(out, line.number, &Ok(()))?;
                }
                "run" => run_once(line, out, context)?,
                "metrics" => metrics(line, out, context)?,
                "close" => close(line, out, context)?,
                "next" => batches::next(line, out, context, &mut batches)?,
                "stats" => batches::stats(line, out, &batches)?,
                "ack" => batches::answer_batch(line, out, &mut batches, Batch::ack)?,
                "nack" => batches::answer_batch(line, out, &mut batches, Batch::nack)?,
                "track_id" => track_id(line, out)?,
                "statuses" => layout::statuses(line, out)?,
                "layout" => layout::layout(line, out)?,
                _ if self.handles.run(command, &mut line, out, context)? => {}
                _ => return Err(line.not_understood("no such command").into()),
            }
        }
        Ok(None)
    }

    fn story(&mut self, mut line: Line<'_>, context: Option<Context>) -> Done {
        self.end_story(context);
        writeln!(self.out, "story {}", line.word()?)?;
        line.end()?;
        Ok(())
    }

    /// What is open is given up, what has a name is forgotten.
    fn end_story(&mut self, context: Option<Context>) {
        if let Some(context) = context {
            let _ = context.abandon(); // it may be closed
        }
        self.handles = Handles::default();
        self.files = Files::default();
    }

    fn open(&mut self, mut line: Line<'_>) -> Result<Option<Context>, Failure> {
        let (node, key) = (line.string()?, line.string()?);
        let files = std::mem::take(&mut self.files);
        let options = Options {
            journal_segment_bytes: files.segment_bytes,
            journal_keep_bytes: files.keep_bytes,
            journal_keep_segments: files.keep_segments,
            journal_segment_age: files.segment_age,
            journal_sync: files.sync,
            report_interval: Duration::from_millis(line.number::<u32>()?.into()),
            max_tracks: line.number()?,
            preallocate: line.flag()?,
            no_reports: line.flag()?,
            manual: true,
            ..Options::default()
        };
        line.end()?;
        let opened = text(&node)
            .and_then(|node| {
                Ok(Options {
                    node,
                    analytics_key: text(&key)?,
                    slab_dir: text(&files.slab_dir)?,
                    journal_dir: text(&files.journal_dir)?,
                    ..options
                })
            })
            .and_then(|options| Context::open(&options));
        answer_line(self.out, line.number, &opened)?;
        Ok(opened.ok())
    }

    fn redeliver(&mut self, mut line: Line<'_>, context: Option<&mut Context>) -> Done {
        line.end()?;
        answer_line(
            self.out,
            line.number,
            &context.ok_or(Error::Stale).and_then(Context::redeliver),
        )
    }

    fn abandon(&mut self, mut line: Line<'_>, context: Option<Context>) -> Done {
        line.end()?;
        let given_up = context.ok_or(Error::Stale).and_then(Context::abandon);
        tell_residue(self.out, line.number, &given_up, given_up.ok())
    }
}

fn files(line: &mut Line<'_>) -> Result<Files, NotUnderstood> {
    let files = Files {
        slab_dir: line.string()?,
        journal_dir: line.string()?,
        segment_bytes: line.number()?,
        keep_bytes: line.number()?,
        keep_segments: line.number()?,
        segment_age: Duration::from_millis(line.number::<u32>()?.into()),
        sync: line.flag()?,
    };
    line.end()?;
    Ok(files)
}

fn track_id(mut line: Line<'_>, out: &mut dyn Write) -> Done {
    let channel = Channel::from(line.number::<i32>()?);
    let sid = line.string()?;
    line.end()?;
    let id = text(&sid).and_then(|sid| lkstats::track_id_for_participant(channel, sid));
    answer(out, line.number, &id)?;
    if let Ok(id) = id {
        write!(out, " {}", Text(id.as_bytes()))?;
    }
    writeln!(out)?;
    Ok(())
}

/// A string that the binding takes.
pub fn text(bytes: &[u8]) -> lkstats::Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::Invalid)
}

/// The line's number and the status; true: something may follow.
pub fn answer<T>(
    out: &mut dyn Write,
    number: usize,
    result: &lkstats::Result<T>,
) -> io::Result<bool> {
    let name = result
        .as_ref()
        .err()
        .map_or("LKSTATS_OK", |error| error.name());
    write!(out, "{number}: {name}")?;
    Ok(result.is_ok())
}

/// The whole line.
pub fn answer_line<T>(out: &mut dyn Write, number: usize, result: &lkstats::Result<T>) -> Done {
    answer(out, number, result)?;
    writeln!(out)?;
    Ok(())
}

fn run_once(mut line: Line<'_>, out: &mut dyn Write, context: Option<&Context>) -> Done {
    let monotonic = Duration::from_nanos(line.number()?);
    line.end()?;
    let wall = SystemTime::UNIX_EPOCH + WALL_AT_0 + monotonic;
    let ran = context
        .ok_or(Error::Stale)
        .and_then(|context| context.run_once(monotonic, wall));
    answer_line(out, line.number, &ran)
}

fn metrics(mut line: Line<'_>, out: &mut dyn Write, context: Option<&Context>) -> Done {
    let format = match line.number::<u32>()? {
        0 => Ok(MetricsFormat::OpenMetrics),
        1 => Ok(MetricsFormat::Prometheus),
        _ => Err(Error::Invalid),
    };
    line.end()?;
    let metrics = context
        .ok_or(Error::Stale)
        .and_then(|context| context.metrics(format?));
    answer_line(out, line.number, &metrics)?;
    let counted = |line: &&str| {
        line.starts_with("lkstats_bytes_total") || line.starts_with("lkstats_messages_total")
    };
    for line in metrics.iter().flat_map(|text| text.lines()).filter(counted) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn close(mut line: Line<'_>, out: &mut dyn Write, context: Option<&Context>) -> Done {
    line.end()?;
    let closed = context
        .ok_or(Error::Stale)
        .and_then(|context| context.close(Duration::ZERO));
    let left = match closed {
        Ok(()) | Err(Error::TimedOut) => context.map(Context::residue),
        Err(_) => None,
    };
    tell_residue(out, line.number, &closed, left)
}

fn tell_residue<T>(
    out: &mut dyn Write,
    number: usize,
    closed: &lkstats::Result<T>,
    left: Option<Residue>,
) -> Done {
    answer(out, number, closed)?;
    if let Some(residue) = left {
        write!(
            out,
            " tracks={} traffic={}",
            residue.tracks,
            Figures(&residue.traffic)
        )?;
    }
    writeln!(out)?;
    Ok(())
}
