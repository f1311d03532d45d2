//! Where rows go: standard output, or a file that appears under its name only when it is whole and on the disk. What was
//! begun and not finished is removed.

use super::table::Record;
use super::{Format, What, rows};
use std::fs::File;
use std::io::{BufWriter, Error, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use web::csv;

/// The file that was asked for, and the one beside it that is written first.
pub struct Target(Option<(PathBuf, PathBuf)>);

impl Target {
    pub fn new(out: &Path, force: bool) -> std::result::Result<Self, String> {
        if out == Path::new("-") {
            return Ok(Self(None));
        }
        let Some(name) = out.file_name() else {
            return Err(format!("--out {} names no file", out.display()));
        };
        if out.is_dir() {
            return Err(format!("--out {} is a folder: name a file in it", out.display()));
        }
        if out.exists() && !force {
            return Err(format!("{} exists already: name another file, or replace it with --force", out.display()));
        }
        let part = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        Ok(Self(Some((out.to_path_buf(), out.with_file_name(part)))))
    }

    pub const fn is_file(&self) -> bool {
        self.0.is_some()
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some((file, _)) => write!(f, "{}", file.display()),
            None => f.write_str("standard output"),
        }
    }
}

pub struct Sink {
    out: Out,
    format: Format,
    pub rows: u64,
}

enum Out {
    Standard(BufWriter<std::io::Stdout>),
    File(BufWriter<File>, Unfinished),
}

/// Names of a file that is being written; the part is removed unless it was put in its place.
struct Unfinished {
    file: PathBuf,
    part: PathBuf,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.part);
    }
}

impl Sink {
    pub fn open(target: &Target, what: What, format: Format) -> Result<Self> {
        let out = match &target.0 {
            None => Out::Standard(BufWriter::new(std::io::stdout())),
            Some((file, part)) => {
                // Names and titles are nobody else's business.
                let open = File::options().write(true).create_new(true).mode(0o600).open(part)?;
                Out::File(BufWriter::new(open), Unfinished { file: file.clone(), part: part.clone() })
            }
        };
        let mut sink = Self { out, format, rows: 0 };
        match format {
            Format::Csv => {
                sink.text(csv::MARK)?;
                sink.text(&csv::line(rows::columns(what).iter().copied()))?;
            }
            _ => sink.text("[")?,
        }
        Ok(sink)
    }

    pub fn row(&mut self, record: &Record) -> Result<()> {
        match self.format {
            Format::Csv => self.text(&record.csv_line())?,
            _ => {
                self.text(if self.rows == 0 { "\n" } else { ",\n" })?;
                self.text(&record.json_text())?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        match &mut self.out {
            Out::Standard(out) => out.write_all(text.as_bytes()),
            Out::File(out, _) => out.write_all(text.as_bytes()),
        }
    }

    /// Everything reaches the disk, then its name.
    pub fn finish(mut self) -> Result<u64> {
        if self.format != Format::Csv {
            self.text("\n]\n")?;
        }
        match self.out {
            Out::Standard(mut out) => out.flush()?,
            Out::File(out, names) => {
                out.into_inner().map_err(|error| Error::other(error.to_string()))?.sync_all()?;
                std::fs::rename(&names.part, &names.file)?;
                let folder = names.file.parent().filter(|path| !path.as_os_str().is_empty());
                File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            }
        }
        Ok(self.rows)
    }
}
