//! The key file, and the signed statement byte by byte.

use super::{EMAIL, KEY, account, key_file, pem, setup};
use crate::google::{Client, KeyFileError, ServiceAccount};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Micros;
use serde_json::{Value, json};

const SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";
const AT: Micros = Micros::from_seconds(1_700_000_000);

fn parts(assertion: &str) -> (String, String, Vec<u8>) {
    let parts: Vec<&str> = assertion.split('.').collect();
    assert_eq!(parts.len(), 3);
    (parts[0].to_owned(), parts[1].to_owned(), URL_SAFE_NO_PAD.decode(parts[2]).unwrap())
}

#[test]
fn header_and_claims_are_those_of_the_description_to_the_byte() {
    let google = account("https://oauth2.googleapis.com/token");
    let (header, claims, signature) = parts(&google.assertion(SCOPE, None, AT).unwrap());
    assert_eq!(header, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9");
    let expected = concat!(
        "eyJpc3MiOiJjYWwtcmVhZGVyQGRlbW8tcHJvai5pYW0uZ3NlcnZpY2VhY2NvdW50LmNvbSIsInNjb3BlIjoiaHR0cHM6Ly93d3cuZ29vZ2xl",
        "YXBpcy5jb20vYXV0aC9jYWxlbmRhci5yZWFkb25seSIsImF1ZCI6Imh0dHBzOi8vb2F1dGgyLmdvb2dsZWFwaXMuY29tL3Rva2VuIiwiZXhwIjox",
        "NzAwMDAzNjAwLCJpYXQiOjE3MDAwMDAwMDB9"
    );
    assert_eq!(claims, expected);
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.public_key().as_ref());
    assert!(public.verify(format!("{header}.{claims}").as_bytes(), &signature).is_ok());
    assert!(public.verify(format!("{header}.{claims}x").as_bytes(), &signature).is_err());
}

#[test]
fn whom_it_stands_for_and_which_key_it_is_are_told() {
    let mut file = key_file("https://oauth2.googleapis.com/token");
    file["private_key_id"] = json!("0123abcd");
    let account = ServiceAccount::from_key_file(file.to_string().as_bytes()).unwrap();
    let (header, claims, _) = parts(&account.assertion(SCOPE, Some("hanako@example.jp"), AT).unwrap());
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(text(&header), r#"{"alg":"RS256","typ":"JWT","kid":"0123abcd"}"#);
    assert!(text(&claims).ends_with(r#""iat":1700000000,"sub":"hanako@example.jp"}"#), "{}", text(&claims));
}

#[test]
fn a_key_may_have_come_through_an_environment() {
    let mut file = key_file("https://oauth2.googleapis.com/token");
    file["private_key"] = json!(pem().replace('\n', "\\n"));
    file["token_uri"] = Value::Null;
    let account = ServiceAccount::from_key_file(file.to_string().as_bytes()).unwrap();
    assert_eq!((account.email(), account.token_url()), (EMAIL, "https://oauth2.googleapis.com/token"));
}

#[test]
fn a_file_that_can_not_be_used_says_why_and_quotes_nothing() {
    let with = |name: &str, value: Value| {
        let mut file = key_file("https://oauth2.googleapis.com/token");
        file[name] = value;
        ServiceAccount::from_key_file(file.to_string().as_bytes()).unwrap_err()
    };
    assert_eq!(with("type", json!("authorized_user")), KeyFileError::NotAServiceAccount);
    assert_eq!(with("client_email", json!("")), KeyFileError::Lacks { what: "client_email" });
    assert_eq!(with("private_key", json!("")), KeyFileError::Lacks { what: "private_key" });
    assert_eq!(with("private_key", json!("made-up-secret")), KeyFileError::NotAKey);
    assert_eq!(with("private_key", json!(pem().replace("\nMII", "\nAAA"))), KeyFileError::NotAKey);
    for raw in [r#""made-up-secret""#, "made-up-secret", r#"{"private_key":{"made-up-secret":1}}"#] {
        let error = ServiceAccount::from_key_file(raw.as_bytes()).unwrap_err();
        assert!(matches!(error, KeyFileError::NotJson { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("made-up"), "{error}");
    }
}

#[test]
fn the_key_is_not_shown() {
    let setup = setup("https://www.googleapis.com");
    let shown = format!("{setup:?} {:?}", Client::new(&setup).unwrap());
    let inner: String = pem().lines().nth(1).unwrap().to_owned();
    assert!(shown.contains(EMAIL) && !shown.contains(&inner) && !shown.contains("PRIVATE"), "{shown}");
}
