//! What goes wrong on the way is told with a remedy and survived; a mail that can't be read holds up nobody.

use super::fake::{Fake, Fault};
use super::watch::Watch;
use super::*;

const START: Cursor = Cursor { uid_validity: 7, last_uid: 0, newest_internal_date: None };

async fn troubled(fault: Fault) -> (TroubleKind, String) {
    let fake = Fake::start().await;
    fake.world().faults.push(fault);
    let watch = Watch::start(settings(fake.port), None, fake.log.clone());
    let first = watch.until("a trouble", |seen| !seen.troubles().is_empty()).await.troubles()[0].clone();
    let looked = look_in(&settings(fake.port)).await.unwrap_err();
    assert_eq!((looked.kind, &looked.text), (first.0, &first.1));
    // It is healed by itself once the cause is gone.
    fake.world().faults.clear();
    watch.begun().await;
    watch.end().await;
    assert!(!format!("{first:?}").contains("made-up password"));
    first
}

#[tokio::test]
async fn refusals_are_told_with_what_to_do() {
    for (fault, kind, words) in [
        (Fault::Login("NO [AUTHENTICATIONFAILED] wrong"), TroubleKind::Auth, "[mail.imap] user and password"),
        (Fault::Login("NO [UNAVAILABLE] later"), TroubleKind::No, "tried again"),
        (Fault::Login("NO echo made-up password \"1\\2"), TroubleKind::Auth, "[mail.imap] user and password"),
        (Fault::Select("NO [NONEXISTENT] no such mailbox"), TroubleKind::Mailbox, "[mail.imap] mailbox"),
        (Fault::Greeting("* BYE too many connections\r\n"), TroubleKind::No, "too many connections"),
        (Fault::Greeting("HTTP/1.1 400 Bad Request\r\n"), TroubleKind::Garbled, "no IMAP"),
        (Fault::Greeting("* PREAUTH welcome\r\n"), TroubleKind::Garbled, "no IMAP"),
        // The library's parser cuts this in the middle of a character.
        (Fault::Greeting("* OK [ALERT]\u{e9}\r\n"), TroubleKind::Garbled, "no IMAP"),
        (Fault::Login("OK [ALERT]\u{e9}"), TroubleKind::Garbled, "no IMAP"),
    ] {
        let (found, text) = troubled(fault.clone()).await;
        assert_eq!(found, kind, "{fault:?}: {text}");
        assert!(text.contains(words), "{fault:?}: {text}");
    }
}

#[tokio::test]
async fn waits_grow_and_are_longer_after_a_refusal() {
    let fake = Fake::start().await;
    fake.world().faults.push(Fault::Login("NO wrong"));
    let limits = Limits { refused_wait_ms: 2, longest_refused_wait_ms: 9, wait_ms: 100_000, ..QUICK };
    let watch = Watch::start(Settings { limits, ..settings(fake.port) }, None, fake.log.clone());
    let told = watch.until("troubles", |seen| seen.troubles().len() >= 5).await.told;
    let waits = told.iter().filter_map(|status| match status {
        Status::Trouble { next_try_ms, .. } => Some(*next_try_ms),
        _ => None,
    });
    assert_eq!(waits.take(5).collect::<Vec<_>>(), [2, 4, 8, 9, 9]);
    watch.end().await;
}

#[tokio::test]
async fn nobody_listens() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let trouble = look_in(&settings(port)).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Network);
    assert!(trouble.text.contains("host and port"), "{trouble}");
}

#[tokio::test]
async fn a_stop_ends_even_a_server_that_says_nothing() {
    let fake = Fake::start().await;
    fake.put(at(0), mail("a"));
    fake.world().faults.push(Fault::SilentAt(1));
    let watch = Watch::start(settings(fake.port), Some(START), fake.log.clone());
    watch.until("the connection", |seen| !seen.told.is_empty()).await;
    assert!(watch.end().await.fetched.is_empty());
}

#[tokio::test]
async fn silence_is_waited_for_no_longer_than_it_may_take() {
    let fake = Fake::start().await;
    fake.put(at(0), mail("a"));
    fake.put(at(1), mail("b"));
    fake.world().faults.push(Fault::SilentAt(1));
    let limits = Limits { fetch_ms: 20, ..QUICK };
    let watch = Watch::start(Settings { limits, ..settings(fake.port) }, Some(START), fake.log.clone());
    let seen = watch.fetched(2).await;
    assert!(seen.troubles().iter().all(|(kind, _)| *kind == TroubleKind::Slow), "{:?}", seen.troubles());
    assert_eq!(seen.uids(), [1, 2], "a note stands for the first");
    assert!(seen.fetched[0].note.as_ref().unwrap().contains("UID 1"));
    watch.end().await;
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_mail_loses_and_doubles_nothing() {
    let fake = Fake::start().await;
    for n in 0..3 {
        fake.put(at(n), mail(&n.to_string()));
    }
    fake.world().faults.extend([Fault::CutAt(2, 2), Fault::ByeAtIdle]);
    let watch = Watch::start(settings(fake.port), Some(START), fake.log.clone());
    watch.until("the idle's end", |seen| seen.troubles().len() >= 3).await;
    fake.put(at(9), mail("after"));
    let seen = watch.fetched(4).await;
    assert_eq!(seen.uids(), [1, 2, 3, 4]);
    assert!(seen.fetched.iter().all(|one| one.note.is_none()));
    assert!(seen.troubles().iter().all(|(kind, _)| *kind == TroubleKind::Network), "{:?}", seen.troubles());
    watch.end().await;
}

#[tokio::test]
async fn a_mail_that_the_server_never_gives_is_told_of_and_the_next_ones_come() {
    let fake = Fake::start().await;
    for n in 0..3 {
        fake.put(at(n), mail(&n.to_string()));
    }
    fake.world().faults.push(Fault::RefuseAt(1));
    let watch = Watch::start(settings(fake.port), Some(START), fake.log.clone());
    let seen = watch.fetched(3).await;
    assert_eq!(seen.uids(), [1, 2, 3]);
    let first = &seen.fetched[0];
    assert!(first.note.is_some() && String::from_utf8_lossy(&first.raw).contains("UID 1"), "{first:?}");
    assert_eq!(seen.fetched[1].raw, mail("1"));
    let part = fake.said().iter().filter(|line| line.contains("BODY.PEEK[]<0.100>")).count();
    assert!(part >= 1, "its beginning was asked for before it was given up");
    watch.end().await;
}

#[tokio::test]
async fn a_mail_that_is_removed_before_it_is_read_is_counted_as_gone() {
    let fake = Fake::start().await;
    for n in 0..3 {
        fake.put(at(n), mail(&n.to_string()));
    }
    fake.world().faults.push(Fault::ExpungeAt(2));
    let watch = Watch::start(settings(fake.port), Some(START), fake.log.clone());
    let seen = watch.begun().await;
    assert_eq!(seen.uids(), [1, 3]);
    assert!(seen.told.contains(&Status::Looked { delivered: 2, gone: 1 }), "{:?}", seen.told);
    watch.end().await;
}

#[tokio::test]
async fn a_server_that_refuses_to_idle_is_asked_now_and_then() {
    let fake = Fake::start().await;
    fake.world().faults.push(Fault::Idle);
    let settings = Settings { poll: Duration::from_millis(1), ..settings(fake.port) };
    let watch = Watch::start(settings, None, fake.log.clone());
    watch.begun().await;
    fake.world().put(at(0), mail("a"));
    watch.fetched(1).await;
    let seen = watch.end().await;
    assert_eq!(seen.troubles(), []);
    assert_eq!(fake.said().iter().filter(|line| *line == "C: IDLE").count(), 1);
}
