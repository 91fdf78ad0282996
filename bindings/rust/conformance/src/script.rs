// SPDX-License-Identifier: Apache-2.0
//! A script of calls, read line by line and word by word; the suite's README.md has the language.

use std::iter::Enumerate;
use std::str::{FromStr, Lines, Split};

/// A line that is no command.
#[derive(Debug, PartialEq, Eq)]
pub struct NotUnderstood {
    pub line: usize,
    pub why: &'static str,
}

pub type Result<T> = std::result::Result<T, NotUnderstood>;

/// The lines that say something.
pub struct Script<'a>(Enumerate<Lines<'a>>);

pub struct Line<'a> {
    pub number: usize,
    words: Split<'a, char>,
}

impl<'a> Script<'a> {
    pub fn new(text: &'a str) -> Self {
        Self(text.lines().enumerate())
    }
}

impl<'a> Iterator for Script<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let (index, line) = self
            .0
            .find(|(_, line)| !line.is_empty() && !line.starts_with('#'))?;
        Some(Line {
            number: index + 1,
            words: line.split(' '),
        })
    }
}

impl<'a> Line<'a> {
    pub fn word(&mut self) -> Result<&'a str> {
        let word = self.words.next().filter(|word| !word.is_empty());
        self.understood(word, "a word is missing")
    }

    pub fn number<T: FromStr>(&mut self) -> Result<T> {
        let word = self.word()?;
        let number = if word.starts_with('+') {
            None
        } else {
            word.parse().ok()
        };
        self.understood(number, "not a number in its range")
    }

    /// 0 or 1.
    pub fn flag(&mut self) -> Result<bool> {
        Ok(self.number::<Flag>()?.0)
    }

    /// Its bytes, which need not be text.
    pub fn string(&mut self) -> Result<Vec<u8>> {
        let bytes = self.word()?.strip_prefix('=').and_then(decode);
        self.understood(bytes, "not a string")
    }

    pub fn details(&mut self) -> Result<Vec<i32>> {
        let word = self.word()?;
        let details = match word {
            "-" => Some(Vec::new()),
            numbers => numbers
                .split(',')
                .map(|number| number.parse().ok())
                .collect(),
        };
        self.understood(details, "not details")
    }

    /// After the last word.
    pub fn end(&mut self) -> Result<()> {
        let end = if self.words.next().is_none() {
            Some(())
        } else {
            None
        };
        self.understood(end, "a word too many")
    }

    pub fn not_understood(&self, why: &'static str) -> NotUnderstood {
        NotUnderstood {
            line: self.number,
            why,
        }
    }

    fn understood<T>(&self, value: Option<T>, why: &'static str) -> Result<T> {
        value.ok_or_else(|| self.not_understood(why))
    }
}

struct Flag(bool);

impl FromStr for Flag {
    type Err = ();

    fn from_str(word: &str) -> std::result::Result<Self, ()> {
        match word {
            "0" => Ok(Self(false)),
            "1" => Ok(Self(true)),
            _ => Err(()),
        }
    }
}

pub fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
}

fn decode(word: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = match (first, others) {
            (b'%', [high, low, others @ ..]) => {
                bytes.push(digit(high)? << 4 | digit(low)?);
                others
            }
            (&plain, others) if is_plain(plain) => {
                bytes.push(plain);
                others
            }
            _ => return None,
        };
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        Script::new(text).next().expect("a line")
    }

    #[test]
    fn only_lines_that_say_something_are_lines() {
        let numbers: Vec<usize> = Script::new("# a\n\nrun 1\n# b\nclose\n")
            .map(|line| line.number)
            .collect();
        assert_eq!(numbers, [3, 5]);
    }

    #[test]
    fn a_string_may_hold_any_byte() {
        assert_eq!(line("=a%00%FF_.-z").string(), Ok(b"a\0\xff_.-z".to_vec()));
        assert_eq!(line("=").string(), Ok(Vec::new()));
        for bad in ["a", "=%", "=%F", "=%ff", "=%GG", "=a/b"] {
            assert!(line(bad).string().is_err(), "{bad}");
        }
    }

    #[test]
    fn words_are_read_for_what_they_should_be() {
        assert_eq!(line("18446744073709551615").number(), Ok(u64::MAX));
        assert!(line("18446744073709551616").number::<u64>().is_err());
        assert_eq!(line("-2147483648").number(), Ok(i32::MIN));
        assert!(line("2").flag().is_err());
        assert_eq!(line("1,-2").details(), Ok(vec![1, -2]));
        assert_eq!(line("-").details(), Ok(vec![]));
        assert!(line("1,,2").details().is_err());
        assert!(line("a b").end().is_err());
    }
}
