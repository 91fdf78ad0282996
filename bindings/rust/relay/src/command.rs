// SPDX-License-Identifier: Apache-2.0
//! What a client may say to the relay, one text message each:
//!
//! ```text
//! join ROOM PARTICIPANT   first of all, and once
//! move ROOM               the relay answers "moved ROOM"; until then the client sends nothing
//! ```
//!
//! ROOM and PARTICIPANT are letters, digits, `-`, `_` and `.`.

/// The longest text that is looked at, in bytes.
pub const TEXT_MAX: usize = 160;

const NAME_MAX: usize = 64;

#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    Join { room: &'a str, participant: &'a str },
    Move { room: &'a str },
}

impl<'a> Command<'a> {
    /// `None`: it is neither.
    pub fn read(text: &'a str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["join", room, participant] if is_name(room) && is_name(participant) => {
                Some(Self::Join { room, participant })
            }
            ["move", room] if is_name(room) => Some(Self::Move { room }),
            _ => None,
        }
    }
}

fn is_name(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=NAME_MAX).contains(&word.len()) && word.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_commands_are_understood() {
        let (room, participant) = ("atrium-1.a_b", "ana");
        assert_eq!(
            Command::read("join atrium-1.a_b ana"),
            Some(Command::Join { room, participant })
        );
        assert_eq!(
            Command::read("move atrium-1.a_b"),
            Some(Command::Move { room })
        );
    }

    #[test]
    fn anything_else_is_not_a_command() {
        let long = "x".repeat(NAME_MAX + 1);
        let others = [
            "",
            "join",
            "join a",
            "join  a b",
            "join a b ",
            "join a b c",
            "join a/b c",
            "JOIN a b",
            "join a b\0",
        ];
        for text in others
            .into_iter()
            .map(String::from)
            .chain([format!("move {long}"), format!("join a {long}")])
        {
            assert_eq!(Command::read(&text), None, "{text:?}");
        }
    }
}
