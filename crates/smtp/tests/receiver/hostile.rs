//! Senders that mean no good: they get nothing, cost little, and others are served meanwhile.

use super::outside::{Client, Receiver, quick, settings};
use std::time::Duration;

async fn others_are_served(receiver: &Receiver) {
    let mut client = Client::greeted(receiver).await;
    assert!(client.mail("Subject: still here").await.starts_with("250"));
}

#[tokio::test]
async fn a_line_of_five_megabytes() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::connect(&receiver).await;
    let piece = vec![b'x'; 64 << 10];
    let mut sent = 0;
    while sent < 5 << 20 && client.try_send(&piece).await {
        sent += piece.len();
    }
    receiver.until("flooded", 1).await;
    receiver.nobody_is_left().await;
    others_are_served(&receiver).await;
}

#[tokio::test]
async fn a_line_that_is_too_long_is_one_bad_command() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::connect(&receiver).await;
    for length in [4_094, 4_095, 5_000, 20_000, 100_000] {
        client
            .expect(&format!("NOOP {}", "x".repeat(length - 5)), if length < 4_095 { "250" } else { "500 5.5.2" })
            .await;
    }
    client.expect("NOOP", "250").await;
    assert_eq!(receiver.count("bad_commands"), 4);
}

#[tokio::test]
async fn one_that_goes_away_in_the_middle() {
    let receiver = Receiver::start(settings()).await;
    for said in
        ["", "EH", "MAIL FROM:<a@example.org>\r\n", "DATA\r\nSubject: x\r\n", "BDAT 100\r\nabc", "DATA\r\nx\r\n.\r"]
    {
        let mut client = Client::greeted(&receiver).await;
        if said.starts_with(['D', 'B']) {
            client.envelope().await;
        }
        client.send(said.as_bytes()).await;
    }
    receiver.nobody_is_left().await;
    assert!(receiver.mails().is_empty());
    assert_eq!(receiver.count("aborted"), 4);
    others_are_served(&receiver).await;
}

#[tokio::test]
async fn one_that_never_reads() {
    let receiver = Receiver::start(quick(|timeouts| timeouts.write = Duration::from_millis(100))).await;
    let mut client = Client::silent(&receiver).await;
    let many = "EHLO x\r\n".repeat(1_000);
    while client.try_send(many.as_bytes()).await {}
    receiver.nobody_is_left().await;
    others_are_served(&receiver).await;
}

#[tokio::test]
async fn a_hundred_thousand_commands_at_once() {
    for command in
        ["RSET\r\n", "NOOP\r\n", "\r\n", "EHLO a\r\nMAIL FROM:<>\r\nRSET\r\n", "BDAT 1\r\nx", "VRFY root\r\n"]
    {
        let receiver = Receiver::start(settings()).await;
        let mut client = Client::silent(&receiver).await;
        let many = command.repeat(100);
        for _ in 0..1_000 {
            if !client.try_send(many.as_bytes()).await {
                break;
            }
        }
        receiver.until("flooded", 1).await;
        receiver.nobody_is_left().await;
        assert!(receiver.end().await.is_empty());
    }
}

#[tokio::test]
async fn chunks_of_nothing_without_end() {
    let receiver = Receiver::start(settings()).await;
    let mut client = Client::greeted(&receiver).await;
    client.envelope().await;
    let many = "BDAT 0\r\n".repeat(2_000);
    client.try_send(many.as_bytes()).await;
    receiver.until("flooded", 1).await;
    receiver.nobody_is_left().await;
    assert!(receiver.mails().is_empty());
}

#[tokio::test]
async fn many_that_hold_on_and_say_nothing() {
    let receiver = Receiver::start(settings()).await;
    let mut idle = Vec::new();
    for _ in 0..150 {
        let mut client = Client::greeted(&receiver).await;
        client.send(b"MAIL FR").await;
        idle.push(client);
    }
    others_are_served(&receiver).await;
    drop(idle);
    receiver.nobody_is_left().await;
}
