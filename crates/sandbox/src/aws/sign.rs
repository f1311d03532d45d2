//! The topic's signing key: a real RSA key and a self-signed certificate, made at the start. Signs notifications the way SNS does.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as Signer;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use serde_json::Value;

/// DigestInfo of SHA-1, which stands before the digest in PKCS #1 v1.5.
const SHA1_INFO: &[u8] = &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14];

#[derive(Debug)]
pub(super) struct Signing {
    signer: Signer,
    modulus: BigUint,
    private: BigUint,
    pub certificate_pem: String,
}

impl Signing {
    pub(super) fn new() -> Result<Self, String> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).map_err(|e| e.to_string())?;
        let mut wanted =
            rcgen::CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).map_err(|e| e.to_string())?;
        wanted.distinguished_name.push(rcgen::DnType::CommonName, "sns.amazonaws.com");
        let certificate = wanted.self_signed(&key).map_err(|e| e.to_string())?;
        let der = key.serialize_der();
        let signer = Signer::from_pkcs8(&der).map_err(|e| e.to_string())?;
        let (modulus, private) = numbers(&der).ok_or("the key's numbers cannot be read")?;
        Ok(Self { signer, modulus, private, certificate_pem: certificate.pem() })
    }

    /// `version` 1 is SHA-1, 2 is SHA-256.
    pub(super) fn sign(&self, message: &Value, version: &str) -> Result<String, String> {
        let text = to_sign(message);
        let bytes = if version == "1" { self.sign_sha1(text.as_bytes())? } else { self.sign_sha256(text.as_bytes())? };
        Ok(STANDARD.encode(bytes))
    }

    fn sign_sha256(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; self.signer.public_modulus_len()];
        self.signer
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
            .map_err(|_| "signing failed".to_owned())?;
        Ok(signature)
    }

    /// The library signs with SHA-1 no more, so the padding and the power are written out.
    fn sign_sha1(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        let length = self.signer.public_modulus_len();
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text);
        let tail = [SHA1_INFO, hash.as_ref()].concat();
        let padding = length.checked_sub(tail.len() + 3).ok_or("the key is too short")?;
        let block = [&[0, 1][..], &vec![0xFF; padding], &[0], &tail].concat();
        let power = BigUint::from_bytes_be(&block).modpow(&self.private, &self.modulus).to_bytes_be();
        Ok([vec![0; length - power.len()], power].concat())
    }
}

/// The fields in the vendor's order, each with its name on a line before it.
pub(super) fn to_sign(message: &Value) -> String {
    let names: &[&str] = match message["Type"].as_str() {
        Some("Notification") => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        _ => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    let lines = names.iter().filter_map(|name| message[*name].as_str().map(|value| format!("{name}\n{value}\n")));
    lines.collect()
}

/// One DER element: its tag, its content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(*first & 0x7F))?;
        (bytes.iter().fold(0_usize, |n, b| (n << 8) | usize::from(*b)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// Modulus and private exponent of a PKCS #8 RSA key.
fn numbers(der: &[u8]) -> Option<(BigUint, BigUint)> {
    let (_, outer, _) = element(der)?;
    let (_, _version, rest) = element(outer)?;
    let (_, _algorithm, rest) = element(rest)?;
    let (_, wrapped, _) = element(rest)?;
    let (_, key, _) = element(wrapped)?;
    let (_, _version, rest) = element(key)?;
    let (_, modulus, rest) = element(rest)?;
    let (_, _public, rest) = element(rest)?;
    let (_, private, _) = element(rest)?;
    Some((BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(private)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{
        KeyPair as _, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    };
    use serde_json::json;

    #[test]
    fn both_versions_are_verified_by_the_library() {
        let own = Signing::new().expect("a key");
        let message =
            json!({ "Type": "Notification", "Message": "障害", "MessageId": "1", "Timestamp": "t", "TopicArn": "a" });
        assert_eq!(to_sign(&message), "Message\n障害\nMessageId\n1\nTimestamp\nt\nTopicArn\na\nType\nNotification\n");
        let text = to_sign(&message);
        let public = own.signer.public_key().as_ref().to_vec();
        for (version, is_sha1) in [("1", true), ("2", false)] {
            let signature = STANDARD.decode(own.sign(&message, version).expect("a signature")).expect("base64");
            let verified = if is_sha1 {
                UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, &public)
                    .verify(text.as_bytes(), &signature)
            } else {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public).verify(text.as_bytes(), &signature)
            };
            assert!(verified.is_ok(), "version {version}");
        }
    }

    #[test]
    fn a_torn_key_is_none() {
        assert!(numbers(&[0x30, 0x82, 0xFF]).is_none());
        assert!(numbers(&[]).is_none());
    }
}
