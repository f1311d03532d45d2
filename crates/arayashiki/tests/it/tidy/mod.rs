//! Rules of the house that no compiler holds, read off the source tree.

mod shape;
mod walls;
mod words;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the project and its text.
pub struct File {
    /// From the project's root.
    pub path: String,
    pub text: String,
}

impl File {
    /// The program's own source: no test, no example.
    pub fn is_program(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        let is_test =
            parts.iter().any(|part| part.starts_with("tests") || part.ends_with("tests.rs") || *part == "testing.rs");
        self.path.starts_with("crates/") && self.path.contains("/src/") && self.path.ends_with(".rs") && !is_test
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs") && self.path.starts_with("crates/")
    }

    /// The crate's folder.
    pub fn of(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// The text without its tests.
    pub fn program_text(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every text file that is, or is about to be, in the project's history.
pub fn files() -> Vec<File> {
    let root = root();
    let mut git = Command::new("git");
    git.current_dir(&root).args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let names = match git.output() {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        _ => walked(&root),
    };
    let read = |name: &str| std::fs::read_to_string(root.join(name)).ok();
    let names = names.split('\0').filter(|name| !name.is_empty());
    let files: Vec<File> = names.filter_map(|name| Some(File { path: name.to_owned(), text: read(name)? })).collect();
    assert!(files.iter().filter(|file| file.is_rust()).count() > 100, "the source was not found");
    files
}

/// Where no git is: everything but what is built.
fn walked(root: &Path) -> String {
    let mut names = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["target", ".git", "data"].contains(&name.as_str()) {
                folders.push(path);
            } else if path.is_file() {
                names.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    names.join("\0")
}

/// Fails with every finding.
pub fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
