//! Logging in: the logins of a hop one after the other, certificates before keys, RSA never with SHA-1. Shows a server nothing but public keys and signatures.

mod agent;
mod keys;
mod sign;

use crate::error::Kind;
use crate::link::Door;
use crate::way::{Hop, Login};
use keys::Loaded;
use russh::client::{AuthResult, Handle};
use russh::keys::{Certificate, HashAlg, PrivateKeyWithHashAlg, PublicKey};
use std::fmt::Write;

pub(crate) use keys::Keys;

/// An attempt to log in, with what has been tried so far.
struct Attempt<'a> {
    handle: &'a mut Handle<Door>,
    hop: &'a Hop,
    tried: Vec<String>,
    /// What the server takes, as it said last.
    methods: Vec<String>,
    /// The first login of ours that could not even be offered.
    fault: Option<Kind>,
}

/// Logs in, or says why not.
pub(crate) async fn log_in(handle: &mut Handle<Door>, hop: &Hop, keys: &Keys) -> Result<(), Kind> {
    let mut attempt = Attempt { handle, hop, tried: Vec::new(), methods: Vec::new(), fault: None };
    for login in &hop.logins {
        let outcome = match login {
            Login::KeyFile { path, passphrase, certificate } => {
                match keys.load(path, passphrase.as_ref(), certificate.as_deref()).await {
                    Ok(loaded) => attempt.with_file(loaded, &path.display().to_string()).await,
                    Err(fault) => Err(fault),
                }
            }
            Login::Agent { socket } => attempt.with_agent(socket).await,
        };
        match outcome {
            Ok(true) => return Ok(()),
            Ok(false) if attempt.handle.is_closed() => return Err(attempt.given_up()),
            Ok(false) => {}
            Err(Kind::Lost { doing, why }) => return Err(Kind::Lost { doing, why }),
            Err(fault) => attempt.keep(fault),
        }
    }
    Err(attempt.refused())
}

impl Attempt<'_> {
    async fn with_file(&mut self, loaded: Loaded, path: &str) -> Result<bool, Kind> {
        let Some(hash) = self.hash(loaded.key.algorithm().is_rsa()).await? else { return Ok(false) };
        if let Some(certificate) = loaded.certificate {
            self.note(format!("certificate {} of {path}", certificate.key_id()));
            let mut own = sign::Own(loaded.key.clone());
            let user = self.hop.user.clone();
            let answer = self.handle.authenticate_certificate_with(user, certificate, hash, &mut own).await;
            if self.has_taken(answer.map_err(lost)?) {
                return Ok(true);
            }
        }
        if self.handle.is_closed() {
            return Ok(false);
        }
        self.note(format!("{path} ({})", print(loaded.key.public_key())));
        let key = PrivateKeyWithHashAlg::new(loaded.key, hash);
        let answer = self.handle.authenticate_publickey(self.hop.user.clone(), key).await.map_err(lost)?;
        Ok(self.has_taken(answer))
    }

    /// What to sign with. The outer `None`: this server takes RSA only with SHA-1, which nobody should.
    async fn hash(&mut self, is_rsa: bool) -> Result<Option<Option<HashAlg>>, Kind> {
        if !is_rsa {
            return Ok(Some(None));
        }
        match self.handle.best_supported_rsa_hash().await.map_err(lost)? {
            Some(None) => {
                self.note("an RSA key was not offered, because the server takes it only with SHA-1".to_owned());
                Ok(None)
            }
            Some(hash) => Ok(Some(hash)),
            None => Ok(Some(Some(HashAlg::Sha512))),
        }
    }

    fn has_taken(&mut self, answer: AuthResult) -> bool {
        if let AuthResult::Failure { remaining_methods, partial_success } = answer {
            self.methods = remaining_methods.iter().map(|method| <&str>::from(method).to_owned()).collect();
            if partial_success {
                self.note("which was taken, but the server wants a second proof as well".to_owned());
            }
            return false;
        }
        true
    }

    fn note(&mut self, what: String) {
        self.tried.push(what);
    }

    fn keep(&mut self, fault: Kind) {
        self.note(fault.to_string());
        self.fault.get_or_insert(fault);
    }

    /// The server has closed the connection over our tries.
    fn given_up(mut self) -> Kind {
        self.note("then it hung up (MaxAuthTries)".to_owned());
        self.refused()
    }

    /// Our own fault is named as such when nothing at all could be offered.
    fn refused(self) -> Kind {
        let was_offered = !self.methods.is_empty();
        match self.fault {
            Some(fault) if !was_offered => fault,
            _ => Kind::LoginRefused {
                user: self.hop.user.clone(),
                tried: list(&self.tried, "nothing (no login is configured)"),
                methods: list(&self.methods, "it did not say"),
            },
        }
    }
}

fn list(items: &[String], otherwise: &str) -> String {
    let mut text = String::new();
    for item in items {
        let comma = if text.is_empty() { "" } else { ", " };
        // A String takes everything.
        let _ = write!(text, "{comma}{item}");
    }
    if text.is_empty() { otherwise.to_owned() } else { text }
}

fn print(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

fn print_of(certificate: &Certificate) -> String {
    format!("certificate {}", certificate.key_id())
}

fn lost(error: impl std::fmt::Display) -> Kind {
    Kind::Lost { doing: "logging in", why: error.to_string() }
}
