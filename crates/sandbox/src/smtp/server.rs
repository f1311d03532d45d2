//! The server's side of SMTP. Lines and mails are bounded; whatever a client sends, the worst that happens is that its connection
//! ends.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Letter, Post};

/// The vendor's own limit of a mail.
const MAX_MAIL_BYTES: usize = 10 * 1024 * 1024;
const MAX_COMMAND_BYTES: usize = 2048;
const IDLE: Duration = Duration::from_secs(300);

pub(crate) async fn serve<P: Post>(listener: TcpListener, post: P) {
    let post = Arc::new(post);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let post = Arc::clone(&post);
                    connections.spawn(async move {
                        // A client that goes away in the middle is everyday life here.
                        let _gone = Session::new(stream).talk(&*post).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a mail connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

struct Session {
    stream: BufReader<TcpStream>,
    from: Option<String>,
    to: Vec<String>,
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

impl Session {
    fn new(stream: TcpStream) -> Self {
        Self { stream: BufReader::new(stream), from: None, to: Vec::new() }
    }

    async fn say(&mut self, reply: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await
    }

    async fn talk<P: Post>(&mut self, post: &P) -> std::io::Result<()> {
        self.say("220 sandbox ESMTP").await?;
        loop {
            let line = match tokio::time::timeout(IDLE, self.line(MAX_COMMAND_BYTES)).await {
                Err(_) => return self.say("421 4.4.2 idle for too long").await,
                Ok(Err(error)) => return Err(error),
                Ok(Ok(None)) => return Ok(()),
                Ok(Ok(Some(Line::TooLong))) => {
                    self.say("500 5.5.6 the line is too long").await?;
                    continue;
                }
                Ok(Ok(Some(Line::Whole(line)))) => String::from_utf8_lossy(&line).trim().to_owned(),
            };
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "QUIT" => return self.say("221 2.0.0 bye").await,
                "DATA" if !self.data(post).await? => return Ok(()),
                "DATA" => {}
                _ => {
                    let reply = self.answer(&verb, &line, post);
                    self.say(&reply).await?;
                }
            }
        }
    }

    /// Every command that needs nothing but its line.
    fn answer<P: Post>(&mut self, verb: &str, line: &str, post: &P) -> String {
        match verb {
            "EHLO" => format!("250-sandbox\r\n250-SIZE {MAX_MAIL_BYTES}\r\n250-PIPELINING\r\n250 8BITMIME"),
            "HELO" => "250 sandbox".into(),
            "MAIL" => {
                (self.from, self.to) = (Some(path(line)), Vec::new());
                "250 2.1.0 ok".into()
            }
            "RCPT" if self.from.is_none() => "503 5.5.1 MAIL first".into(),
            "RCPT" => {
                let recipient = path(line);
                let refused = post.refuses(&recipient);
                refused.unwrap_or_else(|| {
                    self.to.push(recipient);
                    "250 2.1.5 ok".into()
                })
            }
            "RSET" => {
                (self.from, self.to) = (None, Vec::new());
                "250 2.0.0 ok".into()
            }
            "NOOP" => "250 2.0.0 ok".into(),
            "VRFY" => "252 2.5.0 send it and see".into(),
            _ => "502 5.5.1 that command is not known here".into(),
        }
    }

    /// False: the connection ends.
    async fn data<P: Post>(&mut self, post: &P) -> std::io::Result<bool> {
        let Some(from) = self.from.clone().filter(|_| !self.to.is_empty()) else {
            self.say("503 5.5.1 RCPT first").await?;
            return Ok(true);
        };
        self.say("354 go on").await?;
        let Some(raw) = self.body().await? else { return Ok(false) };
        let to = std::mem::take(&mut self.to);
        self.from = None;
        if raw.len() > MAX_MAIL_BYTES {
            self.say("552 5.3.4 the mail is too big").await?;
            return Ok(true);
        }
        match post.take(Letter { from, to, raw }).await {
            Some(reply) => self.say(&reply).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// The mail up to the lone dot; what is over the limit is read and forgotten.
    async fn body(&mut self) -> std::io::Result<Option<Bytes>> {
        let mut body = BytesMut::new();
        loop {
            let Some(line) = self.line(MAX_MAIL_BYTES).await? else { return Ok(None) };
            match line {
                Line::Whole(line) if line == b".\r\n" || line == b".\n" => return Ok(Some(body.freeze())),
                Line::Whole(line) if body.len() <= MAX_MAIL_BYTES => {
                    body.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                }
                Line::Whole(_) => {}
                Line::TooLong => return Ok(None),
            }
        }
    }

    async fn line(&mut self, limit: usize) -> std::io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut whole = true;
        loop {
            let seen = self.stream.fill_buf().await?;
            if seen.is_empty() {
                return Ok(None);
            }
            let end = seen.iter().position(|b| *b == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(seen.len());
            whole = whole && line.len() + taken <= limit;
            if whole {
                line.extend_from_slice(&seen[..taken]);
            }
            self.stream.consume(taken);
            if end.is_some() {
                return Ok(Some(if whole { Line::Whole(line) } else { Line::TooLong }));
            }
        }
    }
}

/// What stands between the brackets, or after the colon.
fn path(line: &str) -> String {
    let rest = line.split_once(':').map_or("", |(_, rest)| rest).trim();
    let inner = rest.strip_prefix('<').and_then(|r| r.split('>').next());
    inner.unwrap_or_else(|| rest.split(' ').next().unwrap_or_default()).trim().to_lowercase()
}
