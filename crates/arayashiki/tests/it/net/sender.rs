//! A sender of mail by SMTP or LMTP on plain sockets, many mails over one connection. Retries nothing: what it is told is the
//! sender's own count.

use std::io::{BufRead, BufReader, Error, ErrorKind, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A mail with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Empty: the null sender.
    pub from: String,
    pub to: String,
    pub raw: Vec<u8>,
}

pub struct Sender {
    stream: BufReader<TcpStream>,
}

impl Sender {
    pub fn open(to: SocketAddr) -> Result<Self> {
        Self::greeted(to, "EHLO")
    }

    pub fn open_lmtp(to: SocketAddr) -> Result<Self> {
        Self::greeted(to, "LHLO")
    }

    fn greeted(to: SocketAddr, hello: &str) -> Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_nodelay(true)?;
        let mut sender = Self { stream: BufReader::new(stream) };
        sender.expect("220")?;
        sender.say(&format!("{hello} monitor.example.jp\r\n"), "250")?;
        Ok(sender)
    }

    fn say(&mut self, line: &str, wanted: &str) -> Result<String> {
        self.stream.get_mut().write_all(line.as_bytes())?;
        self.expect(wanted)
    }

    fn expect(&mut self, wanted: &str) -> Result<String> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) == Some(&b'-') {
                continue;
            }
            let line = line.trim_end().to_owned();
            return if line.starts_with(wanted) { Ok(line) } else { Err(Error::other(line)) };
        }
    }

    /// Comes back once it was taken; the refusal is the error.
    pub fn send(&mut self, letter: &Letter) -> Result<String> {
        let commands = format!("MAIL FROM:<{}>\r\nRCPT TO:<{}>\r\nDATA\r\n", letter.from, letter.to);
        self.stream.get_mut().write_all(commands.as_bytes())?;
        self.expect("250")?;
        self.expect("250")?;
        self.expect("354")?;
        self.stream.get_mut().write_all(&stuffed(&letter.raw))?;
        self.expect("250")
    }
}

/// Lines that begin with a dot get another one, every line ends as it has to, and a lone dot ends it all.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 40 + 8);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        let bare = line.strip_suffix(b"\n").map_or(line, |bare| bare.strip_suffix(b"\r").unwrap_or(bare));
        if bare.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(bare);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}
