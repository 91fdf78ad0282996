// SPDX-License-Identifier: Apache-2.0
//! The head of a request, from which it follows what a connection is: a WebSocket, or somebody who asks for the
//! metrics.

use std::io;
use std::time::Duration;

use httparse::Status;
use lkstats::MetricsFormat;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::{create_response, write_response, Request};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::WebSocketStream;

use crate::connection;
use crate::line::linger;
use crate::server::Server;

const PROTOCOL: &str = "lkstats-demo";
const HEAD_MAX: usize = 8192;
const HEADERS_MAX: usize = 64;
const PATIENCE: Duration = Duration::from_secs(10);

/// What there is to know of it.
struct Head {
    /// In bytes; what came with it and is past that is no part of it.
    size: usize,
    is_upgrade: bool,
    is_get: bool,
    path: String,
    accept: String,
}

/// One TCP connection, from its first byte to its end.
pub async fn serve(mut socket: TcpStream, server: &Server) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(1024);
    let Some(head) = timeout(PATIENCE, read_head(&mut socket, &mut bytes)).await?? else {
        return refuse(&mut socket, "400 Bad Request").await;
    };
    if !head.is_upgrade {
        return serve_metrics(&mut socket, &head, server).await;
    }
    let Some(response) = accept(&bytes) else {
        return refuse(&mut socket, "400 Bad Request").await;
    };
    socket.set_nodelay(true)?;
    socket.write_all(&response).await?;
    let (rest, config) = (bytes.split_off(head.size), Some(connection::config()));
    let socket = WebSocketStream::from_partially_read(socket, rest, Role::Server, config).await;
    connection::serve(socket, server).await;
    Ok(())
}

/// `None`: that is not HTTP, or more of it than anybody needs.
async fn read_head(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<Option<Head>> {
    while bytes.len() < HEAD_MAX {
        if socket.read_buf(bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match parse(bytes) {
            Ok(Status::Complete(head)) => return Ok(Some(head)),
            Ok(Status::Partial) => {}
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}

fn parse(bytes: &[u8]) -> httparse::Result<Head> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let Status::Complete(size) = request.parse(bytes)? else {
        return Ok(Status::Partial);
    };
    let value = |name: &str| {
        let mut headers = request.headers.iter();
        let found = headers.find(|header| header.name.eq_ignore_ascii_case(name));
        String::from_utf8_lossy(found.map_or(&[], |header| header.value))
    };
    Ok(Status::Complete(Head {
        size,
        is_upgrade: value("upgrade").eq_ignore_ascii_case("websocket"),
        is_get: request.method == Some("GET"),
        path: request.path.unwrap_or_default().to_owned(),
        accept: value("accept").into_owned(),
    }))
}

/// The relay's half of the WebSocket handshake; `None`: the client's is wrong.
fn accept(bytes: &[u8]) -> Option<Vec<u8>> {
    let (_, request) = Request::try_parse(bytes).ok()??;
    let mut response = create_response(&request).ok()?;
    let offered = request.headers().get_all("sec-websocket-protocol");
    let mut offered = offered
        .iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    if offered.any(|name| name.trim() == PROTOCOL) {
        response
            .headers_mut()
            .insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    }
    let mut bytes = Vec::new();
    write_response(&mut bytes, &response).ok()?;
    Some(bytes)
}

async fn serve_metrics(socket: &mut TcpStream, head: &Head, server: &Server) -> io::Result<()> {
    if head.path != "/metrics" {
        return refuse(socket, "404 Not Found").await;
    }
    if !head.is_get {
        return refuse(socket, "405 Method Not Allowed\r\nallow: GET").await;
    }
    let format = if head.accept.contains("application/openmetrics-text") {
        MetricsFormat::OpenMetrics
    } else {
        MetricsFormat::Prometheus
    };
    match server.metrics(format).await {
        Ok(text) => answer(socket, "200 OK", format.content_type(), &text).await,
        Err(error) => {
            eprintln!("relay: no metrics: {error}");
            refuse(socket, "500 Internal Server Error").await
        }
    }
}

async fn refuse(socket: &mut TcpStream, status: &str) -> io::Result<()> {
    answer(socket, status, "text/plain", "").await
}

async fn answer(socket: &mut TcpStream, status: &str, kind: &str, text: &str) -> io::Result<()> {
    let size = text.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(text.as_bytes()).await?;
    timeout(PATIENCE, linger(socket)).await?
}
