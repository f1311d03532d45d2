//! An SSH client that goes through the world's bastions as a real one does: every host key is checked against the known hosts, the only login
//! is the world's key.

use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Handle};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{ChannelMsg, Disconnect};
use sandbox::hosts::{ClientFiles, HostInfo, Options, World};

pub struct Told {
    pub out: Vec<u8>,
    pub err: String,
    pub status: Option<u32>,
    pub signal: Option<String>,
    /// The channel was closed by the other side.
    pub closed: bool,
}

impl Told {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

pub struct Stranger(String);

impl client::Handler for Stranger {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        Ok(key.fingerprint(HashAlg::Sha256).to_string() == self.0)
    }
}

pub type Session = Handle<Stranger>;

pub struct Visitor {
    pub world: World,
    pub files: ClientFiles,
    pub folder: tempfile::TempDir,
    key: Arc<PrivateKey>,
}

pub async fn visitor(options: Options) -> Visitor {
    let world = sandbox::hosts::start(options).await.expect("the world starts");
    let folder = tempfile::tempdir().expect("a folder");
    let files = world.write_client_files(folder.path()).expect("files");
    let text = std::fs::read_to_string(&files.key).expect("the key");
    let key = Arc::new(PrivateKey::from_openssh(text).expect("a private key"));
    Visitor { world, files, folder, key }
}

impl Visitor {
    pub fn host(&self, name: &str) -> HostInfo {
        self.world.info().hosts.iter().find(|own| own.name == name).expect("a host").clone()
    }

    async fn login(&self, session: Result<Session, russh::Error>) -> Result<Session, russh::Error> {
        let mut session = session?;
        let key = PrivateKeyWithHashAlg::new(Arc::clone(&self.key), None);
        let done = session.authenticate_publickey(self.world.info().user.clone(), key).await?;
        if done.success() { Ok(session) } else { Err(russh::Error::NotAuthenticated) }
    }

    /// Logs in on the host, through every bastion before it.
    pub async fn session(&self, name: &str) -> Result<(Session, Vec<Session>), russh::Error> {
        let own = self.host(name);
        let config = Arc::new(client::Config::default());
        let check = Stranger(own.fingerprint.clone());
        let Some(via) = own.via else {
            let session = client::connect(config, own.address.as_str(), check).await;
            return Ok((self.login(session).await?, Vec::new()));
        };
        let (bastion, mut before) = Box::pin(self.session(&via)).await?;
        let (host, port) = own.address.rsplit_once(':').expect("host and port");
        let channel = bastion.channel_open_direct_tcpip(host, port.parse().expect("a port"), "127.0.0.1", 0).await?;
        let session = client::connect_stream(config, channel.into_stream(), check).await;
        before.push(bastion);
        Ok((self.login(session).await?, before))
    }

    pub async fn run(&self, name: &str, command: &str) -> Told {
        let (session, _before) = self.session(name).await.expect("a session");
        ask(&session, command, None).await
    }
}

/// Asks for a command and takes what comes; `None` sends nothing and does not say that it is all.
pub async fn ask(session: &Session, command: &str, stdin: Option<&[u8]>) -> Told {
    let mut channel = session.channel_open_session().await.expect("a channel");
    channel.exec(true, command).await.expect("asked");
    if let Some(bytes) = stdin {
        channel.data(bytes).await.expect("sent");
        channel.eof().await.expect("said that it is all");
    }
    let mut told = Told { out: Vec::new(), err: String::new(), status: None, signal: None, closed: false };
    let heard = async {
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } => told.out.extend_from_slice(&data),
                ChannelMsg::ExtendedData { data, .. } => told.err.push_str(&String::from_utf8_lossy(&data)),
                ChannelMsg::ExitStatus { exit_status } => told.status = Some(exit_status),
                ChannelMsg::ExitSignal { signal_name, .. } => told.signal = Some(format!("{signal_name:?}")),
                ChannelMsg::Close => told.closed = true,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), heard).await.expect("an end within a minute");
    told
}

pub async fn leave(session: Session) {
    // Whether the other side hears it is of no matter here.
    let _gone = session.disconnect(Disconnect::ByApplication, "", "").await;
}
