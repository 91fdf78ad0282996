// SPDX-License-Identifier: Apache-2.0
//! How a visit to the relay ends: what a client got is what was counted, and who says goodbye hears it back.
#![cfg(not(feature = "dlopen"))]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{client_async, WebSocketStream};

/// Bytes and messages.
type Figures = (u64, u64);

/// A relay in a process of its own.
struct Relay {
    process: Child,
    port: u16,
    ledger: PathBuf,
}

impl Relay {
    fn start(test: &str) -> Relay {
        let ledger = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let mut process = Command::new(env!("CARGO_BIN_EXE_lkstats-relay"))
            .args(["--interval-ms", "100", "--ledger"])
            .arg(&ledger)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut hello = String::new();
        output.read_line(&mut hello).unwrap();
        let port = hello.split(' ').find_map(|word| word.parse().ok()).unwrap();
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Relay {
            process,
            port,
            ledger,
        }
    }

    /// Ends it; what it counted as sent to somebody, in binary and in text messages.
    fn end(mut self, participant: &str) -> [Figures; 2] {
        // SAFETY: a process of this one's, which has not been waited for.
        unsafe { libc::kill(self.process.id() as libc::pid_t, libc::SIGTERM) };
        assert!(self.process.wait().unwrap().success());
        let ledger = std::fs::read_to_string(&self.ledger).unwrap();
        ["data", "signal"].map(|channel| {
            let rows = ledger
                .lines()
                .map(|row| row.split('\t').collect::<Vec<_>>());
            let row = rows
                .into_iter()
                .find(|row| row[1..3] == [participant, channel]);
            row.map_or((0, 0), |row| {
                (row[5].parse().unwrap(), row[6].parse().unwrap())
            })
        })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

struct Client {
    socket: WebSocketStream<TcpStream>,
    binary: Figures,
    text: Figures,
}

impl Client {
    /// Joins the one room that there is.
    async fn join(relay: &Relay, name: &str, receive_buffer: Option<u32>) -> Client {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let address = ([127, 0, 0, 1], relay.port).into();
        let socket = socket.connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (socket, _) = client_async("ws://127.0.0.1/", socket).await.unwrap();
        let mut client = Client {
            socket,
            binary: (0, 0),
            text: (0, 0),
        };
        client.say(Message::text(format!("join r {name}"))).await;
        client.read().await.unwrap(); // members
        client
    }

    async fn say(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    async fn say_often(&mut self, message: Message, count: usize) {
        for _ in 0..count {
            self.socket.feed(message.clone()).await.unwrap();
        }
        self.socket.flush().await.unwrap();
    }

    /// None: the relay is not there any more.
    async fn read(&mut self) -> Option<Message> {
        let message = self.socket.next().await?.ok()?;
        let figures = match message {
            Message::Binary(_) => &mut self.binary,
            Message::Text(_) => &mut self.text,
            _ => return Some(message),
        };
        figures.0 += message.len() as u64;
        figures.1 += 1;
        Some(message)
    }

    async fn read_binary(&mut self, count: u64) {
        while self.binary.1 < count {
            self.read().await.unwrap();
        }
    }

    /// Reads on; whether the last that came was a goodbye.
    async fn read_to_the_end(&mut self) -> bool {
        let mut last = None;
        while let Some(message) = self.read().await {
            last = Some(message);
        }
        matches!(last, Some(Message::Close(_)))
    }
}

/// Bob is being sent more than anybody takes at once, says that last word, and only then reads on.
async fn a_last_word_in_the_middle_of_a_message(test: &str, last_word: Message) {
    // Given messages for bob, who does not read, so that the first of them is stuck on its way
    let relay = Relay::start(test);
    let mut bob = Client::join(&relay, "bob", Some(65536)).await;
    let mut cleo = Client::join(&relay, "cleo", None).await;
    let mut ana = Client::join(&relay, "ana", None).await;
    ana.say_often(Message::binary(vec![b'x'; 1_000_000]), 7)
        .await;
    cleo.read_binary(7).await; // bob's are in his queue as well

    // When he says it, and it is seen that he leaves the room
    bob.say(last_word).await;
    while cleo.read().await != Some(Message::text("members 2")) {}

    // Then what comes to him is what is counted
    bob.read_to_the_end().await;
    assert!(bob.binary.1 < 7, "something was stuck");
    drop((ana, cleo));
    assert_eq!(relay.end("bob"), [bob.binary, bob.text]);
}

#[tokio::test]
async fn a_message_that_is_under_way_to_somebody_who_is_refused_counts() {
    a_last_word_in_the_middle_of_a_message("refused", Message::text("nonsense")).await;
}

#[tokio::test]
async fn a_message_that_is_under_way_to_somebody_who_leaves_counts() {
    a_last_word_in_the_middle_of_a_message("leaves", Message::Close(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goodbye_is_answered_however_much_is_going_on() {
    // Given a room in which much is said
    let relay = Relay::start("goodbye");
    let mut ana = Client::join(&relay, "ana", None).await;
    let mut cleo = Client::join(&relay, "cleo", None).await;
    let words = Message::binary(vec![b'x'; 100]);
    let (mut binary, mut text) = ((0, 0), (0, 0));
    for visit in 1..=200 {
        // When somebody says goodbye in the middle of it
        let mut bob = Client::join(&relay, "bob", None).await;
        let ((), answered) = tokio::join!(ana.say_often(words.clone(), 400), async {
            bob.read_binary(20).await;
            bob.say(Message::Close(None)).await;
            bob.read_to_the_end().await
        });

        // Then it is answered
        assert!(answered, "visit {visit}");
        for (sum, figures) in [(&mut binary, bob.binary), (&mut text, bob.text)] {
            *sum = (sum.0 + figures.0, sum.1 + figures.1);
        }
        cleo.read_binary(400 * visit).await; // all that was said is heard
    }
    assert_eq!(relay.end("bob"), [binary, text]);
}
