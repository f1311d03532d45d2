//! The lines of a configuration and of what it includes, as a tree. What a keyword means is not known here.

use super::super::complaint::quoted;
use super::super::{Complaint, Fetch, File, MOST_BYTES, Surroundings, shell_words};
use std::cmp::Ordering;

/// As deep as OpenSSH follows includes.
const MOST_DEPTH: usize = 16;
/// A pattern that includes itself ends here.
const MOST_FILES: usize = 1_000;

/// One file's lines.
#[derive(Debug)]
pub struct Tree {
    pub path: String,
    pub items: Vec<Item>,
}

#[derive(Debug)]
pub struct Item {
    pub line: usize,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    Host(Vec<String>),
    Match(Vec<String>),
    Include(Vec<Tree>),
    /// A keyword in small letters, its words, and all behind it as it stands.
    Set(String, Vec<String>, String),
}

impl Tree {
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }
}

struct Parser<'a> {
    fetch: &'a Fetch<'a>,
    around: &'a Surroundings,
    /// Where relative includes start from, those of included files too.
    folder: String,
    files: usize,
    complaints: &'a mut Vec<Complaint>,
}

pub fn parse(file: &File, fetch: &Fetch<'_>, around: &Surroundings, complaints: &mut Vec<Complaint>) -> Tree {
    let folder = file.path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
    Parser { fetch, around, folder, files: 0, complaints }.file(file, 0)
}

impl Parser<'_> {
    fn file(&mut self, file: &File, depth: usize) -> Tree {
        let mut tree = Tree { path: file.path.clone(), items: Vec::new() };
        if file.text.len() > MOST_BYTES {
            let says = "is over 8 MiB, so that nothing of it is read";
            self.complaints.push(Complaint::error(&file.path, says, "name a file that is an OpenSSH configuration"));
            return tree;
        }
        for (at, text) in file.text.lines().enumerate() {
            let place = tree.place(at + 1);
            let items = self.line(text, &place, depth).map(|what| Item { line: at + 1, what });
            tree.items.extend(items);
        }
        tree
    }

    fn line(&mut self, text: &str, place: &str, depth: usize) -> Option<What> {
        let (keyword, rest) = parted(text)?;
        let Some(words) = shell_words::split(rest) else {
            let says = format!("the quotes of {} never end, so that the line is not read", quoted(rest));
            self.complaints.push(Complaint::error(place, says, "end them"));
            return None;
        };
        match keyword.as_str() {
            "host" => Some(What::Host(words)),
            "match" => Some(What::Match(words)),
            "include" => Some(What::Include(self.include(&words, place, depth))),
            _ => Some(What::Set(keyword, words, rest.trim().to_owned())),
        }
    }

    fn include(&mut self, patterns: &[String], place: &str, depth: usize) -> Vec<Tree> {
        if depth >= MOST_DEPTH {
            let says = format!("includes go deeper than {MOST_DEPTH} files, so that this one is not followed");
            self.complaints.push(Complaint::error(place, says, "look whether a file includes itself"));
            return Vec::new();
        }
        let mut trees = Vec::new();
        for pattern in patterns {
            for file in self.fetched(pattern, place) {
                self.files += 1;
                match self.files.cmp(&MOST_FILES) {
                    Ordering::Less => trees.push(self.file(&file, depth + 1)),
                    Ordering::Equal => {
                        let says = format!("over {MOST_FILES} files are included, so that the rest is not followed");
                        self.complaints.push(Complaint::error(place, says, "look whether a file includes itself"));
                    }
                    Ordering::Greater => {}
                }
            }
        }
        trees
    }

    fn fetched(&mut self, pattern: &str, place: &str) -> Vec<File> {
        let Some(path) = self.absolute(pattern) else {
            let says = format!("nobody knows what ~ is in {}", quoted(pattern));
            self.complaints.push(Complaint::error(place, says, "write the path from / on"));
            return Vec::new();
        };
        (self.fetch)(&path).unwrap_or_else(|why| {
            self.complaints.push(Complaint::error(
                place,
                format!("includes {}: {why}", quoted(&path)),
                "mend the path",
            ));
            Vec::new()
        })
    }

    fn absolute(&self, pattern: &str) -> Option<String> {
        let path = self.around.expand(pattern)?;
        let is_absolute = path.starts_with('/') || self.folder.is_empty();
        Some(if is_absolute { path } else { format!("{}/{path}", self.folder) })
    }
}

/// The keyword in small letters, and what stands behind it; `None` for what says nothing.
fn parted(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
    let (keyword, rest) = text.split_at(end);
    let rest = rest.trim_start();
    Some((keyword.to_ascii_lowercase(), rest.strip_prefix('=').unwrap_or(rest).trim_start()))
}
