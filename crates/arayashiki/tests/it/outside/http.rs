//! HTTP/1.1 by hand on plain sockets, so that a test decides about every byte. Never follows, never retries.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// No answer of the program takes longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl<'a> Request<'a> {
    pub fn new(method: &'a str, path: &'a str) -> Self {
        Self { method, path, headers: Vec::new(), body: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With a JSON body.
    pub fn json_body(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.with("content-type", "application/json")
    }

    /// The head, with the body's length unless a header says otherwise.
    pub fn head(&self) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\nhost: test\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let has = |wanted: &str| self.headers.iter().any(|(name, _)| name == wanted);
        if self.method != "GET" && !has("content-length") && !has("transfer-encoding") {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        text
    }

    /// On a connection of its own.
    pub fn send(&self, to: SocketAddr) -> Result<Answer> {
        Connection::open(to)?.exchange(&self.clone().with("connection", "close"))
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e} in the answer {}: {}", self.status, self.text()))
    }
}

/// A connection that stays open between requests.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&to, CONNECT_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub fn exchange(&mut self, request: &Request<'_>) -> Result<Answer> {
        let mut bytes = request.head().into_bytes();
        bytes.extend_from_slice(&request.body);
        self.write(&bytes)?;
        self.answer()
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The same connection, to be written to from another thread.
    pub fn twin(&self) -> Self {
        Self { stream: BufReader::new(self.stream.get_ref().try_clone().unwrap()) }
    }

    /// Ends it in both directions, for its twin too.
    pub fn end(&self) {
        let _ = self.stream.get_ref().shutdown(std::net::Shutdown::Both);
    }

    /// No more bytes will come from here.
    pub fn finish_writing(&mut self) -> Result<()> {
        self.stream.get_ref().shutdown(std::net::Shutdown::Write)
    }

    pub fn answer(&mut self) -> Result<Answer> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| Error::new(ErrorKind::InvalidData, format!("no status: {status_line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        self.body(&mut answer)?;
        Ok(answer)
    }

    fn body(&mut self, answer: &mut Answer) -> Result<()> {
        if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk()? {
                answer.body.extend_from_slice(&chunk);
            }
        } else if let Some(length) = answer.header("content-length").and_then(|n| n.parse().ok()) {
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body)?;
        } else if !matches!(answer.status, 204 | 304) {
            self.stream.read_to_end(&mut answer.body)?;
        }
        Ok(())
    }

    fn chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let line = self.line()?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(|e| Error::new(ErrorKind::InvalidData, e))?;
        let mut chunk = vec![0; size];
        self.stream.read_exact(&mut chunk)?;
        self.line()?;
        Ok((size > 0).then_some(chunk))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
