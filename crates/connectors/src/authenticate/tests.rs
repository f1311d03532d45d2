//! Mails signed here, and a DNS of our own that answers, denies or is silent.

use super::dns::{Dns, Record};
use super::*;
use base64::Engine;
use mail_auth::common::crypto::{RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use model::mail::Door;
use rcgen::{KeyPair, PublicKeyData};
use rustls::pki_types::PrivateKeyDer;
use std::sync::OnceLock;

const MAIL: &str =
    "From: zabbix@example.jp\r\nTo: alerts@example.com\r\nSubject: Problem: disk full\r\n\r\nディスク\r\n";

fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap())
}

fn published() -> Record {
    let key = base64::engine::general_purpose::STANDARD.encode(key().subject_public_key_info());
    Record::Txt(format!("v=DKIM1; k=rsa; p={key}"))
}

fn txt(text: &str) -> Record {
    Record::Txt(text.to_owned())
}

/// The mail with a signature of each of these domains on top.
fn signed(domains: &[&str]) -> String {
    let mut headers = String::new();
    for domain in domains {
        let key = RsaKey::<Sha256>::from_key_der(PrivateKeyDer::Pkcs8(key().serialize_der().into())).unwrap();
        let signer = DkimSigner::from_key(key).domain(*domain).selector("mail").headers(["From", "To", "Subject"]);
        headers.push_str(&signer.sign(MAIL.as_bytes()).unwrap().to_header());
    }
    format!("{headers}{MAIL}")
}

fn envelope(from: Option<&str>) -> Envelope {
    Envelope {
        door: Door::Smtp,
        from: from.map(str::to_owned),
        recipients: vec!["alerts@example.com".into()],
        peer: Some("203.0.113.5".into()),
        helo: Some("mail.example.jp".into()),
        tls: true,
        checked: None,
        place: None,
    }
}

const SENDER: Option<&str> = Some("zabbix@Example.jp");

async fn asking(dns: &Dns) -> Authenticator {
    Authenticator::new(&Settings { servers: vec![dns.address], ..Settings::default() }).unwrap()
}

async fn found(records: &[(&str, Record)], envelope: &Envelope, raw: &str) -> Authentication {
    let dns = Dns::start(records).await;
    asking(&dns).await.authenticate(envelope, raw.as_bytes()).await
}

#[tokio::test]
async fn what_spf_and_dkim_prove_is_named() {
    let records = [
        ("example.jp", txt("v=spf1 ip4:203.0.113.0/24 -all")),
        ("mail._domainkey.example.jp", published()),
        ("mail._domainkey.example.com", published()),
    ];
    let all = found(&records, &envelope(SENDER), &signed(&["example.jp", "example.com", "example.jp"])).await;
    let expected = Authentication {
        spf: Some("example.jp".into()),
        dkim: vec!["example.com".into(), "example.jp".into()],
        why: vec![],
        is_incomplete: false,
    };
    assert_eq!(all, expected);
}

#[tokio::test]
async fn a_changed_mail_or_another_key_proves_nothing() {
    let good = signed(&["example.jp"]);
    let records = [("example.jp", txt("v=spf1 -all")), ("mail._domainkey.example.jp", published())];
    for raw in [
        good.replace("disk full", "disk fine"),
        good.replace("ディスク", "メモリ"),
        good.replace("d=example.jp", "d=example.net"),
    ] {
        assert_ne!(raw, good);
        let none = found(&records, &envelope(SENDER), &raw).await;
        assert_eq!((none.spf, none.dkim, none.is_incomplete), (None, vec![], false));
        assert!(
            none.why[0].contains("forbids 203.0.113.5") && none.why[1].starts_with("DKIM of example."),
            "{:?}",
            none.why
        );
    }
    let other = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let other = base64::engine::general_purpose::STANDARD.encode(other.subject_public_key_info());
    let records = [("mail._domainkey.example.jp", txt(&format!("v=DKIM1; k=rsa; p={other}")))];
    assert!(found(&records, &envelope(SENDER), &good).await.dkim.is_empty());
}

#[tokio::test]
async fn every_answer_of_spf_is_told_in_words() {
    for (record, words) in [
        (txt("v=spf1 ~all"), "doubts"),
        (txt("v=spf1 ?all"), "says nothing"),
        (txt("v=spf1 ip4:nonsense -all"), "can't be used"),
        (txt("v=spf1 include:example.jp -all"), "can't be used"),
        (txt("no record of ours"), "has no record"),
        (Record::A([192, 0, 2, 1].into()), "has no record"),
    ] {
        let none = found(&[("example.jp", record)], &envelope(SENDER), MAIL).await;
        assert!(none.spf.is_none() && !none.is_incomplete);
        assert!(none.why[0].contains(words), "{words}: {:?}", none.why);
        assert!(none.why[1].contains("not signed"), "{:?}", none.why);
    }
    assert!(found(&[], &envelope(SENDER), MAIL).await.why[0].contains("has no record"));
}

#[tokio::test]
async fn the_null_sender_stands_for_the_greeting() {
    let refusing = [("mail.example.jp", txt("v=spf1 -all")), ("example.jp", txt("v=spf1 +all"))];
    assert_eq!(found(&refusing, &envelope(None), MAIL).await.spf, None);
    let literal = [("mail.example.jp", txt("v=spf1 ip4:203.0.113.5 -all"))];
    assert_eq!(found(&literal, &envelope(None), MAIL).await.spf.as_deref(), Some("mail.example.jp"));
    for odd in [
        Envelope { helo: None, ..envelope(None) },
        Envelope { peer: None, ..envelope(SENDER) },
        Envelope { peer: Some("mail.example.jp".into()), ..envelope(SENDER) },
        envelope(Some("")),
        envelope(Some("root")),
    ] {
        let none = found(&literal, &odd, MAIL).await;
        assert!(none.spf.is_none() && none.why[0].starts_with("SPF: "), "{none:?}");
    }
    let mapped = Envelope { peer: Some("::ffff:203.0.113.5".into()), ..envelope(None) };
    assert!(found(&literal, &mapped, MAIL).await.spf.is_some(), "an IPv4 peer on an IPv6 socket");
}

#[tokio::test]
async fn a_dns_that_fails_or_is_silent_leaves_it_open_within_the_limit() {
    let raw = signed(&["example.jp", "example.com"]);
    let failing = [
        ("example.jp", Record::Fails),
        ("mail._domainkey.example.jp", Record::Fails),
        ("mail._domainkey.example.com", published()),
    ];
    let half = found(&failing, &envelope(SENDER), &raw).await;
    assert!(half.is_incomplete && half.spf.is_none());
    assert_eq!(half.dkim, ["example.com"], "what is proven stays proven");
    let dns = Dns::start(&[("example.jp", Record::Silent), ("mail._domainkey.example.jp", Record::Silent)]).await;
    let hasty = Settings { servers: vec![dns.address], limit: Duration::from_millis(100) };
    let open = Authenticator::new(&hasty).unwrap().authenticate(&envelope(SENDER), raw.as_bytes()).await;
    assert!(open.is_incomplete && open.why.iter().all(|why| why.contains("in time")), "{open:?}");
}

#[tokio::test]
async fn many_signatures_and_many_includes_do_not_make_us_ask_without_end() {
    let domains: Vec<String> = (0..30).map(|n| format!("d{n}.example.jp")).collect();
    let raw = signed(&domains.iter().map(String::as_str).collect::<Vec<_>>());
    let includes: String = (0..30).map(|n| format!(" include:i{n}.example.jp")).collect();
    let mut records: Vec<(String, Record)> =
        (0..30).map(|n| (format!("i{n}.example.jp"), txt("v=spf1 ?all"))).collect();
    records.push(("example.jp".into(), txt(&format!("v=spf1{includes} +all"))));
    let records: Vec<(&str, Record)> = records.iter().map(|(name, record)| (name.as_str(), record.clone())).collect();
    let dns = Dns::start(&records).await;
    let none = asking(&dns).await.authenticate(&envelope(SENDER), raw.as_bytes()).await;
    assert!(none.spf.is_none() && none.dkim.is_empty(), "{none:?}");
    assert!(none.why.iter().any(|why| why.contains("25 more signatures")), "{:?}", none.why);
    let asked: std::collections::BTreeSet<String> = dns.asked().into_iter().collect();
    assert!(asked.len() <= MAX_SIGNATURES + 11, "{asked:?}");
}

#[tokio::test]
async fn what_a_door_has_checked_is_not_asked_again_and_the_rest_is() {
    let dns = Dns::start(&[("mail._domainkey.example.jp", published())]).await;
    let known =
        Authentication { spf: Some("example.jp".into()), dkim: vec![], why: vec!["x".into()], is_incomplete: false };
    let checked = Envelope { checked: Some(known.clone()), ..envelope(SENDER) };
    assert_eq!(asking(&dns).await.authenticate(&checked, signed(&["example.jp"]).as_bytes()).await, known);
    assert!(dns.asked().is_empty());
    let open = Envelope { checked: Some(Authentication { is_incomplete: true, ..known }), ..envelope(SENDER) };
    let found = asking(&dns).await.authenticate(&open, signed(&["example.jp"]).as_bytes()).await;
    assert_eq!(
        (found.spf.as_deref(), found.dkim, found.is_incomplete),
        (Some("example.jp"), vec!["example.jp".to_owned()], false)
    );
}

#[tokio::test]
async fn answers_are_kept() {
    let dns =
        Dns::start(&[("example.jp", txt("v=spf1 ip4:203.0.113.5 -all")), ("mail._domainkey.example.jp", published())])
            .await;
    let (asking, raw) = (asking(&dns).await, signed(&["example.jp"]));
    for _ in 0..20 {
        assert!(asking.authenticate(&envelope(SENDER), raw.as_bytes()).await.spf.is_some());
    }
    assert_eq!(dns.asked().len(), 2, "{:?}", dns.asked());
}

#[tokio::test]
async fn hostile_mails_prove_nothing_and_break_nothing() {
    let dns = Dns::start(&[("mail._domainkey.example.jp", published())]).await;
    let asking = asking(&dns).await;
    let good = signed(&["example.jp"]);
    let mut odd: Vec<Vec<u8>> =
        vec![vec![], b"\0\xff".to_vec(), b"DKIM-Signature:\r\n\r\n".to_vec(), vec![b':'; 100_000]];
    odd.push(good.replace("DKIM-Signature: ", "DKIM-Signature: l=1; ").into_bytes());
    odd.extend((0..good.find("From:").unwrap()).step_by(7).map(|at| good.as_bytes()[..at].to_vec()));
    odd.extend((0..good.find("From:").unwrap()).step_by(5).map(|at| {
        let mut touched = good.clone().into_bytes();
        touched[at] = 0xff;
        touched
    }));
    for raw in odd {
        let found = asking.authenticate(&Envelope { peer: None, ..envelope(SENDER) }, &raw).await;
        assert!(found.dkim.is_empty(), "{:?}", String::from_utf8_lossy(&raw));
    }
}
