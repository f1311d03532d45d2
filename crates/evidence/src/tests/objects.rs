//! A bucket, played by memory.

use super::*;
use crate::key::Keys;
use crate::objects::Objects;
use crate::place::Place;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;

fn over(store: &Arc<InMemory>, keys: &Arc<Keys>) -> Evidence {
    let objects = Objects::over(store.clone(), ObjectPath::from("some/prefix"));
    Evidence { place: Place::Objects(objects), keys: keys.clone() }
}

#[tokio::test]
async fn a_bucket_keeps_the_same_promises() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(Keys::open(&folder.path().join("key"), true).unwrap());
    let store = Arc::new(InMemory::new());
    let evidence = over(&store, &keys);
    assert!(evidence.place.is_empty().await.unwrap());
    let first = evidence.put("a/b", b"one").await.unwrap();
    assert!(!evidence.place.is_empty().await.unwrap());
    assert_eq!(over(&store, &keys).put("a/b", b"one").await, Ok(first));
    assert_eq!(evidence.put("a/b", b"two").await, Err(EvidenceError::Different { name: "a/b".into() }));
    assert_eq!(evidence.get("a/b").await.unwrap(), b"one");
    assert_eq!(evidence.get("a/c").await, Err(EvidenceError::NotFound { name: "a/c".into() }));
}

#[tokio::test]
async fn a_bucket_keeps_streams_small_and_large() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(Keys::open(&folder.path().join("key"), true).unwrap());
    let evidence = over(&Arc::new(InMemory::new()), &keys);
    let mut large = vec![0; 20 << 20];
    aws_lc_rs::rand::fill(&mut large).unwrap();
    for (name, bytes) in [("output/small", b"one".as_slice()), ("output/large", &large)] {
        let mut writer = evidence.writer(name).await.unwrap();
        for chunk in bytes.chunks(300_000) {
            writer.write(chunk).await.unwrap();
        }
        assert!(matches!(evidence.reader(name).await, Err(EvidenceError::NotFound { .. })), "not before it is whole");
        let sealed = writer.finish().await.unwrap();
        let mut reader = evidence.reader(name).await.unwrap();
        let mut found = Vec::new();
        while let Some(part) = reader.next().await.unwrap() {
            found.extend(part);
        }
        assert!(found == bytes && reader.sealed() == &sealed, "{name}");
        assert_eq!(reader.read(bytes.len() as u64 - 2, 9).await.unwrap(), bytes[bytes.len() - 2..]);
        let mut other = evidence.writer(name).await.unwrap();
        other.write(&large[1..]).await.unwrap();
        assert_eq!(other.finish().await, Err(EvidenceError::Different { name: name.into() }));
        evidence.remove_output(name).await.unwrap();
        evidence.remove_output(name).await.unwrap();
        assert!(matches!(evidence.reader(name).await, Err(EvidenceError::NotFound { .. })));
    }
    let mut given_up = evidence.writer("output/x").await.unwrap();
    given_up.write(&large).await.unwrap();
    given_up.abort().await;
    assert!(evidence.reader("output/x").await.is_err());
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_is_temporary() {
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let s3 = S3 {
        region: "ap-northeast-1".into(),
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "made-up-secret-key".into(),
        session_token: None,
        endpoint: Some(endpoint),
    };
    assert!(!format!("{s3:?}").contains("made-up"));
    let settings = Settings { url: "s3://example-originals/x".into(), s3: Some(s3), ..settings(folder.path()) };
    let error = Evidence::open(&settings).await.unwrap_err();
    assert!(error.is_temporary() && !format!("{error:?}").contains("made-up"), "{error}");
}
