//! Runs a plan's step as sshd would: the line by a login shell, the script on standard input.

use model::plan::PlanStep;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program of this name, if it is here; said aloud where it is not, and not borne in CI.
pub fn find(name: &str) -> Option<PathBuf> {
    let found = ["/bin", "/usr/bin", "/usr/local/bin"].iter().map(|dir| Path::new(dir).join(name)).find(|p| p.exists());
    if found.is_none() {
        eprintln!("skipped: there is no {name} here");
    }
    found
}

/// A folder in which `sh` is one of the shells that hosts have, with the rest of the system after it.
pub struct Sh {
    pub name: &'static str,
    folder: tempfile::TempDir,
}

impl Sh {
    /// Each of them that is here.
    pub fn all() -> Vec<Self> {
        let shells: Vec<Self> = ["dash", "bash", "busybox", "mksh"].into_iter().filter_map(Self::of).collect();
        assert!(!shells.is_empty(), "no shell was found");
        shells
    }

    pub fn of(name: &'static str) -> Option<Self> {
        let program = find(name)?;
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(program, folder.path().join("sh")).unwrap();
        Some(Self { name, folder })
    }

    pub fn path(&self) -> String {
        format!("{}:/usr/local/bin:/usr/bin:/bin", self.folder.path().display())
    }

    pub fn program(&self) -> PathBuf {
        self.folder.path().join("sh")
    }
}

pub struct Done {
    pub status: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Done {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// `exec` by this login shell, with the script.
pub fn run(login: &Path, path: &str, exec: &str, stdin: &str) -> Done {
    let mut command = Command::new(login);
    command.args(["-c", exec]).env_clear().env("PATH", path).env("HOME", "/nonexistent");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever does not read it closes it.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Done {
        status: output.status.code().unwrap_or(-1),
        out: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

pub fn run_step(sh: &Sh, step: &PlanStep) -> Done {
    run(&sh.program(), &sh.path(), &step.exec, step.stdin.as_deref().unwrap_or_default())
}

pub fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
