//! Where things are kept. A relative path starts from the configuration file's folder; nothing is opened here.

use crate::config::raw::Text;
use crate::config::secret::Secret;
use std::path::PathBuf;

/// Where the store is. A PostgreSQL address may carry a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    Sqlite(PathBuf),
    Postgres(Secret),
}

/// Where signals are kept while PostgreSQL is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpoolPlace {
    Off,
    File(PathBuf),
}

/// Where sealed originals are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidencePlace {
    Folder(PathBuf),
    S3 { bucket: String, prefix: String },
}

pub fn store_url(text: &Text) -> Result<StoreUrl, String> {
    let form = "write \"sqlite:data/arayashiki.db\" or \"postgres://user@host:5432/database\"";
    if let Some(path) = text.text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return match path {
            "" => Err(format!("names no file; {form}")),
            p if p.starts_with(':') => Err(format!("would forget everything at the next start; {form}")),
            p if p.contains('?') => Err(format!("carries a \"?\" part, which SQLite files here have not; {form}")),
            p => Ok(StoreUrl::Sqlite(text.folder.join(p))),
        };
    }
    let url = url::Url::parse(&text.text).map_err(|e| format!("is no store's address ({e}); {form}"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(format!("is neither SQLite nor PostgreSQL; {form}"));
    }
    if url.path().trim_matches('/').is_empty() {
        return Err(format!("names no database; {form}"));
    }
    Ok(StoreUrl::Postgres(Secret::new(text.text.clone())))
}

pub fn spool(text: &Text) -> Result<SpoolPlace, String> {
    if text.text == "off" {
        return Ok(SpoolPlace::Off);
    }
    path(text)
        .map(SpoolPlace::File)
        .ok_or_else(|| format!("{} is no file; write a path such as \"data/spool.db\", or \"off\"", text.named()))
}

pub fn file(text: &Text) -> Result<PathBuf, String> {
    let form = "write a path, from this file's folder or from \"/\" on";
    path(text).ok_or_else(|| format!("{} is no file; {form}", text.named()))
}

fn path(text: &Text) -> Option<PathBuf> {
    let p = text.text.as_str();
    let is_other = p.is_empty() || p.ends_with('/') || p.contains("://") || p.contains(['?', '\n', '\0']);
    (!is_other).then(|| text.folder.join(p))
}

pub fn evidence(text: &Text) -> Result<EvidencePlace, String> {
    let wrong = |what: &str| format!("{what}; write \"file:data/evidence\" or \"s3://bucket/prefix\"");
    if let Some(path) = text.text.strip_prefix("file:") {
        return match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(wrong("names no folder")),
            p => Ok(EvidencePlace::Folder(text.folder.join(p))),
        };
    }
    // The text is not repeated: an address may carry a key.
    let rest = text.text.strip_prefix("s3://").ok_or_else(|| wrong("is neither a folder nor a bucket"))?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_bucket = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if bucket.len() < 3 || !bucket.chars().all(is_bucket) {
        return Err(wrong("names no bucket"));
    }
    Ok(EvidencePlace::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
}
