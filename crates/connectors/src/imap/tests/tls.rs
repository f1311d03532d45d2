//! Encrypted from the first byte or on request, and certificates that can't be trusted.

use super::fake::{Fake, Meet};
use super::watch::Watch;
use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::sync::Arc;
use tempfile::TempDir;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    fn server(&self, name: &str, until_year: i32) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(until_year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.unwrap())
    }

    fn settings(&self, port: u16, tls: Tls) -> Settings {
        Settings { tls, extra_roots: Some(self.folder.path().join("ca.pem")), ..settings(port) }
    }
}

const LATER: i32 = 4000;

#[tokio::test]
async fn mails_come_over_tls_from_the_first_byte_and_on_request() {
    let authority = Authority::new();
    let config = authority.server("127.0.0.1", LATER);
    for (meet, tls) in [(Meet::Tls(config.clone()), Tls::Implicit), (Meet::StartTls(config), Tls::StartTls)] {
        let fake = Fake::meeting(meet).await;
        let watch = Watch::start(authority.settings(fake.port, tls), None, fake.log.clone());
        watch.begun().await;
        fake.put(at(0), mail("a"));
        assert_eq!(watch.fetched(1).await.fetched[0].raw, mail("a"));
        watch.end().await;
    }
}

#[tokio::test]
async fn a_certificate_that_can_not_be_trusted_is_told_with_the_remedy() {
    let authority = Authority::new();
    let trusting = |port| authority.settings(port, Tls::Implicit);
    let untrusting = |port| Settings { extra_roots: None, ..authority.settings(port, Tls::Implicit) };
    let expired = Fake::meeting(Meet::Tls(authority.server("127.0.0.1", 2001))).await;
    let other = Fake::meeting(Meet::Tls(authority.server("mail.example.jp", LATER))).await;
    let good = Fake::meeting(Meet::Tls(authority.server("127.0.0.1", LATER))).await;
    for (settings, words) in [
        (trusting(expired.port), "has expired: renew it"),
        (trusting(other.port), "for another name"),
        (untrusting(good.port), "set [mail.imap] ca"),
    ] {
        let trouble = look_in(&settings).await.unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Tls, "{trouble}");
        assert!(trouble.text.contains(words), "{trouble}");
    }
    assert!(look_in(&trusting(good.port)).await.is_ok());
    assert!(!good.said().iter().any(|line| line.contains("nothing")), "{:?}", good.said());
    assert_eq!(expired.said(), Vec::<String>::new(), "no password went out");
}

#[tokio::test]
async fn the_wrong_kind_of_port_is_told() {
    let authority = Authority::new();
    let plain = Fake::start().await;
    for (tls, words) in [(Tls::Implicit, "starttls"), (Tls::StartTls, "no STARTTLS")] {
        let trouble = look_in(&authority.settings(plain.port, tls)).await.unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Tls, "{trouble}");
        assert!(trouble.text.contains(words), "{trouble}");
    }
    let encrypted = Fake::meeting(Meet::Tls(authority.server("127.0.0.1", LATER))).await;
    let limits = Limits { connect_ms: 100, ..QUICK };
    let trouble = look_in(&Settings { limits, ..settings(encrypted.port) }).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Network, "{trouble}");
    assert!(!plain.said().iter().any(|line| line.contains("LOGIN")), "no password went out in plain text");
}

#[tokio::test]
async fn a_file_of_authorities_that_is_none_is_named() {
    let authority = Authority::new();
    let fake = Fake::meeting(Meet::Tls(authority.server("127.0.0.1", LATER))).await;
    let odd = authority.folder.path().join("odd.pem");
    std::fs::write(&odd, "no certificate").unwrap();
    for path in [odd, authority.folder.path().join("missing.pem")] {
        let settings = Settings { extra_roots: Some(path.clone()), ..authority.settings(fake.port, Tls::Implicit) };
        let trouble = look_in(&settings).await.unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::Setting);
        assert!(trouble.text.contains(path.to_str().unwrap()), "{trouble}");
    }
}
