//! One connection's bytes: reads into a buffer of fixed size, finds command lines, gathers answers. Knows no SMTP.

use memchr::memchr;
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// RFC 5321 asks for 512 bytes, its extensions for some more.
pub const LONGEST_LINE: usize = 4_096;
const BUFFER: usize = 16 << 10;
/// Answers wait for each other up to here while commands are at hand.
const ANSWERS: usize = 4 << 10;
/// A line is read to its end to be answered, but not for ever.
const LONGEST_NONSENSE: usize = 256 << 10;
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1 << 20;

/// Why nothing more can be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The other side went away, or the connection broke.
    Closed,
    TimedOut,
    /// We stop.
    Stopping,
    /// A line without an end.
    Endless,
}

#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    answers: Vec<u8>,
    write: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub fn new(stream: S, write: Duration) -> Self {
        Self { stream, buffer: vec![0; BUFFER].into(), start: 0, end: 0, answers: Vec::new(), write }
    }

    /// The stream alone. What was read of it and not yet used is thrown away.
    pub fn into_stream(self) -> S {
        self.stream
    }

    pub fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// Reads more, after everything that was to be said is said.
    pub async fn fill(&mut self, until: Instant) -> Result<(), Gone> {
        self.flush().await?;
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        match timeout_at(until, self.stream.read(&mut self.buffer[self.end..])).await {
            Ok(Ok(0) | Err(_)) => Err(Gone::Closed),
            Ok(Ok(bytes)) => {
                self.end += bytes;
                Ok(())
            }
            Err(_) => Err(Gone::TimedOut),
        }
    }

    /// The next line's length with its line feed, or `None` for one that was too long and is gone.
    pub async fn line(&mut self, until: Instant, stop: Option<&CancellationToken>) -> Result<Option<usize>, Gone> {
        let mut skipped = 0;
        loop {
            if stop.is_some_and(CancellationToken::is_cancelled) {
                return Err(Gone::Stopping);
            }
            let found = memchr(b'\n', self.unread()).map(|at| at + 1);
            match found {
                Some(length) if skipped + length <= LONGEST_LINE => return Ok(Some(length)),
                Some(length) => {
                    self.consume(length);
                    return Ok(None);
                }
                None if skipped + self.unread().len() > LONGEST_NONSENSE => return Err(Gone::Endless),
                None if skipped + self.unread().len() >= LONGEST_LINE => {
                    skipped += self.unread().len();
                    self.consume(usize::MAX >> 1);
                }
                None => {}
            }
            // An answer that is cut in its middle would be read as another.
            self.flush().await?;
            or_stop(stop, self.fill(until)).await?;
        }
    }

    pub fn say(&mut self, answer: &str) {
        self.answers.extend_from_slice(answer.as_bytes());
        self.answers.extend_from_slice(b"\r\n");
    }

    /// Between commands: a long talk is not gathered without end.
    pub async fn flush_if_much(&mut self) -> Result<(), Gone> {
        if self.answers.len() >= ANSWERS { self.flush().await } else { Ok(()) }
    }

    pub async fn flush(&mut self) -> Result<(), Gone> {
        if self.answers.is_empty() {
            return Ok(());
        }
        let answers = std::mem::take(&mut self.answers);
        let sent = timeout(self.write, async {
            self.stream.write_all(&answers).await?;
            self.stream.flush().await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone::Closed),
            Err(_) => Err(Gone::TimedOut),
        }
    }

    /// Ends the connection so that the last answer arrives: one that is closed with bytes unread is reset.
    pub async fn close(mut self) {
        let goodbye = async {
            self.flush().await.ok()?;
            self.stream.shutdown().await.ok()?;
            let mut drained = 0;
            while drained < LINGER_BYTES {
                match self.stream.read(&mut self.buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(bytes) => drained += bytes,
                }
            }
            Some(())
        };
        let _ = timeout(LINGER, goodbye).await;
    }
}

async fn or_stop<T>(stop: Option<&CancellationToken>, wait: impl Future<Output = Result<T, Gone>>) -> Result<T, Gone> {
    let Some(stop) = stop else { return wait.await };
    tokio::select! {
        done = wait => done,
        () = stop.cancelled() => Err(Gone::Stopping),
    }
}
