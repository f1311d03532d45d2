//! Streams: any content in any pieces comes back, whole and in parts; every changed byte is noticed; nothing half is shown.

use super::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::fs;

const FRAME: usize = 256 << 10;

/// Something that does not repeat itself, and shrinks a little.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0] & 0x3f
    };
    (0..length).map(|_| next()).collect()
}

async fn put(evidence: &Evidence, name: &str, bytes: &[u8], piece: usize) -> Result<Sealed, EvidenceError> {
    let mut writer = evidence.writer(name).await?;
    for chunk in bytes.chunks(piece) {
        writer.write(chunk).await?;
    }
    assert_eq!(writer.bytes(), bytes.len() as u64);
    writer.finish().await
}

async fn all(evidence: &Evidence, name: &str) -> Result<Vec<u8>, EvidenceError> {
    let mut reader = evidence.reader(name).await?;
    let mut found = Vec::new();
    while let Some(part) = reader.next().await? {
        found.extend(part);
    }
    Ok(found)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn what_is_written_comes_back_whole_and_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    for length in [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 77] {
        let (name, bytes) = (format!("output/{length}"), noise(length));
        let sealed = put(&evidence, &name, &bytes, 10_007).await.unwrap();
        assert_eq!(sealed, Sealed { bytes: length as u64, digest: Sha256::digest(&bytes).into() });
        let again = Evidence::look(&settings(folder.path())).await.unwrap();
        assert_eq!(all(&again, &name).await.unwrap(), bytes, "{length}");
        let reader = again.reader(&name).await.unwrap();
        assert_eq!(reader.sealed(), &sealed);
        for (offset, most) in [(0, 10), (FRAME - 5, 10), (length, 5), (length / 2, usize::MAX), (length + 9, 1)] {
            let wanted: Vec<u8> = bytes.iter().skip(offset).take(most).copied().collect();
            assert_eq!(reader.read(offset as u64, most).await.unwrap(), wanted, "{offset} of {length}");
        }
    }
}

#[tokio::test]
async fn it_is_small_and_nobody_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n".repeat(100_000);
    put(&evidence, "output/df", text.as_bytes(), 4_096).await.unwrap();
    let kept = fs::read(folder.path().join("evidence/output/df")).unwrap();
    assert!(kept.len() < text.len() / 50, "{} of {}", kept.len(), text.len());
    assert!(!kept.windows(10).any(|w| w == b"Filesystem"));
}

#[tokio::test]
async fn nothing_is_there_before_the_end_and_nothing_is_left_of_what_was_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    let mut writer = evidence.writer("output/a").await.unwrap();
    writer.write(&noise(2 * FRAME)).await.unwrap();
    assert_eq!(evidence.reader("output/a").await.unwrap_err(), EvidenceError::NotFound { name: "output/a".into() });
    // Another program that begins with the store leaves alone what is being written, and clears away what a crash left.
    fs::write(folder.path().join("evidence/.parts/left"), "half").unwrap();
    open(folder.path()).await;
    assert!(!folder.path().join("evidence/.parts/left").exists());
    writer.finish().await.unwrap();
    assert_eq!(all(&evidence, "output/a").await.unwrap(), noise(2 * FRAME));
    for give_up in [true, false] {
        let mut writer = evidence.writer("output/b").await.unwrap();
        writer.write(&noise(2 * FRAME)).await.unwrap();
        if give_up { writer.abort().await } else { drop(writer) }
    }
    assert_eq!(files(&folder.path().join("evidence")).len(), 1);
}

#[tokio::test]
async fn the_same_again_is_fine_and_another_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    let first = put(&evidence, "output/a", b"one", 1).await.unwrap();
    assert_eq!(put(&evidence, "output/a", b"one", 3).await, Ok(first));
    assert_eq!(put(&evidence, "output/a", b"two", 3).await, Err(EvidenceError::Different { name: "output/a".into() }));
    evidence.put("mail/1", b"original").await.unwrap();
    assert!(put(&evidence, "mail/1", b"original", 3).await.is_err(), "an original is no stream");
    assert!(evidence.writer("../x").await.is_err() && evidence.reader("").await.is_err());
}

#[tokio::test]
async fn every_changed_byte_every_cut_and_every_exchange_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    put(&evidence, "output/a", b"load average: 0.5", 100).await.unwrap();
    put(&evidence, "output/b", &[0; FRAME * 3], FRAME).await.unwrap();
    for name in ["output/a", "output/b"] {
        let path = folder.path().join("evidence").join(name);
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let error = all(&evidence, name).await.unwrap_err();
            assert!(matches!(error, EvidenceError::Damaged { .. } | EvidenceError::KeyUnknown { .. }), "{at}: {error}");
            fs::write(&path, &good[..at]).unwrap();
            assert!(matches!(all(&evidence, name).await, Err(EvidenceError::Damaged { .. })), "cut at {at}");
        }
        fs::write(&path, [good.as_slice(), b"x"].concat()).unwrap();
        assert!(all(&evidence, name).await.is_err());
        fs::write(&path, good).unwrap();
        assert!(all(&evidence, name).await.is_ok());
    }
    fs::copy(folder.path().join("evidence/output/a"), folder.path().join("evidence/output/c")).unwrap();
    assert!(matches!(all(&evidence, "output/c").await, Err(EvidenceError::Damaged { .. })), "under another name");
}

#[tokio::test]
async fn retention_takes_outputs_and_no_originals() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    put(&evidence, "output/a", b"one", 3).await.unwrap();
    evidence.put("mail/1", b"original").await.unwrap();
    assert!(
        evidence.remove_output("mail/1").await.is_err() && evidence.remove_output("output/../mail/1").await.is_err()
    );
    assert!(evidence.remove_output("output/a").await.is_ok() && evidence.remove_output("output/a").await.is_ok());
    assert!(matches!(evidence.reader("output/a").await, Err(EvidenceError::NotFound { .. })));
    assert_eq!(evidence.get("mail/1").await.unwrap(), b"original");
}

#[tokio::test]
async fn whoever_only_looks_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Evidence::look(&settings(folder.path())).await, Err(EvidenceError::KeyLost { .. })));
    assert_eq!(files(folder.path()).len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_pieces_make_the_same_stream(
        length in 0..3 * FRAME,
        piece in 1..2 * FRAME,
        offset in 0..3 * FRAME,
        most in 0..FRAME,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let evidence = open(folder.path()).await;
            let bytes = noise(length);
            put(&evidence, "output/x", &bytes, piece).await.unwrap();
            prop_assert_eq!(&all(&evidence, "output/x").await.unwrap(), &bytes);
            let wanted: Vec<u8> = bytes.iter().skip(offset).take(most).copied().collect();
            let reader = evidence.reader("output/x").await.unwrap();
            prop_assert_eq!(reader.read(offset as u64, most).await.unwrap(), wanted);
            Ok(())
        })?;
    }
}
