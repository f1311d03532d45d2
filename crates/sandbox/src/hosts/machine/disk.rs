//! Paths of a machine as commands see them: who may read what, what stands in a folder, and a little scratch that is written. Only the
//! scratch is ever changed.

use std::collections::{BTreeMap, BTreeSet};

use super::super::shell::pattern::{Mark, matches};
use super::Machine;
use super::files::File;

/// What was written, made or removed: the content of a file, or a folder.
pub(in crate::hosts) type Scratch = BTreeMap<String, Written>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::hosts) enum Written {
    File(Vec<u8>),
    Folder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hosts) enum Problem {
    Missing,
    Denied,
    Folder,
    Full,
    Exists,
    NotEmpty,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "No such file or directory",
            Self::Denied => "Permission denied",
            Self::Folder => "Is a directory",
            Self::Full => "No space left on device",
            Self::Exists => "File exists",
            Self::NotEmpty => "Directory not empty",
        })
    }
}

/// One entry of a listing.
#[derive(Debug, Clone)]
pub(in crate::hosts) struct Entry {
    pub path: String,
    pub is_folder: bool,
    pub mode: u32,
    pub owner: &'static str,
    pub group: &'static str,
    pub size: u64,
}

pub(in crate::hosts) struct Disk<'m> {
    machine: &'m Machine,
    files: BTreeMap<String, File>,
    folders: BTreeSet<String>,
    scratch: Scratch,
}

/// Folders that are there without a file in them that anybody could see.
const FOLDERS: [&str; 14] = [
    "/",
    "/tmp",
    "/run",
    "/run/lock",
    "/var/tmp",
    "/var/lib/diag",
    "/usr/bin",
    "/usr/sbin",
    "/bin",
    "/sbin",
    "/dev",
    "/srv",
    "/opt",
    "/mnt",
];
/// Where anybody may write.
const SCRATCH: [&str; 4] = ["/tmp/", "/var/tmp/", "/dev/shm/", "/var/lib/diag/"];

impl<'m> Disk<'m> {
    pub(in crate::hosts) fn new(machine: &'m Machine, scratch: Scratch) -> Self {
        let files: BTreeMap<String, File> = machine.files().into_iter().map(|f| (f.path.clone(), f)).collect();
        let mut folders: BTreeSet<String> = FOLDERS.iter().map(|f| (*f).to_owned()).collect();
        folders.extend(machine.mounts().iter().map(|m| m.path.to_owned()));
        for path in files.keys().cloned().chain(folders.clone()) {
            let ends = path.match_indices('/').map(|(at, _)| at);
            folders.extend(ends.filter(|at| *at > 0).map(|at| path[..at].to_owned()));
        }
        Self { machine, files, folders, scratch }
    }

    pub(in crate::hosts) fn into_scratch(self) -> Scratch {
        self.scratch
    }

    /// From the root on, without `.` and `..`.
    pub(in crate::hosts) fn absolute(&self, cwd: &str, path: &str) -> String {
        let whole = if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                other => parts.push(other),
            }
        }
        let own = format!("/{}", parts.join("/"));
        own.replace("/proc/self/", &format!("/proc/{}/", 1)).replace("/var/run/", "/run/")
    }

    pub(in crate::hosts) fn is_folder(&self, path: &str) -> bool {
        self.folders.contains(path) || self.scratch.get(path) == Some(&Written::Folder)
    }

    pub(in crate::hosts) fn entry(&self, path: &str) -> Option<Entry> {
        let folder =
            |mode| Entry { path: path.to_owned(), is_folder: true, mode, owner: "root", group: "root", size: 4096 };
        match self.scratch.get(path) {
            Some(Written::Folder) => return Some(Entry { owner: "diag", group: "diag", ..folder(0o755) }),
            Some(Written::File(bytes)) => {
                return Some(Entry {
                    is_folder: false,
                    owner: "diag",
                    group: "diag",
                    size: bytes.len() as u64,
                    ..folder(0o644)
                });
            }
            None => {}
        }
        if let Some(file) = self.files.get(path) {
            let size = file.size.unwrap_or_else(|| {
                if path.starts_with("/proc/") {
                    0
                } else {
                    self.machine.content(path).map_or(81_273_511, |t| t.len() as u64)
                }
            });
            return Some(Entry {
                path: path.to_owned(),
                is_folder: false,
                mode: file.mode,
                owner: file.owner,
                group: file.group,
                size,
            });
        }
        let mode = if path == "/tmp" || path == "/var/tmp" { 0o1777 } else { 0o755 };
        self.is_folder(path).then(|| folder(mode))
    }

    pub(in crate::hosts) fn may_read(&self, entry: &Entry, user: &str) -> bool {
        let in_group = user == entry.group || (user == super::USER && entry.group == "adm");
        match () {
            () if user == "root" => true,
            // What a process was started with is nobody's business but its owner's.
            () if entry.path.ends_with("/environ") => false,
            () if entry.owner == user => entry.mode & 0o400 != 0,
            () if in_group => entry.mode & 0o040 != 0,
            () => entry.mode & 0o004 != 0,
        }
    }

    pub(in crate::hosts) fn read(&self, cwd: &str, path: &str, user: &str) -> Result<Vec<u8>, Problem> {
        if path == "/dev/null" {
            return Ok(Vec::new());
        }
        let path = self.absolute(cwd, path);
        let entry = self.entry(&path).ok_or(Problem::Missing)?;
        if entry.is_folder {
            return Err(Problem::Folder);
        }
        if !self.may_read(&entry, user) {
            return Err(Problem::Denied);
        }
        if let Some(Written::File(bytes)) = self.scratch.get(&path) {
            return Ok(bytes.clone());
        }
        // A large file is read as a page of it, which is all that a look at it is for.
        Ok(self
            .machine
            .content(&path)
            .unwrap_or_else(|| self.machine.content(self.machine.distro.system_log()).unwrap_or_default())
            .into_bytes())
    }

    fn may_write(&self, path: &str, user: &str) -> Result<(), Problem> {
        let folder = path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
        if !self.is_folder(folder) {
            return Err(Problem::Missing);
        }
        if user != "root" && !SCRATCH.iter().any(|own| path.starts_with(own)) {
            return Err(Problem::Denied);
        }
        if self.machine.is_full(path) { Err(Problem::Full) } else { Ok(()) }
    }

    pub(in crate::hosts) fn write(
        &mut self,
        cwd: &str,
        path: &str,
        user: &str,
        bytes: &[u8],
        append: bool,
    ) -> Result<(), Problem> {
        let path = self.absolute(cwd, path);
        if self.is_folder(&path) {
            return Err(Problem::Folder);
        }
        self.may_write(&path, user)?;
        let before = match self.scratch.get(&path) {
            Some(Written::File(own)) if append => own.clone(),
            _ if append => self.read("/", &path, user).unwrap_or_default(),
            _ => Vec::new(),
        };
        self.scratch.insert(path, Written::File([before.as_slice(), bytes].concat()));
        Ok(())
    }

    pub(in crate::hosts) fn make_folder(&mut self, cwd: &str, path: &str, user: &str) -> Result<(), Problem> {
        let path = self.absolute(cwd, path);
        if self.entry(&path).is_some() {
            return Err(Problem::Exists);
        }
        self.may_write(&path, user)?;
        self.scratch.insert(path, Written::Folder);
        Ok(())
    }

    /// Only scratch goes away: what belongs to the machine stays.
    pub(in crate::hosts) fn remove(&mut self, cwd: &str, path: &str, folders_too: bool) -> Result<(), Problem> {
        let path = self.absolute(cwd, path);
        match self.scratch.get(&path) {
            None if self.entry(&path).is_some() => Err(Problem::Denied),
            None => Err(Problem::Missing),
            Some(Written::Folder) if !folders_too => Err(Problem::Folder),
            Some(_) => {
                let inside = format!("{path}/");
                self.scratch.retain(|own, _| *own != path && !own.starts_with(&inside));
                Ok(())
            }
        }
    }

    /// The names in a folder, sorted.
    pub(in crate::hosts) fn list(&self, folder: &str) -> Vec<String> {
        let inside = if folder == "/" { "/".to_owned() } else { format!("{folder}/") };
        let all = self.files.keys().chain(self.folders.iter()).chain(self.scratch.keys());
        let names =
            all.filter_map(|path| path.strip_prefix(&inside)).filter(|rest| !rest.is_empty() && !rest.contains('/'));
        names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Every path at or below one, folders before what is in them.
    pub(in crate::hosts) fn below(&self, path: &str) -> Vec<String> {
        let inside = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        let all = self.files.keys().chain(self.folders.iter()).chain(self.scratch.keys());
        let own = all.filter(|own| *own == path || own.starts_with(&inside));
        own.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The paths that a pattern names, as it names them.
    pub(in crate::hosts) fn matching(&self, pattern: &[Mark], cwd: &str) -> Vec<String> {
        let is_absolute = pattern.first().is_some_and(|(c, _)| *c == '/');
        let parts: Vec<&[Mark]> = pattern.split(|(c, _)| *c == '/').filter(|part| !part.is_empty()).collect();
        let mut found = vec![String::new()];
        for part in parts {
            let mut next = Vec::new();
            for base in &found {
                let folder = if is_absolute { format!("/{base}") } else { format!("{cwd}/{base}") };
                for name in self.list(&self.absolute("/", &folder)) {
                    let chars: Vec<char> = name.chars().collect();
                    let hidden = name.starts_with('.') && part.first().is_none_or(|(c, _)| *c != '.');
                    if !hidden && matches(part, &chars) {
                        next.push(if base.is_empty() { name } else { format!("{base}/{name}") });
                    }
                }
            }
            found = next;
        }
        found.into_iter().map(|own| if is_absolute { format!("/{own}") } else { own }).collect()
    }
}
