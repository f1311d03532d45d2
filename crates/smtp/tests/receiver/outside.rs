//! A receiver with a taker that remembers, and a client that says exactly what it is told to.

use futures_util::future::BoxFuture;
use smtp::{Counts, Deliver, Received, Refused, Settings, Timeouts, serve};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Nothing here takes so long; a test that hangs fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Receiver {
    pub address: SocketAddr,
    pub counts: Arc<Counts>,
    pub stop: CancellationToken,
    mails: Arc<Mutex<Vec<Received>>>,
    serving: JoinSet<()>,
}

pub fn settings() -> Settings {
    Settings {
        hostname: "mx.example.com".to_owned(),
        recipients: ["alerts@example.com", "db@example.com", "@example.jp"].map(str::to_owned).to_vec(),
        ..Settings::default()
    }
}

pub fn quick(change: impl FnOnce(&mut Timeouts)) -> Settings {
    let mut settings = settings();
    change(&mut settings.timeouts);
    settings
}

impl Receiver {
    /// With a taker that takes everything.
    pub async fn start(settings: Settings) -> Self {
        Self::with(settings, |_| Box::pin(async { Ok(()) })).await
    }

    /// With a taker of one's own; what it was given is remembered all the same.
    pub async fn with(
        settings: Settings,
        taker: impl Fn(Received) -> BoxFuture<'static, Result<(), Refused>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (counts, stop, mails) =
            (Arc::<Counts>::default(), CancellationToken::new(), Arc::<Mutex<Vec<_>>>::default());
        let remembered = mails.clone();
        let deliver: Deliver = Arc::new(move |mail| {
            remembered.lock().unwrap().push(mail.clone());
            taker(mail)
        });
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::new(settings), deliver, counts.clone(), stop.clone()));
        Self { address, counts, stop, mails, serving }
    }

    pub fn mails(&self) -> Vec<Received> {
        self.mails.lock().unwrap().clone()
    }

    pub fn count(&self, name: &str) -> u64 {
        self.counts.all().into_iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Until the receiver has come to say so.
    pub async fn until(&self, name: &str, expected: u64) {
        let come = async {
            while self.count(name) != expected {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let told = tokio::time::timeout(PATIENCE, come).await;
        assert!(told.is_ok(), "{name} is {} and not {expected}", self.count(name));
    }

    pub async fn nobody_is_left(&self) {
        self.until("open", 0).await;
    }

    /// Ends it, and gives what it was sent.
    pub async fn end(mut self) -> Vec<Received> {
        self.stop.cancel();
        self.serving.join_next().await.unwrap().unwrap();
        assert_eq!(self.counts.open.load(Ordering::Relaxed), 0);
        self.mails()
    }
}

pub struct Client<S = TcpStream> {
    stream: BufReader<S>,
}

impl Client {
    /// Connects and hears the greeting.
    pub async fn connect(receiver: &Receiver) -> Self {
        let mut client = Self::silent(receiver).await;
        let greeting = client.hear().await;
        assert!(greeting.starts_with("220 mx.example.com "), "{greeting}");
        client
    }

    pub async fn silent(receiver: &Receiver) -> Self {
        Self::over(TcpStream::connect(receiver.address).await.unwrap())
    }

    /// Connects, and has said hello.
    pub async fn greeted(receiver: &Receiver) -> Self {
        let mut client = Self::connect(receiver).await;
        client.expect("EHLO web01.example.com", "250-mx.example.com").await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn over(stream: S) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    pub fn into_stream(self) -> S {
        assert!(self.stream.buffer().is_empty(), "there is more to hear");
        self.stream.into_inner()
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Whether it could be sent at all.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            match tokio::time::timeout(PATIENCE, self.stream.read_u8()).await.expect("an answer in time") {
                Ok(byte) => line.push(byte),
                Err(_) => break,
            }
        }
        String::from_utf8(line).unwrap()
    }

    /// One answer, all its lines; empty when the connection has ended.
    pub async fn hear(&mut self) -> String {
        let mut answer = String::new();
        loop {
            let line = self.line().await;
            let is_last = line.as_bytes().get(3) != Some(&b'-');
            answer.push_str(&line);
            if is_last {
                return answer;
            }
        }
    }

    pub async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.hear().await
    }

    pub async fn expect(&mut self, line: &str, answer: &str) {
        let heard = self.ask(line).await;
        assert!(heard.starts_with(answer), "{line}: {heard:?}, and not {answer}");
    }

    /// One chunk: its command and its bytes, with nothing behind them.
    pub async fn chunk(&mut self, command: &str, bytes: &str, answer: &str) {
        self.send(format!("{command}\r\n{bytes}").as_bytes()).await;
        let heard = self.hear().await;
        assert!(heard.starts_with(answer), "{command}: {heard:?}, and not {answer}");
    }

    pub async fn hear_all(&mut self, answers: &[&str]) {
        for answer in answers {
            let heard = self.hear().await;
            assert!(heard.starts_with(answer), "{heard:?}, and not {answer} of {answers:?}");
        }
    }

    /// Up to the content, with a sender and one recipient.
    pub async fn envelope(&mut self) {
        self.expect("MAIL FROM:<nagios@web01.example.com>", "250").await;
        self.expect("RCPT TO:<alerts@example.com>", "250").await;
    }

    /// A whole mail; gives the answer to its content.
    pub async fn mail(&mut self, content: &str) -> String {
        self.envelope().await;
        self.expect("DATA", "354").await;
        self.send(format!("{content}\r\n.\r\n").as_bytes()).await;
        self.hear().await
    }

    pub async fn is_over(&mut self) {
        let rest = self.line().await;
        assert_eq!(rest, "", "the connection goes on");
    }
}
