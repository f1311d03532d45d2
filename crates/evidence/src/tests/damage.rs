//! What is spoilt is never taken for an original.

use super::*;
use proptest::prelude::*;
use std::fs;

fn sealed(name: &str) -> (Keys, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(&folder.path().join("key"), true).unwrap();
    let packed = seal::seal(name, b"Subject: disk full\r\n\r\n", keys.newest()).unwrap();
    (keys, packed)
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (keys, packed) = sealed("a");
    assert!(seal::open("a", &packed, &keys).is_ok());
    for bit in 0..packed.len() * 8 {
        let mut touched = packed.clone();
        touched[bit / 8] ^= 1 << (bit % 8);
        let error = seal::open("a", &touched, &keys).expect_err("a flipped bit");
        assert!(matches!(error, EvidenceError::Damaged { .. } | EvidenceError::KeyUnknown { .. }), "{bit}: {error}");
        assert!(!error.is_temporary());
    }
}

#[test]
fn every_cut_and_every_addition_is_noticed() {
    let (keys, packed) = sealed("a");
    for length in 0..packed.len() {
        let error = seal::open("a", &packed[..length], &keys).expect_err("a cut");
        assert!(matches!(error, EvidenceError::Damaged { .. }), "{length}: {error}");
    }
    let longer = [packed.as_slice(), b"x"].concat();
    assert!(seal::open("a", &longer, &keys).is_err());
}

#[test]
fn one_original_can_not_stand_in_for_another() {
    let (keys, packed) = sealed("a");
    assert!(matches!(seal::open("b", &packed, &keys), Err(EvidenceError::Damaged { .. })));
}

#[test]
fn the_same_original_is_never_sealed_to_the_same_bytes() {
    let (keys, packed) = sealed("a");
    let again = seal::seal("a", b"Subject: disk full\r\n\r\n", keys.newest()).unwrap();
    assert_ne!(packed, again);
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..300), with_head in any::<bool>()) {
        let (keys, packed) = sealed("a");
        let bytes = if with_head { [&packed[..16], &bytes].concat() } else { bytes };
        prop_assert!(seal::open("a", &bytes, &keys).is_err());
    }
}

#[tokio::test]
async fn a_damaged_file_is_named_and_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = open(folder.path()).await;
    evidence.put("a/b", b"one").await.unwrap();
    let path = folder.path().join("evidence/a/b");
    let good = fs::read(&path).unwrap();
    for bad in [&good[..good.len() - 1], b"", b"something else altogether, and long enough for a head"] {
        fs::write(&path, bad).unwrap();
        for error in [evidence.get("a/b").await.unwrap_err(), evidence.put("a/b", b"one").await.unwrap_err()] {
            assert!(matches!(error, EvidenceError::Damaged { .. }), "{error}");
            assert!(error.to_string().contains("a/b") && error.to_string().contains("backup"), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), bad);
    }
    fs::write(&path, good).unwrap();
    assert_eq!(evidence.get("a/b").await.unwrap(), b"one");
}
