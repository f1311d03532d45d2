//! The content: what was sent is what arrives, 250 is said for what is safe alone, and nothing is smuggled.

use super::outside::{Client, Receiver, quick, settings};
use proptest::prelude::*;
use smtp::{Protocol, Refused, Settings};
use std::time::Duration;

#[tokio::test]
async fn no_line_end_but_the_right_one_ends_a_mail() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    let second = "MAIL FROM:<evil@example.org>\r\nRCPT TO:<alerts@example.com>\r\nDATA\r\nevil";
    let ends =
        ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r\n.\r\r\n", "\r\n\0.\r\n", "\n\n.\r\n"];
    for end in ends {
        let heard = client.mail(&format!("Subject: x\r\n\r\nfirst{end}{second}")).await;
        assert!(heard.starts_with("250 2.0.0 Ok: it is safe"), "{end:?}: {heard}");
    }
    client.expect("NOOP", "250 2.0.0 Ok\r\n").await;
    drop(client);
    let mails = receiver.end().await;
    assert_eq!(mails.len(), ends.len());
    for (mail, end) in mails.iter().zip(ends) {
        // A dot is taken away after CR LF alone.
        let kept = if end.starts_with("\r\n.") { end.replacen('.', "", 1) } else { end.to_owned() };
        let expected = format!("Subject: x\r\n\r\nfirst{kept}{second}\r\n");
        assert_eq!(String::from_utf8_lossy(&mail.raw), expected);
    }
}

#[tokio::test]
async fn only_what_is_safe_is_accepted() {
    type Taker = fn() -> futures_util::future::BoxFuture<'static, Result<(), Refused>>;
    let takers: [(&str, Taker, &str, &str); 6] = [
        ("safe", || Box::pin(async { Ok(()) }), "250 2.0.0", "accepted"),
        ("not durable", || Box::pin(async { Err(Refused::NotDurable) }), "451 4.3.0", "not_durable"),
        ("busy", || Box::pin(async { Err(Refused::Busy) }), "451 4.3.2", "busy"),
        ("a bug", || Box::pin(async { panic!("a bug of the taker") }), "451 4.3.0", "not_durable"),
        ("a bug at once", || panic!("a bug of the taker"), "451 4.3.0", "not_durable"),
        ("never", || Box::pin(std::future::pending()), "451 4.3.0", "not_durable"),
    ];
    for (name, taker, answer, count) in takers {
        let settings = quick(|timeouts| {
            if name == "never" {
                timeouts.deliver = Duration::from_millis(20);
            }
        });
        let receiver = Receiver::with(settings, move |_| taker()).await;
        let mut client = Client::greeted(&receiver).await;
        for n in 1..=2 {
            let heard = client.mail("Subject: x").await;
            assert!(heard.starts_with(answer), "{name}: {heard}");
            assert_eq!(
                (receiver.count(count), receiver.count("accepted")),
                (n, if count == "accepted" { n } else { 0 })
            );
        }
        drop(client);
        receiver.end().await;
    }
}

#[tokio::test]
async fn too_big_is_told_wherever_it_is_found() {
    let receiver = Receiver::start(Settings { max_bytes: 1_000, ..settings() }).await;
    let mut client = Client::greeted(&receiver).await;
    for said in ["1001", "99999999999", "184467440737095516150000"] {
        let heard = client.ask(&format!("MAIL FROM:<a@example.org> SIZE={said}")).await;
        if heard.starts_with("250") {
            // Digits beyond all reason are not understood; the content is measured all the same.
            client.expect("RSET", "250").await;
        } else {
            assert!(heard.starts_with("552 5.3.4"), "{said}: {heard}");
        }
    }
    let told = receiver.count("too_big");
    assert!(told >= 2);
    let heard = client.mail(&"x".repeat(999)).await;
    assert!(heard.starts_with("552 5.3.4"), "{heard}");
    assert!(client.mail(&"x".repeat(998)).await.starts_with("250"));
    client.envelope().await;
    client.chunk("BDAT 600", &"x".repeat(600), "250").await;
    client.chunk("BDAT 600", &"x".repeat(600), "552 5.3.4").await;
    client.chunk("BDAT 3 LAST", "xxx", "503").await;
    client.envelope().await;
    client.chunk("BDAT 1001 LAST", &"x".repeat(1_001), "552").await;
    assert!(client.mail("the next one").await.starts_with("250"));
    assert_eq!((receiver.count("too_big"), receiver.count("accepted")), (told + 3, 2));
}

#[tokio::test]
async fn far_too_big_is_not_read_to_its_end() {
    let receiver = Receiver::start(Settings { max_bytes: 1_000, ..settings() }).await;
    let mut by_data = Client::greeted(&receiver).await;
    by_data.envelope().await;
    by_data.expect("DATA", "354").await;
    let piece = vec![b'x'; 64 << 10];
    let mut pieces = 0;
    while by_data.try_send(&piece).await {
        pieces += 1;
        assert!(pieces < 1_000, "it is read for ever");
    }
    let mut by_chunk = Client::greeted(&receiver).await;
    by_chunk.envelope().await;
    by_chunk.expect("BDAT 9999999999 LAST", "552 5.3.4").await;
    by_chunk.is_over().await;
    receiver.nobody_is_left().await;
    assert_eq!((receiver.mails().len(), receiver.count("too_big")), (0, 2));
}

#[tokio::test]
async fn chunks_have_their_places() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    client.chunk("BDAT 4 LAST", "NOOP", "503").await;
    client.expect("MAIL FROM:<>", "250").await;
    client.chunk("BDAT 4 LAST", "NOOP", "503").await;
    client.expect("RCPT TO:<alerts@example.com>", "503").await;
    client.envelope().await;
    client.chunk("BDAT 3", "..\r", "250").await;
    client.expect("DATA", "503").await;
    client.expect("RCPT TO:<db@example.com>", "503").await;
    client.expect("MAIL FROM:<>", "503").await;
    client.send(b"BDAT 3 LAST\r\n\n.\r").await;
    client.hear_all(&["250 2.0.0 Ok: it is safe"]).await;
    client.envelope().await;
    client.chunk("BDAT 3", "xyz", "250").await;
    client.expect("RSET", "250").await;
    client.expect("BDAT 0 LAST", "503").await;
    client.envelope().await;
    client.expect("BDAT 0 LAST", "250 2.0.0 Ok: it is safe").await;
    client.expect("BDAT x LAST", "501 5.5.4").await;
    client.is_over().await;
    let raw: Vec<Vec<u8>> = receiver.end().await.into_iter().map(|mail| mail.raw).collect();
    assert_eq!(raw, [b"..\r\n.\r".to_vec(), Vec::new()]);
}

#[tokio::test]
async fn a_mail_that_runs_in_a_circle_is_refused() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    let hops = |n: usize| "Received: from a by b; Fri, 1 May 2026 09:00:00 +0900\r\n".repeat(n) + "Subject: x\r\n\r\nx";
    assert!(client.mail(&hops(100)).await.starts_with("250"));
    assert!(client.mail(&hops(101)).await.starts_with("554 5.4.6"));
    assert_eq!((receiver.count("looping"), receiver.count("accepted")), (1, 1));
}

#[tokio::test]
async fn long_lines_and_any_bytes_are_mail() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    let long = vec![b'x'; 3 << 20];
    let mut any: Vec<u8> = (0..=255).collect();
    any.push(b'\r');
    any.push(b'\n');
    for content in [&long, &any] {
        client.envelope().await;
        client.expect("DATA", "354").await;
        client.send(content).await;
        client.send(if content.ends_with(b"\n") { b".\r\n" } else { b"\r\n.\r\n" }).await;
        client.hear_all(&["250"]).await;
    }
    drop(client);
    let mails = receiver.end().await;
    assert_eq!((mails[0].raw.len(), &mails[1].raw), (long.len() + 2, &any));
}

#[derive(Clone, Debug)]
struct Sent {
    content: Vec<u8>,
    /// Sizes of the chunks, for BDAT.
    chunks: Option<Vec<usize>>,
}

fn sent() -> impl Strategy<Value = Sent> {
    let byte = prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), any::<u8>()];
    let chunks = proptest::option::of(proptest::collection::vec(0..300_usize, 1..5));
    (proptest::collection::vec(byte, 0..600), chunks).prop_map(|(content, chunks)| Sent { content, chunks })
}

fn spoken(mail: &Sent) -> Vec<u8> {
    let mut out = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<alerts@example.com>\r\n".to_vec();
    let Some(chunks) = &mail.chunks else {
        out.extend_from_slice(b"DATA\r\n");
        for (n, byte) in mail.content.iter().enumerate() {
            if *byte == b'.' && (n == 0 || mail.content[..n].ends_with(b"\r\n")) {
                out.push(b'.');
            }
            out.push(*byte);
        }
        out.extend_from_slice(if mail.content.is_empty() || mail.content.ends_with(b"\r\n") {
            b".\r\n"
        } else {
            b"\r\n.\r\n"
        });
        return out;
    };
    let mut rest = &mail.content[..];
    for size in chunks {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        out.extend_from_slice(format!("BDAT {}\r\n", piece.len()).as_bytes());
        out.extend_from_slice(piece);
        rest = after;
    }
    out.extend_from_slice(format!("BDAT {} LAST\r\n", rest.len()).as_bytes());
    out.extend_from_slice(rest);
    out
}

fn expected(mail: &Sent) -> Vec<u8> {
    let mut content = mail.content.clone();
    if mail.chunks.is_none() && !content.is_empty() && !content.ends_with(b"\r\n") {
        content.extend_from_slice(b"\r\n");
    }
    content
}

async fn through_a_socket(mails: &[Sent], pieces: &[usize], protocol: Protocol) -> Vec<Vec<u8>> {
    let receiver = Receiver::start(Settings { protocol, ..settings() }).await;
    let mut client = Client::connect(&receiver).await;
    let mut all = if protocol == Protocol::Lmtp { b"LHLO a\r\n".to_vec() } else { b"EHLO a\r\n".to_vec() };
    all.extend(mails.iter().flat_map(spoken));
    all.extend_from_slice(b"QUIT\r\n");
    let mut rest = &all[..];
    for size in pieces.iter().cycle() {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        client.send(piece).await;
        tokio::task::yield_now().await;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    while !client.hear().await.is_empty() {}
    drop(client);
    receiver.end().await.into_iter().map(|mail| mail.raw).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_mails_that_arrive_are_the_mails_that_were_sent(
        mails in proptest::collection::vec(sent(), 1..6),
        pieces in proptest::collection::vec(1..400_usize, 1..8),
        is_lmtp in any::<bool>(),
    ) {
        let protocol = if is_lmtp { Protocol::Lmtp } else { Protocol::Smtp };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let arrived = runtime.block_on(through_a_socket(&mails, &pieces, protocol));
        prop_assert_eq!(arrived, mails.iter().map(expected).collect::<Vec<_>>());
    }

    /// Whatever comes, it is answered or let go, and what is no mail never becomes one.
    #[test]
    fn junk_never_harms(junk in proptest::collection::vec(any::<u8>(), 0..3_000), piece in 1..500_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let receiver = Receiver::start(settings()).await;
            let mut client = Client::connect(&receiver).await;
            for piece in junk.chunks(piece) {
                if !client.try_send(piece).await {
                    break;
                }
            }
            drop(client);
            receiver.nobody_is_left().await;
            assert!(receiver.end().await.is_empty());
        });
    }
}
