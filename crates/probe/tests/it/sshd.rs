//! Real OpenSSH servers for tests, started by scripts/sshd: bastions and hosts on loopback. Knows nothing of the probe, so that other
//! crates' tests can include this one file.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A server that runs until it is dropped.
pub struct Sshd {
    pub address: String,
    pub port: u16,
    /// Who may log in.
    pub user: String,
    /// The private key that lets in.
    pub key: PathBuf,
    /// Its host key as `ssh-ed25519 AAAA…`.
    pub host_key: String,
    pub log: PathBuf,
    pub pid: i32,
    pub folder: tempfile::TempDir,
    script: String,
}

/// The script that starts servers; `None`, with a word on standard error, where there is none. With CI=true that is a failure.
#[expect(clippy::disallowed_methods, reason = "a test is told by the environment where its servers are")]
pub fn script() -> Option<String> {
    let script = std::env::var("ARAYASHIKI_SSHD").ok();
    if script.is_none() {
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "there is no OpenSSH server (ARAYASHIKI_SSHD): scripts/services install");
        eprintln!("skipped: there is no OpenSSH server (ARAYASHIKI_SSHD): eval \"$(scripts/services start)\"");
    }
    script
}

impl Sshd {
    /// Starts one with these lines of sshd_config before the usual ones.
    pub fn start(script: &str, lines: &[&str]) -> Self {
        Self::start_in(script, tempfile::tempdir().unwrap(), lines)
    }

    /// Starts one in a folder that holds keys already.
    pub fn start_in(script: &str, folder: tempfile::TempDir, lines: &[&str]) -> Self {
        let output = Command::new(script).arg(folder.path()).args(lines).output().unwrap();
        let told: serde_json::Value = serde_json::from_str(&said(script, output)).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Self {
            address: text("address"),
            port: told["port"].as_u64().unwrap().try_into().unwrap(),
            user: text("user"),
            key: text("key").into(),
            host_key: text("host_key"),
            log: text("log").into(),
            pid: told["pid"].as_i64().unwrap().try_into().unwrap(),
            folder,
            script: script.to_owned(),
        }
    }

    /// Its line of a known_hosts file.
    pub fn known(&self) -> String {
        format!("[{}]:{} {}\n", self.address, self.port, self.host_key)
    }

    /// Ends every connection that it has.
    pub fn cut(&self) {
        self.ask("cut");
    }

    /// It and all its connections stand still, as a host does that swaps itself to death.
    pub fn hang(&self) -> Hung {
        let hung = Hung(below(self.pid));
        hung.signal(libc::SIGSTOP);
        hung
    }

    /// How often its log has a text.
    pub fn logged(&self, text: &str) -> usize {
        std::fs::read_to_string(&self.log).unwrap().matches(text).count()
    }

    /// Lets a key in as well.
    pub fn authorize(&self, public_key: &str) {
        let path = self.folder.path().join("authorized_keys");
        let known = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{known}{public_key}\n")).unwrap();
    }

    fn ask(&self, what: &str) {
        let output = Command::new(&self.script).arg(what).arg(self.folder.path()).output().unwrap();
        said(&self.script, output);
    }
}

/// Stops a process and all below it as SIGSTOP does, until it is dropped.
pub struct Hung(Vec<i32>);

impl Hung {
    #[expect(unsafe_code, reason = "a test hangs a server")]
    fn signal(&self, signal: i32) {
        for &pid in &self.0 {
            // SAFETY: kill(2) takes no memory; the processes are this test's own servers.
            unsafe { libc::kill(pid, signal) };
        }
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        self.signal(libc::SIGCONT);
    }
}

fn below(pid: i32) -> Vec<i32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let below = children.split_whitespace().flat_map(|child| below(child.parse().unwrap()));
    std::iter::once(pid).chain(below).collect()
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = Command::new(&self.script).arg("stop").arg(self.folder.path()).output();
    }
}

/// Makes a key pair at a place by ssh-keygen, and returns the public key's line.
pub fn make_key(path: &Path, arguments: &[&str]) -> String {
    keygen(&[&["-q", "-C", "made here", "-f", &path.to_string_lossy()], arguments].concat());
    std::fs::read_to_string(format!("{}.pub", path.display())).unwrap().trim().to_owned()
}

pub fn keygen(arguments: &[&str]) -> String {
    said("ssh-keygen", Command::new("ssh-keygen").args(arguments).output().unwrap())
}

fn said(program: &str, output: Output) -> String {
    let (out, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {out}{told}");
    out.into_owned()
}
