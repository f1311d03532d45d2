//! Checks a request's SigV4 signature, as AWS does: the header form alone, the clock within five minutes. Signs nothing.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::clock::real_now;
use crate::web::Ask;

/// Whose signature is expected.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub access: String,
    pub secret: String,
    pub region: String,
}

/// An error's code and what it says.
pub(super) type Refusal = (&'static str, String);

struct Header<'a> {
    access: &'a str,
    scope: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

fn header(text: &str) -> Option<Header<'_>> {
    let rest = text.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let part = |name: &str| rest.split(',').map(str::trim).find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
    let (access, scope) = part("Credential")?.split_once('/')?;
    let signed = part("SignedHeaders")?.split(';').collect();
    Some(Header { access, scope, signed, signature: part("Signature")? })
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    // A key of any length is taken.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(super) fn check(ask: &Ask, key: &Key, service: &str) -> Result<(), Refusal> {
    let missing = || ("MissingAuthenticationToken", "Request is missing Authentication Token".to_owned());
    let text = ask.header("authorization").ok_or_else(missing)?;
    let own =
        header(text).ok_or(("IncompleteSignature", format!("the Authorization header is not understood: {text}")))?;
    if own.access != key.access {
        return Err(("InvalidClientTokenId", "The security token included in the request is invalid.".into()));
    }
    let stamp = ask.header("x-amz-date").unwrap_or_default();
    let day = stamp.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/{service}/aws4_request", key.region);
    if own.scope != scope {
        return Err(("SignatureDoesNotMatch", format!("Credential should be scoped to {scope}, not {}", own.scope)));
    }
    if !is_fresh(stamp) {
        return Err(("SignatureDoesNotMatch", format!("Signature expired or not yet valid: {stamp}")));
    }
    if ["host", "x-amz-date"].iter().any(|name| !own.signed.contains(name)) {
        return Err(("SignatureDoesNotMatch", "host and x-amz-date must be signed".into()));
    }
    let request = canonical(ask, &own.signed, service);
    if signature(&request, key, (stamp, service)) == own.signature {
        return Ok(());
    }
    let said = format!("The request signature we calculated does not match; canonical request: {request:?}");
    Err(("SignatureDoesNotMatch", said))
}

fn signature(request: &str, key: &Key, (stamp, service): (&str, &str)) -> String {
    let day = stamp.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/{service}/aws4_request", key.region);
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", digest(request.as_bytes()));
    let steps = [day, &key.region, service, "aws4_request"];
    let derived = steps.iter().fold(format!("AWS4{}", key.secret).into_bytes(), |key, step| mac(&key, step));
    hex::encode(mac(&derived, &to_sign))
}

fn is_fresh(stamp: &str) -> bool {
    let parsed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", stamp);
    let at = parsed.ok().and_then(|t| t.to_zoned(jiff::tz::TimeZone::UTC).ok());
    at.is_some_and(|at| (real_now().as_second() - at.timestamp().as_second()).abs() <= 300)
}

fn canonical(ask: &Ask, signed: &[&str], service: &str) -> String {
    let payload = match ask.header("x-amz-content-sha256") {
        Some("UNSIGNED-PAYLOAD") if service == "s3" => "UNSIGNED-PAYLOAD".to_owned(),
        _ => digest(&ask.body),
    };
    let headers: String = signed
        .iter()
        .map(|name| {
            let values: Vec<&str> = ask.headers.get_all(*name).iter().filter_map(|v| v.to_str().ok()).collect();
            let value = values.join(",");
            format!("{name}:{}\n", value.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect();
    let path = if service == "s3" { ask.path.clone() } else { encoded(&ask.path, true) };
    format!("{}\n{path}\n{}\n{headers}\n{}\n{payload}", ask.method, query(ask), signed.join(";"))
}

/// Sorted, encoded as RFC 3986 wants it.
fn query(ask: &Ask) -> String {
    let mut pairs: Vec<(String, String)> =
        ask.query.iter().map(|(k, v)| (encoded(k, false), encoded(v, false))).collect();
    pairs.sort();
    pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&")
}

fn encoded(text: &str, keep_slash: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b'/' if keep_slash => out.push('/'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method};

    /// Computed apart from this code, by the vendor's published steps.
    #[test]
    fn a_known_request_has_the_known_signature() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/x-ndjson"),
            ("host", "search-demo.ap-northeast-1.es.amazonaws.com"),
            ("x-amz-date", "20260501T000000Z"),
        ] {
            headers.insert(name, value.parse().expect("a value"));
        }
        let ask = Ask {
            method: Method::POST,
            path: "/incidents/_bulk".into(),
            query: vec![("refresh".into(), "false".into())],
            headers,
            body: bytes::Bytes::from_static(b"{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n"),
        };
        let request = canonical(&ask, &["content-type", "host", "x-amz-date"], "es");
        assert_eq!(digest(request.as_bytes()), "8445f33b440f8eb6340b58cef24226b28e40ecab1c80c614e7b588dd64ed9cfe");
        let key = Key {
            access: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            region: "ap-northeast-1".into(),
        };
        let signed = signature(&request, &key, ("20260501T000000Z", "es"));
        assert_eq!(signed, "23da5967d0e35888c0bff0f4c4f199f2ca75b9ca6b64b9d77d8c9637dc656c58");
        assert!(!is_fresh("20260501T000000Z") && !is_fresh("nonsense"));
    }
}
