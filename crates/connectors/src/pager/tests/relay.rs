//! A mail relay for tests: answers each line as told and keeps what it was sent.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What it does on a line.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    Say(&'static str),
    /// Closes.
    Cut,
    /// Says nothing for as long as it lives.
    Silence,
}

/// What it answers to a line; `.` is the end of a text, an empty line its greeting.
pub type Script = fn(&str) -> Reply;

pub struct Relay {
    pub port: u16,
    /// The certificate of its own making.
    pub pem: String,
    heard: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    None,
    Upgraded,
    Implicit,
}

/// Takes everything.
pub fn willing(line: &str) -> Reply {
    let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
    Reply::Say(match word.as_str() {
        "" => "220 relay.example.jp",
        "EHLO" => "250-relay.example.jp\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "." => "250 2.0.0 queued as 4711",
        "QUIT" => "221 bye",
        _ => "250 ok",
    })
}

impl Relay {
    pub async fn start(tls: Tls, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, pem) = acceptor();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = heard.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away is no failure of a test.
                drop(serve(stream, tls, &acceptor, script, &keep).await);
            }
        });
        Self { port, pem, heard, _tasks: tasks }
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// The text of the only mail.
    pub fn text(&self) -> String {
        let heard = self.heard();
        let from = heard.iter().position(|line| line == "DATA").unwrap();
        let to = heard.iter().position(|line| line == ".").unwrap();
        heard[from + 1..to].join("\n")
    }
}

fn acceptor() -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

async fn serve(
    stream: TcpStream,
    tls: Tls,
    acceptor: &TlsAcceptor,
    script: Script,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    if tls == Tls::Implicit {
        return talk(&mut BufReader::new(acceptor.accept(stream).await?), true, script, heard).await.map(drop);
    }
    let mut stream = BufReader::new(stream);
    if talk(&mut stream, true, script, heard).await? {
        let stream = acceptor.accept(stream.into_inner()).await?;
        talk(&mut BufReader::new(stream), false, script, heard).await?;
    }
    Ok(())
}

/// Until the end, or (true) until TLS begins.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    greet: bool,
    script: Script,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<bool> {
    if greet && !say(stream, script("")).await? {
        return Ok(false);
    }
    let mut in_text = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        heard.lock().unwrap().push(line.clone());
        if in_text && line != "." {
            continue;
        }
        let reply = script(&line);
        in_text = matches!(reply, Reply::Say(said) if said.starts_with("354"));
        if !say(stream, reply).await? {
            return Ok(false);
        }
        if line == "STARTTLS" && matches!(reply, Reply::Say(said) if said.starts_with('2')) {
            return Ok(true);
        }
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, reply: Reply) -> std::io::Result<bool> {
    match reply {
        Reply::Say(said) => stream.write_all(format!("{said}\r\n").as_bytes()).await.map(|()| true),
        Reply::Cut => Ok(false),
        Reply::Silence => std::future::pending().await,
    }
}
