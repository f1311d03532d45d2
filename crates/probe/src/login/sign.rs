//! Signs with a key of our own where russh asks for a signer: RSA certificates, which it would otherwise offer with SHA-1.

use russh::keys::agent::AgentIdentity;
use russh::keys::signature::Signer as _;
use russh::keys::ssh_key::Signature;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{HashAlg, PrivateKey, signature, ssh_encoding::Encode};
use russh::{AgentAuthError, Signer};
use std::sync::Arc;

pub(super) struct Own(pub(super) Arc<PrivateKey>);

impl Signer for Own {
    type Error = AgentAuthError;

    /// What was to be signed, with the signature behind it.
    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        hash: Option<HashAlg>,
        mut data: Vec<u8>,
    ) -> Result<Vec<u8>, AgentAuthError> {
        let mut blob = Vec::new();
        sign(&self.0, hash, &data)
            .map_err(russh::keys::ssh_key::Error::from)
            .and_then(|made| Ok(made.encode(&mut blob)?))
            .and_then(|()| Ok(blob.as_slice().encode(&mut data)?))
            .map_err(|e| AgentAuthError::Key(e.into()))?;
        Ok(data)
    }
}

fn sign(key: &PrivateKey, hash: Option<HashAlg>, data: &[u8]) -> Result<Signature, signature::Error> {
    match key.key_data() {
        KeypairData::Rsa(pair) => (pair, hash).try_sign(data),
        pair => pair.try_sign(data),
    }
}
