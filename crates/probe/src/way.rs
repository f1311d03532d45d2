//! Where to go and as whom: hops, their logins, and secrets that can't be printed. Opens nothing.

use std::path::PathBuf;

/// The way to a host: through its bastions, in order. The last hop is the host itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    pub hops: Vec<Hop>,
}

/// One machine on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hop {
    /// What people call it; stands in every error.
    pub name: String,
    /// A name or an address, as the hop before sees it.
    pub address: String,
    pub port: u16,
    pub user: String,
    /// Tried in this order.
    pub logins: Vec<Login>,
    /// Under which names its key is known. When empty: the address, or `[address]:port` when the port isn't 22.
    pub key_names: Vec<String>,
}

/// How to prove who we are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Login {
    /// A private key, and the certificate for it: the one that is named, or else `KEY-cert.pub` beside it when there is one.
    KeyFile { path: PathBuf, passphrase: Option<Secret>, certificate: Option<PathBuf> },
    /// Every key and certificate of an agent.
    Agent { socket: PathBuf },
}

/// A text that no Debug and no error shows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

impl Hop {
    /// The names under which its key is looked for.
    pub(crate) fn names(&self) -> Vec<String> {
        if !self.key_names.is_empty() {
            return self.key_names.clone();
        }
        vec![if self.port == 22 { self.address.clone() } else { format!("[{}]:{}", self.address, self.port) }]
    }

    /// As people read it.
    pub(crate) fn place(&self) -> String {
        if self.address.contains(':') {
            format!("[{}]:{}", self.address, self.port)
        } else {
            format!("{}:{}", self.address, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(address: &str, port: u16) -> Hop {
        Hop {
            name: "web-01".into(),
            address: address.into(),
            port,
            user: "diag".into(),
            logins: vec![Login::KeyFile {
                path: "/keys/diag".into(),
                passphrase: Some(Secret::new("open sesame")),
                certificate: None,
            }],
            key_names: Vec::new(),
        }
    }

    #[test]
    fn a_key_is_looked_for_under_the_name_that_openssh_would_use() {
        assert_eq!(hop("10.0.0.1", 22).names(), ["10.0.0.1"]);
        assert_eq!(hop("web-01.example", 2222).names(), ["[web-01.example]:2222"]);
        let mut named = hop("10.0.0.1", 2222);
        named.key_names = vec!["web-01".into()];
        assert_eq!(named.names(), ["web-01"]);
    }

    #[test]
    fn no_debug_shows_a_passphrase() {
        let text = format!("{:?}", Way { hops: vec![hop("10.0.0.1", 22)] });
        assert!(!text.contains("sesame") && text.contains("[secret]"), "{text}");
    }
}
