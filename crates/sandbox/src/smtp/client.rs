//! The client's side of SMTP, as a monitor's `mail` command does it: one mail, one connection, no TLS.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const DEADLINE: Duration = Duration::from_secs(30);
/// A reply longer than this is none.
const MAX_REPLY_LINES: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub from: &'a str,
    pub to: &'a str,
}

/// The last reply: `Ok` when the mail was taken, `Err` with the refusal or with what went wrong.
pub(crate) async fn send(address: &str, envelope: Envelope<'_>, raw: &[u8]) -> Result<String, String> {
    match tokio::time::timeout(DEADLINE, talk(address, envelope, raw)).await {
        Ok(told) => told,
        Err(_) => Err("no answer in time".into()),
    }
}

async fn talk(address: &str, envelope: Envelope<'_>, raw: &[u8]) -> Result<String, String> {
    let stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
    let mut stream = BufReader::new(stream);
    expect(&mut stream, '2').await?;
    ask(&mut stream, "EHLO monitor.example.jp", '2').await?;
    ask(&mut stream, &format!("MAIL FROM:<{}>", envelope.from), '2').await?;
    ask(&mut stream, &format!("RCPT TO:<{}>", envelope.to), '2').await?;
    ask(&mut stream, "DATA", '3').await?;
    stream.get_mut().write_all(&stuffed(raw)).await.map_err(|e| e.to_string())?;
    let told = expect(&mut stream, '2').await?;
    // The mail is taken, whatever happens to the goodbye.
    let _bye = stream.get_mut().write_all(b"QUIT\r\n").await;
    Ok(told)
}

async fn ask(stream: &mut BufReader<TcpStream>, command: &str, wanted: char) -> Result<String, String> {
    stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.map_err(|e| e.to_string())?;
    expect(stream, wanted).await
}

async fn expect(stream: &mut BufReader<TcpStream>, wanted: char) -> Result<String, String> {
    for _ in 0..MAX_REPLY_LINES {
        let mut line = String::new();
        if stream.read_line(&mut line).await.map_err(|e| e.to_string())? == 0 {
            return Err("the connection ended".into());
        }
        let line = line.trim_end().to_owned();
        if line.as_bytes().get(3) == Some(&b'-') {
            continue;
        }
        return if line.starts_with(wanted) { Ok(line) } else { Err(line) };
    }
    Err("the reply does not end".into())
}

/// Lines that begin with a dot get another one; the end is a lone dot.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 16);
    let mut is_start = true;
    for byte in raw {
        if is_start && *byte == b'.' {
            out.push(b'.');
        }
        out.push(*byte);
        is_start = *byte == b'\n';
    }
    if !raw.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}
