// SPDX-License-Identifier: Apache-2.0
//! A WebSocket relay with rooms, on ws://127.0.0.1:PORT. Whoever joins a room (command.rs) gets every binary
//! message of the others in it. lkstats counts what each of them sends and is sent (account.rs); the relay prints
//! its reports (reports.rs), and has its metrics at http://127.0.0.1:PORT/metrics. SIGTERM or SIGINT ends it.

mod account;
mod command;
mod connection;
mod http;
mod ledger;
mod line;
mod options;
mod outbox;
mod reports;
mod room;
mod server;
mod table;

use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use lkstats::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};

use crate::options::Options;
use crate::reports::Reports;
use crate::server::Server;

/// For the last reports to be acknowledged.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let Some(options) = Options::read(std::env::args().skip(1)) else {
        eprintln!("{}", options::USAGE);
        return ExitCode::from(2);
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let context = Arc::new(open(options)?);
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let port = options.port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| {
            format!(
                "cannot listen on port {port} of 127.0.0.1: {error}; choose another with --port"
            )
        })?;
    writeln!(
        std::io::stdout(),
        "relay: listening on port {} of 127.0.0.1",
        listener.local_addr()?.port()
    )?;
    table::print_head();

    let consumer = tokio::spawn(reports::consume(context.clone()));
    let end = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Server::new(context.clone()).serve(listener, end).await;

    if let Err(error) = close(context).await {
        if consumer.is_finished() {
            consumer.await??; // fails, and that is why
        }
        return Err(error);
    }
    let reports = consumer.await??;
    print_sums(&reports);
    if let Some(path) = &options.ledger {
        reports
            .sums
            .write(path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn open(options: &Options) -> Result<Context, Box<dyn Error + Send + Sync>> {
    #[cfg(feature = "dlopen")]
    lkstats::load(&options.library)?;
    let settings = lkstats::Options {
        node: "demo",
        report_interval: options.interval,
        ..lkstats::Options::default()
    };
    Context::open(&settings).map_err(|error| format!("lkstats does not open: {error}").into())
}

/// Blocks until the consumer has acknowledged the last reports, so it gets a thread that may.
async fn close(context: Arc<Context>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let close = move || {
        context.close(CLOSE_TIMEOUT).map_err(|error| {
            let tracks = context.residue().tracks;
            format!("lkstats does not close: {error}; {tracks} tracks are not acknowledged")
        })
    };
    tokio::task::spawn_blocking(close).await??;
    Ok(())
}

fn print_sums(reports: &Reports) {
    let Reports {
        records,
        batches,
        given_back,
        ..
    } = reports;
    let _ = writeln!(
        std::io::stdout(),
        "relay: {records} records in {batches} batches, {given_back} of them given back and taken again"
    );
}
