//! Passwords: which are good enough, and Argon2id over them. Hashing runs off the async threads, two at a time, so that
//! a storm of sign-ins costs waiting and not the machine. Never logs, stores or returns a password.

use crate::problem::Fault;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The shortest password, in characters.
pub const MIN_CHARS: u32 = 12;

/// OWASP's figures for Argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const SIDE_BY_SIDE: usize = 2;
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What is checked when nobody has this e-mail, so that an unknown one takes as long as a wrong password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$sGq3t0M5b0gAqfQv2dH8m1l3rJ6b9m4T1pXxYk2cE8w";

/// The commonest ones that are long enough.
const COMMON: [&str; 12] = [
    "password1234",
    "passw0rd1234",
    "123456789012",
    "1234567890123",
    "qwertyuiop12",
    "qwerty123456",
    "administrator",
    "administrator1",
    "letmein12345",
    "iloveyou1234",
    "welcome12345",
    "changeme1234",
];

/// What is wrong with a password that somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("the password needs at least {MIN_CHARS} characters")]
    Short,
    #[error("the password is the e-mail, the name, or among the first that anybody would try")]
    Guessable,
}

/// Is this password good enough for this person?
pub fn check_password_rules(password: &str, email: &str, name: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < MIN_CHARS as usize {
        return Err(PasswordFault::Short);
    }
    let given = password.trim().to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let personal = [email, local, name].iter().any(|own| given == own.trim().to_lowercase());
    let mut chars = given.chars();
    let first = chars.next();
    let is_one_char = chars.all(|c| Some(c) == first);
    let doubled = given.len().is_multiple_of(2) && {
        let (a, b) = given.as_bytes().split_at(given.len() / 2);
        a == b && (a.len() < 8 || a == b"password")
    };
    if personal || is_one_char || doubled || COMMON.contains(&given.as_str()) || given.contains("arayashiki") {
        return Err(PasswordFault::Guessable);
    }
    Ok(())
}

/// Hashes a password. It takes tens of milliseconds of one core: not for an async thread.
pub fn hash_password(password: &str) -> Result<String, password_hash::Error> {
    let hash: PasswordHash = argon()?.hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

fn argon() -> Result<Argon2<'static>, password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| password_hash::Error::Crypto)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn verify(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    argon().is_ok_and(|argon| argon.verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Checks and makes hashes, two at a time.
#[derive(Clone)]
pub(crate) struct Passwords {
    slots: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(SIDE_BY_SIDE)) }
    }

    /// Is it the password of this hash? Without a hash the work is done all the same, and the answer is no.
    pub(crate) async fn is_right(&self, password: String, hash: Option<String>) -> Result<bool, Fault> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        Ok(self.run(move || verify(&password, &hash)).await? && known)
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, Fault> {
        self.run(move || hash_password(&password))
            .await?
            .map_err(|error| Fault::Internal { why: format!("hashing a password: {error}") })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let waited = tokio::time::timeout(LONGEST_WAIT, self.slots.clone().acquire_owned()).await;
        let Ok(Ok(slot)) = waited else { return Err(Fault::TooMany { wait_s: 30 }) };
        // The slot goes along: a visitor who hangs up leaves the work running, and it still counts.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        });
        done.await.map_err(|error| Fault::Internal { why: format!("hashing a password: {error}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_opens_to_its_own_password_and_to_no_other() {
        let hash = hash_password("橋の下を水が流れる、静かに").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("橋の下を水が流れる、静かに", &hash));
        assert!(!verify("橋の下を水が流れる、静か", &hash));
        assert_ne!(hash, hash_password("橋の下を水が流れる、静かに").unwrap());
        assert!(!verify("x", "not a hash"));
    }

    #[test]
    fn what_is_checked_for_nobody_costs_the_same_work() {
        let nobody = PasswordHash::new(NOBODY).expect("a hash of today's form");
        let own = hash_password("whatever it may be").unwrap();
        assert_eq!(nobody.params, PasswordHash::new(&own).unwrap().params);
        assert_eq!(nobody.hash.map(|h| h.as_bytes().len()), Some(32));
    }

    #[test]
    fn short_personal_and_common_passwords_are_refused() {
        let check = |password: &str| check_password_rules(password, "hanako.sato@example.jp", "Hanako Sato Ito");
        assert_eq!(check("elevenchars"), Err(PasswordFault::Short));
        assert_eq!(check("十一文字のパスワード"), Err(PasswordFault::Short));
        for bad in [
            "Hanako.Sato@example.jp",
            "hanako sato ito",
            "Password1234",
            "aaaaaaaaaaaaaaaa",
            "passwordpassword",
            "abc123abc123",
            "arayashiki-2026",
        ] {
            assert_eq!(check(bad), Err(PasswordFault::Guessable), "{bad}");
        }
        for good in ["correct horse battery", "雨の夜に月は見えない、しかし"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }
}
