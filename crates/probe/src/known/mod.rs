//! The host keys that are trusted: a known_hosts text, and the judgement of what a host offers. Never learns a key by itself.

mod certificate;
mod names;

use crate::error::Kind;
use names::Names;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate};
use std::sync::Arc;

/// What is known of hosts: keys, authorities whose certificates are good, and keys that are revoked. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Known {
    lines: Arc<Vec<Line>>,
}

/// A line that could not be read, and why. The others count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub line: usize,
    pub what: String,
}

#[derive(Debug)]
struct Line {
    mark: Mark,
    names: Names,
    key: KeyData,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Key,
    Authority,
    Revoked,
}

impl Known {
    /// Reads the known_hosts format: hashed names, `[host]:port`, wildcards, negations, `@cert-authority` and `@revoked`.
    pub fn read(text: &str) -> (Self, Vec<Complaint>) {
        let mut lines = Vec::new();
        let mut complaints = Vec::new();
        for (at, text) in text.lines().enumerate() {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match read_line(text) {
                Ok(line) => lines.push(line),
                Err(what) => complaints.push(Complaint { line: at + 1, what }),
            }
        }
        (Self { lines: Arc::new(lines) }, complaints)
    }

    /// Whether a host of these names may be spoken to: what it offered is known, good and not revoked.
    pub(crate) fn judge(&self, names: &[String], offered: &PublicKeyOrCertificate, now: u64) -> Result<(), Kind> {
        let key = offered.public_key();
        let signer = offered.certificate().map(|certificate| certificate.signature_key());
        let revoked = |line: &&Line| line.key == *key.key_data() || Some(&line.key) == signer;
        if self.about(names, Mark::Revoked).any(|line| revoked(&line)) {
            return Err(Kind::KeyRevoked { offered: fingerprint(key.key_data()) });
        }
        if self.about(names, Mark::Key).any(|line| line.key == *key.key_data()) {
            return Ok(());
        }
        match offered.certificate() {
            Some(certificate) => {
                let trusted = self.about(names, Mark::Authority).any(|line| line.key == *certificate.signature_key());
                certificate::judge(certificate, trusted, names, now)
            }
            None => Err(self.no_match(names, key.key_data())),
        }
    }

    /// A key that is none of those that are known: a changed one, or one of a host that nobody has met.
    fn no_match(&self, names: &[String], key: &KeyData) -> Kind {
        let offered = fingerprint(key);
        let known: Vec<String> = self.about(names, Mark::Key).map(|line| fingerprint(&line.key)).collect();
        if known.is_empty() {
            Kind::KeyUnknown { names: names.join(", "), offered }
        } else {
            Kind::KeyChanged { expected: known.join(" or "), offered }
        }
    }

    /// Which kinds of host key to ask for, best first: those that are known of it, so that a host with several keys shows the one
    /// that can be compared; and whether a certificate may be shown.
    pub(crate) fn wanted(&self, names: &[String]) -> (Vec<Algorithm>, bool) {
        let known: Vec<Algorithm> = self.about(names, Mark::Key).map(|line| line.key.algorithm()).collect();
        let is_known = |wanted: &Algorithm| known.iter().any(|known| is_same_kind(known, wanted));
        let (mut first, rest): (Vec<Algorithm>, Vec<Algorithm>) = algorithms().into_iter().partition(is_known);
        first.extend(rest);
        (first, self.about(names, Mark::Authority).next().is_some())
    }

    fn about<'a>(&'a self, names: &'a [String], mark: Mark) -> impl Iterator<Item = &'a Line> {
        let is_about = move |line: &Line| line.mark == mark && names.iter().any(|name| line.names.are_about(name));
        self.lines.iter().filter(move |line| is_about(line))
    }
}

/// The kinds of host key that we take, best first. RSA never with SHA-1.
pub(crate) fn algorithms() -> Vec<Algorithm> {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
    vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        rsa(HashAlg::Sha512),
        rsa(HashAlg::Sha256),
    ]
}

/// As `ssh-keygen -l` shows it.
pub(crate) fn fingerprint(key: &KeyData) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// An RSA key is one kind, whatever it is hashed with.
fn is_same_kind(one: &Algorithm, other: &Algorithm) -> bool {
    one == other || matches!((one, other), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }))
}

fn read_line(text: &str) -> Result<Line, String> {
    let mut fields = text.split_ascii_whitespace();
    let mut next = |what: &str| fields.next().ok_or_else(|| format!("it has no {what}"));
    let first = next("names")?;
    let (mark, names) = match first {
        "@cert-authority" => (Mark::Authority, next("names")?),
        "@revoked" => (Mark::Revoked, next("names")?),
        _ if first.starts_with('@') => return Err(format!("{first} is neither @cert-authority nor @revoked")),
        _ => (Mark::Key, first),
    };
    let names = Names::read(names)?;
    let (kind, blob) = (next("kind of key")?, next("key")?);
    let key = PublicKey::from_openssh(&format!("{kind} {blob}"))
        .map_err(|e| format!("its key ({kind}) can't be read: {e}"))?;
    Ok(Line { mark, names, key: key.key_data().clone() })
}

#[cfg(test)]
mod tests;
