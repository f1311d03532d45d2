//! One keep-alive connection of the load: sends a request at a time, and says when its answer is whole.

use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(5);

pub struct Client {
    pub stream: TcpStream,
    /// When the request that is on its way was sent, or should have been; `None` while nothing is on its way.
    pub begun: Option<Instant>,
    buffer: Vec<u8>,
    held: usize,
}

impl Client {
    pub fn connect(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&to, PATIENCE).with_context(|| format!("connecting to {to}"))?;
        stream.set_nodelay(true)?;
        // The socket blocks: it is read only when readable, and one request always fits the kernel's buffer.
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, begun: None, buffer: vec![0; 16 << 10], held: 0 })
    }

    pub fn send(&mut self, request: &[u8], begun: Instant) -> Result<()> {
        self.begun = Some(begun);
        self.held = 0;
        self.stream.write_all(request).context("sending")
    }

    /// Reads what is there. The status once the answer is whole.
    pub fn receive(&mut self) -> Result<Option<u16>> {
        let Some(room) = self.buffer.get_mut(self.held..).filter(|room| !room.is_empty()) else {
            bail!("an answer longer than {} bytes", self.buffer.len());
        };
        match self.stream.read(room) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => self.held += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(None),
            Err(error) => return Err(error).context("receiving"),
        }
        let Some((status, length)) = whole(&self.buffer[..self.held])? else { return Ok(None) };
        if length != self.held {
            bail!("more than one answer to one request");
        }
        Ok(Some(status))
    }
}

/// Status and length of an answer, if all of it is there.
fn whole(bytes: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(head_end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..head_end]).context("an answer whose head is no text")?;
    let status = head.get(9..12).and_then(|text| text.parse().ok()).context("an answer without a status")?;
    let body = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim().parse::<usize>())
        .transpose()?;
    let body = match body {
        Some(bytes) => bytes,
        None if status == 204 => 0,
        None => bail!("an answer without a content-length"),
    };
    let length = head_end + 4 + body;
    Ok((bytes.len() >= length).then_some((status, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_body() {
        let answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\nretry-after: 30\r\n\r\nlater";
        for cut in 0..answer.len() {
            assert!(whole(&answer[..cut]).unwrap().is_none(), "{cut}");
        }
        assert_eq!(whole(answer).unwrap(), Some((503, answer.len())));
        assert_eq!(whole(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap(), Some((204, 27)));
        assert!(whole(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
