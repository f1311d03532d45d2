//! AWS Signature Version 4: the headers by which Amazon knows who sent a request. Pure: never sends, never
//! asks the time, never shows a key.
//!
//! `sign(&Unsigned, &Scope, &Credentials, now) -> Result<HeaderMap, SetupError>` gives the headers to add to the request;
//! it must then go out exactly as it was signed: same method, URL, body, and the headers named in `Unsigned`.

use crate::Secret;
use crate::http::SetupError;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use model::Micros;
use model::signature::hmac_sha256;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

/// Keys of one identity. Temporary ones carry a session token.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: Secret,
    pub session_token: Option<Secret>,
}

/// What a signature is good for.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// `ap-northeast-1`
    pub region: &'a str,
    /// `s3`, `sns`, `es`, …
    pub service: &'a str,
}

/// A request before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    pub method: &'a Method,
    pub url: &'a Url,
    /// Headers that the signature covers besides host and those that it adds; names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What RFC 3986 calls unreserved is left as it is; Amazon escapes everything else.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The headers to add: `authorization`, `x-amz-date`, and where needed `x-amz-security-token` and `x-amz-content-sha256`.
pub fn sign(
    request: &Unsigned<'_>,
    scope: &Scope<'_>,
    credentials: &Credentials,
    now: Micros,
) -> Result<HeaderMap, SetupError> {
    let instant = now.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
    let payload = hex::encode(Sha256::digest(request.body));
    let mut added = vec![("x-amz-date", instant.clone())];
    if let Some(token) = &credentials.session_token {
        added.push(("x-amz-security-token", token.expose().to_owned()));
    }
    if matches!(scope.service, "s3" | "aoss") {
        added.push(("x-amz-content-sha256", payload.clone()));
    }
    let signed = signed_headers(request, &added);
    let names = signed.keys().map(String::as_str).collect::<Vec<_>>().join(";");
    let canonical = canonical(request, scope, &signed, &names, &payload);
    let (day, _) = instant.split_at(8);
    let place = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!("{ALGORITHM}\n{instant}\n{place}\n{}", hex::encode(Sha256::digest(canonical)));
    let signature = hex::encode(hmac_sha256(&key(credentials, day, scope), text.as_bytes()));
    let access_key = &credentials.access_key;
    added.push((
        AUTHORIZATION.as_str(),
        format!("{ALGORITHM} Credential={access_key}/{place}, SignedHeaders={names}, Signature={signature}"),
    ));
    added.into_iter().map(header).collect()
}

fn header((name, value): (&'static str, String)) -> Result<(HeaderName, HeaderValue), SetupError> {
    let mut value = HeaderValue::from_str(&value).map_err(|_| SetupError::NotAHeader { what: "AWS key or token" })?;
    value.set_sensitive(true);
    Ok((HeaderName::from_static(name), value))
}

/// The key that signs for one day, region and service only.
fn key(credentials: &Credentials, day: &str, scope: &Scope<'_>) -> [u8; 32] {
    let secret = format!("AWS4{}", credentials.secret_key.expose());
    let of_day = hmac_sha256(secret.as_bytes(), day.as_bytes());
    let of_region = hmac_sha256(&of_day, scope.region.as_bytes());
    let of_service = hmac_sha256(&of_region, scope.service.as_bytes());
    hmac_sha256(&of_service, b"aws4_request")
}

fn signed_headers(request: &Unsigned<'_>, added: &[(&str, String)]) -> BTreeMap<String, String> {
    let given = request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), tidied(value)));
    let added = added.iter().map(|(name, value)| ((*name).to_owned(), tidied(value)));
    given.chain(added).chain([("host".to_owned(), host(request.url))]).collect()
}

/// Ends trimmed, runs of blanks made one.
fn tidied(value: &str) -> String {
    value.split([' ', '\t']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// As the client writes it: the port only where it is not the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn canonical(
    request: &Unsigned<'_>,
    scope: &Scope<'_>,
    headers: &BTreeMap<String, String>,
    names: &str,
    payload: &str,
) -> String {
    let method = request.method;
    let path = path(request.url, scope.service == "s3");
    let query = query(request.url);
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}")
}

/// Each segment escaped once for S3, twice for every other service.
fn path(url: &Url, once: bool) -> String {
    let escaped = url.path().split('/').map(|segment| {
        let plain = percent_decode_str(segment).decode_utf8_lossy();
        let first = utf8_percent_encode(&plain, ESCAPED).to_string();
        if once { first } else { utf8_percent_encode(&first, ESCAPED).to_string() }
    });
    escaped.collect::<Vec<_>>().join("/")
}

fn query(url: &Url) -> String {
    let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let pairs = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes());
    let mut pairs: Vec<(String, String)> = pairs.map(|(name, value)| (escape(&name), escape(&value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(access_key: &str, secret_key: &str) -> Credentials {
        Credentials { access_key: access_key.to_owned(), secret_key: Secret::new(secret_key), session_token: None }
    }

    fn documented() -> Credentials {
        credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    /// The keys of the examples in the S3 guide.
    fn of_s3() -> Credentials {
        credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    }

    fn at(text: &str) -> Micros {
        Micros::parse(text).unwrap()
    }

    fn get<'a>(url: &'a Url, headers: &'a [(&'a str, &'a str)]) -> Unsigned<'a> {
        Unsigned { method: &Method::GET, url, headers, body: b"" }
    }

    fn text(headers: &HeaderMap, name: &str) -> String {
        headers[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn the_public_vanilla_vector_holds() {
        let url = "https://example.amazonaws.com/".parse().unwrap();
        let scope = Scope { region: "us-east-1", service: "service" };
        let headers = sign(&get(&url, &[]), &scope, &documented(), at("2015-08-30T12:36:00Z")).unwrap();
        assert_eq!(
            text(&headers, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        assert_eq!(text(&headers, "x-amz-date"), "20150830T123600Z");
        assert!(!headers.contains_key("x-amz-content-sha256"), "only S3 asks for it");
    }

    #[test]
    fn a_post_with_a_query_and_a_body_is_signed_as_worked_out_by_hand() {
        let url = "https://search-demo.ap-northeast-1.es.amazonaws.com/incidents/_bulk?refresh=false".parse().unwrap();
        let request = Unsigned {
            method: &Method::POST,
            url: &url,
            headers: &[("Content-Type", " application/x-ndjson ")],
            body: b"{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n",
        };
        let scope = Scope { region: "ap-northeast-1", service: "es" };
        let headers = sign(&request, &scope, &documented(), at("2026-05-01T00:00:00Z")).unwrap();
        let signature = "23da5967d0e35888c0bff0f4c4f199f2ca75b9ca6b64b9d77d8c9637dc656c58";
        assert!(text(&headers, "authorization").ends_with(signature), "{}", text(&headers, "authorization"));
    }

    #[test]
    fn the_examples_of_the_s3_guide_hold() {
        let scope = Scope { region: "us-east-1", service: "s3" };
        for (path, headers, signature) in [
            (
                "/test.txt",
                &[("Range", "bytes=0-9")] as &[_],
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            ("/?lifecycle", &[], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            ("/?max-keys=2&prefix=J", &[], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            ("/?prefix=J&max-keys=2", &[], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ] {
            let url = format!("https://examplebucket.s3.amazonaws.com{path}").parse().unwrap();
            let signed = sign(&get(&url, headers), &scope, &of_s3(), at("2013-05-24T00:00:00Z")).unwrap();
            assert!(text(&signed, "authorization").ends_with(signature), "{path}");
        }
    }

    #[test]
    fn paths_are_escaped_once_for_s3_and_twice_elsewhere_however_the_url_was_written() {
        for written in ["https://h.example/a b/é+(1)", "https://h.example/a%20b/%c3%a9%2B%281%29"] {
            let url = written.parse().unwrap();
            assert_eq!(path(&url, true), "/a%20b/%C3%A9%2B%281%29");
            assert_eq!(path(&url, false), "/a%2520b/%25C3%25A9%252B%25281%2529");
        }
        let url = "https://h.example?b=2&a=x+y&a=%2f&c".parse().unwrap();
        assert_eq!((path(&url, true).as_str(), query(&url).as_str()), ("/", "a=%2F&a=x%20y&b=2&c="));
    }

    #[test]
    fn a_session_token_is_sent_and_signed_and_a_port_belongs_to_the_host() {
        let url = "http://127.0.0.1:9000/bucket/key".parse().unwrap();
        let with = Credentials { session_token: Some(Secret::new("made-up-session")), ..of_s3() };
        let scope = Scope { region: "us-east-1", service: "s3" };
        let headers = sign(&get(&url, &[]), &scope, &with, at("2026-05-01T00:00:00Z")).unwrap();
        assert_eq!(text(&headers, "x-amz-security-token"), "made-up-session");
        assert!(
            text(&headers, "authorization")
                .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,")
        );
        assert_eq!(host(&url), "127.0.0.1:9000");
        assert_eq!(host(&"https://h.example:443/".parse().unwrap()), "h.example");
    }

    #[test]
    fn keys_are_neither_shown_nor_sent_broken() {
        let url = "https://h.example/".parse().unwrap();
        let scope = Scope { region: "us-east-1", service: "sns" };
        let headers = sign(&get(&url, &[]), &scope, &of_s3(), at("2026-05-01T00:00:00Z")).unwrap();
        let shown = format!("{:?} {headers:?}", of_s3());
        assert!(!shown.contains("wJalr") && !shown.contains("Signature="), "{shown}");
        let broken = credentials("AK\nX", "s");
        assert!(matches!(
            sign(&get(&url, &[]), &scope, &broken, at("2026-05-01T00:00:00Z")),
            Err(SetupError::NotAHeader { .. })
        ));
    }
}
