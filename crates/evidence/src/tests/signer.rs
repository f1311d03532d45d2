//! The key that signs: made once, kept from others, missed loudly; its signatures are Ed25519's own.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn it_signs_as_the_standard_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.key");
    // RFC 8032, section 7.1, test 2.
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    fs::write(&path, format!("# ours\ned25519 {seed}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let signer = Signer::open(&path, false).await.unwrap();
    let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    assert_eq!(hex::encode(signer.public()), public);
    let signature = signer.sign(&[0x72]);
    assert!(hex::encode(signature).starts_with("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"));
    assert!(holds(&signer.public(), &[0x72], &signature) && !holds(&signer.public(), &[0x73], &signature));
    assert!(!holds(&[9; 32], &[0x72], &signature));
    assert!(!format!("{signer:?}").contains(&seed[..16]));
}

#[tokio::test]
async fn it_is_made_once_and_never_in_place_of_a_lost_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = settings(folder.path()).signing_key_file();
    assert_eq!(path.parent(), Some(folder.path()), "beside the key that seals");
    let lost = Signer::open(&path, false).await.unwrap_err();
    assert!(lost.to_string().contains("put it back from a backup") && !path.exists(), "{lost}");
    let first = Signer::open(&path, true).await.unwrap().public();
    assert_eq!(Signer::open(&path, true).await.unwrap().public(), first);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(Signer::open(&path, true).await.unwrap_err().to_string().contains("chmod 600"));
}

#[tokio::test]
async fn older_keys_are_still_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.key");
    let old = Signer::open(&path, true).await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}ed25519 {}\n", "07".repeat(32))).unwrap();
    let new = Signer::open(&path, false).await.unwrap();
    assert_eq!(new.all_public(), [old.public(), new.public()]);
    assert_ne!(new.public(), old.public());
    for bad in ["", "ed25519 77", "v1 77"] {
        fs::write(&path, bad).unwrap();
        let error = Signer::open(&path, true).await.unwrap_err();
        assert!(matches!(error, EvidenceError::Key { .. }) && !error.to_string().contains("77"), "{error}");
    }
}
