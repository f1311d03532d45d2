//! Whether a host certificate is good: its authority, its kind, its hosts, its time, and nothing in it that we don't understand.

use super::{fingerprint, names};
use crate::error::Kind;
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Algorithm, Certificate};

pub(super) fn judge(certificate: &Certificate, is_trusted: bool, names: &[String], now: u64) -> Result<(), Kind> {
    fault(certificate, is_trusted, names, now).map_or(Ok(()), |why| {
        let key = fingerprint(certificate.public_key());
        Err(Kind::CertificateWrong { offered: format!("{}, key {key}", certificate.key_id()), why })
    })
}

/// The first thing that is wrong with it.
fn fault(certificate: &Certificate, is_trusted: bool, names: &[String], now: u64) -> Option<String> {
    let authority = certificate.signature_key();
    if !is_trusted {
        return Some(format!("its authority {} is not known for {}", fingerprint(authority), names.join(", ")));
    }
    if certificate.cert_type() != CertType::Host {
        return Some("it is a user's, not a host's".to_owned());
    }
    if matches!(certificate.signature().algorithm(), Algorithm::Rsa { hash: None } | Algorithm::Dsa) {
        return Some("it is signed with SHA-1".to_owned());
    }
    if let Some(option) = certificate.critical_options().keys().next() {
        return Some(format!("it has the critical option {option}, which no host certificate may have"));
    }
    if now < certificate.valid_after() {
        return Some(format!(
            "it is not good yet (from {} on, seconds since 1970; it is {now})",
            certificate.valid_after()
        ));
    }
    if now >= certificate.valid_before() {
        return Some(format!("it has expired (at {}, seconds since 1970; it is {now})", certificate.valid_before()));
    }
    if !is_for(certificate, names) {
        return Some(format!("it is for {}, not for {}", hosts(certificate), names.join(", ")));
    }
    // Its signature is checked last: it is the one thing that costs time.
    let authority = authority.fingerprint(russh::keys::HashAlg::Sha256);
    certificate.validate_at(now, [&authority]).err().map(|_| "its signature is wrong".to_owned())
}

/// A certificate without hosts would be good for every one of them: it is good for none.
fn is_for(certificate: &Certificate, wanted: &[String]) -> bool {
    let hosts = || certificate.valid_principals().iter().map(|host| host.to_ascii_lowercase());
    wanted.iter().any(|name| hosts().any(|host| names::is_like(&host, &bare(name))))
}

/// Certificates name hosts without a port.
fn bare(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    name.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(name.clone(), |(host, _)| host.to_owned())
}

fn hosts(certificate: &Certificate) -> String {
    let hosts = certificate.valid_principals();
    if hosts.is_empty() { "no host by name (ssh-keygen -n)".to_owned() } else { hosts.join(", ") }
}
