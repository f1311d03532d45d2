//! Mail through a relay: what it looks like there, and at which point a failure still means that nothing was sent.

use super::relay::{Relay, Reply, Script, Tls, willing};
use crate::pager::{Encryption, Mail, Mailer, MailerError, MailerSetup};
use crate::testing::{NOW, call, nobody};
use crate::{CallError, Kind, Secret};
use model::action::{Fault, Outcome};

const PASSWORD: &str = "made-up-password";

fn setup(relay: &Relay, encryption: Encryption) -> MailerSetup {
    MailerSetup {
        host: "localhost".into(),
        port: Some(relay.port),
        encryption,
        user: Some("ops".into()),
        password: Some(Secret::new(PASSWORD)),
        from: "Arayashiki <ops@example.jp>".into(),
        trusted_pem: Some(relay.pem.clone()),
        timeout_ms: 20_000,
    }
}

fn mail() -> Mail {
    Mail {
        to: "hanako@example.jp".into(),
        subject: "【障害】\r\nBcc: all@example.jp".into(),
        text: "PagerDuty が応答しません\n.\nhttps://ops.example.jp/a/1".into(),
        message_id: "page.1@ops.example.jp".into(),
        purpose: "page".into(),
        headers: vec![("X-Arayashiki-Canary".into(), "token-1".into())],
    }
}

async fn sent(script: Script) -> Result<String, CallError> {
    let relay = Relay::start(Tls::None, script).await;
    Mailer::new(&setup(&relay, Encryption::None)).unwrap().send(&call(), &mail()).await
}

#[tokio::test]
async fn a_mail_goes_out_as_our_own_and_comes_back_with_the_relays_word() {
    let relay = Relay::start(Tls::None, willing).await;
    let said = Mailer::new(&setup(&relay, Encryption::None)).unwrap().send(&call(), &mail()).await.unwrap();
    assert!(said.contains("queued as 4711"), "{said}");
    let heard = relay.heard();
    assert_eq!(heard[0], "EHLO example.jp");
    assert!(heard.contains(&"MAIL FROM:<ops@example.jp>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<hanako@example.jp>".to_owned()), "{heard:?}");
    let text = relay.text();
    let (head, body) = text.split_once("\n\n").unwrap();
    for line in [
        "From: Arayashiki <ops@example.jp>",
        "To: hanako@example.jp",
        "Message-ID: <page.1@ops.example.jp>",
        "Auto-Submitted: auto-generated",
        "X-Arayashiki: page",
        "X-Arayashiki-Canary: token-1",
        "Date: Thu, 28 May 2026 20:26:40 +0000",
    ] {
        assert!(head.lines().any(|l| l == line), "{line} in {head}");
    }
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    assert!(text.is_ascii() && !body.lines().any(|line| line == "."), "{body}");
}

#[tokio::test]
async fn nothing_is_said_before_it_is_encrypted() {
    let script: Script = |line| match line {
        "EHLO example.jp" => Reply::Say("250-relay.example.jp\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
        other => willing(other),
    };
    let relay = Relay::start(Tls::Upgraded, script).await;
    Mailer::new(&setup(&relay, Encryption::StartTls)).unwrap().send(&call(), &mail()).await.unwrap();
    let heard = relay.heard();
    assert_eq!(heard[..3], ["EHLO example.jp", "STARTTLS", "EHLO example.jp"]);
    assert!(heard[3].starts_with("AUTH PLAIN "), "{heard:?}");

    let relay = Relay::start(Tls::Implicit, willing).await;
    Mailer::new(&setup(&relay, Encryption::Implicit)).unwrap().send(&call(), &mail()).await.unwrap();
    assert!(relay.heard().contains(&".".to_owned()));
}

#[tokio::test]
async fn a_relay_without_starttls_or_with_a_strange_certificate_gets_nothing() {
    let relay = Relay::start(Tls::None, willing).await;
    let error = Mailer::new(&setup(&relay, Encryption::StartTls)).unwrap().send(&call(), &mail()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused, "{}", error.text);
    assert!(error.text.contains("offers no STARTTLS"), "{}", error.text);
    assert!(relay.heard().iter().all(|line| !line.starts_with("AUTH") && !line.starts_with("MAIL")));

    let relay = Relay::start(Tls::Implicit, willing).await;
    let strange = MailerSetup { trusted_pem: None, ..setup(&relay, Encryption::Implicit) };
    let error = Mailer::new(&strange).unwrap().send(&call(), &mail()).await.unwrap_err();
    assert_eq!(error.kind, Kind::NoConnection, "{}", error.text);
    assert!(relay.heard().is_empty());
}

#[tokio::test]
async fn a_refusal_at_each_step_is_final_and_says_what_to_mend() {
    let steps: [(Script, Kind, &str); 6] = [
        (|line| if line.is_empty() { Reply::Say("554 no") } else { willing(line) }, Kind::Forbidden, "connecting"),
        (|line| if line.starts_with("AUTH") { Reply::Say("535 no") } else { willing(line) }, Kind::Auth, "password"),
        (
            |line| if line.starts_with("MAIL") { Reply::Say("553 no") } else { willing(line) },
            Kind::Forbidden,
            "send as ops@",
        ),
        (|line| if line.starts_with("MAIL") { Reply::Say("530 no") } else { willing(line) }, Kind::Auth, "password"),
        (
            |line| if line.starts_with("RCPT") { Reply::Say("550 no") } else { willing(line) },
            Kind::NotFound,
            "recipient's address",
        ),
        (|line| if line == "." { Reply::Say("554 no") } else { willing(line) }, Kind::BadRequest, "as it is"),
    ];
    for (script, kind, advice) in steps {
        let error = sent(script).await.unwrap_err();
        assert_eq!(error.kind, kind, "{}", error.text);
        assert!(error.text.contains(advice), "{}", error.text);
        assert!(matches!(error.to_outcome(NOW, 0), Outcome::Never { .. }));
    }
}

#[tokio::test]
async fn later_is_later_at_each_step_since_nothing_was_sent() {
    let steps: [Script; 5] = [
        |line| if line.is_empty() { Reply::Say("421 busy") } else { willing(line) },
        |line| if line.starts_with("AUTH") { Reply::Say("454 busy") } else { willing(line) },
        |line| if line.starts_with("RCPT") { Reply::Say("450 greylisted") } else { willing(line) },
        |line| if line == "DATA" { Reply::Say("451 busy") } else { willing(line) },
        |line| if line == "." { Reply::Say("452 full") } else { willing(line) },
    ];
    for script in steps {
        let outcome = sent(script).await.unwrap_err().to_outcome(NOW, 0);
        assert!(matches!(outcome, Outcome::Later { fault: Fault::Destination, .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_cut_is_unknown_only_once_the_text_was_handed_over() {
    let steps: [(Script, bool); 5] = [
        (|line| if line.is_empty() { Reply::Cut } else { willing(line) }, false),
        (|line| if line.starts_with("MAIL") { Reply::Cut } else { willing(line) }, false),
        (|line| if line == "DATA" { Reply::Cut } else { willing(line) }, false),
        (|line| if line == "." { Reply::Cut } else { willing(line) }, true),
        (|line| if line == "." { Reply::Say("what?") } else { willing(line) }, true),
    ];
    for (script, is_unknown) in steps {
        let error = sent(script).await.unwrap_err();
        let outcome = error.to_outcome(NOW, 0);
        assert_eq!(matches!(outcome, Outcome::Unknown { .. }), is_unknown, "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::Later { fault: Fault::Destination, .. }), !is_unknown, "{outcome:?}");
    }
}

#[tokio::test]
async fn silence_ends_in_time_and_means_what_a_cut_means() {
    for (script, is_unknown) in [
        ((|line| if line.starts_with("RCPT") { Reply::Silence } else { willing(line) }) as Script, false),
        (|line| if line == "." { Reply::Silence } else { willing(line) }, true),
    ] {
        let relay = Relay::start(Tls::None, script).await;
        let hasty = MailerSetup { timeout_ms: 300, ..setup(&relay, Encryption::None) };
        let error = Mailer::new(&hasty).unwrap().send(&call(), &mail()).await.unwrap_err();
        assert_eq!(matches!(error.to_outcome(NOW, 0), Outcome::Unknown { .. }), is_unknown, "{}", error.text);
    }
}

#[tokio::test]
async fn nobody_there_is_no_connection_and_shows_no_password() {
    let port = nobody().await.rsplit(':').next().unwrap().parse().ok();
    let relay = Relay::start(Tls::None, |line| match line.starts_with("AUTH") {
        true => Reply::Say("535 made-up-password is wrong"),
        false => willing(line),
    })
    .await;
    let mut gone = setup(&relay, Encryption::None);
    gone.port = port;
    let error = Mailer::new(&gone).unwrap().send(&call(), &mail()).await.unwrap_err();
    assert_eq!(error.kind, Kind::NoConnection);
    let mailer = Mailer::new(&setup(&relay, Encryption::None)).unwrap();
    let quoted = mailer.send(&call(), &mail()).await.unwrap_err();
    assert!(!format!("{quoted:?} {mailer:?}").contains(PASSWORD), "{quoted:?}");
}

#[tokio::test]
async fn what_would_be_another_mail_than_meant_is_not_sent() {
    let relay = Relay::start(Tls::None, willing).await;
    let mailer = Mailer::new(&setup(&relay, Encryption::None)).unwrap();
    let with = |name: &str, value: &str| Mail { headers: vec![(name.into(), value.into())], ..mail() };
    for odd in [
        Mail { to: "hanako".into(), ..mail() },
        Mail { to: "花子@example.jp".into(), ..mail() },
        Mail { to: "a@example.jp>\r\nRCPT TO:<b@example.jp".into(), ..mail() },
        Mail { message_id: "a@b>\r\nX: y".into(), ..mail() },
        Mail { message_id: "nothing".into(), ..mail() },
        Mail { purpose: "page\r\nBcc: all@example.jp".into(), ..mail() },
        with("X-Odd", "a\nb"),
        with("X Odd", "a"),
        with("Bcc", "all@example.jp"),
    ] {
        assert_eq!(mailer.send(&call(), &odd).await.unwrap_err().kind, Kind::BadRequest, "{odd:?}");
    }
    assert!(relay.heard().is_empty());
}

#[tokio::test]
async fn a_relay_that_can_not_be_used_is_told_at_the_start() {
    let relay = Relay::start(Tls::None, willing).await;
    let good = setup(&relay, Encryption::None);
    let made = |setup: MailerSetup| Mailer::new(&setup).map(drop).unwrap_err();
    assert!(matches!(made(MailerSetup { from: "nobody".into(), ..good.clone() }), MailerError::From { .. }));
    assert!(matches!(made(MailerSetup { host: "relay.example.jp".into(), ..good.clone() }), MailerError::Clear { .. }));
    assert_eq!(made(MailerSetup { password: None, ..good.clone() }), MailerError::HalfALogin);
    let odd_pem = MailerSetup { encryption: Encryption::StartTls, trusted_pem: Some("no pem".into()), ..good };
    assert!(matches!(made(odd_pem), MailerError::Tls { .. }));
}
