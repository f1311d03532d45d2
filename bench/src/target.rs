//! The servers that are measured: how each is started, asked whether it is ready, and stopped. Each start is a process
//! of its own with a folder of its own.

use crate::load::Summary;
use crate::payload::{SECRET, Shape};
use crate::{http, process, sys};
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOP_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Target {
    Ours,
    Floor,
    Alertmanager,
}

impl Target {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Floor => "floor",
            Self::Alertmanager => "alertmanager",
        }
    }

    pub const fn shape(self) -> Shape {
        match self {
            Self::Ours | Self::Floor => Shape::Pagerduty,
            Self::Alertmanager => Shape::Alertmanager,
        }
    }

    const fn ready_path(self) -> &'static str {
        match self {
            Self::Ours | Self::Floor => "/readyz",
            Self::Alertmanager => "/-/ready",
        }
    }
}

/// Where the programs are, and where their data may go.
#[derive(Clone, Debug)]
pub struct Place {
    pub ours: PathBuf,
    pub alertmanager: PathBuf,
    pub bench: PathBuf,
    pub data: PathBuf,
}

impl Place {
    /// An empty folder of that name.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.data.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// Runs the load in a process of its own and waits for what it found.
    pub fn load(&self, server: &Server, arguments: &[String]) -> Result<Summary> {
        let output = Command::new(&self.bench)
            .arg("load")
            .args(["--to", &server.address.to_string(), "--server-pid", &server.pid().to_string()])
            .args(["--shape", if server.target.shape() == Shape::Pagerduty { "pagerduty" } else { "alertmanager" }])
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .context("starting the load")?;
        ensure!(output.status.success(), "the load on {} failed: {}", server.target.name(), server.last_words());
        serde_json::from_slice(&output.stdout).context("what the load printed")
    }
}

pub struct Server {
    pub target: Target,
    pub address: SocketAddr,
    pub folder: PathBuf,
    /// From the start of the process until it said it was ready.
    pub ready_after: Duration,
    child: Child,
}

impl Server {
    /// Starts the server on the data in the folder, if there are any, and waits until it is ready.
    pub fn start(place: &Place, target: Target, folder: &Path) -> Result<Self> {
        let address = free_address()?;
        let command = match target {
            Target::Ours => ours(place, folder, address)?,
            Target::Floor => floor(place, folder, address),
            Target::Alertmanager => alertmanager(place, folder, address)?,
        };
        Self::started(command, target, address, folder)
    }

    /// Ours, with more in its configuration.
    pub fn start_with(place: &Place, folder: &Path, more: impl FnOnce(&str) -> Result<String>) -> Result<Self> {
        let address = free_address()?;
        let command = ours(place, folder, address)?;
        let text = fs::read_to_string(config(folder))?;
        fs::write(config(folder), more(&text)?)?;
        Self::started(command, Target::Ours, address, folder)
    }

    fn started(mut command: Command, target: Target, address: SocketAddr, folder: &Path) -> Result<Self> {
        let said = File::create(folder.join("server.log"))?;
        let begun = Instant::now();
        let child = command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        let mut server = Self { target, address, folder: folder.to_owned(), ready_after: Duration::ZERO, child };
        while !matches!(http::get(address, target.ready_path(), None), Ok((200..=299, _))) {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended with {status}: {}", target.name(), server.last_words());
            }
            ensure!(begun.elapsed() < READY_WITHIN, "{} is not ready: {}", target.name(), server.last_words());
            std::thread::sleep(LOOK_EVERY);
        }
        server.ready_after = begun.elapsed();
        Ok(server)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn cpu_us(&self) -> Result<u64> {
        process::cpu_us(self.pid())
    }

    pub fn pss_bytes(&self) -> Result<u64> {
        process::pss_bytes(self.pid())
    }

    /// Stops it as an operator would; how long that took.
    pub fn stop(mut self) -> Result<Duration> {
        let begun = Instant::now();
        sys::terminate(self.pid())?;
        while self.child.try_wait()?.is_none() {
            ensure!(begun.elapsed() < STOP_WITHIN, "{} did not stop within {STOP_WITHIN:?}", self.target.name());
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(begun.elapsed())
    }

    /// The end of what it logged.
    fn last_words(&self) -> String {
        let text = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both do nothing to a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

pub fn database(folder: &Path) -> PathBuf {
    folder.join("bench.db")
}

fn config(folder: &Path) -> PathBuf {
    folder.join("arayashiki.toml")
}

/// One secret, no token: everything that arrives is received, read, folded and decided on; nobody is called. With a
/// public address the link note decides on every incident too, and observes.
fn write_config(folder: &Path, address: SocketAddr) -> Result<PathBuf> {
    let text = format!(
        "[server]\nlisten = \"{address}\"\npublic_url = \"http://{address}\"\n\n[store]\nurl = \"sqlite:bench.db\"\n\n\
         [pagerduty]\nwebhook_secrets = [\"{SECRET}\"]\nwebhook_subscriptions = [\"PBENCH1\"]\n\n\
         [log]\nfilter = \"warn\"\n"
    );
    let path = config(folder);
    fs::write(&path, text)?;
    // It holds a secret, and the program may insist that nobody else can read those.
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(path)
}

fn ours(place: &Place, folder: &Path, address: SocketAddr) -> Result<Command> {
    let config = write_config(folder, address)?;
    let mut command = Command::new(&place.ours);
    command.arg("serve").arg("--config").arg(config);
    Ok(command)
}

/// A token that may see the running account.
pub fn token(place: &Place, folder: &Path) -> Result<String> {
    if !config(folder).exists() {
        write_config(folder, free_address()?)?;
    }
    let output = Command::new(&place.ours)
        .args(["token", "create", "--name", "bench", "--role", "viewer", "--config"])
        .arg(config(folder))
        .current_dir(folder)
        .output()
        .with_context(|| format!("starting {}", place.ours.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "no token could be made: {said}");
    let token = String::from_utf8(output.stdout)?.trim().to_owned();
    ensure!(!token.is_empty(), "`token create` printed nothing: {said}");
    Ok(token)
}

fn floor(place: &Place, folder: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(&place.bench);
    command.args(["floor", "--listen", &address.to_string(), "--db"]).arg(database(folder));
    command
}

fn alertmanager(place: &Place, folder: &Path, address: SocketAddr) -> Result<Command> {
    let config = folder.join("alertmanager.yml");
    fs::write(&config, "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n")?;
    let mut command = Command::new(&place.alertmanager);
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .args(["--cluster.listen-address=", "--log.level=warn"]);
    Ok(command)
}
