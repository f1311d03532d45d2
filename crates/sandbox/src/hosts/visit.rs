//! One SSH connection to a bastion or a host: who may log in, what is forwarded, what is asked. Commands are played in `exec.rs`.

use std::collections::HashMap;
use std::sync::Arc;

use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::cast::Role;
use super::exec::{self, Run};
use super::faults::{Act, Moment};
use super::keys::fingerprint;
use super::machine::USER;
use super::state::Hosts;
use super::stream::Cuttable;

/// As `sshd` has it by default.
const MAX_SESSIONS: usize = 10;
const SSH_PORT: u32 = 22;

pub(super) struct Visit {
    hosts: Arc<Hosts>,
    node: usize,
    user: String,
    /// Cuts this connection alone.
    cut: Arc<watch::Sender<u64>>,
    /// Sessions that were opened and asked for nothing yet.
    channels: HashMap<ChannelId, Channel<Msg>>,
    /// One is held by each session that runs something.
    running: Arc<()>,
}

/// Serves a connection until it ends; the stream ends with the world.
pub(super) async fn serve<S>(hosts: Arc<Hosts>, node: usize, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let own = &hosts.nodes[node];
    let changed = !hosts.faults.hit(&own.spec.name, Moment::Key, "").is_empty();
    let config = Arc::clone(if changed { &own.changed } else { &own.config });
    let (cut, cut_here) = watch::channel(0);
    let stream = Cuttable::new(stream, vec![hosts.ends.clone(), own.cut.subscribe(), cut_here]);
    let visit = Visit {
        hosts: Arc::clone(&hosts),
        node,
        user: String::new(),
        cut: Arc::new(cut),
        channels: HashMap::new(),
        running: Arc::default(),
    };
    // A connection that ends early is everyday life here.
    if let Ok(session) = russh::server::run_stream(config, stream, visit).await {
        let _ended = session.await;
    }
}

impl Visit {
    fn name(&self) -> &str {
        &self.hosts.nodes[self.node].spec.name
    }

    fn may_enter(&self, user: &str, key: &russh::keys::PublicKey) -> bool {
        user == USER && key.key_data() == self.hosts.client.key_data()
    }

    async fn log(&self, kind: &str, detail: serde_json::Value) -> Result<(), russh::Error> {
        // What cannot be written down must not happen.
        self.hosts.journal.keep(kind, detail).await.map(drop).map_err(russh::Error::IO)
    }

    fn begin(&mut self, channel: ChannelId, command: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        let Some(own) = self.channels.remove(&channel) else { return session.channel_failure(channel) };
        session.channel_success(channel)?;
        let run = Run {
            hosts: Arc::clone(&self.hosts),
            node: self.node,
            user: self.user.clone(),
            command: String::from_utf8_lossy(command).into_owned(),
            handle: session.handle(),
            cut: Arc::clone(&self.cut),
        };
        let held = Arc::clone(&self.running);
        self.hosts.spawn(async move {
            exec::play(run, own).await;
            drop(held);
        });
        Ok(())
    }

    /// Where a forward leads, or why it does not.
    fn target(&self, host: &str, port: u32) -> Result<usize, ChannelOpenFailure> {
        let own = &self.hosts.nodes[self.node].spec;
        let forbids = !self.hosts.faults.hit(&own.name, Moment::Forward, "").is_empty();
        if own.role != Role::Bastion || forbids {
            return Err(ChannelOpenFailure::AdministrativelyProhibited);
        }
        let to = self.hosts.find(host).filter(|_| port == SSH_PORT).ok_or(ChannelOpenFailure::ConnectFailed)?;
        // Each bastion reaches only what lies behind it.
        let is_behind = self.hosts.nodes[to].spec.via == Some(own.name.as_str());
        if is_behind { Ok(to) } else { Err(ChannelOpenFailure::ConnectFailed) }
    }
}

impl Handler for Visit {
    type Error = russh::Error;

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        let may = self.may_enter(user, offer.public_key);
        Ok(if may { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let refused = !self.hosts.faults.hit(self.name(), Moment::Login, "").is_empty();
        let may = self.may_enter(user, key.public_key) && !refused;
        let detail = json!({ "host": self.name(), "user": user, "key": fingerprint(key.public_key), "accepted": may });
        self.log("host.login", detail).await?;
        self.user = user.to_owned();
        Ok(if may { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        // Whoever closes a session first, we or the client: what ends here is open no more.
        let open = self.channels.len() + Arc::strong_count(&self.running) - 1;
        if open >= MAX_SESSIONS {
            reply.reject(ChannelOpenFailure::ConnectFailed).await;
            return Ok(());
        }
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.channels.remove(&channel);
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host_to_connect: &str,
        port_to_connect: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        let target = self.target(host_to_connect, port_to_connect);
        let to = format!("{host_to_connect}:{port_to_connect}");
        let detail = json!({ "bastion": self.name(), "to": to, "accepted": target.is_ok() });
        self.log("host.forward", detail).await?;
        match target {
            Err(reason) => reply.reject(reason).await,
            Ok(node) => {
                let hosts = Arc::clone(&self.hosts);
                self.hosts.spawn(joined(hosts, node, channel, reply));
            }
        }
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.begin(channel, data, session)
    }

    /// A shell without a terminal reads its commands.
    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        self.begin(channel, b"sh", session)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }
}

/// The bastion's forward is joined to the host's own server: nothing listens where it seems to lead.
async fn joined(hosts: Arc<Hosts>, node: usize, channel: Channel<Msg>, reply: ChannelOpenHandle) {
    let acts = hosts.faults.hit(&hosts.nodes[node].spec.name, Moment::Connect, "");
    match acts.first() {
        Some(Act::Silent) => {
            hosts.faults.hang().await;
            reply.reject(ChannelOpenFailure::ConnectFailed).await;
        }
        Some(_) => reply.reject(ChannelOpenFailure::ConnectFailed).await,
        None => {
            reply.accept().await;
            serve(hosts, node, channel.into_stream()).await;
        }
    }
}
