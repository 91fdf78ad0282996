// SPDX-License-Identifier: Apache-2.0
//! Who moved how much: one row per room, participant and channel, seen from the server.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use lkstats::Traffic;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub room: String,
    pub participant: String,
    pub channel: &'static str,
}

#[derive(Default)]
pub struct Row {
    pub traffic: Traffic,
    pub joined: u64,
    pub left: u64,
}

#[derive(Default)]
pub struct Ledger {
    rows: BTreeMap<Name, Row>,
}

impl Ledger {
    pub fn row(&mut self, name: Name) -> &mut Row {
        self.rows.entry(name).or_default()
    }

    /// One row a line, tab-separated: names, bytes and messages received, then sent, joined, left.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(std::fs::File::create(path)?);
        for (
            Name {
                room,
                participant,
                channel,
            },
            row,
        ) in &self.rows
        {
            let Row {
                traffic,
                joined,
                left,
            } = row;
            writeln!(
                file,
                "{room}\t{participant}\t{channel}\t{}\t{}\t{}\t{}\t{joined}\t{left}",
                traffic.recv_bytes,
                traffic.recv_messages,
                traffic.send_bytes,
                traffic.send_messages
            )?;
        }
        file.flush()
    }
}
