//! How many, how often, from where, how long.

use super::outside::{Client, PATIENCE, Receiver, quick, settings};
use smtp::Settings;
use std::time::Duration;

#[tokio::test]
async fn who_finds_no_place_hears_why() {
    let cases = [
        (Settings { connections: 1, ..settings() }, "421 4.3.2", "connections_refused"),
        (Settings { per_address: 1, ..settings() }, "421 4.7.0", "address_refused"),
    ];
    for (settings, answer, count) in cases {
        let receiver = Receiver::start(settings).await;
        let mut first = Client::connect(&receiver).await;
        let mut second = Client::silent(&receiver).await;
        second.hear_all(&[answer]).await;
        second.is_over().await;
        assert_eq!(receiver.count(count), 1);
        first.expect("QUIT", "221").await;
        drop(first);
        receiver.nobody_is_left().await;
        // The place is given back a moment after the session has ended.
        let again = async { while !Client::silent(&receiver).await.hear().await.starts_with("220") {} };
        assert!(tokio::time::timeout(PATIENCE, again).await.is_ok(), "the place is not given back");
    }
}

#[tokio::test]
async fn only_who_may_hand_over_mail_is_let_in() {
    for (network, answer) in [("127.0.0.0/8", "220"), ("192.0.2.0/24", "421 4.7.1 127.0.0.1 is in no network")] {
        let receiver = Receiver::start(Settings { networks: vec![network.parse().unwrap()], ..settings() }).await;
        Client::silent(&receiver).await.hear_all(&[answer]).await;
        assert_eq!(receiver.count("network_refused"), u64::from(!answer.starts_with("220")));
    }
}

#[tokio::test]
async fn a_minute_has_so_many_mails() {
    let receiver = Receiver::start(Settings { rate_per_minute: 2, ..settings() }).await;
    for _ in 0..2 {
        let mut client = Client::greeted(&receiver).await;
        assert!(client.mail("x").await.starts_with("250"));
    }
    let mut third = Client::greeted(&receiver).await;
    third.expect("MAIL FROM:<>", "451 4.7.1").await;
    assert_eq!(receiver.count("rate_limited"), 1);
}

#[tokio::test]
async fn all_bodies_together_have_a_limit() {
    let receiver = Receiver::start(Settings { held_bytes: 100_000, max_bytes: 90_000, ..settings() }).await;
    let mut first = Client::greeted(&receiver).await;
    first.envelope().await;
    first.chunk("BDAT 60000", &"x".repeat(60_000), "250").await;
    let mut second = Client::greeted(&receiver).await;
    assert!(second.mail(&"x".repeat(60_000)).await.starts_with("452 4.3.1"));
    assert_eq!(receiver.count("crowded"), 1);
    first.expect("BDAT 0 LAST", "250 2.0.0 Ok: it is safe").await;
    assert!(second.mail(&"x".repeat(60_000)).await.starts_with("250"));
    drop((first, second));
    assert_eq!(receiver.end().await.len(), 2);
}

#[tokio::test]
async fn who_says_nothing_is_let_go() {
    let said: [&[u8]; 3] = [b"", b"EHLO a\r\nMAIL FROM:<a@example.org>\r\n", b"EHLO a\r\nNOO"];
    for said in said {
        let receiver = Receiver::start(quick(|timeouts| timeouts.command = Duration::from_millis(30))).await;
        let mut client = Client::connect(&receiver).await;
        client.send(said).await;
        let mut heard = String::new();
        while !heard.starts_with("421 4.4.2") {
            heard = client.hear().await;
            assert!(!heard.is_empty(), "no word of why");
        }
        client.is_over().await;
        receiver.nobody_is_left().await;
        assert_eq!(receiver.count("timed_out"), 1);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_let_go() {
    for begin in ["DATA", "BDAT 10"] {
        let receiver = Receiver::start(quick(|timeouts| timeouts.data = Duration::from_millis(100))).await;
        let mut client = Client::greeted(&receiver).await;
        client.envelope().await;
        client.send(format!("{begin}\r\nx").as_bytes()).await;
        if begin == "DATA" {
            client.hear_all(&["354"]).await;
        }
        client.hear_all(&["421 4.4.2"]).await;
        receiver.nobody_is_left().await;
        assert_eq!((receiver.mails().len(), receiver.count("timed_out"), receiver.count("aborted")), (0, 1, 1));
    }
}

#[tokio::test]
async fn an_old_connection_begins_no_further_mail() {
    let receiver = Receiver::start(quick(|timeouts| timeouts.session = Duration::ZERO)).await;
    let mut client = Client::connect(&receiver).await;
    client.hear_all(&["421 4.4.2 This connection is old"]).await;
    client.is_over().await;
}

#[tokio::test]
async fn nonsense_is_borne_for_a_while() {
    for (line, answer, most) in [("FOO", "500", 20), ("NOOP", "250", 1_000)] {
        let receiver = Receiver::start(settings()).await;
        let mut client = Client::connect(&receiver).await;
        for _ in 0..=most {
            client.expect(line, answer).await;
        }
        client.hear_all(&["421 4.7.0"]).await;
        client.is_over().await;
        assert_eq!(receiver.count("flooded"), 1);
    }
}

#[tokio::test]
async fn a_busy_relay_is_no_nonsense() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    for _ in 0..700 {
        client.expect("RSET", "250").await;
        assert!(client.mail("x").await.starts_with("250"));
    }
    assert_eq!(receiver.count("accepted"), 700);
}
