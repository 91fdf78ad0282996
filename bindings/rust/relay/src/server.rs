// SPDX-License-Identifier: Apache-2.0
//! The listener, and what all connections share.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use lkstats::{Context, MetricsFormat};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::account::Accounting;
use crate::http;
use crate::room::Rooms;

pub struct Server {
    pub accounting: Accounting,
    pub rooms: Rooms,
    context: Arc<Context>,
}

impl Server {
    pub fn new(context: Arc<Context>) -> Self {
        Self {
            accounting: Accounting::new(context.clone()),
            rooms: Rooms::default(),
            context,
        }
    }

    /// Serves until `end` is there; then no connection is left.
    pub async fn serve(self, listener: TcpListener, end: impl Future<Output = ()>) {
        let server = Arc::new(self);
        let mut connections = JoinSet::new();
        tokio::pin!(end);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((socket, _)) => {
                        connections.spawn(connection(socket, server.clone()));
                    }
                    Err(error) => {
                        eprintln!("relay: cannot accept: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(_) = connections.join_next() => {} // a panic has been printed
                () = &mut end => break,
            }
        }
        connections.shutdown().await;
    }

    /// A walk over all that is counted: not on a thread that connections wait for.
    pub async fn metrics(&self, format: MetricsFormat) -> lkstats::Result<String> {
        let context = self.context.clone();
        tokio::task::spawn_blocking(move || context.metrics(format))
            .await
            .expect("metrics do not panic")
    }
}

async fn connection(socket: TcpStream, server: Arc<Server>) {
    if let Err(error) = http::serve(socket, &server).await {
        if !is_gone(&error) {
            eprintln!("relay: a connection ends: {error}");
        }
    }
}

/// Clients come and go; nobody needs to hear of it.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected, TimedOut, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionReset | NotConnected | TimedOut | UnexpectedEof
    )
}
