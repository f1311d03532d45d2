//! Judgements over keys and certificates made on the spot.

use super::*;
use russh::keys::ssh_key::certificate::{Builder, CertType};
use russh::keys::{Certificate, PrivateKey};

const NOW: u64 = 1_800_000_000;

/// A key that is the same for the same number.
fn key(number: u8) -> PrivateKey {
    let pair = russh::keys::ssh_key::private::Ed25519Keypair::from_seed(&[number; 32]);
    PrivateKey::from(pair)
}

fn line(key: &PrivateKey) -> String {
    key.public_key().to_openssh().unwrap()
}

fn offered(key: &PrivateKey) -> PublicKeyOrCertificate {
    key.public_key().clone().into()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn known(text: &str) -> Known {
    let (known, complaints) = Known::read(text);
    assert_eq!(complaints, []);
    known
}

struct Issued {
    kind: CertType,
    hosts: &'static [&'static str],
    good: (u64, u64),
    option: Option<&'static str>,
}

impl Default for Issued {
    fn default() -> Self {
        Self { kind: CertType::Host, hosts: &["web-01"], good: (NOW - 10, NOW + 10), option: None }
    }
}

fn certificate(authority: &PrivateKey, issued: &Issued) -> PublicKeyOrCertificate {
    let mut builder = Builder::new(vec![7; 32], key(1).public_key().clone(), issued.good.0, issued.good.1).unwrap();
    builder.cert_type(issued.kind).unwrap();
    builder.key_id("web").unwrap();
    for host in issued.hosts {
        builder.valid_principal(*host).unwrap();
    }
    if issued.hosts.is_empty() {
        builder.all_principals_valid().unwrap();
    }
    if let Some(option) = issued.option {
        builder.critical_option(option, "x").unwrap();
    }
    let certificate: Certificate = builder.sign(authority).unwrap();
    certificate.into()
}

#[test]
fn a_key_is_trusted_only_where_it_is_known() {
    let known = known(&format!("web-01,10.0.0.1 {}\n[web-01]:2222 {}\n", line(&key(1)), line(&key(2))));
    let web = names(&["web-01"]);
    assert_eq!(known.judge(&web, &offered(&key(1)), NOW), Ok(()));
    assert_eq!(known.judge(&names(&["nobody", "10.0.0.1"]), &offered(&key(1)), NOW), Ok(()));
    let changed = known.judge(&web, &offered(&key(2)), NOW).unwrap_err();
    let print = |number| fingerprint(key(number).public_key().key_data());
    assert_eq!(changed, Kind::KeyChanged { expected: print(1), offered: print(2) });
    let unknown = known.judge(&names(&["web-02"]), &offered(&key(1)), NOW).unwrap_err();
    assert_eq!(unknown, Kind::KeyUnknown { names: "web-02".into(), offered: print(1) });
}

#[test]
fn a_revoked_key_is_refused_although_it_is_known() {
    let known = known(&format!("web-01 {}\n@revoked * {}\n", line(&key(1)), line(&key(1))));
    let verdict = known.judge(&names(&["web-01"]), &offered(&key(1)), NOW);
    assert!(matches!(verdict, Err(Kind::KeyRevoked { .. })), "{verdict:?}");
}

#[test]
fn an_empty_file_trusts_nobody() {
    let verdict = Known::default().judge(&names(&["web-01"]), &offered(&key(1)), NOW);
    assert!(matches!(verdict, Err(Kind::KeyUnknown { .. })), "{verdict:?}");
}

#[test]
fn a_good_certificate_of_a_known_authority_is_trusted() {
    let known = known(&format!("@cert-authority web-*,[web-01]:2222 {}\n", line(&key(9))));
    let shown = certificate(&key(9), &Issued::default());
    assert_eq!(known.judge(&names(&["web-01"]), &shown, NOW), Ok(()));
    assert_eq!(known.judge(&names(&["[web-01]:2222"]), &shown, NOW), Ok(()));
    let wild = certificate(&key(9), &Issued { hosts: &["web-*"], ..Issued::default() });
    assert_eq!(known.judge(&names(&["web-01"]), &wild, NOW), Ok(()));
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let known = known(&format!("@cert-authority web-* {}\n", line(&key(9))));
    let cases = [
        (8, Issued::default(), "is not known"),
        (9, Issued { kind: CertType::User, ..Issued::default() }, "a user's"),
        (9, Issued { hosts: &["db-01"], ..Issued::default() }, "it is for db-01"),
        (9, Issued { hosts: &[], ..Issued::default() }, "no host by name"),
        (9, Issued { good: (NOW + 1, NOW + 9), ..Issued::default() }, "not good yet"),
        (9, Issued { good: (NOW - 9, NOW), ..Issued::default() }, "expired"),
        (9, Issued { option: Some("force-command"), ..Issued::default() }, "force-command"),
    ];
    for (authority, issued, expected) in cases {
        let verdict = known.judge(&names(&["web-01"]), &certificate(&key(authority), &issued), NOW);
        let Err(Kind::CertificateWrong { why, .. }) = verdict else { panic!("{expected}: {verdict:?}") };
        assert!(why.contains(expected), "{why}");
    }
    let elsewhere = known.judge(&names(&["db-01"]), &certificate(&key(9), &Issued::default()), NOW);
    assert!(matches!(elsewhere, Err(Kind::CertificateWrong { .. })), "{elsewhere:?}");
}

#[test]
fn a_revoked_authority_or_key_spoils_the_certificate() {
    for revoked in [9, 1] {
        let text = format!("@cert-authority * {}\n@revoked * {}\n", line(&key(9)), line(&key(revoked)));
        let verdict = known(&text).judge(&names(&["web-01"]), &certificate(&key(9), &Issued::default()), NOW);
        assert!(matches!(verdict, Err(Kind::KeyRevoked { .. })), "{verdict:?}");
    }
}

#[test]
fn a_certificate_whose_key_is_known_is_as_good_as_the_key() {
    let known = known(&format!("web-01 {}\n", line(&key(1))));
    assert_eq!(known.judge(&names(&["web-01"]), &certificate(&key(9), &Issued::default()), NOW), Ok(()));
}

#[test]
fn known_kinds_of_key_are_asked_for_first() {
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7";
    assert!(PublicKey::from_openssh(rsa).is_err(), "a key that is cut off is none");
    let known = known(&format!("web-01 {}\n@cert-authority db-* {}\n", line(&key(1)), line(&key(9))));
    let (kinds, takes_certificates) = known.wanted(&names(&["web-01"]));
    assert_eq!((kinds[0].clone(), kinds.len(), takes_certificates), (Algorithm::Ed25519, algorithms().len(), false));
    assert!(known.wanted(&names(&["db-01"])).1);
}

#[test]
fn lines_that_can_not_be_read_are_named_and_the_others_count() {
    let text = format!(
        "# comment\n\nweb-01 {}\n@trusted x {}\nweb-02\nweb-03 ssh-ed25519 AAAA\n|1|x {}\nweb-04 ssh-ed25519\n",
        line(&key(1)),
        line(&key(1)),
        line(&key(1)),
    );
    let (known, complaints) = Known::read(&text);
    assert_eq!(complaints.iter().map(|complaint| complaint.line).collect::<Vec<_>>(), [4, 5, 6, 7, 8]);
    assert_eq!(known.judge(&names(&["web-01"]), &offered(&key(1)), NOW), Ok(()));
}
