//! A machine whose power can be cut and whose disk can be broken: the program on SQLite, with `shim.c` between it and
//! the files.

use crate::outside::http::{Answer, Connection};
use crate::outside::process::has_tool;
use crate::outside::{Dice, signing, skip, wait};
use crate::world::{Arms, Database, Site, site};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub const SECRET: &str = "the-secret-of-a-subscription";
/// A subscription of ours, as the configuration says.
pub const OURS: &str = "POURS01";
const BLOCK: usize = 4_096;

pub struct Machine {
    pub site: Site,
    images: PathBuf,
    control: PathBuf,
    shim: &'static Path,
}

pub fn config() -> String {
    format!("[pagerduty]\nwebhook_secrets = [\"{SECRET}\"]\nwebhook_subscriptions = [\"{OURS}\"]\n")
}

impl Machine {
    /// `None` where no C compiler is.
    pub fn new() -> Option<Self> {
        Self::with("")
    }

    /// The same with more configuration.
    pub fn with(more: &str) -> Option<Self> {
        let shim = shim()?;
        let folder = tempfile::tempdir().unwrap();
        let (images, control) = (folder.path().join("images"), folder.path().join("control"));
        let site = Site::new(Database::Sqlite, folder, site::free_port(), &format!("{}\n{more}", config()));
        // What the commands before wrote has long been on the disk.
        std::fs::create_dir(&images).unwrap();
        for name in names(&site.data()) {
            std::fs::copy(site.data().join(&name), images.join(&name)).unwrap();
        }
        Some(Self { site, images, control, shim })
    }

    pub fn start(&mut self, sabotage: &str) {
        let text = |path: &Path| path.canonicalize().unwrap().to_string_lossy().into_owned();
        let control = self.control.to_string_lossy().into_owned();
        let variables = [
            ("LD_PRELOAD", text(self.shim)),
            ("POWER_CUT_FOLDER", text(&self.site.data())),
            ("POWER_CUT_IMAGES", text(&self.images)),
            ("POWER_CUT_CONTROL", control),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
        self.site.start(&Arms { variables, ..Arms::sabotage(sabotage) });
    }

    /// From now on writing fails in this way.
    pub fn breaks(&self, word: &str) {
        std::fs::write(&self.control, word).unwrap();
    }

    pub fn heals(&self) {
        std::fs::remove_file(&self.control).unwrap();
    }

    /// Sends one event; says whether it was promised to be kept.
    pub fn post(&self, incident: &str) -> Answer {
        signing::deliver(self.site.address, SECRET, signing::triggered(incident)).unwrap()
    }

    /// The power goes. What is left of the files after it stands in the folder that is returned: what was synced, and
    /// of the rest nothing, or with dice some blocks.
    pub fn cut(&mut self, mut dice: Option<&mut Dice>) -> PathBuf {
        self.site.kill();
        let left = self.site.folder.path().join("after");
        std::fs::create_dir_all(&left).unwrap();
        let all: BTreeSet<String> = names(&self.images).into_iter().chain(names(&self.site.data())).collect();
        for name in all {
            let synced = std::fs::read(self.images.join(&name)).ok();
            let written = std::fs::read(self.site.data().join(&name)).ok();
            if let Some(bytes) = survives(synced, written, dice.as_deref_mut()) {
                std::fs::write(left.join(&name), bytes).unwrap();
            }
        }
        left
    }
}

fn survives(synced: Option<Vec<u8>>, written: Option<Vec<u8>>, dice: Option<&mut Dice>) -> Option<Vec<u8>> {
    let (Some(dice), Some(written)) = (dice, written) else { return synced };
    let synced = synced.unwrap_or_default();
    let size = if dice.below(2) == 0 { synced.len() } else { written.len() };
    let mut bytes = vec![0; size];
    for at in (0..size).step_by(BLOCK) {
        let from = if dice.below(2) == 0 { &synced } else { &written };
        let end = (at + BLOCK).min(size).min(from.len());
        if at < end {
            bytes[at..end].copy_from_slice(&from[at..end]);
        }
    }
    Some(bytes)
}

/// The files that have to last.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.ends_with("-shm")).collect()
}

/// The library, compiled once a run.
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = SHIM.get_or_init(|| {
        if !has_tool("cc") {
            skip("power cuts and broken disks", "there is no C compiler (cc)");
            return None;
        }
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("power-cut-{}.so", std::process::id()));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/power_cut/shim.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&library).arg(&source);
        let output = cc.args(["-ldl", "-lpthread"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(library)
    });
    built.as_deref()
}

/// Posts events of a kind, as large as told, until the machine goes away; gives those that were promised to be kept.
pub fn post_until_it_is_gone(site: &Site, kind: &str, bytes: usize) -> Vec<String> {
    let Ok(mut connection) = Connection::open(site.address) else { return Vec::new() };
    let mut promised = Vec::new();
    for n in 0.. {
        let incident = format!("Q{kind}{n:06}");
        let mut body = signing::triggered(&incident);
        body.resize(body.len().max(bytes), b' ');
        match connection.exchange(&signing::delivery(SECRET, body)) {
            Ok(answer) if answer.status == 202 => promised.push(incident),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    promised
}

/// The incidents that a server on these files has events of; an error when it can't read them.
pub fn found_on(before: &Site, files: &Path) -> Result<BTreeSet<String>, String> {
    let mut site = before.on_files(files, &config());
    site.start(&Arms::default());
    let read = || {
        let account = site.account().ok()?;
        (account["waiting"] == 0 && account["lost"] == 0).then_some(())
    };
    if wait::within(std::time::Duration::from_secs(20), read).is_none() {
        return Err(format!("the files can't be used: {:?}\n{}", site.account(), site.log_tail()));
    }
    let rows = site.webhook_rows().map_err(|e| e.to_string())?;
    site.stop();
    is_whole(files)?;
    Ok(rows.into_iter().filter_map(|(incident, _)| incident).collect())
}

fn is_whole(files: &Path) -> Result<(), String> {
    if !has_tool("sqlite3") {
        return Ok(());
    }
    let output = Command::new("sqlite3").arg(files.join("store.db")).arg("PRAGMA integrity_check").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if said == "ok" { Ok(()) } else { Err(format!("integrity_check says {said}")) }
}
