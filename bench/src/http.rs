//! A single request on a connection of its own: to see whether a server is ready, what it says about itself, and to drive one.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// Status and body.
pub fn get(to: SocketAddr, path: &str, token: Option<&str>) -> Result<(u16, String)> {
    let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    ask(to, path, &format!("GET {path} HTTP/1.1\r\nhost: {to}\r\n{bearer}connection: close\r\n\r\n"))
}

/// The same of a POST.
pub fn post(to: SocketAddr, path: &str, body: &str) -> Result<(u16, String)> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: {to}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    ask(to, path, &format!("{head}{body}"))
}

fn ask(to: SocketAddr, path: &str, request: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").with_context(|| format!("{path}: no whole answer"))?;
    let status = head.get(9..12).and_then(|text| text.parse().ok()).with_context(|| format!("{path}: no status"))?;
    Ok((status, body.to_owned()))
}
