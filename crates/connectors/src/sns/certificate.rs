//! Whether a certificate may vouch for a delivery, and whether a signature holds under its key. Pure.

use super::message::{Message, Version};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use model::Micros;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

/// Whose word counts for a certificate.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// The web's authorities. Amazon's file holds the certificate alone, without those between it and the authority; what
    /// vouches for it then is the TLS connection to Amazon that it came by.
    #[default]
    Web,
    /// These authorities alone, in PEM; the file must lead to one of them.
    Only(Vec<u8>),
}

pub enum Unfit {
    /// Something else was served.
    NoCertificate,
    Untrusted(String),
}

/// The name that Amazon's certificates for SNS carry.
const NAME: &str = "sns.amazonaws.com";

/// The key of a certificate that is good at this instant.
pub fn key(pem: &[u8], trust: &Trust, now: Micros) -> Result<SubjectPublicKeyInfoDer<'static>, Unfit> {
    let chain: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| Unfit::NoCertificate)?;
    let Some((own, between)) = chain.split_first() else { return Err(Unfit::NoCertificate) };
    let certificate = EndEntityCert::try_from(own).map_err(untrusted)?;
    let name = ServerName::try_from(NAME).map_err(|e| Unfit::Untrusted(e.to_string()))?;
    certificate.verify_is_valid_for_subject_name(&name).map_err(untrusted)?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.second()).unwrap_or_default()));
    match (leads_to(&certificate, between, trust, at), trust) {
        // Reached only by a certificate that is good in itself: its dates are looked at first.
        (Err(Error::UnknownIssuer), Trust::Web) if between.is_empty() => {}
        (Err(why), _) => return Err(untrusted(why)),
        (Ok(()), _) => {}
    }
    Ok(certificate.subject_public_key_info())
}

fn leads_to(
    certificate: &EndEntityCert<'_>,
    between: &[CertificateDer<'_>],
    trust: &Trust,
    at: UnixTime,
) -> Result<(), Error> {
    let given: Vec<CertificateDer<'_>> = match trust {
        Trust::Web => Vec::new(),
        Trust::Only(pem) => CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect(),
    };
    let own: Vec<TrustAnchor<'_>> = given.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
    let anchors = if matches!(trust, Trust::Web) { webpki_roots::TLS_SERVER_ROOTS } else { &own };
    let usage = KeyUsage::server_auth();
    certificate.verify_for_usage(ALL_VERIFICATION_ALGS, anchors, between, at, usage, None, None).map(drop)
}

fn untrusted(why: Error) -> Unfit {
    Unfit::Untrusted(match why {
        Error::CertExpired { .. } => "it has expired: check this machine's clock".to_owned(),
        Error::CertNotValidYet { .. } => "it is not valid yet: check this machine's clock".to_owned(),
        Error::CertNotValidForName(_) => format!("it is not for {NAME}"),
        Error::UnknownIssuer => "nobody whom we trust has signed it".to_owned(),
        other => other.to_string(),
    })
}

pub fn holds(key: &SubjectPublicKeyInfoDer<'_>, message: &Message) -> bool {
    let algorithm: &'static dyn VerificationAlgorithm = match message.version {
        Version::One => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Version::Two => &RSA_PKCS1_2048_8192_SHA256,
    };
    UnparsedPublicKey::new(algorithm, key.as_ref()).verify(message.canonical().as_bytes(), &message.signature).is_ok()
}
