// SPDX-License-Identifier: Apache-2.0
//! A WebSocket and the account of what passes on it. A message that is sent counts as soon as the socket has all
//! of it, and only then, whichever way the connection ends meanwhile.

use std::future::poll_fn;
use std::task::{ready, Poll};
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::WebSocketStream;

use crate::account::Account;

/// For a client to take its leave, or the relay's.
const FAREWELL: Duration = Duration::from_secs(2);

pub struct Line<'a> {
    socket: WebSocketStream<TcpStream>,
    pub account: Account<'a>,
    /// The socket does not have all of it yet.
    sending: Option<Message>,
}

pub enum Passed {
    Received(Message),
    /// What was sent last is gone, and counted.
    Sent,
}

/// How it ended.
pub enum End {
    /// The client has closed it, or is not there any more.
    Gone,
    /// The client does not take what it is sent.
    Slow,
    Refused(CloseFrame),
}

impl<'a> Line<'a> {
    pub fn new(socket: WebSocketStream<TcpStream>, account: Account<'a>) -> Self {
        Self {
            socket,
            account,
            sending: None,
        }
    }

    /// Whether all that was sent is gone.
    pub fn is_idle(&self) -> bool {
        self.sending.is_none()
    }

    /// Sends, where it is idle. The rest is done in `pass`.
    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.sending = Some(message.clone());
        self.socket.feed(message).await
    }

    /// Receives, and goes on sending meanwhile, whichever is done first. Dropped before, nothing is lost.
    pub async fn pass(&mut self) -> Result<Passed, Error> {
        poll_fn(|context| {
            if !self.is_idle() {
                if let Poll::Ready(flushed) = self.socket.poll_flush_unpin(context) {
                    return Poll::Ready(flushed.map(|()| {
                        self.count_sent();
                        Passed::Sent
                    }));
                }
            }
            let received = ready!(self.socket.poll_next_unpin(context));
            Poll::Ready(
                received
                    .unwrap_or(Err(Error::ConnectionClosed))
                    .map(Passed::Received),
            )
        })
        .await
    }

    /// Whoever does not stay for it is gone, which is what was wanted.
    pub async fn part(mut self, end: End) {
        let why = match end {
            End::Slow => {
                self.flush().now_or_never(); // it may have all of it by now
                return;
            }
            End::Gone => None,
            End::Refused(why) => Some(why),
        };
        let _ = timeout(FAREWELL, self.farewell(why)).await;
    }

    async fn farewell(mut self, why: Option<CloseFrame>) -> Result<(), Error> {
        self.flush().await?; // with the answer to the client's own farewell
        if why.is_some() {
            self.socket.close(why).await?;
        }
        let Self {
            mut socket,
            account,
            ..
        } = self;
        drop(account); // nothing is counted any more
        Ok(linger(socket.get_mut()).await?)
    }

    async fn flush(&mut self) -> Result<(), Error> {
        self.socket.flush().await?;
        self.count_sent();
        Ok(())
    }

    fn count_sent(&mut self) {
        if let Some(message) = self.sending.take() {
            self.account.sent(&message);
        }
    }
}

/// Closes it once the client has. A socket that is closed while something unread has arrived is reset, and then the
/// client may not get what it was sent last.
pub async fn linger(socket: &mut TcpStream) -> std::io::Result<()> {
    socket.shutdown().await?;
    let mut unread = [0; 4096];
    while socket.read(&mut unread).await? > 0 {}
    Ok(())
}
