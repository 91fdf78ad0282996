// SPDX-License-Identifier: Apache-2.0
//! What a consumer that is called says.

/// What `on_batch` of [`Context::open_with`](crate::Context::open_with) returns. Nothing, and
/// `Ok`, acknowledge the batch; `Err` gives it back.
pub trait Answer {
    /// Whether the batch has been taken.
    fn taken(self) -> bool;
}

impl Answer for () {
    fn taken(self) -> bool {
        true
    }
}

impl<E> Answer for Result<(), E> {
    fn taken(self) -> bool {
        self.is_ok()
    }
}
