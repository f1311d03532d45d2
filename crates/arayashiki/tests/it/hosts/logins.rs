//! Signing in as the configuration says: by a certificate, by an agent.

use super::bed::{Bed, Plan};
use super::runbook::{LOOK, button, step};
use super::seen::states;
use super::sshd::{Sshd, keygen, make_key, script};
use crate::outside::wait;
use crate::world::Database;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A host that believes an authority of users; and a key that it does not know, with a certificate named otherwise than beside the key.
fn believing(script: &str) -> (Sshd, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority");
    make_key(&authority, &["-t", "ed25519", "-N", ""]);
    let line = format!("TrustedUserCAKeys {}.pub", authority.display());
    let host = Sshd::start_in(script, folder, &[&line]);
    let key = host.folder.path().join("mine");
    make_key(&key, &["-t", "ed25519", "-N", ""]);
    let public = format!("{}.pub", key.display());
    keygen(&["-q", "-s", &authority.to_string_lossy(), "-I", "diagnostics", "-n", &host.user, "-V", "+1h", &public]);
    let certificate = host.folder.path().join("signed.pub");
    std::fs::rename(host.folder.path().join("mine-cert.pub"), &certificate).unwrap();
    (host, key, certificate)
}

fn looks(host: Sshd, login: String) -> Bed {
    let bed = Bed::started(
        Plan { login, ..Plan::of(Database::Sqlite, host) },
        &[(LOOK, button(LOOK, &[step("who", &[], "id -un")]))],
    );
    let run = bed.run(LOOK);
    assert_eq!((run["state"].as_str(), states(&run)), (Some("done"), vec![("who", "ok")]), "{run}");
    bed
}

#[test]
fn a_certificate_signs_in() {
    let Some(script) = script() else { return };
    let (host, key, certificate) = believing(&script);
    let login = format!(
        "user = \"{}\"\nkey_file = \"{}\"\ncertificate_file = \"{}\"\n",
        host.user,
        key.display(),
        certificate.display()
    );
    let bed = looks(host, login);
    assert!(bed.host.logged("ID diagnostics") >= 1, "the log names the certificate that was accepted");
}

/// An agent of the test's own.
struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("agent");
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        wait::until("an agent", || socket.exists().then_some(()));
        Self { child, socket }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_agent_signs_in() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(folder.path());
    let added = Command::new("ssh-add").arg("-q").arg(&host.key).env("SSH_AUTH_SOCK", &agent.socket).status().unwrap();
    assert!(added.success());
    let login = format!("user = \"{}\"\nagent = \"{}\"\n", host.user, agent.socket.display());
    let bed = looks(host, login);
    assert!(bed.host.logged("Accepted publickey") >= 1);
}
