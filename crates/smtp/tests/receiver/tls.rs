//! STARTTLS: what it hides, what it forgets, and what it does not let through.

use super::outside::{Client, Receiver, settings};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use smtp::{Settings, tls_config};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub fn certificate(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/receiver/certificates").join(name)
}

pub fn with_tls() -> Settings {
    let tls = tls_config(&certificate("first.pem"), &certificate("first.key.pem")).unwrap();
    Settings { tls: Some(tls), ..settings() }
}

async fn handshake(stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate("first.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("mx.example.com").unwrap(), stream).await
}

async fn encrypted(mut client: Client) -> Client<TlsStream<TcpStream>> {
    client.expect("STARTTLS", "220").await;
    Client::over(handshake(client.into_stream()).await.unwrap())
}

#[tokio::test]
async fn a_mail_may_come_encrypted() {
    let receiver = Receiver::start(with_tls()).await;
    let mut client = Client::connect(&receiver).await;
    assert!(client.ask("EHLO web01").await.contains("STARTTLS\r\n"));
    assert!(client.mail("in the clear").await.starts_with("250"));
    let mut client = encrypted(client).await;
    client.expect("MAIL FROM:<>", "503").await;
    assert!(!client.ask("EHLO web02").await.contains("STARTTLS"));
    client.expect("STARTTLS", "503").await;
    assert!(client.mail("hidden").await.starts_with("250"));
    client.expect("QUIT", "221").await;
    client.is_over().await;
    let told: Vec<_> = receiver.end().await.into_iter().map(|mail| (mail.envelope.tls, mail.envelope.helo)).collect();
    assert_eq!(told, [(false, Some("web01".to_owned())), (true, Some("web02".to_owned()))]);
}

/// Whoever sits between them may have written what came in the clear.
#[tokio::test]
async fn what_was_said_before_is_forgotten() {
    let receiver = Receiver::start(with_tls()).await;
    let mut client = Client::greeted(&receiver).await;
    client.envelope().await;
    client.send(b"STARTTLS\r\nNOOP\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<alerts@example.com>\r\nDATA\r\nevil\r\n.\r\n").await;
    client.hear_all(&["220"]).await;
    let mut client = Client::over(handshake(client.into_stream()).await.unwrap());
    client.expect("RCPT TO:<alerts@example.com>", "503").await;
    client.expect("DATA", "503").await;
    client.expect("MAIL FROM:<>", "503 5.5.1 EHLO").await;
    client.expect("EHLO web01", "250-").await;
    assert!(client.mail("good").await.starts_with("250"));
    drop(client);
    let mails = receiver.end().await;
    assert_eq!((mails.len(), &*mails[0].raw), (1, &b"good\r\n"[..]));
}

#[tokio::test]
async fn it_may_be_required() {
    let receiver = Receiver::start(Settings { tls_required: true, ..with_tls() }).await;
    let mut client = Client::greeted(&receiver).await;
    client.expect("MAIL FROM:<>", "530 5.7.0").await;
    client.expect("RCPT TO:<alerts@example.com>", "503").await;
    let mut client = encrypted(client).await;
    client.expect("EHLO web01", "250-").await;
    assert!(client.mail("x").await.starts_with("250"));
}

#[tokio::test]
async fn a_broken_handshake_concerns_nobody_else() {
    let receiver = Receiver::start(with_tls()).await;
    let mut client = Client::greeted(&receiver).await;
    client.expect("STARTTLS", "220").await;
    client.try_send(b"EHLO web01\r\nthis is no handshake\r\n").await;
    receiver.until("tls_failed", 1).await;
    receiver.nobody_is_left().await;
    let mut other = encrypted(Client::greeted(&receiver).await).await;
    other.expect("EHLO web01", "250-").await;
}

#[test]
fn what_is_wrong_with_the_files_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.pem");
    std::fs::write(&text, "no certificate").unwrap();
    let damaged = folder.path().join("damaged.pem");
    let whole = std::fs::read_to_string(certificate("first.pem")).unwrap();
    std::fs::write(&damaged, whole.replace("-----END CERTIFICATE-----", "")).unwrap();
    let (first, key) = (certificate("first.pem"), certificate("first.key.pem"));
    for (certificate, key, told) in [
        (folder.path().join("none.pem"), key.clone(), "can't read"),
        (text.clone(), key.clone(), "holds no certificate"),
        (damaged, key.clone(), "is damaged"),
        (first.clone(), text, "holds no private key"),
        (first.clone(), first.clone(), "holds no private key"),
        (first.clone(), certificate("second.key.pem"), "is not the one of the certificate"),
    ] {
        let error = tls_config(&certificate, &key).unwrap_err().to_string();
        assert!(error.contains(told) && error.contains(".pem"), "{error}");
    }
    assert!(tls_config(&first, &key).is_ok());
}
