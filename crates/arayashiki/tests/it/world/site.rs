//! The program under test with its folder, configuration, database and port: started, killed and started again at the
//! same address.

use super::database::{Database, Place};
use crate::outside::http::Request;
use crate::outside::process::{self, Process, out, program};
use crate::outside::wait;
use std::fs::Permissions;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a start may be armed with.
#[derive(Clone, Debug, Default)]
pub struct Arms {
    pub point: String,
    pub sabotage: String,
    /// Which part of the whole it is; empty: all.
    pub role: &'static str,
    /// More variables, for a library that is loaded before it.
    pub variables: Vec<(String, String)>,
}

impl Arms {
    pub fn point(name: &str, nth: u32) -> Self {
        Self { point: format!("{name}:{nth}"), ..Self::default() }
    }

    pub fn role(role: &'static str) -> Self {
        Self { role, ..Self::default() }
    }

    pub fn sabotage(name: &str) -> Self {
        Self { sabotage: name.to_owned(), ..Self::default() }
    }
}

pub struct Site {
    /// First, so that the program ends before its database goes.
    process: Option<Process>,
    place: Place,
    pub folder: tempfile::TempDir,
    pub address: SocketAddr,
    token: String,
}

impl Site {
    /// Writes the configuration and makes a token; starts nothing.
    pub fn new(database: Database, folder: tempfile::TempDir, port: u16, config: &str) -> Self {
        let place = database.place(folder.path());
        let mut site = Self::without_token(place, folder, port, config);
        site.make_token();
        site
    }

    /// The same on a database that is away, or not the test's business.
    pub fn without_token(place: Place, folder: tempfile::TempDir, port: u16, config: &str) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let site = Self { process: None, place, folder, address, token: String::new() };
        site.configure(config);
        site
    }

    /// Server, store and log; the rest is the test's.
    pub fn configure(&self, config: &str) {
        let text = format!(
            "[server]\nlisten = \"{address}\"\npublic_url = \"http://{address}\"\n\n[store]\nurl = \"{}\"\n\n\
             [log]\nfilter = \"warn\"\n\n{config}",
            self.place.url,
            address = self.address,
        );
        std::fs::write(self.config(), text).unwrap();
        std::fs::set_permissions(self.config(), Permissions::from_mode(0o600)).unwrap();
    }

    pub fn database_url(&self) -> &str {
        &self.place.url
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("arayashiki.toml")
    }

    pub fn make_token(&mut self) {
        let made = self.command(&["token", "create", "--name", "judge", "--role", "admin"]);
        assert!(made.status.success(), "{}", process::err(&made));
        self.token = out(&made).trim().to_owned();
    }

    /// From here on everything is asked with a token that is this person's.
    pub fn act_as(&mut self, email: &str) {
        let name = format!("of {email}");
        let made = self.command(&["token", "create", "--name", &name, "--role", "responder", "--account", email]);
        assert!(made.status.success(), "{}", process::err(&made));
        self.token = out(&made).trim().to_owned();
    }

    /// Runs a command of the program on this site's configuration.
    pub fn command(&self, arguments: &[&str]) -> std::process::Output {
        program().arg("--config").arg(self.config()).args(arguments).output().unwrap()
    }

    /// Starts the server, and comes back as soon as it answers, or has died of what it was armed with.
    pub fn start(&mut self, arms: &Arms) {
        self.launch(arms);
        let answers = wait::within(wait::LONG, || {
            let died = self.process.as_mut().unwrap().has_ended().is_some();
            (died || self.get("/healthz").is_ok()).then_some(died)
        });
        let expected = answers == Some(false) || (answers == Some(true) && !arms.point.is_empty());
        assert!(expected, "the server does not start:\n{}", self.log_tail());
    }

    /// The same without waiting.
    pub fn launch(&mut self, arms: &Arms) {
        assert!(self.process.is_none(), "it runs already");
        let mut command = program();
        command.arg("--config").arg(self.config()).arg("serve");
        if !arms.role.is_empty() {
            command.args(["--role", arms.role]);
        }
        command.env("ARAYASHIKI_CRASH_POINT", &arms.point).env("ARAYASHIKI_SABOTAGE", &arms.sabotage);
        command.envs(arms.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        self.process = Some(Process::start(command, &self.log()));
    }

    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    pub fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Asserts that it died of the crash point that it was armed with.
    pub fn was_aborted(&mut self, what: &str) {
        let mut process = self.process.take().unwrap();
        process.is_aborted(what);
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            assert!(process.stop().success(), "it did not end well:\n{}", self.log_tail());
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("serve.log")
    }

    /// What it said on standard output, in all its lives.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.log().with_extension("out")).unwrap_or_default()
    }

    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    pub fn log_tail(&self) -> String {
        let text = self.log_text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn get(&self, path: &str) -> std::io::Result<crate::outside::http::Answer> {
        Request::new("GET", path).send(self.address)
    }

    pub fn authorized<'a>(&self, method: &'a str, path: &'a str) -> Request<'a> {
        Request::new(method, path).with("authorization", format!("Bearer {}", self.token))
    }

    /// The same program and data at another address, beside this one.
    pub fn second(&self, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::borrowed(&self.place);
        let mut second = Self::without_token(place, folder, free_port(), config);
        second.token.clone_from(&self.token);
        second
    }

    /// These data files instead of its own.
    pub fn on_files(&self, data: &Path, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::at(&format!("sqlite:{}", data.join("store.db").display()));
        let mut other = Self::without_token(place, folder, free_port(), config);
        other.token.clone_from(&self.token);
        other
    }
}

/// A port outside the range that outgoing connections take theirs from, so that nobody sits on it between two starts.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id() * 131;
    loop {
        let port = 12_000 + ((first + NEXT.fetch_add(1, Ordering::SeqCst)) % 20_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
