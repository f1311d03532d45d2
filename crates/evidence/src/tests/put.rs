//! Put and get.

use super::*;
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn what_is_put_comes_back_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    let mail = "Subject: 障害\r\n\r\nディスク\r\n".repeat(1_000);
    for (name, bytes) in [("mails/2026/05/01/a.eml", mail.as_bytes()), ("empty", b""), ("b", b"\0\xff")] {
        let sealed = evidence.put(name, bytes).await.unwrap();
        assert_eq!((sealed.bytes, sealed.digest), (bytes.len() as u64, seal::digest(bytes)));
        assert_eq!(evidence.get(name).await.unwrap(), bytes);
        assert_eq!(open(folder.path()).await.get(name).await.unwrap(), bytes);
    }
    let on_disk = std::fs::read(folder.path().join("evidence/mails/2026/05/01/a.eml")).unwrap();
    assert!(on_disk.len() < mail.len() / 10, "compressed");
    assert!(!on_disk.windows(7).any(|w| w == b"Subject"), "and not to be read");
}

#[tokio::test]
async fn the_same_again_is_fine_and_another_content_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    let first = evidence.put("a/b", b"one").await.unwrap();
    assert_eq!(evidence.put("a/b", b"one").await, Ok(first.clone()));
    assert_eq!(open(folder.path()).await.put("a/b", b"one").await, Ok(first));
    assert_eq!(evidence.put("a/b", b"two").await, Err(EvidenceError::Different { name: "a/b".into() }));
    assert_eq!(evidence.get("a/b").await.unwrap(), b"one");
    assert_eq!(evidence.get("a/c").await, Err(EvidenceError::NotFound { name: "a/c".into() }));
    for under in ["a", "a/b/c"] {
        assert!(evidence.get(under).await.is_err() && evidence.put(under, b"x").await.is_err(), "{under}");
    }
    for bad in ["../x", "/etc/passwd", ".parts/x", ""] {
        assert!(matches!(evidence.put(bad, b"x").await, Err(EvidenceError::Name { .. })), "{bad}");
        assert!(matches!(evidence.get(bad).await, Err(EvidenceError::Name { .. })), "{bad}");
    }
    let huge = vec![0; MAX_BYTES + 1];
    assert!(matches!(evidence.put("huge", &huge).await, Err(EvidenceError::TooLarge { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_put_under_one_name_one_content_wins_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(folder.path()).await, open(folder.path()).await];
    for round in 0..20 {
        let name = format!("r/{round}/x");
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..8_u8 {
            let (store, name) = (stores[usize::from(n % 2)].clone(), name.clone());
            tasks.spawn(async move { (n % 4, store.put(&name, &[n % 4; 1_000]).await) });
        }
        let answers = tasks.join_all().await;
        let kept = stores[0].get(&name).await.unwrap()[0];
        for (n, answer) in answers {
            match answer {
                Ok(_) => assert_eq!(n, kept),
                Err(e) => assert!(n != kept && e == EvidenceError::Different { name: name.clone() }, "{e}"),
            }
        }
    }
}

#[tokio::test]
async fn nobody_else_may_look() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.put("a/b", b"one").await.unwrap();
    let mode = |path: &str| std::fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        [mode("evidence.key"), mode("evidence/a/b"), mode("evidence/a"), mode("evidence")],
        [0o600, 0o600, 0o700, 0o700]
    );
}

#[tokio::test]
async fn an_address_that_names_no_place_says_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    for (url, words) in
        [("data/evidence", "file: or s3://"), ("file:", "file:data/evidence"), ("http://x/", "file: or s3://")]
    {
        let error = Evidence::open(&Settings { url: url.into(), ..settings(folder.path()) }).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    if cfg!(not(feature = "s3")) {
        let error = Evidence::open(&Settings { url: "s3://b/p".into(), ..settings(folder.path()) }).await.unwrap_err();
        assert!(error.to_string().contains("feature s3"), "{error}");
    }
    let slashes = Settings { url: format!("file://{}", folder.path().join("e").display()), ..settings(folder.path()) };
    Evidence::open(&slashes).await.unwrap().put("a", b"x").await.unwrap();
    assert!(folder.path().join("e/a").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_under_any_good_name_comes_back(
        bytes in prop::collection::vec(any::<u8>(), 0..5_000),
        name in "[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}){0,4}",
    ) {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let evidence = open(folder.path()).await;
            evidence.put(&name, &bytes).await.unwrap();
            prop_assert_eq!(&open(folder.path()).await.get(&name).await.unwrap(), &bytes);
            Ok(())
        })?;
    }
}
