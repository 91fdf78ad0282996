// SPDX-License-Identifier: Apache-2.0
//! Figures.

/// Bytes and messages of both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Traffic {
    /// Bytes sent.
    pub send_bytes: u64,
    /// Messages sent.
    pub send_messages: u64,
    /// Bytes received.
    pub recv_bytes: u64,
    /// Messages received.
    pub recv_messages: u64,
}

impl Traffic {
    pub(crate) fn is_none(&self) -> bool {
        *self == Traffic::default()
    }

    pub(crate) fn at_most(&self, most: &Traffic) -> bool {
        self.send_bytes <= most.send_bytes
            && self.send_messages <= most.send_messages
            && self.recv_bytes <= most.recv_bytes
            && self.recv_messages <= most.recv_messages
    }

    fn each(self, other: Traffic, what: impl Fn(u64, u64) -> u64) -> Traffic {
        Traffic {
            send_bytes: what(self.send_bytes, other.send_bytes),
            send_messages: what(self.send_messages, other.send_messages),
            recv_bytes: what(self.recv_bytes, other.recv_bytes),
            recv_messages: what(self.recv_messages, other.recv_messages),
        }
    }

    /// What is left without a part of it.
    pub(crate) fn less(self, part: Traffic) -> Traffic {
        self.each(part, u64::wrapping_sub)
    }

    /// The sum, where that is no more than most.
    pub(crate) fn plus(self, more: Traffic, most: Traffic) -> Traffic {
        self.each(more, u64::saturating_add).each(most, u64::min)
    }
}
