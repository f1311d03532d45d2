//! A stop: who is idle hears it, who is in the middle of a mail may end it, and nobody waits for ever.

use super::outside::{Client, Receiver, quick, settings};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

#[tokio::test]
async fn idle_connections_hear_it_and_new_ones_are_not_let_in() {
    let receiver = Receiver::start(settings()).await;
    let mut fresh = Client::connect(&receiver).await;
    let mut used = Client::greeted(&receiver).await;
    assert!(used.mail("x").await.starts_with("250"));
    receiver.stop.cancel();
    for client in [&mut fresh, &mut used] {
        client.hear_all(&["421 4.3.2"]).await;
        client.is_over().await;
    }
    let address = receiver.address;
    receiver.end().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_mail_under_way_ends_first() {
    let gate = Arc::new(Semaphore::new(0));
    let waiting = gate.clone();
    let receiver = Receiver::with(settings(), move |_| {
        let waiting = waiting.clone();
        Box::pin(async move {
            waiting.acquire().await.unwrap().forget();
            Ok(())
        })
    })
    .await;
    let mut in_hand = Client::greeted(&receiver).await;
    in_hand.envelope().await;
    in_hand.expect("DATA", "354").await;
    in_hand.send(b"first\r\n.\r\n").await;
    let mut in_envelope = Client::greeted(&receiver).await;
    in_envelope.envelope().await;
    receiver.stop.cancel();
    in_envelope.expect("DATA", "354").await;
    in_envelope.send(b"second\r\n.\r\nMAIL FROM:<>\r\n").await;
    gate.add_permits(2);
    for client in [&mut in_hand, &mut in_envelope] {
        client.hear_all(&["250 2.0.0 Ok: it is safe", "421 4.3.2"]).await;
        client.is_over().await;
    }
    assert_eq!(receiver.end().await.len(), 2);
}

#[tokio::test]
async fn nobody_is_waited_for_without_end() {
    let settings = quick(|timeouts| timeouts.grace = Duration::from_millis(50));
    let receiver = Receiver::with(settings, |_| Box::pin(std::future::pending())).await;
    let mut client = Client::greeted(&receiver).await;
    client.envelope().await;
    client.expect("DATA", "354").await;
    client.send(b"x\r\n.\r\n").await;
    let mut silent = Client::greeted(&receiver).await;
    silent.envelope().await;
    let counts = receiver.counts.clone();
    assert_eq!(receiver.end().await.len(), 1);
    // Nothing was said of the mail: its sender keeps it.
    assert_eq!(client.hear().await, "");
    assert!(counts.all().contains(&("accepted", 0)));
}
