//! The signature of a delivery: HMAC-SHA256 over the raw body, the secret taken as plain text.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// One `v1=…` per secret, joined by commas.
pub(crate) fn header(secrets: &[&str], body: &[u8]) -> String {
    let parts: Vec<String> = secrets.iter().filter_map(|secret| v1(secret, body)).collect();
    parts.join(",")
}

fn v1(secret: &str, body: &[u8]) -> Option<String> {
    // HMAC takes a key of any length, so this is never None.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(format!("v1={}", hex::encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str = r#"{"event":{"id":"01TEST","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-01-02T03:04:05.678Z","agent":null,"client":null,"data":{"message":"Hello from your friend Pagey!","type":"ping"}}}"#;
    const A: &str = "v1=aa003f7394d560d0234fbcb8f4a373541970973327b2581e87702f60eef77df9";
    const B: &str = "v1=6b7ef0cb4fb940769af6075c640373706cf57f8a02964a5a3b6ea18db3fa655b";

    #[test]
    fn known_vectors() {
        assert_eq!(PING.len(), 208);
        assert_eq!(header(&["example-secret-AAAA"], PING.as_bytes()), A);
        assert_eq!(header(&["example-secret-BBBB"], PING.as_bytes()), B);
        let japanese = r#"{"event":{"id":"01JP","data":{"title":"ディスク使用率90%超過"}}}"#;
        assert_eq!(
            header(&["example-secret-AAAA"], japanese.as_bytes()),
            "v1=d8e1ad9e50a30ba4b36c8ec8a414de4293ec6f45f8b372cb96622baa08990d1e"
        );
    }

    #[test]
    fn a_rotation_signs_twice() {
        let both = header(&["example-secret-BBBB", "example-secret-AAAA"], PING.as_bytes());
        assert_eq!(both, format!("{B},{A}"));
    }
}
