//! UIDVALIDITY has changed: nothing is lost, and a restored mailbox pages nobody.

use super::fake::{Fake, Fault};
use super::watch::Watch;
use super::*;

const DAY_S: i64 = 86_400;

/// A mailbox that was followed up to a minute, under other numbers.
const fn known(newest: Micros) -> Cursor {
    Cursor { uid_validity: 6, last_uid: 900, newest_internal_date: Some(newest) }
}

fn received(subject: &str, at: Micros) -> Vec<u8> {
    let date = jiff::fmt::rfc2822::to_string(&at.timestamp().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    format!("Received: by mx.example.jp id 1; {date}\r\nSubject: {subject}\r\n\r\nx\r\n").into_bytes()
}

#[tokio::test]
async fn the_old_are_shown_as_old_the_new_come_first_and_the_very_old_are_left_alone() {
    let fake = Fake::start().await;
    fake.put(at(-9 * DAY_S), mail("very old"));
    fake.put(at(-60), mail("old"));
    fake.put(at(0), mail("of the same second as the last one"));
    fake.put(at(60), mail("never seen"));
    let watch = Watch::start(settings(fake.port), Some(known(at(0))), fake.log.clone());
    let seen = watch.begun().await;
    let shown: Vec<(u32, bool)> = seen.fetched.iter().map(|one| (one.uid, one.is_old)).collect();
    assert_eq!(shown, [(3, false), (4, false), (2, true)]);
    assert!(seen.told.contains(&Status::Renumbered { new: 2, old: 1, left_alone: 1 }), "{:?}", seen.told);
    assert_eq!(seen.kept, [Cursor { uid_validity: 7, last_uid: 4, newest_internal_date: Some(at(60)) }]);
    fake.put(at(61), mail("later"));
    assert_eq!(watch.fetched(4).await.uids()[3], 5);
    watch.end().await;
}

#[tokio::test]
async fn after_a_first_contact_all_that_lay_there_is_old() {
    let fake = Fake::start().await;
    fake.put(at(0), mail("lay there"));
    let watch = Watch::start(settings(fake.port), None, fake.log.clone());
    watch.begun().await;
    let cursor = watch.end().await.kept[0];
    fake.world().uid_validity = 8;
    let watch = Watch::start(settings(fake.port), Some(cursor), fake.log.clone());
    let seen = watch.begun().await;
    assert_eq!(seen.fetched.iter().map(|one| one.is_old).collect::<Vec<_>>(), [true]);
    watch.end().await;
}

#[tokio::test]
async fn a_restore_that_gives_uids_a_second_time_is_noticed() {
    let fake = Fake::start().await;
    fake.put(at(-60), mail("old"));
    fake.put(at(60), mail("new under a number that was given before"));
    let wound_back = Cursor { uid_validity: 7, last_uid: 3, newest_internal_date: Some(at(0)) };
    let watch = Watch::start(settings(fake.port), Some(wound_back), fake.log.clone());
    let seen = watch.begun().await;
    assert_eq!(seen.fetched.iter().map(|one| (one.uid, one.is_old)).collect::<Vec<_>>(), [(2, false), (1, true)]);
    assert_eq!(seen.kept[0].last_uid, 2);
    watch.end().await;
}

#[tokio::test]
async fn a_restore_that_dates_everything_to_now_is_seen_through_by_the_way_the_mails_took() {
    let fake = Fake::start().await;
    let now = at(DAY_S);
    fake.put(now, received("restored", at(-2 * DAY_S)));
    fake.put(now, received("new", at(DAY_S - 1)));
    fake.put(now, mail("nobody knows"));
    let watch = Watch::start(settings(fake.port), Some(known(at(0))), fake.log.clone());
    let seen = watch.begun().await;
    assert_eq!(seen.fetched.iter().map(|one| one.is_old).collect::<Vec<_>>(), [true, false, false]);
    watch.end().await;
}

#[tokio::test]
async fn a_cut_on_the_way_does_not_begin_again_and_keeps_the_cursor_until_all_is_through() {
    let fake = Fake::start().await;
    for n in 1..=60 {
        fake.put(at(n), mail(&n.to_string()));
    }
    fake.world().faults.push(Fault::CutAt(55, 1));
    let settings = Settings { done: Done::Flag("\\Seen".into()), ..settings(fake.port) };
    let watch = Watch::start(settings, Some(known(at(0))), fake.log.clone());
    let seen = watch.begun().await;
    assert_eq!(seen.uids(), (1..=60).collect::<Vec<_>>(), "each once");
    assert_eq!(seen.kept.len(), 1);
    assert_eq!(fake.world().mails.iter().filter(|mail| mail.flags.contains("\\Seen")).count(), 60);
    watch.end().await;
}

#[tokio::test]
async fn what_is_old_stays_as_it_is_in_the_mailbox() {
    let fake = Fake::start().await;
    fake.put(at(-60), mail("old"));
    let settings = Settings { done: Done::Move("Done".into()), ..settings(fake.port) };
    let watch = Watch::start(settings, Some(known(at(0))), fake.log.clone());
    watch.begun().await;
    watch.end().await;
    assert_eq!(fake.world().mails.len(), 1);
}
