//! What the tests share: probes that trust given servers, ways to them, and a run whose output is collected.

use crate::sshd::Sshd;
use probe::{Chunk, Error, Hop, Known, Limits, Login, Outcome, Probe, Settings, Stream, Way};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "certificates are judged by the clock on the wall")]
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A probe that trusts these known_hosts lines.
pub fn probe_with(settings: Settings, known: &str) -> Probe {
    let probe = Probe::new(settings, Arc::new(now));
    probe.know(read(known));
    probe
}

pub fn read(known: &str) -> Known {
    let (known, complaints) = Known::read(known);
    assert_eq!(complaints, []);
    known
}

/// A probe that trusts these servers.
pub fn probe(servers: &[&Sshd]) -> Probe {
    probe_with(Settings::default(), &servers.iter().map(|server| server.known()).collect::<String>())
}

pub fn hop(name: &str, server: &Sshd) -> Hop {
    Hop {
        name: name.to_owned(),
        address: server.address.clone(),
        port: server.port,
        user: server.user.clone(),
        logins: vec![key_file(&server.key)],
        key_names: Vec::new(),
    }
}

pub fn key_file(path: &std::path::Path) -> Login {
    Login::KeyFile { path: path.to_owned(), passphrase: None, certificate: None }
}

/// The way through servers to the last of them; they are called a, b, c …
pub fn way(servers: &[&Sshd]) -> Way {
    let names = ["a", "b", "c", "d"];
    Way { hops: servers.iter().zip(names).map(|(server, name)| hop(name, server)).collect() }
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub outcome: Outcome,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
}

impl Said {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// A run with everything that may be asked of it.
pub struct Run<'a> {
    pub probe: &'a Probe,
    pub way: Way,
    pub stdin: Option<Vec<u8>>,
    pub limits: Limits,
    pub stop: CancellationToken,
}

impl<'a> Run<'a> {
    pub fn new(probe: &'a Probe, way: Way) -> Self {
        Self { probe, way, stdin: None, limits: Limits::default(), stop: CancellationToken::new() }
    }

    pub async fn exec(self, command: &str) -> Result<Said, Error> {
        let (sender, receiver) = mpsc::channel(8);
        let Self { probe, way, stdin, limits, stop } = self;
        let running = probe.exec(&way, command, stdin, &limits, sender, stop);
        let (outcome, (out, err)) = tokio::join!(running, collect(receiver));
        Ok(Said { outcome: outcome?, out, err })
    }
}

async fn collect(mut receiver: mpsc::Receiver<Chunk>) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    while let Some(chunk) = receiver.recv().await {
        match chunk.stream {
            Stream::Out => out.extend(chunk.bytes),
            Stream::Err => err.extend(chunk.bytes),
        }
    }
    (out, err)
}

pub async fn exec(probe: &Probe, way: Way, command: &str) -> Result<Said, Error> {
    Run::new(probe, way).exec(command).await
}

/// Waits for something that is about to come true.
pub async fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if is_true() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never came true: {what}");
}
