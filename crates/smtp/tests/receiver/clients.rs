//! Other people's programs as senders: Python's smtplib, swaks, and Postfix as a relay. Says so where one is not there; under
//! CI=true that is a failure.

use super::outside::{Client, Receiver, settings};
use super::tls::{certificate, with_tls};
use smtp::{Protocol, Received, Refused, Settings};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpStream;
use tokio::process::Command;

const PYTHON: &str = r#"
import smtplib, ssl, sys
from email.message import EmailMessage
from email.policy import SMTP
port, certificate, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "zabbix@web01.example.com", "alerts@example.com", "障害: ディスク使用率"
mail.set_content("一行目\n.\n..点で始まる行\n終わり\n")
with (smtplib.LMTP if kind == "lmtp" else smtplib.SMTP)("127.0.0.1", port) as client:
    if kind == "starttls":
        client.starttls(context=ssl.create_default_context(cafile=certificate))
    # smtplib hears one answer after a mail, also in LMTP: there it can have one recipient only.
    ours = ["alerts@example.com"] if kind == "lmtp" else ["alerts@example.com", "db@example.com"]
    refused = client.send_message(mail, to_addrs=ours + ["nobody@example.org"])
    assert list(refused) == ["nobody@example.org"] and refused["nobody@example.org"][0] == 550, refused
    try:
        client.sendmail("a@example.org", ["nobody@example.com"], "x")
    except smtplib.SMTPRecipientsRefused as error:
        assert error.recipients["nobody@example.com"][0] == 550
    else:
        raise AssertionError("was not refused")
sys.stdout.buffer.write(mail.as_bytes(policy=SMTP))
"#;

/// Whether the program is there.
async fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    asked.is_ok() || is_skipped(program)
}

/// Always false: without the program nothing is proved.
fn is_skipped(program: &str) -> bool {
    assert!(variable("CI").is_none_or(|ci| ci != "true"), "{program} is not there: scripts/services install");
    eprintln!("skipped: {program} is not there (scripts/services start)");
    false
}

#[expect(clippy::disallowed_methods, reason = "a test is told by the environment what it finds on the machine")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).kill_on_drop(true).output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {told}\n{}", String::from_utf8_lossy(&output.stdout));
    output.stdout
}

fn both(kind: &str) -> Settings {
    match kind {
        "lmtp" => Settings { protocol: Protocol::Lmtp, ..settings() },
        "starttls" => Settings { tls_required: true, ..with_tls() },
        _ => settings(),
    }
}

fn one(mails: Vec<Received>, kind: &str) -> Received {
    assert_eq!(mails.len(), 1, "{kind}");
    assert_eq!(mails[0].envelope.tls, kind == "starttls");
    mails.into_iter().next().unwrap()
}

#[tokio::test]
async fn python_delivers_in_the_clear_encrypted_and_by_lmtp() {
    if !is_there("python3").await {
        return;
    }
    for kind in ["plain", "starttls", "lmtp"] {
        let receiver = Receiver::start(both(kind)).await;
        let port = receiver.address.port().to_string();
        let first = certificate("first.pem").to_string_lossy().into_owned();
        let sent = run("python3", &["-c", PYTHON, &port, &first, kind]).await;
        let mail = one(receiver.end().await, kind);
        let both = ["alerts@example.com", "db@example.com"];
        assert_eq!(mail.envelope.recipients, if kind == "lmtp" { &both[..1] } else { &both });
        assert_eq!(String::from_utf8_lossy(&mail.raw), String::from_utf8_lossy(&sent), "{kind}");
    }
}

#[tokio::test]
async fn swaks_delivers_in_the_clear_encrypted_and_by_lmtp() {
    if !is_there("swaks").await {
        return;
    }
    for kind in ["plain", "starttls", "lmtp"] {
        let receiver = Receiver::start(both(kind)).await;
        let server = format!("127.0.0.1:{}", receiver.address.port());
        let mut arguments =
            vec!["--server", &server, "--from", "nagios@web01.example.com", "--to", "alerts@example.com"];
        arguments.extend([
            "--header",
            "Subject: ** PROBLEM Service Alert: web01/HTTP is CRITICAL **",
            "--body",
            "one\\n.\\n.two\\n",
        ]);
        match kind {
            "starttls" => arguments.push("--tls"),
            "lmtp" => arguments.extend(["--protocol", "LMTP"]),
            _ => {}
        }
        run("swaks", &arguments).await;
        let mail = one(receiver.end().await, kind);
        let text = String::from_utf8(mail.raw).unwrap();
        assert!(text.contains("Subject: ** PROBLEM Service Alert"), "{text}");
        assert!(text.contains("\r\none\r\n.\r\n.two\r\n"), "{text}");
    }
}

/// A relay keeps what we can't make safe, and gives it to us until we can: once.
#[tokio::test]
async fn postfix_relays_each_mail_once() {
    let Some(script) = variable("ARAYASHIKI_POSTFIX") else {
        is_skipped("Postfix (ARAYASHIKI_POSTFIX)");
        return;
    };
    for kind in ["smtp", "starttls", "lmtp"] {
        let refusals = AtomicUsize::new(2);
        let receiver = Receiver::with(both(kind), move |_| {
            let is_refused =
                refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            Box::pin(async move { if is_refused { Err(Refused::NotDurable) } else { Ok(()) } })
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_string_lossy().into_owned();
        let port = run(&script, &[&receiver.address.to_string(), &place, kind]).await;
        let port: u16 = String::from_utf8(port).unwrap().trim().parse().unwrap();
        let mut client = Client::over(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        client.hear_all(&["220"]).await;
        client.expect("EHLO web01", "250").await;
        client.expect("MAIL FROM:<nagios@web01.example.com>", "250").await;
        client.expect("RCPT TO:<alerts@example.com>", "250").await;
        client.expect("RCPT TO:<db@example.com>", "250").await;
        client.expect("DATA", "354").await;
        client.expect("Subject: through a relay\r\n\r\n..x\r\n.", "250").await;
        receiver.until("accepted", 1).await;
        client.expect("QUIT", "221").await;
        while !run(&script, &["queue", &place]).await.is_empty() {}
        run(&script, &["stop", &place]).await;
        let mails = receiver.end().await;
        assert_eq!(mails.len(), 3, "{kind}: two that were refused, and the one");
        for mail in mails {
            assert_eq!(mail.envelope.recipients, ["alerts@example.com", "db@example.com"], "{kind}");
            assert_eq!(mail.envelope.tls, kind == "starttls");
            assert!(mail.raw.ends_with(b"\r\n\r\n.x\r\n"), "{kind}");
        }
    }
}
