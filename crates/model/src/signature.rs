//! Webhook signatures, checked over the raw body in constant time. Never parses the body it checks.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A `v1=` header longer than this is no rotation of secrets but an attack on our time.
const MAX_SIGNATURES: usize = 8;

/// Does any of the header's `v1=` values match the body under any of our secrets?
///
/// The secret is used as the literal bytes that PagerDuty shows (never base64-decoded). During a rotation the header
/// carries several values and we may hold several secrets, so every pair is tried, without leaving early.
pub fn pagerduty(header: &str, body: &[u8], secrets: &[impl AsRef<[u8]>]) -> bool {
    let given: Vec<[u8; 32]> = header
        .split(',')
        .filter_map(|part| part.trim().strip_prefix("v1="))
        .filter_map(|text| {
            let mut bytes = [0u8; 32];
            hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
        })
        .take(MAX_SIGNATURES)
        .collect();
    if given.is_empty() {
        return false;
    }
    let mut matched = subtle::Choice::from(0);
    for secret in secrets {
        let ours = hmac_sha256(secret.as_ref(), body);
        for theirs in &given {
            matched |= ours.ct_eq(theirs);
        }
    }
    matched.into()
}

/// Is the header Slack's `v0=` of this time stamp and body under any of our secrets? Whether the time is still good is not asked here.
///
/// The secret is used as the literal bytes that Slack shows, though they look like hex. Several may be held during a rotation.
pub fn slack(timestamp: &str, header: &str, body: &[u8], secrets: &[impl AsRef<[u8]>]) -> bool {
    let mut theirs = [0u8; 32];
    let Some(text) = header.strip_prefix("v0=") else { return false };
    if hex::decode_to_slice(text, &mut theirs).is_err() {
        return false;
    }
    let mut matched = subtle::Choice::from(0);
    for secret in secrets {
        let ours = hmac_sha256_of(secret.as_ref(), &[b"v0:", timestamp.as_bytes(), b":", body]);
        matched |= ours.ct_eq(&theirs);
    }
    matched.into()
}

/// HMAC-SHA-256 of `body` under `secret`.
pub fn hmac_sha256(secret: &[u8], body: &[u8]) -> [u8; 32] {
    hmac_sha256_of(secret, &[body])
}

/// The same over parts that belong together, which need not be copied for it.
fn hmac_sha256_of(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mut mac) => {
            for part in parts {
                mac.update(part);
            }
            mac.finalize().into_bytes().into()
        }
        // HMAC takes keys of any length, so this arm has no input that reaches it.
        Err(_) => [0; 32],
    }
}

/// SHA-256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "example-secret-AAAA";
    const B: &str = "example-secret-BBBB";
    const PING: &str = r#"{"event":{"id":"01TEST","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-01-02T03:04:05.678Z","agent":null,"client":null,"data":{"message":"Hello from your friend Pagey!","type":"ping"}}}"#;
    const SIG_A: &str = "v1=aa003f7394d560d0234fbcb8f4a373541970973327b2581e87702f60eef77df9";
    const SIG_B: &str = "v1=6b7ef0cb4fb940769af6075c640373706cf57f8a02964a5a3b6ea18db3fa655b";

    #[test]
    fn known_vectors_hold() {
        assert!(pagerduty(SIG_A, PING.as_bytes(), &[A]));
        assert!(pagerduty(SIG_B, PING.as_bytes(), &[B]));
        let japanese = r#"{"event":{"id":"01JP","data":{"title":"ディスク使用率90%超過"}}}"#;
        let signature = "v1=d8e1ad9e50a30ba4b36c8ec8a414de4293ec6f45f8b372cb96622baa08990d1e";
        assert!(pagerduty(signature, japanese.as_bytes(), &[A]));
    }

    #[test]
    fn any_of_several_values_under_any_of_several_secrets_is_enough() {
        let both = format!("{SIG_B}, {SIG_A}");
        assert!(pagerduty(&both, PING.as_bytes(), &[A]));
        assert!(pagerduty(SIG_A, PING.as_bytes(), &[B, A]));
        assert!(pagerduty(&format!("v2=zz,{SIG_A}"), PING.as_bytes(), &[A]));
    }

    #[test]
    fn wrong_missing_or_misshapen_values_are_refused() {
        for header in ["", "v1=", "v1=00", &SIG_A[3..], SIG_B, "v1=zz003f7394d560d0234fbcb8f4a37354"] {
            assert!(!pagerduty(header, PING.as_bytes(), &[A]), "{header}");
        }
        assert!(!pagerduty(SIG_A, b"another body", &[A]));
        assert!(!pagerduty(SIG_A, PING.as_bytes(), &[] as &[&str]));
    }

    const SLACK_SECRET: &str = "0123456789abcdef0123456789abcdef";
    const SLACK_BODY: &[u8] = b"payload=%7B%22type%22%3A%22block_actions%22%7D";
    const SLACK_SIG: &str = "v0=da2ef08c588ee030aa98aeae4f1508b760e490c542a3820b3ab8582166652e29";

    #[test]
    fn slacks_vector_holds_under_any_of_several_secrets() {
        assert!(slack("1700000000", SLACK_SIG, SLACK_BODY, &[SLACK_SECRET]));
        assert!(slack("1700000000", SLACK_SIG, SLACK_BODY, &[A, SLACK_SECRET, B]));
    }

    #[test]
    fn slacks_signature_is_of_the_time_the_body_and_the_secret() {
        assert!(!slack("1700000001", SLACK_SIG, SLACK_BODY, &[SLACK_SECRET]));
        assert!(!slack("1700000000", SLACK_SIG, b"payload=%7B%7D", &[SLACK_SECRET]));
        assert!(!slack("1700000000", SLACK_SIG, SLACK_BODY, &[A]));
        assert!(!slack("1700000000", SLACK_SIG, SLACK_BODY, &[] as &[&str]));
        for header in
            ["", "v0=", "v0=00", &SLACK_SIG[3..], &SLACK_SIG.replacen("v0", "v1", 1), &format!("{SLACK_SIG}00")]
        {
            assert!(!slack("1700000000", header, SLACK_BODY, &[SLACK_SECRET]), "{header}");
        }
    }
}
