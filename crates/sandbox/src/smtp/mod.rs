//! Plain SMTP for the simulated systems: a small server that hands every mail to whoever keeps it, and a small client. No TLS, no
//! authentication, no queue.

pub(crate) mod client;
mod server;

use std::future::Future;

use bytes::Bytes;

pub(crate) use server::serve;

/// A mail as it came over the wire, with its envelope.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Bytes,
}

/// What a post office does with what comes in.
pub(crate) trait Post: Send + Sync + 'static {
    /// The reply that refuses a recipient; none takes it.
    fn refuses(&self, recipient: &str) -> Option<String>;

    /// Keeps a mail and says the reply to its end; none ends the connection without a word.
    fn take(&self, letter: Letter) -> impl Future<Output = Option<String>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Default)]
    struct Box {
        seen: Mutex<Vec<Letter>>,
    }

    impl Post for Arc<Box> {
        fn refuses(&self, recipient: &str) -> Option<String> {
            (recipient != "ops@example.jp").then(|| "550 5.1.1 no such mailbox".into())
        }

        async fn take(&self, letter: Letter) -> Option<String> {
            self.seen.lock().expect("a lock").push(letter);
            Some("250 2.0.0 kept".into())
        }
    }

    #[tokio::test]
    async fn what_the_client_sends_the_server_hands_on() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let post = Arc::new(Box::default());
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(serve(listener, Arc::clone(&post)));
        let raw = b"Subject: x\r\n\r\n.hidden\r\n..\r\nlast\xe3\x81\x82";
        let envelope = client::Envelope { from: "zabbix@example.jp", to: "ops@example.jp" };
        let told = client::send(&address, envelope, raw).await;
        assert_eq!(told.as_deref(), Ok("250 2.0.0 kept"));
        let refused = client::send(&address, client::Envelope { from: "", to: "other@example.jp" }, raw).await;
        assert_eq!(refused, Err("550 5.1.1 no such mailbox".to_owned()));
        let seen = post.seen.lock().expect("a lock").clone();
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].from.as_str(), &seen[0].to[0][..]), ("zabbix@example.jp", "ops@example.jp"));
        assert_eq!(&seen[0].raw[..], [&raw[..], b"\r\n"].concat());
    }
}
