// SPDX-License-Identifier: Apache-2.0
//! The lines as a person reads them, and as a program does: the form of `lkstats_bench`.

use crate::line::{Line, Verdict};

pub fn print_head() {
    println!(
        "{:<58} {:>12} {:>12} {:>6} {:>7} {:>7}  met",
        "what", "ours", "limit", "ratio", "spread", "target"
    );
}

pub fn print_row(line: &Line) {
    let verdict = line.judge();
    println!(
        "{:<58} {:>12} {:>12} {:>6.2} {:>6.1}% {:>7}  {}",
        line.what,
        quantity(verdict.ours),
        quantity(verdict.limit),
        verdict.ratio,
        verdict.spread * 100.0,
        line.target
            .map(|target| format!("<= {target:.1}"))
            .unwrap_or_default(),
        met_word(line, &verdict)
    );
}

pub fn print_json(lines: &[Line]) {
    let objects: Vec<String> = lines.iter().map(json_object).collect();
    println!("[\n  {}\n]", objects.join(",\n  "));
}

fn quantity(nanoseconds: f64) -> String {
    if nanoseconds < 100.0 {
        format!("{nanoseconds:.2} ns")
    } else {
        format!("{nanoseconds:.0} ns")
    }
}

fn met_word(line: &Line, verdict: &Verdict) -> &'static str {
    match (line.target, verdict.met, verdict.uncertain) {
        (None, ..) => "",
        (_, true, false) => "yes",
        (_, true, true) => "yes, within the spread",
        (_, false, false) => "no",
        (_, false, true) => "no, within the spread",
    }
}

fn json_object(line: &Line) -> String {
    let Verdict {
        ours,
        limit,
        ratio,
        spread,
        met,
        uncertain,
    } = line.judge();
    let (target, met, uncertain) = match line.target {
        Some(target) => (target.to_string(), met.to_string(), uncertain.to_string()),
        None => ("null".into(), "null".into(), "null".into()),
    };
    format!(
        "{{\"what\": \"{}\", \"unit\": \"ns\", \"ours\": {ours:.5}, \"limit\": {limit:.5}, \"ratio\": {ratio:.4}, \
         \"spread\": {spread:.4}, \"target\": {target}, \"met\": {met}, \"uncertain\": {uncertain}}}",
        line.what
    )
}
