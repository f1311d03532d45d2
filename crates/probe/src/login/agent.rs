//! Logging in with what an agent holds: its certificates first, then its keys. The private keys stay there.

use super::{Attempt, lost, print, print_of};
use crate::error::Kind;
use russh::AgentAuthError;
use russh::client::AuthResult;
use russh::keys::Algorithm;
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use std::path::Path;
use tokio::net::UnixStream;

type Agent = AgentClient<UnixStream>;

impl Attempt<'_> {
    pub(super) async fn with_agent(&mut self, socket: &Path) -> Result<bool, Kind> {
        let fault = |why: String| Kind::Agent { socket: socket.display().to_string(), why };
        let mut agent = Agent::connect_uds(socket).await.map_err(|e| fault(e.to_string()))?;
        if let Some(binding) = self.handle.agent_session_binding() {
            // Agents that know it show keys that are meant for this host only; for others nothing changes.
            let _ = agent.bind_session(binding, false).await;
        }
        let mut identities = agent.request_identities().await.map_err(|e| fault(e.to_string()))?;
        if identities.is_empty() {
            return Err(fault("it holds no key".to_owned()));
        }
        identities.sort_by_key(|identity| !matches!(identity, AgentIdentity::Certificate { .. }));
        for identity in identities {
            match self.with_identity(&mut agent, identity).await {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(AgentAuthError::Send(e)) => return Err(lost(e)),
                Err(AgentAuthError::Key(e)) => self.note(format!("which the agent did not sign with ({e})")),
            }
            if self.handle.is_closed() {
                break;
            }
        }
        Ok(false)
    }

    async fn with_identity(&mut self, agent: &mut Agent, identity: AgentIdentity) -> Result<bool, AgentAuthError> {
        let key = identity.public_key().into_owned();
        let is_rsa = matches!(key.algorithm(), Algorithm::Rsa { .. });
        let Ok(Some(hash)) = self.hash(is_rsa).await else { return Ok(false) };
        let user = self.hop.user.clone();
        let answer: AuthResult = match identity {
            AgentIdentity::Certificate { certificate, .. } => {
                self.note(format!("{} of the agent", print_of(&certificate)));
                self.handle.authenticate_certificate_with(user, certificate, hash, agent).await?
            }
            AgentIdentity::PublicKey { key, comment } => {
                self.note(format!("the agent's {comment} ({})", print(&key)));
                self.handle.authenticate_publickey_with(user, key, hash, agent).await?
            }
        };
        Ok(self.has_taken(answer))
    }
}
