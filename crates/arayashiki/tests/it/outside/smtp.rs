//! SMTP by hand: hands a mail over and says what the other side's last word was. Never retries by itself.

use std::io::{BufRead, BufReader, Error, ErrorKind, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// A connection, greeted.
pub struct Talk {
    stream: BufReader<TcpStream>,
}

impl Talk {
    pub fn open(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&to, CONNECT_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        stream.set_nodelay(true)?;
        let mut talk = Self { stream: BufReader::new(stream) };
        let greeting = talk.answer()?;
        if !greeting.starts_with("220") {
            return Err(Error::other(greeting));
        }
        talk.say("EHLO mon.example.jp")?;
        Ok(talk)
    }

    /// A command and the last line of its answer.
    pub fn say(&mut self, line: &str) -> Result<String> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.trim_end().to_owned());
            }
        }
    }

    /// One mail; the answer that its end, or the first command that was refused, was given.
    pub fn mail(&mut self, from: &str, to: &str, raw: &[u8]) -> Result<String> {
        for command in [format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>"), "DATA".to_owned()] {
            let answer = self.say(&command)?;
            if !answer.starts_with(['2', '3']) {
                return Ok(answer);
            }
        }
        let mut bytes = raw.to_vec();
        bytes.extend_from_slice(b"\r\n.\r\n");
        self.stream.get_mut().write_all(&bytes)?;
        self.answer()
    }
}

/// One mail on a connection of its own.
pub fn deliver(to: SocketAddr, (from, recipient): (&str, &str), raw: &[u8]) -> Result<String> {
    let mut talk = Talk::open(to)?;
    let answer = talk.mail(from, recipient, raw)?;
    let _ = talk.say("QUIT");
    Ok(answer)
}
