//! Values that stand elsewhere: `{ env = "NAME" }` and `{ file = "PATH" }`. What they hold is likely a secret, so that no
//! error repeats it; nor a name that looks like a secret written in the name's place.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// A secret is a line; what is longer is the wrong file, perhaps an endless one.
const FILE_MAX_BYTES: u64 = 64 * 1024;
const NAMED_HERE: &str = "that is named here";

/// The value that this table points to, or what to do about it.
pub fn read(table: &DeTable<'_>, folder: &Path, env: &BTreeMap<String, String>) -> Result<String, String> {
    let mut entries = table.iter();
    if let (Some((name, value)), None) = (entries.next(), entries.next()) {
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("env", DeValue::String(variable)) => return of_variable(env, variable),
            ("file", DeValue::String(path)) => return of_file(folder, path),
            _ => {}
        }
    }
    Err("is a table, but a value is wanted; write one of { env = \"NAME\" } or { file = \"PATH\" }".to_owned())
}

/// Whether it has the form of one, wherever it leads.
pub fn is_one(table: &DeTable<'_>) -> bool {
    table.iter().all(|(name, _)| matches!(name.get_ref().as_ref(), "env" | "file")) && !table.is_empty()
}

/// The file that this table points to, if it is one that points to a file.
pub fn file(table: &DeTable<'_>, folder: &Path) -> Option<PathBuf> {
    table.iter().find_map(|(name, value)| match (name.get_ref().as_ref(), value.get_ref()) {
        ("file", DeValue::String(path)) => Some(folder.join(path.as_ref())),
        _ => None,
    })
}

fn of_variable(env: &BTreeMap<String, String>, name: &str) -> Result<String, String> {
    let plain = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let shown = if plain && (name.contains('_') || (1..20).contains(&name.len())) { name } else { NAMED_HERE };
    match env.get(name) {
        None => Err(format!("the environment variable {shown} is not set; set it, or write the value here")),
        Some(value) if value.contains('\u{FFFD}') => {
            Err(format!("the environment variable {shown} is not valid UTF-8; set it again"))
        }
        Some(value) => Ok(value.clone()),
    }
}

/// The file's text less one line end.
fn of_file(folder: &Path, name: &str) -> Result<String, String> {
    let path = folder.join(name);
    let shown = if name.contains(['/', '.']) { path.display().to_string() } else { NAMED_HERE.to_owned() };
    let mut bytes = Vec::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|e| format!("can't read the file {shown} ({e}); mend the path or its permissions"))?;
    if bytes.len() as u64 > FILE_MAX_BYTES {
        return Err(format!("the file {shown} is over 64 KiB, which no value is; mend the path"));
    }
    let mut text = String::from_utf8(bytes)
        .map_err(|_| format!("the file {shown} is not UTF-8 text; write the value alone into it"))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
