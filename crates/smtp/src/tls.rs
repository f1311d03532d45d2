//! The certificate that STARTTLS shows: read from two files, and read again when they change.

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("can't read {}: {error}; let the file be readable for the user that this program runs as", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{} holds no certificate in PEM form; it should begin with -----BEGIN CERTIFICATE-----, the server's own first", path.display())]
    NoCertificate { path: PathBuf },
    #[error("{} holds no private key in PEM form; it should have a block -----BEGIN PRIVATE KEY----- without a passphrase", path.display())]
    NoKey { path: PathBuf },
    #[error("{} is damaged: {error}; write it again", path.display())]
    Damaged { path: PathBuf, error: PemError },
    #[error("the key in {} is not the one of the certificate in {}, or of a kind that is not supported ({error}); give the two that were made together", key.display(), certificate.display())]
    Mismatch { certificate: PathBuf, key: PathBuf, error: rustls::Error },
    #[error("TLS can't be set up: {0}")]
    Setup(rustls::Error),
}

/// What STARTTLS needs, from PEM files. A renewed certificate is taken without a restart; while the new files can't be used, the
/// old certificate stays.
pub fn tls_config(cert_pem: &Path, key_pem: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let files = Files::new(cert_pem, key_pem, provider.clone())?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(files));
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    key: Arc<CertifiedKey>,
    changed: Stamps,
    looked: Instant,
}

/// When each file was written, as far as that can be seen.
type Stamps = [Option<SystemTime>; 2];

impl Files {
    fn new(certificate: &Path, key: &Path, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let changed = stamps(certificate, key);
        let shown = Shown { key: load(certificate, key, &provider)?, changed, looked: Instant::now() };
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), provider, shown: Mutex::new(shown) })
    }

    fn current(&self, now: Instant) -> Arc<CertifiedKey> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(shown.looked) >= LOOK_AGAIN {
            shown.looked = now;
            let changed = stamps(&self.certificate, &self.key);
            if changed != shown.changed {
                self.renew(&mut shown, changed);
            }
        }
        shown.key.clone()
    }

    fn renew(&self, shown: &mut Shown, changed: Stamps) {
        match load(&self.certificate, &self.key, &self.provider) {
            Ok(key) => {
                tracing::info!(certificate = %self.certificate.display(), "the renewed certificate for mail is in use");
                shown.key = key;
            }
            Err(error) => tracing::warn!(%error, "the changed certificate for mail can't be used; the old one stays"),
        }
        shown.changed = changed;
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current(Instant::now()))
    }
}

fn stamps(certificate: &Path, key: &Path) -> Stamps {
    [certificate, key].map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
}

fn load(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let damaged = |path: &Path, error| TlsError::Damaged { path: path.to_owned(), error };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(certificate)?).collect();
    let chain = chain.map_err(|error| damaged(certificate, error))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: certificate.to_owned() });
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| match error {
        PemError::NoItemsFound => TlsError::NoKey { path: key.to_owned() },
        error => damaged(key, error),
    })?;
    CertifiedKey::from_der(chain, private, provider).map(Arc::new).map_err(|error| TlsError::Mismatch {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        error,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receiver/certificates");
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let mut written = SystemTime::UNIX_EPOCH;
        let mut put = |name: &str, to: &Path| {
            std::fs::copy(made.join(name), to).unwrap();
            written += Duration::from_secs(1);
            std::fs::File::options().append(true).open(to).unwrap().set_modified(written).unwrap();
        };
        put("first.pem", &certificate);
        put("first.key.pem", &key);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let files = Files::new(&certificate, &key, provider).unwrap();
        let begin = Instant::now();
        let shown = |looks: u32| files.current(begin + LOOK_AGAIN * looks).cert.clone();
        let first = shown(1);
        put("second.pem", &certificate);
        assert_eq!(shown(1), first, "the files are not looked at for every handshake");
        assert_eq!(shown(2), first, "without its key it is not shown");
        put("second.key.pem", &key);
        let second = shown(3);
        assert_ne!(second, first);
        std::fs::remove_file(&key).unwrap();
        assert_eq!(shown(4), second);
    }
}
