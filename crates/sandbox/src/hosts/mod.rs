//! A simulated world of hosts behind SSH: a bastion on one port of this machine, a second bastion behind it, and three customers' hosts
//! with state that drifts, breaks and heals. Commands are answered by a small shell of our own; nothing of the machine that this runs on
//! is ever run or shown.

mod cast;
mod control;
mod exec;
mod faults;
mod files;
mod follow;
mod keys;
mod machine;
mod ran;
mod shell;
mod state;
mod stream;
mod tools;
mod trouble;
mod visit;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use russh::keys::PrivateKey;
use russh::server::Config;
use russh::{MethodKind, MethodSet, SshId};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::StartError;
use crate::clock::Clock;
use crate::ground;
use crate::journal::Journal;
use crate::pagerduty;
use crate::script::Script;
use crate::web::{self, Ask, Site, Told};
use cast::{Role, Spec};
use faults::Moment;
pub use faults::{Act, Fault};
pub use files::ClientFiles;
pub use ran::Ran;
use state::{Hosts, Node};
pub use trouble::Trouble;

#[derive(Debug, Clone)]
pub struct Options {
    /// Where the first bastion listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the control interface listens; a free port of the same address without it.
    pub control_listen: Option<SocketAddr>,
    /// Where the effects log is appended; none is written without it.
    pub log: Option<PathBuf>,
    /// Host keys, secrets and the drift of every host follow from it.
    pub seed: u64,
    /// When its clock begins; now without it.
    pub start: Option<Timestamp>,
    /// Every host listens on a port of this machine as well, so that no bastion is needed.
    pub direct: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control_listen: None,
            log: None,
            seed: 1,
            start: None,
            direct: false,
        }
    }
}

/// A bastion or a host, as an inventory would name it.
#[derive(Debug, Clone, Serialize)]
pub struct HostInfo {
    pub name: String,
    /// As it calls itself and as alerts name it; another customer's may be called the same.
    pub hostname: String,
    /// Host and port, from where the bastion before it stands.
    pub address: String,
    pub customer: Option<String>,
    /// The bastion that leads to it.
    pub via: Option<String>,
    pub is_bastion: bool,
    pub distro: String,
    pub role: String,
    /// `SHA256:…`
    pub fingerprint: String,
    /// The port of this machine that leads to it without a bastion.
    pub direct: Option<SocketAddr>,
}

/// What the other side needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct Info {
    /// Host and port of the first bastion.
    pub bastion: SocketAddr,
    pub control_url: String,
    pub user: String,
    pub hosts: Vec<HostInfo>,
    pub log: Option<PathBuf>,
}

/// A running world; it ends with `stop` or when dropped.
pub struct World {
    info: Info,
    hosts: Arc<Hosts>,
    client: PrivateKey,
    tasks: JoinSet<()>,
    ends: watch::Sender<u64>,
}

pub async fn start(options: Options) -> Result<World, StartError> {
    let journal = ground::journal(options.log.as_deref())?;
    let (listener, bastion) = ground::listen(options.listen).await?;
    let for_control = options.control_listen.unwrap_or_else(|| SocketAddr::from((options.listen.ip(), 0)));
    let (control, control_at) = ground::listen(for_control).await?;
    let client = keys::of_client().map_err(StartError::Key)?;
    let nodes = cast::all().into_iter().map(|spec| node(spec, options.seed)).collect::<Result<Vec<_>, _>>();
    let nodes = nodes.map_err(StartError::Key)?;
    let (ends, ended) = watch::channel(0);
    let who = (client.public_key().clone(), options.seed);
    let hosts = Arc::new(Hosts::new(nodes, who, (Clock::starting_at(options.start), journal), ended));
    let mut tasks = JoinSet::new();
    tasks.spawn(accept(Arc::clone(&hosts), 0, listener));
    tasks.spawn(web::serve(control, Arc::clone(&hosts)));
    let direct = if options.direct { open_all(&hosts, options.listen, &mut tasks).await? } else { BTreeMap::new() };
    let info = Info {
        bastion,
        control_url: format!("http://{control_at}/_control"),
        user: machine::USER.to_owned(),
        hosts: (0..hosts.nodes.len()).map(|node| host_info(&hosts, node, bastion, &direct)).collect(),
        log: options.log.clone(),
    };
    Ok(World { info, hosts, client, tasks, ends })
}

fn node(spec: Spec, seed: u64) -> Result<Node, String> {
    let key = keys::of_host(seed, &spec.name)?;
    let stranger = keys::of_host(seed, &format!("another key of {}", spec.name))?;
    let config = Arc::new(config(&spec, key.clone()));
    let changed = Arc::new(self::config(&spec, stranger));
    Ok(Node { spec, key, config, changed, cut: watch::Sender::new(0) })
}

fn config(spec: &Spec, key: PrivateKey) -> Config {
    Config {
        server_id: SshId::Standard(Cow::Borrowed(spec.distro.ssh_id())),
        methods: MethodSet::from(&[MethodKind::PublicKey][..]),
        auth_rejection_time: Duration::from_millis(20),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key],
        inactivity_timeout: None,
        nodelay: true,
        ..Config::default()
    }
}

/// Each host's own listener, in the order of the hosts.
async fn open_all(
    hosts: &Arc<Hosts>,
    on: SocketAddr,
    tasks: &mut JoinSet<()>,
) -> Result<BTreeMap<usize, SocketAddr>, StartError> {
    let mut all = BTreeMap::new();
    for node in 1..hosts.nodes.len() {
        let (listener, address) = ground::listen(SocketAddr::from((on.ip(), 0))).await?;
        tasks.spawn(accept(Arc::clone(hosts), node, listener));
        all.insert(node, address);
    }
    Ok(all)
}

async fn accept(hosts: Arc<Hosts>, node: usize, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Small answers must not wait for more; where that cannot be set they do.
                let _slower = stream.set_nodelay(true);
                let hosts = Arc::clone(&hosts);
                let own = Arc::clone(&hosts);
                own.spawn(async move {
                    let acts = hosts.faults.hit(&hosts.nodes[node].spec.name, Moment::Connect, "");
                    match acts.first() {
                        None => visit::serve(hosts, node, stream).await,
                        Some(Act::Silent) => hosts.faults.hang().await,
                        Some(_) => drop(stream),
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

fn host_info(hosts: &Hosts, node: usize, bastion: SocketAddr, direct: &BTreeMap<usize, SocketAddr>) -> HostInfo {
    let own = &hosts.nodes[node];
    let (host, port) = files::place(&own.spec, bastion);
    let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
    HostInfo {
        name: own.spec.name.clone(),
        hostname: own.spec.hostname.clone(),
        address: format!("{host}:{port}"),
        customer: own.spec.customer.map(str::to_owned),
        via: own.spec.via.map(str::to_owned),
        is_bastion: own.spec.role == Role::Bastion,
        distro: word(json!(own.spec.distro)),
        role: word(json!(own.spec.role)),
        fingerprint: keys::fingerprint(own.key.public_key()),
        direct: direct.get(&node).copied(),
    }
}

impl World {
    pub fn info(&self) -> &Info {
        &self.info
    }

    pub fn bastion_addr(&self) -> SocketAddr {
        self.info.bastion
    }

    /// Writes the client's key, the known hosts, an OpenSSH configuration and an inventory into a folder.
    pub fn write_client_files(&self, folder: &Path) -> std::io::Result<ClientFiles> {
        files::write(&self.hosts, &self.client, self.info.bastion, folder)
    }

    /// The lines of a `known_hosts` file with every key of the world.
    pub fn known_hosts(&self) -> Result<String, String> {
        files::known_hosts(&self.hosts, self.info.bastion)
    }

    /// Lays a trouble over a host; of each kind there is one.
    pub fn trouble(&self, host: &str, trouble: Trouble) -> Result<(), String> {
        let node = self.hosts.named(host)?;
        self.hosts.lay(node, &control::by_hand(&trouble), trouble, self.hosts.clock.now());
        Ok(())
    }

    /// Everything that lies over that host is over.
    pub fn heal(&self, host: &str) -> Result<usize, String> {
        Ok(self.hosts.heal(self.hosts.named(host)?, None))
    }

    pub fn fault(&self, fault: Fault) {
        self.hosts.faults.add(vec![fault]);
    }

    /// What hangs ends.
    pub fn clear_faults(&self) {
        self.hosts.faults.clear();
    }

    /// Cuts every connection to that bastion or host, now.
    pub fn cut(&self, host: &str) -> Result<(), String> {
        self.control("cut", &json!({ "host": host })).map(drop)
    }

    /// Every command that any of them was asked to run, oldest first.
    pub fn ran(&self) -> Vec<Ran> {
        ran::all(&self.hosts.journal)
    }

    /// Every effect from outside, oldest first: `{seq, at, kind, detail}`.
    pub fn effects(&self) -> Vec<Value> {
        self.hosts.journal.all()
    }

    /// The secrets that lie about on a host; none of them may be seen anywhere else.
    pub fn planted(&self, host: &str) -> Result<Vec<String>, String> {
        Ok(self.hosts.machine(self.hosts.named(host)?, &[]).secrets.all())
    }

    /// From now on hosts suffer from what that account's open alerts say.
    pub fn follow(&mut self, account: &pagerduty::Sandbox) {
        self.tasks.spawn(follow::follow(Arc::clone(&self.hosts), account.watch()));
    }

    /// What `POST /_control/{what}` does, from inside the process. The reason when it is refused.
    pub fn control(&self, what: &str, body: &Value) -> Result<Value, String> {
        control::handle(&self.hosts, "POST", what, body).unwrap_or_else(|| Err("no such control".into()))
    }

    pub async fn stop(mut self) {
        self.ends.send_modify(|n| *n += 1);
        self.tasks.shutdown().await;
        self.hosts.take_tasks().shutdown().await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Tasks hold the world that holds them; taken out they end here.
        drop(self.hosts.take_tasks());
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("bastion", &self.info.bastion).finish_non_exhaustive()
    }
}

impl Site for Hosts {
    fn script(&self) -> &Script {
        &self.script
    }

    fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    fn faults(&self, method: &str, ask: &Ask) -> Option<Result<Value, String>> {
        Some(match method {
            "POST" => ask.json().and_then(|body| self.faults.read(&body)),
            "DELETE" => Ok(self.faults.clear()),
            _ => Ok(self.faults.shown()),
        })
    }

    async fn answer(&self, _: Ask) -> Option<Told> {
        Some(Told::text(404, "only /_control is here; the hosts are reached by SSH"))
    }

    async fn control(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        match ask.json() {
            Ok(body) => control::handle(self, ask.method.as_str(), what, &body),
            Err(error) => Some(Err(error)),
        }
    }
}
