//! A world with a host behind a bastion, both real OpenSSH servers; their keys are pinned as an operator pins them.

use super::runbook::button;
use super::sshd::{Sshd, keygen, script};
use crate::outside::http::Answer;
use crate::outside::process::err;
use crate::outside::wait;
use crate::world::{Arms, Database, SHORT, World};
use serde_json::{Value, json};
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

pub const BASTION: &str = "edge";
pub const HOST: &str = "web-1";

/// How a bed differs from the usual one.
pub struct Plan {
    pub database: Database,
    pub bastion: Sshd,
    pub host: Sshd,
    /// Of the host: who signs in there and by what.
    pub login: String,
    /// Lines of [ssh].
    pub ssh: String,
    pub mode: &'static str,
    /// More lines of the host's table, and tables after it.
    pub tables: String,
    /// Whether somebody trusts the host's key.
    pub trusts: bool,
}

impl Plan {
    /// Nothing unusual; `None` where there is no OpenSSH server.
    pub fn usual(database: Database) -> Option<Self> {
        Self::with(database, &[])
    }

    /// A host with lines of sshd_config.
    pub fn with(database: Database, lines: &[&str]) -> Option<Self> {
        let script = script()?;
        Some(Self::of(database, Sshd::start(&script, lines)))
    }

    pub fn of(database: Database, host: Sshd) -> Self {
        let script = script().expect("a server runs");
        let login = format!("user = \"{}\"\nkey_file = \"{}\"\n", host.user, host.key.display());
        Self {
            database,
            bastion: Sshd::start(&script, &[]),
            host,
            login,
            ssh: String::new(),
            mode: "run",
            tables: String::new(),
            trusts: true,
        }
    }
}

pub struct Bed {
    pub world: World,
    pub bastion: Sshd,
    pub host: Sshd,
}

impl Bed {
    /// Configured, its keys trusted, and not started. Each runbook is a name and its text.
    pub fn made(plan: Plan, runbooks: &[(&str, String)]) -> Self {
        let world = World::new(plan.database, SHORT);
        let config = std::fs::read_to_string(world.site.config()).unwrap();
        std::fs::write(world.site.config(), format!("{config}{}", tables(&plan))).unwrap();
        let bed = Self { world, bastion: plan.bastion, host: plan.host };
        std::fs::create_dir(bed.runbooks()).unwrap();
        // Those that ship and know these incidents take their time; here each waits for somebody to press a button.
        for name in ["linux", "nginx"] {
            bed.write_runbook(name, &button(name, &[super::runbook::step("name", &[], "uname")]));
        }
        for (name, text) in runbooks {
            bed.write_runbook(name, text);
        }
        bed.trust(BASTION, &bed.bastion);
        if plan.trusts {
            bed.trust(HOST, &bed.host);
        }
        bed
    }

    pub fn started(plan: Plan, runbooks: &[(&str, String)]) -> Self {
        let mut bed = Self::made(plan, runbooks);
        bed.world.site.start(&Arms::default());
        bed
    }

    fn runbooks(&self) -> PathBuf {
        self.world.site.folder.path().join("runbooks")
    }

    pub fn write_runbook(&self, name: &str, text: &str) {
        let file = self.runbooks().join(format!("{name}.yaml"));
        std::fs::write(&file, text).unwrap();
        let lint = self.world.site.command(&["runbook", "lint", &file.to_string_lossy()]);
        assert!(lint.status.success(), "{}{}\n{text}", String::from_utf8_lossy(&lint.stdout), err(&lint));
    }

    /// What a person does who has compared the fingerprint with the server's own.
    pub fn trust(&self, name: &str, server: &Sshd) {
        let said = keygen(&["-lf", &format!("{}/host_key.pub", server.folder.path().display())]);
        let fingerprint = said.split(' ').nth(1).unwrap();
        let trusted = self.world.site.command(&["host", "trust", name, "--fingerprint", fingerprint]);
        assert!(trusted.status.success(), "{}", err(&trusted));
    }

    /// A file on the host that everybody may read, and run where `is_program`.
    pub fn put(&self, name: &str, bytes: &[u8], is_program: bool) -> PathBuf {
        let file = self.host.folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let mode = if is_program { 0o755 } else { 0o644 };
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    /// Sends something to the API under a nonce that was never used.
    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.try_post(path, body).unwrap()
    }

    /// The same on a program that may be away.
    pub fn try_post(&self, path: &str, mut body: Value) -> std::io::Result<Answer> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        body["nonce"] = json!(format!("nonce-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst)));
        let path = format!("/api/v1/{path}");
        self.world.site.authorized("POST", &path).json_body(&body).send(self.world.site.address)
    }

    /// Somebody has a runbook run on the host; the run's number.
    pub fn ask(&self, runbook: &str) -> i64 {
        let newest = || self.runs().first().and_then(|run| run["id"].as_i64()).unwrap_or(0);
        let before = newest();
        let answer = self.post("runs", json!({ "host": HOST, "runbook": runbook }));
        assert_eq!(answer.status, 202, "{}", answer.text());
        wait::until("a run that was asked for", || Some(newest()).filter(|id| *id > before))
    }

    /// The same, waited for.
    pub fn run(&self, runbook: &str) -> Value {
        self.ended(self.ask(runbook))
    }

    /// The version of a runbook that is there now may run unattended.
    pub fn approve(&self, name: &str) {
        let digest = wait::until("the runbook to be read", || {
            let all = self.world.site.all_of_page("runbooks").ok()?;
            all.into_iter().find(|one| one["name"] == name).map(|one| one["digest"].clone())
        });
        let answer = self.post(&format!("runbooks/{name}/approve"), json!({ "digest": digest }));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

fn tables(plan: &Plan) -> String {
    let mut text = String::new();
    let (bastion, host) = (&plan.bastion, &plan.host);
    let _ = write!(
        text,
        "\n[ssh]\nconnect = \"5s\"\n{}\n[diagnose]\nmode = \"{}\"\n\n[runbooks]\ndir = \"runbooks\"\n\n\
         [[bastion]]\nname = \"{BASTION}\"\naddress = \"{}:{}\"\nuser = \"{}\"\nkey_file = \"{}\"\n\n\
         [[host]]\nname = \"{HOST}\"\naddress = \"{}:{}\"\nvia = \"{BASTION}\"\n{}{}",
        plan.ssh,
        plan.mode,
        bastion.address,
        bastion.port,
        bastion.user,
        bastion.key.display(),
        host.address,
        host.port,
        plan.login,
        plan.tables,
    );
    text
}
