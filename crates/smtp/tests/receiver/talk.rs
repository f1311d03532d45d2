//! Conversations as tables: what is said, what is heard, and what arrives.

use super::outside::{Client, Receiver, settings};
use model::mail::Door;
use smtp::{Protocol, Refused, Settings};

/// Says each line and hears its answer.
async fn converse(name: &str, settings: Settings, turns: &[(&str, &str)]) -> Vec<smtp::Received> {
    let receiver = Receiver::start(settings).await;
    let mut client = Client::connect(&receiver).await;
    for (said, answer) in turns {
        let heard = client.ask(said).await;
        assert!(heard.starts_with(answer), "{name}: {said:?} heard {heard:?} and not {answer:?}");
    }
    drop(client);
    receiver.end().await
}

const HELLO: (&str, &str) = ("EHLO web01", "250-mx.example.com\r\n");
const MAIL: (&str, &str) = ("MAIL FROM:<a@example.org>", "250 2.1.0");
const RCPT: (&str, &str) = ("RCPT TO:<alerts@example.com>", "250 2.1.5");

#[tokio::test]
async fn every_command_has_its_answer_at_its_place() {
    let conversations: Vec<&str> = include_str!("conversations.txt").split("\n== ").skip(1).collect();
    assert!(conversations.len() > 10);
    for conversation in conversations {
        let (heading, turns) = conversation.split_once('\n').unwrap();
        let (name, arrive) = heading.split_once(": ").unwrap();
        let meant = |said: &str| said.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
        let turns = turns.lines().filter_map(|turn| turn.split_once(" | "));
        let turns: Vec<(String, &str)> = turns.map(|(said, answer)| (meant(said), answer)).collect();
        let turns: Vec<(&str, &str)> = turns.iter().map(|(said, answer)| (&**said, *answer)).collect();
        let mails = converse(name, settings(), &turns).await;
        assert_eq!(mails.len(), arrive.parse::<usize>().unwrap(), "{name}");
    }
}

#[tokio::test]
async fn the_hello_lists_what_there_is_and_no_more() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::connect(&receiver).await;
    let heard = client.ask("EHLO web01").await;
    let expected = "250-mx.example.com\r\n250-PIPELINING\r\n250-SIZE 41943040\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 CHUNKING\r\n";
    assert_eq!(heard, expected);
}

/// Scripts write what they like, and their alerts count.
#[tokio::test]
async fn the_envelope_says_who_sent_and_for_whom() {
    for (from, to, expected_from, expected_to) in [
        ("<a@b.example>", "<alerts@example.com>", Some("a@b.example"), "alerts@example.com"),
        ("<>", "<alerts@example.com>", None, "alerts@example.com"),
        (" <a@b.example> ", " <Alerts@Example.COM>", Some("a@b.example"), "Alerts@Example.COM"),
        ("a@b.example", "alerts@example.com", Some("a@b.example"), "alerts@example.com"),
        ("a@b.example SIZE=10", "alerts@example.com", Some("a@b.example"), "alerts@example.com"),
        ("<nagios>", "<postmaster>", Some("nagios"), "postmaster"),
        ("<postmaster>", "<POSTMASTER>", Some("postmaster"), "POSTMASTER"),
        ("root", "postmaster", Some("root"), "postmaster"),
        ("<a@localhost>", "<alerts@example.com>", Some("a@localhost"), "alerts@example.com"),
        ("<監視@例え.example> SMTPUTF8", "<障害@example.jp>", Some("監視@例え.example"), "障害@example.jp"),
        ("<@relay.example:a@b.example>", "<alerts@example.com>", Some("a@b.example"), "alerts@example.com"),
    ] {
        let (from, to) = (format!("MAIL FROM:{from}"), format!("RCPT TO:{to}"));
        let turns = [("EHLO web01", "250"), (&*from, "250"), (&to, "250"), ("DATA", "354"), ("x\r\n.", "250")];
        let mails = converse(&from, settings(), &turns).await;
        let envelope = &mails[0].envelope;
        assert_eq!(
            (envelope.from.as_deref(), &envelope.recipients),
            (expected_from, &vec![expected_to.to_owned()]),
            "{from}"
        );
        let rest = (envelope.door, envelope.peer.as_deref(), envelope.helo.as_deref(), envelope.tls);
        assert_eq!(rest, (Door::Smtp, Some("127.0.0.1"), Some("web01"), false));
        assert_eq!((&envelope.checked, &envelope.place), (&None, &None));
    }
}

#[tokio::test]
async fn several_recipients_get_one_mail() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    client.expect(MAIL.0, "250").await;
    let names: Vec<String> = (0..150).map(|n| format!("n{n}@example.jp")).collect();
    for name in &names {
        client.expect(&format!("RCPT TO:<{name}>"), "250").await;
    }
    client.expect("RCPT TO:<nobody@example.org>", "550").await;
    client.expect("DATA", "354").await;
    client.expect("x\r\n.", "250").await;
    drop(client);
    let mails = receiver.end().await;
    assert_eq!((mails.len(), &mails[0].envelope.recipients), (1, &names));
}

#[tokio::test]
async fn too_many_recipients_are_for_another_time() {
    let few = Settings { max_recipients: 2, ..settings() };
    let turns = [HELLO, MAIL, RCPT, RCPT, (RCPT.0, "452 4.5.3"), ("DATA", "354"), ("x\r\n.", "250")];
    assert_eq!(converse("few", few, &turns).await[0].envelope.recipients.len(), 2);
}

#[tokio::test]
async fn lmtp_answers_for_each_recipient() {
    let lmtp = || Settings { protocol: Protocol::Lmtp, ..settings() };
    for (outcome, answer) in
        [(Ok(()), "250 2.0.0"), (Err(Refused::NotDurable), "451 4.3.0"), (Err(Refused::Busy), "451 4.3.2")]
    {
        let receiver = Receiver::with(lmtp(), move |_| Box::pin(async move { outcome })).await;
        let mut client = Client::connect(&receiver).await;
        client.expect("EHLO web01", "500 5.5.1").await;
        client.expect("HELO web01", "500 5.5.1").await;
        client.expect("MAIL FROM:<>", "503 5.5.1 LHLO").await;
        client.expect("LHLO web01", "250-mx.example.com").await;
        client.expect(MAIL.0, "250").await;
        client.expect("DATA", "503").await;
        client.expect(RCPT.0, "250").await;
        client.expect("RCPT TO:<nobody@example.com>", "550 5.1.1").await;
        client.expect("RCPT TO:<db@example.com>", "250").await;
        client.expect("DATA", "354").await;
        client.send(b"x\r\n.\r\nNOOP\r\n").await;
        client.hear_all(&[answer, answer, "250 2.0.0 Ok\r\n"]).await;
        client.envelope().await;
        client.chunk("BDAT 1", "x", "250 2.0.0 1 bytes").await;
        client.send(b"BDAT 0 LAST\r\nQUIT\r\n").await;
        client.hear_all(&[answer, "221"]).await;
        client.is_over().await;
        let mails = receiver.end().await;
        assert_eq!(mails[0].envelope.recipients, ["alerts@example.com", "db@example.com"]);
        assert_eq!((mails.len(), mails[0].envelope.door), (2, Door::Lmtp));
    }
}

#[tokio::test]
async fn everything_may_be_said_at_once() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::silent(&receiver).await;
    client.send(b"EHLO a\r\nNOOP\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<x@example.org>\r\nRCPT TO:<alerts@example.com>\r\nDATA\r\nx\r\n.\r\nFOO\r\nMAIL FROM:<>\r\nRCPT TO:<db@example.com>\r\nBDAT 6\r\nNOOP\r\nBDAT 2 LAST\r\nQ\nQUIT\r\n").await;
    client
        .hear_all(&[
            "220",
            "250-",
            "250 2.0.0 Ok",
            "250 2.1.0",
            "550 5.7.1",
            "250 2.1.5",
            "354",
            "250 2.0.0 Ok: it is safe",
            "500",
        ])
        .await;
    client.hear_all(&["250 2.1.0", "250 2.1.5", "250 2.0.0 6 bytes", "250 2.0.0 Ok: it is safe", "221"]).await;
    client.is_over().await;
    let raw: Vec<Vec<u8>> = receiver.end().await.into_iter().map(|mail| mail.raw).collect();
    assert_eq!(raw, [b"x\r\n".to_vec(), b"NOOP\r\nQ\n".to_vec()]);
}

#[tokio::test]
async fn a_line_may_come_in_pieces_and_end_with_a_line_feed() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::connect(&receiver).await;
    for byte in b"EHLO web01\r\n" {
        client.send(&[*byte]).await;
    }
    assert!(client.hear().await.starts_with("250-"));
    client.send(b"NOOP\nNOOP\n").await;
    client.hear_all(&["250", "250"]).await;
}
