// SPDX-License-Identifier: Apache-2.0
//! What one client still has to be sent. It is bounded: whoever lags behind too far is dropped, for a stream with
//! a hole would be worse.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use tokio::sync::{mpsc, Notify};
use tokio_tungstenite::tungstenite::Message;

const MESSAGES_MAX: usize = 1024;
const BYTES_MAX: usize = 8 * 1024 * 1024;

#[derive(Clone)]
pub enum Outgoing {
    Message(Message),
    /// The answer to a move to that room.
    Moved(String),
}

impl Outgoing {
    fn len(&self) -> usize {
        match self {
            Self::Message(message) => message.len(),
            Self::Moved(room) => room.len(),
        }
    }
}

#[derive(Default)]
struct Shared {
    bytes: AtomicUsize,
    overflow: Notify,
}

/// The end that messages are put into.
pub struct Outbox {
    queue: mpsc::Sender<Outgoing>,
    shared: Arc<Shared>,
    full: bool,
}

/// The end that they are taken from.
pub struct Queue {
    queue: mpsc::Receiver<Outgoing>,
    shared: Arc<Shared>,
}

pub fn outbox() -> (Outbox, Queue) {
    let (sender, receiver) = mpsc::channel(MESSAGES_MAX);
    let shared = Arc::<Shared>::default();
    let outbox = Outbox {
        queue: sender,
        shared: shared.clone(),
        full: false,
    };
    (
        outbox,
        Queue {
            queue: receiver,
            shared,
        },
    )
}

impl Outbox {
    /// False: it is full, for the first time. From then on it takes nothing.
    #[must_use]
    pub fn put(&mut self, outgoing: Outgoing) -> bool {
        if self.full {
            return true;
        }
        let size = outgoing.len();
        let before = self.shared.bytes.fetch_add(size, Ordering::Relaxed);
        self.full = before + size > BYTES_MAX
            || matches!(
                self.queue.try_send(outgoing),
                Err(mpsc::error::TrySendError::Full(_))
            );
        if self.full {
            self.shared.overflow.notify_one();
        }
        !self.full
    }
}

impl Queue {
    /// The next to be sent. Waits for it; dropped before it comes, nothing is lost.
    pub async fn next(&mut self) -> Option<Outgoing> {
        let outgoing = self.queue.recv().await?;
        self.shared
            .bytes
            .fetch_sub(outgoing.len(), Ordering::Relaxed);
        Some(outgoing)
    }

    /// Waits until it is full.
    pub fn overflow(&self) -> impl Future<Output = ()> {
        let shared = self.shared.clone();
        async move { shared.overflow.notified().await }
    }
}
