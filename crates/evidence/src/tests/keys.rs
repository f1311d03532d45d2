//! The key: made once, kept from others, missed loudly.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn a_lost_key_is_told_and_none_is_made_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.put("a", b"one").await.unwrap();
    let key = folder.path().join("evidence.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let error = Evidence::open(&settings(folder.path())).await.unwrap_err();
    assert_eq!(error, EvidenceError::KeyLost { path: key.clone() });
    assert!(error.to_string().contains("put the key back"), "{error}");
    assert!(!key.exists());
    fs::write(&key, kept).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(open(folder.path()).await.get("a").await.unwrap(), b"one");
}

#[tokio::test]
async fn another_key_opens_nothing_and_says_which_one_is_lacking() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(one.path()).await.put("a", b"one").await.unwrap();
    open(two.path()).await;
    let mixed = Settings { key_file: two.path().join("evidence.key"), ..settings(one.path()) };
    let evidence = Evidence::open(&mixed).await.unwrap();
    let error = evidence.get("a").await.unwrap_err();
    let EvidenceError::KeyUnknown { name, id } = &error else { panic!("{error}") };
    assert_eq!((name.as_str(), id.len()), ("a", 16));
    assert!(matches!(evidence.put("a", b"one").await, Err(EvidenceError::KeyUnknown { .. })));
}

#[tokio::test]
async fn after_a_rotation_the_old_stay_open_and_the_new_use_the_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("evidence.key");
    let before = open(folder.path()).await;
    before.put("a", b"one").await.unwrap();
    let first = fs::read_to_string(&key).unwrap();
    fs::write(folder.path().join("evidence.new"), "left behind by a crash").unwrap();
    rotate(&key).unwrap();
    rotate(&key).unwrap();
    let text = fs::read_to_string(&key).unwrap();
    assert!(
        text.starts_with(&first) && text.lines().filter(|line| line.starts_with("v1 ")).count() == 3,
        "{}",
        text.len()
    );
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let after = open(folder.path()).await;
    assert_eq!(after.get("a").await.unwrap(), b"one");
    after.put("b", b"two").await.unwrap();
    assert!(after.put("a", b"one").await.is_ok());
    assert!(matches!(before.get("b").await, Err(EvidenceError::KeyUnknown { .. })));
}

#[tokio::test]
async fn a_key_file_that_is_none_or_open_to_others_is_refused_without_being_shown() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await;
    let key = folder.path().join("evidence.key");
    let digits = "7".repeat(64);
    for text in ["", "# nothing", "v1 zz", &format!("v1 {digits}7"), &format!("v2 {digits}"), &digits, "\u{0}"] {
        fs::write(&key, text).unwrap();
        let error = Evidence::open(&settings(folder.path())).await.unwrap_err();
        assert!(matches!(error, EvidenceError::Key { .. }), "{text}: {error}");
        assert!(!error.to_string().contains("777"), "{error}");
    }
    fs::write(&key, format!("# mine\n\n  v1 {digits}  \n")).unwrap();
    let evidence = open(folder.path()).await;
    assert!(!format!("{evidence:?}").contains("777"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let error = Evidence::open(&settings(folder.path())).await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn of_many_who_begin_at_once_all_have_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/evidence.key");
    let made: Vec<_> = std::thread::scope(|scope| {
        let begun: Vec<_> = (0..8).map(|_| scope.spawn(|| Keys::open(&path, true).unwrap().newest().id)).collect();
        begun.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(made.windows(2).all(|pair| pair[0] == pair[1]), "{made:?}");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left lying about");
}
