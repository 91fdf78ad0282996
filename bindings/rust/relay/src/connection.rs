// SPDX-License-Identifier: Apache-2.0
//! One WebSocket: what its client says and gets, and what of it is counted.

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{
    frame::coding::CloseCode, CloseFrame, WebSocketConfig,
};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::WebSocketStream;

use crate::command::{Command, TEXT_MAX};
use crate::line::{End, Line, Passed};
use crate::outbox::{outbox, Outbox, Outgoing, Queue};
use crate::room::Seat;
use crate::server::Server;

const TOO_LARGE: &str = "the message is too large";
const WHO_ARE_YOU: &str = "say first: join ROOM PARTICIPANT";

const MESSAGE_MAX: usize = 1024 * 1024;

pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX))
}

pub async fn serve(socket: WebSocketStream<TcpStream>, server: &Server) {
    let (line, end) = Connection::new(socket, server).talk().await;
    line.part(end).await;
}

struct Connection<'a> {
    server: &'a Server,
    line: Line<'a>,
    place: Place<'a>,
    queue: Queue,
    /// The answer to its move is in the queue.
    moving: bool,
}

enum Place<'a> {
    Outside(Option<Outbox>),
    Inside(Seat<'a>),
}

impl<'a> Connection<'a> {
    fn new(socket: WebSocketStream<TcpStream>, server: &'a Server) -> Self {
        let (outbox, queue) = outbox();
        Self {
            server,
            line: Line::new(socket, server.accounting.open()),
            place: Place::Outside(Some(outbox)),
            queue,
            moving: false,
        }
    }

    /// Until it is over. Then nobody sees it in the room any more, and only its leave is left to take.
    async fn talk(mut self) -> (Line<'a>, End) {
        let overflow = self.queue.overflow();
        tokio::pin!(overflow);
        let end = loop {
            tokio::select! {
                passed = self.line.pass() => match passed {
                    Ok(Passed::Sent) => {}
                    Ok(Passed::Received(message)) => {
                        if let Err(end) = self.receive(&message) {
                            break end;
                        }
                        // Much may have come at once: those who get it have their turn to take it.
                        tokio::task::yield_now().await;
                    }
                    Err(error) => break error_end(&error),
                },
                Some(outgoing) = self.queue.next(), if self.line.is_idle() => {
                    let message = self.prepare(outgoing);
                    if let Err(error) = self.line.send(message).await {
                        break error_end(&error);
                    }
                }
                () = &mut overflow => break End::Slow,
            }
        };
        (self.line, end)
    }

    fn receive(&mut self, message: &Message) -> Result<(), End> {
        if let Message::Text(text) = message {
            if text.len() > TEXT_MAX {
                return Err(refuse(CloseCode::Size, TOO_LARGE));
            }
            self.line.account.received(message);
        }
        match message {
            Message::Text(_) | Message::Binary(_) if self.moving => {
                Err(refuse(CloseCode::Policy, "wait for the answer to the move"))
            }
            Message::Text(text) => self.obey(Command::read(text)),
            Message::Binary(_) => self.relay(message),
            Message::Close(_) => Err(End::Gone),
            _ => Ok(()), // a ping is answered by the library
        }
    }

    fn obey(&mut self, command: Option<Command<'_>>) -> Result<(), End> {
        match (&mut self.place, command) {
            (Place::Outside(outbox), Some(Command::Join { room, participant })) => {
                let outbox = outbox.take().expect("nobody leaves but at the end");
                self.line.account.join(room, participant);
                self.place = Place::Inside(self.server.rooms.enter(room, participant, outbox));
                Ok(())
            }
            (Place::Outside(_), _) => Err(refuse(CloseCode::Policy, WHO_ARE_YOU)),
            (Place::Inside(seat), Some(Command::Move { room })) => {
                self.moving = true;
                seat.change(room);
                Ok(())
            }
            (Place::Inside(_), _) => Err(refuse(
                CloseCode::Policy,
                "after join there is only: move ROOM",
            )),
        }
    }

    fn relay(&self, message: &Message) -> Result<(), End> {
        let Place::Inside(seat) = &self.place else {
            return Err(refuse(CloseCode::Policy, WHO_ARE_YOU));
        };
        self.line.account.received(message);
        seat.relay(message);
        Ok(())
    }

    /// A client that moves is counted in the old room until it has been sent all that it is owed there: up to
    /// the answer, which is the first that it gets in the new one.
    fn prepare(&mut self, outgoing: Outgoing) -> Message {
        match outgoing {
            Outgoing::Message(message) => message,
            Outgoing::Moved(room) => {
                self.line.account.change_room(&room);
                self.moving = false;
                Message::text(format!("moved {room}"))
            }
        }
    }
}

fn refuse(code: CloseCode, why: &'static str) -> End {
    End::Refused(CloseFrame {
        code,
        reason: why.into(),
    })
}

fn error_end(error: &Error) -> End {
    match error {
        Error::Capacity(_) => refuse(CloseCode::Size, TOO_LARGE),
        Error::Utf8(_) => refuse(CloseCode::Invalid, "the text is not UTF-8"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        | Error::ConnectionClosed
        | Error::Io(_) => End::Gone,
        _ => refuse(CloseCode::Protocol, "this is not WebSocket"),
    }
}
