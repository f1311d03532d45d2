//! Private keys and their certificates from files. A key that took a passphrase is deciphered once, as long as its file stays the same.

use crate::error::Kind;
use crate::way::Secret;
use russh::keys::{Certificate, PrivateKey, decode_secret_key};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Mutex;

/// No key is as long as this.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A key to log in with, and the certificate that vouches for it.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) key: Arc<PrivateKey>,
    pub(super) certificate: Option<Certificate>,
}

/// When the file was written and how long it is.
type Stamp = (Option<SystemTime>, u64);
type Name = (PathBuf, Option<Secret>);

/// Keys that were read already.
#[derive(Default)]
pub(crate) struct Keys {
    read: Mutex<HashMap<Name, (Stamp, Arc<PrivateKey>)>>,
}

impl Keys {
    pub(super) async fn load(
        &self,
        path: &Path,
        passphrase: Option<&Secret>,
        certificate: Option<&Path>,
    ) -> Result<Loaded, Kind> {
        let key = self.key(path, passphrase).await.map_err(|why| fault(path, why))?;
        let beside = beside(path);
        let certificate = match certificate {
            Some(named) => Some(read_certificate(named).await.map_err(|why| fault(named, why))?),
            None if tokio::fs::try_exists(&beside).await.unwrap_or(false) => {
                Some(read_certificate(&beside).await.map_err(|why| fault(&beside, why))?)
            }
            None => None,
        };
        Ok(Loaded { key, certificate })
    }

    /// One at a time: deciphering is slow on purpose, and the next one finds it done.
    async fn key(&self, path: &Path, passphrase: Option<&Secret>) -> Result<Arc<PrivateKey>, String> {
        let stamp = stamp(path).await?;
        let name = (path.to_owned(), passphrase.cloned());
        let mut read = self.read.lock().await;
        if let Some((_, key)) = read.get(&name).filter(|(known, _)| *known == stamp) {
            return Ok(key.clone());
        }
        let text = tokio::fs::read_to_string(path).await.map_err(|e| e.to_string())?;
        let secret = passphrase.cloned();
        let deciphered = tokio::task::spawn_blocking(move || decipher(&text, secret.as_ref())).await;
        let key = Arc::new(deciphered.map_err(|e| e.to_string())??);
        read.insert(name, (stamp, key.clone()));
        Ok(key)
    }
}

fn decipher(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey, String> {
    decode_secret_key(text, passphrase.map(Secret::expose)).map_err(|e| match (e, passphrase) {
        (russh::keys::Error::KeyIsEncrypted, None) => "it is encrypted: name its passphrase".to_owned(),
        (russh::keys::Error::CouldNotReadKey, _) => "it holds no private key (OpenSSH, PEM or PPK)".to_owned(),
        (_, Some(_)) => "the passphrase does not open it".to_owned(),
        (e, None) => format!("it can't be read: {e}"),
    })
}

async fn stamp(path: &Path) -> Result<Stamp, String> {
    let about = tokio::fs::metadata(path).await.map_err(|e| e.to_string())?;
    if !about.is_file() || about.len() > MAX_FILE_BYTES {
        return Err("it is no file with a key".to_owned());
    }
    guard(&about)?;
    Ok((about.modified().ok(), about.len()))
}

/// A private key that everybody on the machine can read is nobody's. A group may: that is how secrets are mounted.
#[cfg(unix)]
fn guard(about: &std::fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    if about.mode() & 0o007 == 0 { Ok(()) } else { Err("everybody may read it: chmod 600".to_owned()) }
}

#[cfg(not(unix))]
fn guard(_: &std::fs::Metadata) -> Result<(), String> {
    Ok(())
}

/// Where OpenSSH looks for a key's certificate.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-cert.pub");
    name.into()
}

async fn read_certificate(path: &Path) -> Result<Certificate, String> {
    let text = tokio::fs::read_to_string(path).await.map_err(|e| e.to_string())?;
    Certificate::from_openssh(text.trim()).map_err(|e| format!("it holds no certificate: {e}"))
}

fn fault(path: &Path, why: String) -> Kind {
    Kind::KeyFile { path: path.display().to_string(), why }
}
