//! Signature version 4, by which every call to AWS says whose it is. Pure: the time is a parameter, and nothing here shows a
//! key. Not for S3, which wants paths encoded once.

use crate::Secret;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use jiff::Timestamp;
use model::Micros;
use model::signature::hmac_sha256;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Whose calls they are.
#[derive(Clone, Debug)]
pub struct Keys {
    pub access_key: String,
    pub secret_key: Secret,
    /// Only of keys that expire.
    pub session_token: Option<Secret>,
}

/// Keys for one service in one region.
#[derive(Clone, Debug)]
pub struct Signer {
    pub keys: Keys,
    pub region: String,
    pub service: &'static str,
}

/// A request as it will go out.
#[derive(Clone, Copy, Debug)]
pub struct ToSign<'a> {
    pub method: &'a str,
    /// Segments, not escaped.
    pub path: &'a [&'a str],
    pub query: &'a [(&'a str, String)],
    /// With its port if that is not the scheme's own.
    pub host: &'a str,
    pub content_type: Option<&'a str>,
    pub body: &'a [u8],
}

/// A key that no header can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the AWS keys hold a character that no header can carry; were they pasted with a line break?")]
pub struct NotAHeader;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

impl Signer {
    /// The headers that make the request ours. It must go out within five minutes of `at`.
    pub fn sign(&self, request: &ToSign<'_>, at: Micros) -> Result<HeaderMap, NotAHeader> {
        let time = amz_time(at);
        let (day, _) = time.split_once('T').unwrap_or((&time, ""));
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let headers = self.signed_headers(request, &time);
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let canonical = canonical(request, &headers, &names);
        let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
        let signature = hex::encode(hmac_sha256(&self.key(day), to_sign.as_bytes()));
        let credential = format!("{}/{scope}", self.keys.access_key);
        let authorization =
            format!("{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}");
        self.out(&authorization, &time)
    }

    /// Sorted by name.
    fn signed_headers<'a>(&'a self, request: &ToSign<'a>, time: &'a str) -> Vec<(&'static str, &'a str)> {
        let content_type = request.content_type.map(|value| ("content-type", value));
        let token = self.keys.session_token.as_ref().map(|token| ("x-amz-security-token", token.expose()));
        content_type.into_iter().chain([("host", request.host), ("x-amz-date", time)]).chain(token).collect()
    }

    fn key(&self, day: &str) -> [u8; 32] {
        let secret = format!("AWS4{}", self.keys.secret_key.expose());
        let steps = [day, self.region.as_str(), self.service, "aws4_request"];
        let mut steps = steps.iter().map(|step| step.as_bytes());
        let first = hmac_sha256(secret.as_bytes(), steps.next().unwrap_or_default());
        steps.fold(first, |key, step| hmac_sha256(&key, step))
    }

    fn out(&self, authorization: &str, time: &str) -> Result<HeaderMap, NotAHeader> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, sensitive(authorization)?);
        headers.insert(HeaderName::from_static("x-amz-date"), sensitive(time)?);
        if let Some(token) = &self.keys.session_token {
            headers.insert(HeaderName::from_static("x-amz-security-token"), sensitive(token.expose())?);
        }
        Ok(headers)
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, NotAHeader> {
    let mut value = HeaderValue::from_str(text).map_err(|_| NotAHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

fn canonical(request: &ToSign<'_>, headers: &[(&str, &str)], names: &str) -> String {
    let path: String = match request.path {
        [] => "/".to_owned(),
        segments => segments.iter().map(|segment| format!("/{}", escaped(&escaped(segment)))).collect(),
    };
    let mut query: Vec<(String, String)> = request.query.iter().map(|(n, v)| (escaped(n), escaped(v))).collect();
    query.sort();
    let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", single_blanks(value))).collect();
    let query = query.join("&");
    format!("{}\n{path}\n{query}\n{headers}\n{names}\n{}", request.method, sha256_hex(request.body))
}

fn single_blanks(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As RFC 3986 has it: all but letters, digits and four marks.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn amz_time(at: Micros) -> String {
    let at = Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(region: &str, service: &'static str) -> Signer {
        let keys = Keys {
            access_key: "AKIDEXAMPLE".into(),
            secret_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: None,
        };
        Signer { keys, region: region.into(), service }
    }

    fn authorization(signer: &Signer, request: &ToSign<'_>, at: &str) -> String {
        let headers = signer.sign(request, Micros::parse(at).unwrap()).unwrap();
        headers[AUTHORIZATION].to_str().unwrap().to_owned()
    }

    /// AWS's own published vector `get-vanilla`.
    #[test]
    fn the_plainest_public_vector_holds() {
        let request = ToSign {
            method: "GET",
            path: &[],
            query: &[],
            host: "example.amazonaws.com",
            content_type: None,
            body: b"",
        };
        assert_eq!(
            authorization(&signer("us-east-1", "service"), &request, "2015-08-30T12:36:00Z"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    /// Computed by hand from the published steps, with a path, a query and a body.
    #[test]
    fn a_path_a_query_and_a_body_are_signed() {
        let query = [("refresh", "false".to_owned())];
        let request = ToSign {
            method: "POST",
            path: &["incidents", "_bulk"],
            query: &query,
            host: "search-demo.ap-northeast-1.es.amazonaws.com",
            content_type: Some("application/x-ndjson"),
            body: b"{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n",
        };
        let signed = authorization(&signer("ap-northeast-1", "es"), &request, "2026-05-01T00:00:00.999Z");
        assert!(signed.contains("SignedHeaders=content-type;host;x-amz-date, "), "{signed}");
        assert!(
            signed.ends_with("Signature=23da5967d0e35888c0bff0f4c4f199f2ca75b9ca6b64b9d77d8c9637dc656c58"),
            "{signed}"
        );
    }

    #[test]
    fn a_key_that_expires_is_sent_and_signed_with_its_token() {
        let mut signer = signer("us-east-1", "sns");
        signer.keys.session_token = Some(Secret::new("made-up-session-token"));
        let request = ToSign { method: "GET", path: &[], query: &[], host: "x.example", content_type: None, body: b"" };
        let headers = signer.sign(&request, Micros(0)).unwrap();
        assert_eq!(headers["x-amz-security-token"], "made-up-session-token");
        assert!(
            headers[AUTHORIZATION].to_str().unwrap().contains("SignedHeaders=host;x-amz-date;x-amz-security-token")
        );
        assert!(!format!("{signer:?} {headers:?}").contains("made-up-session-token"));
        signer.keys.session_token = Some(Secret::new("a\nb"));
        assert!(signer.sign(&request, Micros(0)).is_err());
    }

    #[test]
    fn queries_are_sorted_after_escaping_and_blanks_are_percents() {
        let query = [("b", "a b".to_owned()), ("a[]", "x/y".to_owned()), ("a", "~".to_owned())];
        let request = ToSign { method: "GET", path: &["a b"], query: &query, host: "h", content_type: None, body: b"" };
        let canonical = canonical(&request, &[("host", " h  h ")], "host");
        assert!(canonical.starts_with("GET\n/a%2520b\na=~&a%5B%5D=x%2Fy&b=a%20b\nhost:h h\n\nhost\n"), "{canonical}");
    }
}
