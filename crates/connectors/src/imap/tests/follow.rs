//! What is handed over, in which order, and what happens to it in the mailbox.

use super::fake::{Fake, Fault};
use super::watch::{Refuse, Watch};
use super::*;

#[tokio::test]
async fn the_first_contact_leaves_alone_what_lies_there_and_takes_what_comes() {
    let fake = Fake::start().await;
    for n in 0..3 {
        fake.put(at(n), mail("old"));
    }
    let watch = Watch::start(settings(fake.port), None, fake.log.clone());
    let seen = watch.begun().await;
    assert!(seen.told.contains(&Status::Baseline { left_alone: 3 }));
    let behind = Cursor { uid_validity: 7, last_uid: 3, newest_internal_date: Some(Micros(at(2).0 + 1)) };
    assert_eq!((seen.kept, seen.fetched), (vec![behind], vec![]));
    fake.put(at(60), mail("new"));
    let seen = watch.fetched(1).await;
    let expected = Fetched {
        raw: mail("new"),
        uid: 4,
        uid_validity: 7,
        received_at: Some(at(60)),
        is_old: false,
        return_path: Some("zabbix@example.jp".into()),
        recipient: None,
        note: None,
    };
    assert_eq!(seen.fetched, [expected]);
    let seen = watch.until("a kept cursor", |seen| seen.kept.len() == 2).await;
    assert_eq!(seen.kept[1], Cursor { uid_validity: 7, last_uid: 4, newest_internal_date: Some(at(60)) });
    watch.end().await;
    let said = fake.said();
    assert!(said.contains(&"C: IDLE".to_owned()) && said.contains(&"C: EXAMINE \"INBOX\"".to_owned()), "{said:#?}");
    assert!(said.last().unwrap() == "C: LOGOUT", "{said:#?}");
}

#[tokio::test]
async fn a_cursor_goes_on_where_it_stood_and_the_last_mail_is_not_taken_again() {
    let fake = Fake::start().await;
    for n in 0..120 {
        fake.put(at(n), mail(&n.to_string()));
    }
    let cursor = Cursor { uid_validity: 7, last_uid: 20, newest_internal_date: Some(at(19)) };
    let watch = Watch::start(settings(fake.port), Some(cursor), fake.log.clone());
    watch.begun().await;
    let seen = watch.end().await;
    assert_eq!(seen.uids(), (21..=120).collect::<Vec<_>>());
    let last = *seen.kept.last().unwrap();
    // `121:*` is answered with mail 120.
    let watch = Watch::start(settings(fake.port), Some(last), fake.log.clone());
    watch.begun().await;
    assert!(watch.end().await.fetched.is_empty());
    assert!(fake.said().contains(&"C: UID FETCH 121:* (UID INTERNALDATE RFC822.SIZE)".to_owned()));
}

#[tokio::test]
async fn marking_comes_after_the_commit_and_the_cursor_after_the_marking() {
    for (done, mark) in [
        (Done::Flag("\\Seen".into()), "C: UID STORE 1:2 +FLAGS.SILENT (\\Seen)"),
        (Done::Move("Taken/確認".into()), "C: UID MOVE 1:2 \"Taken/&eLqKjQ-\""),
    ] {
        let fake = Fake::start().await;
        fake.put(at(0), mail("a"));
        fake.put(at(1), mail("b"));
        let cursor = Cursor { uid_validity: 7, last_uid: 0, newest_internal_date: None };
        let settings = Settings { done: done.clone(), ..settings(fake.port) };
        let watch = Watch::start(settings, Some(cursor), fake.log.clone());
        watch.begun().await;
        watch.end().await;
        let said = fake.said();
        let place =
            |what: &str| said.iter().rposition(|line| line == what).unwrap_or_else(|| panic!("{what}: {said:#?}"));
        assert!(place("deliver 2") < place(mark) && place(mark) < place("keep 2"), "{said:#?}");
        let world = fake.world();
        match done {
            Done::Flag(flag) => assert!(world.mails.iter().all(|mail| mail.flags.contains(&flag))),
            _ => assert_eq!((world.mails.len(), world.moved.len()), (0, 2), "the folder was made"),
        }
    }
}

#[tokio::test]
async fn without_move_it_copies_and_without_uidplus_nobody_elses_mail_is_expunged() {
    for (capabilities, left) in [("IMAP4rev1 UIDPLUS", 0), ("IMAP4rev1", 1)] {
        let fake = Fake::start().await;
        fake.world().capabilities = capabilities;
        fake.put(at(0), mail("a"));
        let cursor = Cursor { uid_validity: 7, last_uid: 0, newest_internal_date: None };
        let settings =
            Settings { done: Done::Move("Done".into()), poll: Duration::from_millis(1), ..settings(fake.port) };
        let watch = Watch::start(settings, Some(cursor), fake.log.clone());
        watch.begun().await;
        fake.world().put(at(1), mail("found by looking, for nobody tells"));
        watch.fetched(2).await;
        watch.until("both kept", |seen| seen.kept.last().is_some_and(|cursor| cursor.last_uid == 2)).await;
        watch.end().await;
        let world = fake.world();
        assert_eq!((world.moved.len(), world.mails.len()), (2, left * 2), "{capabilities}");
        assert!(world.mails.iter().all(|mail| mail.flags.contains("\\Deleted")));
        assert!(!fake.said().iter().any(|line| line == "C: EXPUNGE" || line == "C: IDLE" || line.contains("MOVE")));
    }
}

/// Told once is told: IDLE does not say it again.
#[tokio::test]
async fn a_mail_that_comes_while_another_is_marked_does_not_wait_for_the_next_poll() {
    let fake = Fake::start().await;
    fake.world().faults.push(Fault::NewsAtStore(at(9)));
    let hours = 10 * 3_600_000;
    let limits = Limits { idle_ms: hours, ..QUICK };
    let (done, poll) = (Done::Flag("\\Seen".into()), Duration::from_millis(hours));
    let watch = Watch::start(Settings { done, poll, limits, ..settings(fake.port) }, None, fake.log.clone());
    watch.begun().await;
    fake.put(at(0), mail("a"));
    assert_eq!(watch.fetched(2).await.uids(), [1, 2]);
    watch.end().await;
}

#[tokio::test]
async fn a_refused_mark_is_told_and_holds_up_nothing() {
    let fake = Fake::start().await;
    fake.world().faults.push(Fault::Store);
    let settings = Settings { done: Done::Flag("Arayashiki".into()), ..settings(fake.port) };
    let watch = Watch::start(settings, None, fake.log.clone());
    watch.begun().await;
    fake.put(at(0), mail("a"));
    watch.fetched(1).await;
    let told = watch.until("the refusal", |seen| seen.told.iter().any(|s| matches!(s, Status::NotDone { .. }))).await;
    assert!(format!("{:?}", told.told).contains("[mail.imap] done"));
    fake.put(at(1), mail("b"));
    watch.fetched(2).await;
    assert_eq!(watch.end().await.troubles(), []);
}

#[tokio::test]
async fn what_was_not_made_durable_is_handed_over_again_and_nothing_behind_it_is_skipped() {
    let fake = Fake::start().await;
    for n in 0..4 {
        fake.put(at(n), mail(&n.to_string()));
    }
    let cursor = Cursor { uid_validity: 7, last_uid: 0, newest_internal_date: None };
    let refuse = Refuse { uids: [2].into(), keeps: 0 };
    let settings = Settings { done: Done::Flag("\\Seen".into()), ..settings(fake.port) };
    let watch = Watch::refusing(settings, Some(cursor), fake.log.clone(), refuse);
    watch.begun().await;
    let seen = watch.end().await;
    let uids: std::collections::BTreeSet<u32> = seen.uids().into_iter().collect();
    assert_eq!(uids, (1..=4).collect());
    assert_eq!(seen.kept.iter().map(|cursor| cursor.last_uid).collect::<Vec<_>>(), [1, 4]);
    let [(TroubleKind::NotTaken, text)] = &seen.troubles()[..] else { panic!("{:?}", seen.troubles()) };
    assert!(text.contains("the disk is full") && text.contains("stays in the mailbox"), "{text}");
    assert_eq!(fake.world().mails.iter().filter(|mail| mail.flags.contains("\\Seen")).count(), 4);
}

#[tokio::test]
async fn a_baseline_that_could_not_be_kept_does_not_swallow_what_comes_meanwhile() {
    let fake = Fake::start().await;
    fake.put(at(0), mail("old"));
    let refuse = Refuse { uids: [].into(), keeps: 3 };
    let watch = Watch::refusing(settings(fake.port), None, fake.log.clone(), refuse);
    watch.until("a trouble", |seen| !seen.troubles().is_empty()).await;
    fake.put(at(1), mail("new"));
    assert_eq!(watch.fetched(1).await.uids(), [2]);
    let seen = watch.end().await;
    assert_eq!(seen.kept[0].last_uid, 1, "the baseline was kept before anything was taken");
    assert!(seen.told.iter().filter(|status| matches!(status, Status::Baseline { .. })).count() == 1);
}
