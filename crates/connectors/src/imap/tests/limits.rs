//! Large mails and large mailboxes.

use super::fake::Fake;
use super::watch::Watch;
use super::*;

const START: Cursor = Cursor { uid_validity: 7, last_uid: 0, newest_internal_date: None };

#[tokio::test]
async fn of_a_mail_that_is_too_large_the_beginning_comes_with_a_note() {
    let fake = Fake::start().await;
    let mut large = mail("large");
    large.resize(10_001, b'x');
    fake.put(at(0), large.clone());
    large.truncate(10_000);
    fake.put(at(1), large.clone());
    let watch = Watch::start(settings(fake.port), Some(START), fake.log.clone());
    let seen = watch.fetched(2).await;
    assert_eq!(seen.fetched[0].raw, &large[..100]);
    assert_eq!(seen.fetched[0].return_path.as_deref(), Some("zabbix@example.jp"));
    let note = seen.fetched[0].note.as_ref().unwrap();
    assert!(note.contains("first 100 of its 10001 bytes"), "{note}");
    assert_eq!((&seen.fetched[1].raw, &seen.fetched[1].note), (&large, &None));
    watch.end().await;
}

#[tokio::test]
async fn a_mailbox_of_thousands_is_listed_in_slices_even_if_its_next_uid_is_not_told() {
    let fake = Fake::start().await;
    fake.world().tells_uid_next = false;
    for n in 0..2_001 {
        fake.world().put(at(n), mail("old"));
    }
    let watch = Watch::start(settings(fake.port), None, fake.log.clone());
    let seen = watch.begun().await;
    assert!(seen.told.contains(&Status::Baseline { left_alone: 2_001 }));
    assert_eq!(seen.kept[0].last_uid, 2_001);
    for slice in ["1:1000", "1001:2000", "2001:2001"] {
        let command = format!("C: FETCH {slice} (UID INTERNALDATE RFC822.SIZE)");
        assert!(fake.said().contains(&command), "{command}");
    }
    fake.put(at(5_000), mail("new"));
    assert_eq!(watch.fetched(1).await.uids(), [2_002]);
    watch.end().await;
}

#[tokio::test]
async fn an_empty_mailbox_has_a_baseline_too() {
    let fake = Fake::start().await;
    let watch = Watch::start(settings(fake.port), None, fake.log.clone());
    let seen = watch.begun().await;
    assert_eq!(seen.kept, [START]);
    fake.put(at(0), mail("first"));
    assert_eq!(watch.fetched(1).await.uids(), [1]);
    watch.end().await;
}
