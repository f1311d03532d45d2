//! Understands one command line. The grammar is smtp-proto's; here is what senders write beside it, and what is refused at once.

use smtp_proto::{Error, MAIL_BODY_BINARYMIME, Request};
use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Ehlo(String),
    Helo(String),
    Lhlo(String),
    Mail(Sender),
    Rcpt(String),
    Data,
    Bdat {
        bytes: usize,
        is_last: bool,
    },
    StartTls,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
    /// One that we don't have.
    Unsupported,
    /// No command, and what is to be answered.
    Bad(Cow<'static, str>),
    /// A chunk of unknown size: nothing behind it can be understood.
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// `None` for `<>`.
    pub address: Option<String>,
    /// What SIZE says; 0 when it says nothing.
    pub size: usize,
    pub is_binary: bool,
}

/// Put behind an address without a domain for the grammar's sake, and taken away again.
const NOWHERE: &str = "@localhost";

/// A longer size of a chunk comes out of the grammar as a small number.
const MOST_DIGITS: usize = 15;

/// Reads a line that ends with a line feed.
pub fn read(line: &[u8]) -> Command {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if text.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return bad("500 5.5.2 A command has no control characters; end it with CR LF");
    }
    if is_verb(text, b"BDAT") && text.iter().filter(|byte| byte.is_ascii_digit()).count() > MOST_DIGITS {
        return Command::Lost;
    }
    let (mended, is_local) = mended(text);
    match Request::parse(&mut mended.iter()) {
        Ok(request) => command(request, is_local),
        Err(error) => refusal(text, &error),
    }
}

fn command(request: Request<Cow<'_, str>>, is_local: bool) -> Command {
    let path = |address: Cow<'_, str>| {
        let address = if is_local { address.strip_suffix(NOWHERE).unwrap_or(&address) } else { &address };
        address.to_owned()
    };
    match request {
        Request::Ehlo { host } => Command::Ehlo(host.into_owned()),
        Request::Helo { host } => Command::Helo(host.into_owned()),
        Request::Lhlo { host } => Command::Lhlo(host.into_owned()),
        Request::Mail { from } => Command::Mail(Sender {
            address: Some(path(from.address)).filter(|address| !address.is_empty()),
            size: from.size,
            is_binary: from.flags & MAIL_BODY_BINARYMIME != 0,
        }),
        Request::Rcpt { to } => match path(to.address) {
            address if address.is_empty() => bad("501 5.1.3 <> is nobody: RCPT TO:<address>"),
            address => Command::Rcpt(address),
        },
        Request::Data => Command::Data,
        Request::Bdat { chunk_size, is_last } => Command::Bdat { bytes: chunk_size, is_last },
        Request::StartTls => Command::StartTls,
        Request::Rset => Command::Rset,
        Request::Noop { .. } => Command::Noop,
        Request::Quit => Command::Quit,
        Request::Vrfy { .. } => Command::Vrfy,
        Request::Help { .. } => Command::Help,
        _ => Command::Unsupported,
    }
}

const fn bad(answer: &'static str) -> Command {
    Command::Bad(Cow::Borrowed(answer))
}

fn refusal(text: &[u8], error: &Error) -> Command {
    if is_verb(text, b"BDAT") {
        return Command::Lost;
    }
    match error {
        Error::InvalidSenderAddress => bad("501 5.1.7 That is no address: MAIL FROM:<address>"),
        Error::InvalidRecipientAddress => bad("501 5.1.3 That is no address: RCPT TO:<address>"),
        Error::SyntaxError { syntax } => Command::Bad(format!("501 5.5.4 Write it as: {syntax}").into()),
        Error::InvalidParameter { param } => Command::Bad(format!("501 5.5.4 {param} has no such value").into()),
        Error::UnsupportedParameter { .. } => bad("555 5.5.4 There is a parameter here that is not supported"),
        Error::NeedsMoreData { .. } => bad("501 5.5.4 Something is missing at the end of that command"),
        _ => bad("500 5.5.2 That is no command"),
    }
}

fn is_verb(text: &[u8], verb: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    text.get(..verb.len()).is_some_and(|word| word.eq_ignore_ascii_case(verb))
}

/// The line as the grammar wants it. Monitors' own scripts write an address without angle brackets or without a domain, and
/// their alerts count as any. The second value tells that a domain was put behind it.
fn mended(text: &[u8]) -> (Vec<u8>, bool) {
    let whole = || ([text, b"\r\n"].concat(), false);
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return whole() };
    let (before, after) = (&text[..=colon], text[colon + 1..].trim_ascii());
    if !is_verb(before, b"MAIL") && !is_verb(before, b"RCPT") {
        return whole();
    }
    let (path, rest) = match after.strip_prefix(b"<") {
        Some(inside) => match inside.iter().position(|byte| *byte == b'>') {
            Some(end) if !inside[..end].contains(&b'"') => (&inside[..end], &inside[end + 1..]),
            _ => return whole(),
        },
        None => after.split_at(after.iter().position(|byte| *byte == b' ').unwrap_or(after.len())),
    };
    let is_bare = path.is_empty() && !after.starts_with(b"<");
    if is_bare || path.contains(&b'"') {
        return whole();
    }
    let is_local = !path.is_empty() && !path.contains(&b'@');
    let domain = if is_local { NOWHERE } else { "" };
    ([before, b"<", path, domain.as_bytes(), b">", rest, b"\r\n"].concat(), is_local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mail(address: &str) -> Command {
        Command::Mail(Sender { address: Some(address.to_owned()), size: 0, is_binary: false })
    }

    #[test]
    fn a_line_is_understood_as_its_sender_meant_it() {
        let rcpt = |to: &str| Command::Rcpt(to.to_owned());
        for (line, expected) in [
            ("MAIL FROM:<a@b.example>", mail("a@b.example")),
            ("mail  from: a@b.example", mail("a@b.example")),
            ("MAIL FROM:<root>", mail("root")),
            ("MAIL FROM:<a@localhost>", mail("a@localhost")),
            ("MAIL FROM:<\"a b\"@b.example>", mail("a b@b.example")),
            ("MAIL FROM:<>", Command::Mail(Sender { address: None, size: 0, is_binary: false })),
            ("RCPT TO:<postmaster>", rcpt("postmaster")),
            ("RCPT TO:障害@example.jp", rcpt("障害@example.jp")),
            ("EHLO [192.0.2.1]", Command::Ehlo("[192.0.2.1]".to_owned())),
            ("EHLO a:b", Command::Ehlo("a:b".to_owned())),
            ("bdat 10 last", Command::Bdat { bytes: 10, is_last: true }),
            ("BDAT 10", Command::Bdat { bytes: 10, is_last: false }),
            ("BDAT -1", Command::Lost),
            ("BDAT", Command::Lost),
            ("BDAT 10 FIRST", Command::Lost),
            ("BDAT 184467440737095516150005", Command::Lost),
            ("DATA", Command::Data),
            ("STARTTLS", Command::StartTls),
            ("EXPN list", Command::Unsupported),
        ] {
            assert_eq!(read(format!("{line}\r\n").as_bytes()), expected, "{line}");
        }
    }

    proptest! {
        /// No line can hurt, and none of it comes back with a line end in it.
        #[test]
        fn any_bytes_are_a_command_or_a_refusal(verb in "(MAIL FROM:|RCPT TO:|BDAT |EHLO |)", rest in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut line = verb.into_bytes();
            line.extend(rest.into_iter().filter(|byte| *byte != b'\n'));
            line.push(b'\n');
            let told = format!("{:?}", read(&line));
            prop_assert!(!told.contains("\\n") && !told.contains("\\r"), "{}", told);
        }
    }
}
