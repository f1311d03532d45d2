//! What was written, by section, table and key, each text with the place it stands at. What a text means is not known here.

use super::kinds::Shape;
use super::problem::{Place, Problem, quoted};
use super::settings::{Key, Section};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One text and where it stands.
#[derive(Clone)]
pub struct Text {
    pub text: String,
    pub place: Place,
    /// Written out in the configuration itself, so that an error may repeat it.
    pub direct: bool,
    /// Where a relative path in it starts from.
    pub folder: Arc<Path>,
}

impl Text {
    /// The text for an error about it: itself, or "the value" when it came from elsewhere and may be a secret.
    pub fn named(&self) -> String {
        if self.direct { quoted(&self.text) } else { "the value".to_owned() }
    }

    /// `a, b` and lines of a file alike, so that a list fits into one variable or one secret file.
    pub fn split(&self) -> Vec<Self> {
        let parts = self.text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| Self { text: part.to_owned(), ..self.clone() }).collect()
    }
}

/// Section, the table's number among its like (0 for a section that stands once), key.
type Spot = (&'static str, usize, &'static str);

/// All that was written. What is absent was not written, or is among the problems.
pub struct Raw {
    values: BTreeMap<Spot, Vec<Text>>,
    /// Keys that stand there, those whose value could not be read included.
    present: BTreeSet<Spot>,
    /// Where the tables begin of which there may be many.
    rows: BTreeMap<&'static str, Vec<Place>>,
    folder: Arc<Path>,
    pub problems: Vec<Problem>,
    /// Files that hold a secret, the configuration's own included if one is written out in it.
    pub secret_files: BTreeSet<PathBuf>,
}

impl Raw {
    pub fn new(folder: &Path) -> Self {
        Self {
            values: BTreeMap::new(),
            present: BTreeSet::new(),
            rows: BTreeMap::new(),
            folder: folder.into(),
            problems: Vec::new(),
            secret_files: BTreeSet::new(),
        }
    }

    /// What is written, else the default; nothing when there is neither.
    pub fn texts(&self, key: &Key, row: usize) -> Option<Vec<Text>> {
        let spot = (key.section, row, key.key);
        let written = self.values.get(&spot).cloned();
        written.or_else(|| {
            key.default.map(|default| self.of_one(key, self.text(default.to_owned(), Place::Default, true)))
        })
    }

    pub fn text(&self, text: String, place: Place, direct: bool) -> Text {
        Text { text, place, direct, folder: self.folder.clone() }
    }

    /// A list's items, or the one text.
    pub fn of_one(&self, key: &Key, text: Text) -> Vec<Text> {
        if key.shape == Shape::List { text.split() } else { vec![text] }
    }

    /// The same key's earlier texts, if there were any.
    pub fn put(&mut self, key: &'static Key, row: usize, texts: Vec<Text>) -> Option<Vec<Text>> {
        self.values.insert((key.section, row, key.key), texts)
    }

    pub fn is_put(&self, key: &Key, row: usize) -> bool {
        self.values.contains_key(&(key.section, row, key.key))
    }

    pub fn stand(&mut self, key: &'static Key, row: usize) {
        self.present.insert((key.section, row, key.key));
    }

    pub fn stands(&self, key: &Key, row: usize) -> bool {
        self.present.contains(&(key.section, row, key.key))
    }

    /// A further table of its kind; its number.
    pub fn begin(&mut self, section: &'static Section, place: Place) -> usize {
        let rows = self.rows.entry(section.path).or_default();
        rows.push(place);
        rows.len() - 1
    }

    /// How many tables there are; a section that stands once is one.
    pub fn count(&self, section: &Section) -> usize {
        if section.is_many { self.rows.get(section.path).map_or(0, Vec::len) } else { 1 }
    }

    pub fn beginning(&self, section: &str, row: usize) -> Place {
        self.rows.get(section).and_then(|rows| rows.get(row)).cloned().unwrap_or(Place::Default)
    }

    /// Whether it says anything but what would hold without it. What could not be read counts, since it was meant to say
    /// something.
    pub fn is_set(&self, key: &Key, row: usize) -> bool {
        let spot = (key.section, row, key.key);
        match self.values.get(&spot) {
            Some(texts) => {
                let said: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
                said.iter().any(|text| !text.is_empty()) && said != [key.default.unwrap_or_default()]
            }
            None => self.present.contains(&spot),
        }
    }

    pub fn problem(&mut self, place: Place, key: String, what: String) {
        self.problems.push(Problem { place, key, what });
    }
}
