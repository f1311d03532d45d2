//! Files by a path or by a pattern with `*` and `?`, as inventories name them. Reads regular files alone, within bounds.

use duties::inventory::{File, MOST_BYTES, pattern};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// More files than one pattern means.
const MOST_FILES: usize = 10_000;

/// The files that a path or a pattern names, in the order of their names; none where there is none.
pub fn fetch(wanted: &str) -> Result<Vec<File>, String> {
    let mut found = vec![PathBuf::from(if wanted.starts_with('/') { "/" } else { "" })];
    for part in wanted.split('/').filter(|part| !part.is_empty()) {
        found = below(&found, part)?;
        if found.len() > MOST_FILES {
            return Err(format!("over {MOST_FILES} files are meant; write a narrower pattern"));
        }
    }
    let mut files = Vec::new();
    for path in found {
        files.extend(read(&path)?);
    }
    Ok(files)
}

/// One step of a pattern.
fn below(folders: &[PathBuf], part: &str) -> Result<Vec<PathBuf>, String> {
    if !part.contains(['*', '?']) {
        return Ok(folders.iter().map(|folder| folder.join(part)).collect());
    }
    let mut found = Vec::new();
    for folder in folders {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder.as_path() };
        let entries = match std::fs::read_dir(here) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(format!("{} can't be read ({error})", here.display())),
        };
        let names = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
        let meant = |name: &String| pattern::matches(part, name) && (part.starts_with('.') || !name.starts_with('.'));
        let mut names: Vec<String> = names.filter(meant).collect();
        names.sort();
        found.extend(names.into_iter().map(|name| folder.join(name)));
    }
    Ok(found)
}

/// `None`: there is no such file, or it is a folder.
fn read(path: &Path) -> Result<Option<File>, String> {
    let wrong = |error: std::io::Error| format!("{} can't be read ({error})", path.display());
    match std::fs::metadata(path) {
        Ok(known) if known.is_file() => {}
        Ok(known) if known.is_dir() => return Ok(None),
        Ok(_) => return Err(format!("{} is no file", path.display())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(wrong(error)),
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(wrong)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Some(File { path: path.to_string_lossy().into_owned(), text }))
}
