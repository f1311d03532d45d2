//! Sends mails over some connections, one after the other on each, and prints how many a second were accepted and how long each
//! took from MAIL to its 250. Measures whoever listens; proves nothing about what became of the mails.
//!
//!     cargo run --release -p smtp --example load -- 127.0.0.1:2525 --connections 32 --mails 20000 --bytes 1500 --to alerts@example.com --lmtp

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Clone)]
struct Asked {
    address: String,
    connections: usize,
    mails: usize,
    bytes: usize,
    to: String,
    is_lmtp: bool,
}

fn asked() -> Outcome<Asked> {
    let (address, to) = ("127.0.0.1:2525".to_owned(), "alerts@example.com".to_owned());
    let mut asked = Asked { address, connections: 32, mails: 10_000, bytes: 1_500, to, is_lmtp: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--connections" => asked.connections = next()?.parse()?,
            "--mails" => asked.mails = next()?.parse()?,
            "--bytes" => asked.bytes = next()?.parse()?,
            "--to" => asked.to = next()?,
            "--lmtp" => asked.is_lmtp = true,
            other if other.starts_with('-') => return Err(format!("what is {other}?").into()),
            address => asked.address = address.to_owned(),
        }
    }
    Ok(asked)
}

/// An alert that no other is like, of about the size that was asked for.
fn content(asked: &Asked, number: usize) -> String {
    let host = format!("web{number:06}");
    let mut mail = format!(
        "From: nagios@{host}.example.com\r\nTo: {}\r\nSubject: ** PROBLEM Service Alert: {host}/HTTP is CRITICAL **\r\n\
         Message-ID: <{number}.{}@{host}.example.com>\r\nDate: Fri, 1 May 2026 09:00:00 +0900\r\n\r\n\
         ***** Nagios *****\r\n\r\nNotification Type: PROBLEM\r\nService: HTTP\r\nHost: {host}\r\nState: CRITICAL\r\n",
        asked.to,
        std::process::id()
    );
    while mail.len() + 70 < asked.bytes {
        mail.push_str("Additional Info: connect to address 192.0.2.1 and port 80: refused\r\n");
    }
    mail.push_str(".\r\n");
    mail
}

async fn expect(stream: &mut BufReader<TcpStream>, answers: usize, code: &str) -> Outcome<()> {
    for _ in 0..answers {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            if !line.starts_with(code) {
                return Err(format!("{:?} where {code} was expected", line.trim_end()).into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
    }
    Ok(())
}

/// One connection: takes the next number until there are no more.
async fn send(asked: Asked, next: Arc<AtomicUsize>) -> Outcome<Vec<Duration>> {
    let mut stream = BufReader::new(TcpStream::connect(&asked.address).await?);
    stream.get_ref().set_nodelay(true)?;
    expect(&mut stream, 1, "220").await?;
    let hello = if asked.is_lmtp { "LHLO" } else { "EHLO" };
    stream.write_all(format!("{hello} load.example.com\r\n").as_bytes()).await?;
    expect(&mut stream, 1, "250").await?;
    let envelope = format!("MAIL FROM:<nagios@web01.example.com>\r\nRCPT TO:<{}>\r\nDATA\r\n", asked.to);
    let mut took = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= asked.mails {
            return Ok(took);
        }
        let mail = content(&asked, number);
        let begin = Instant::now();
        stream.write_all(envelope.as_bytes()).await?;
        expect(&mut stream, 2, "250").await?;
        expect(&mut stream, 1, "354").await?;
        stream.write_all(mail.as_bytes()).await?;
        expect(&mut stream, 1, "250").await?;
        took.push(begin.elapsed());
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let asked = asked()?;
    let (next, mut senders, begin) = (Arc::new(AtomicUsize::new(0)), JoinSet::new(), Instant::now());
    for _ in 0..asked.connections {
        senders.spawn(send(asked.clone(), next.clone()));
    }
    let mut took = Vec::new();
    while let Some(sent) = senders.join_next().await {
        took.extend(sent??);
    }
    let seconds = begin.elapsed().as_secs_f64();
    took.sort();
    let at = |share: usize| took.get(took.len().saturating_sub(1) * share / 100).map_or(0.0, |t| t.as_secs_f64() * 1e3);
    let rate = took.len() as f64 / seconds;
    writeln!(
        std::io::stdout(),
        "{} mails over {} connections in {seconds:.2} s: {rate:.0}/s, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        took.len(),
        asked.connections,
        at(50),
        at(95),
        at(99),
        at(100)
    )?;
    Ok(())
}
