//! The first step: a file's text and the environment become texts by key. Unknown sections and keys, wrong TOML types and
//! indirections that lead nowhere are found here; what a text means is not.

use super::keys::SECTIONS;
use super::kinds::Shape;
use super::problem::Place;
use super::raw::{Raw, Text};
use super::settings::{Key, Section};
use super::{indirect, syntax, unknown};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const OVERRIDE_PREFIX: &str = "ARAYASHIKI__";

/// A configuration file's name and text.
pub struct File {
    pub path: PathBuf,
    pub text: String,
}

pub fn read(file: Option<&File>, env: &BTreeMap<String, String>) -> Raw {
    let text = file.map_or("", |f| f.text.as_str());
    let path = file.map(|f| f.path.clone()).unwrap_or_default();
    let (table, syntax_errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { raw: Raw::new(folder_of(&path)), path, text, env };
    if syntax_errors.is_empty() {
        reader.overrides();
        reader.inside("", None, table.get_ref());
    } else {
        // What stands in a broken file is a guess: a secret may have slipped into another key's value or even its
        // name, so nothing more of it is read or repeated.
        reader.raw.problems = syntax::problems(&reader.path, text, &syntax_errors);
        reader.overrides();
    }
    reader.raw
}

struct Reader<'a> {
    path: PathBuf,
    text: &'a str,
    env: &'a BTreeMap<String, String>,
    raw: Raw,
}

type Name<'a> = Spanned<Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn overrides(&mut self) {
        for (name, value) in self.env {
            let upper = name.to_uppercase();
            let Some(rest) = upper.strip_prefix(OVERRIDE_PREFIX) else { continue };
            let place = Place::Variable(name.clone());
            match unknown::of_variable(rest) {
                Ok(key) if value.contains('\u{FFFD}') => {
                    self.raw.problem(place, key.label.to_owned(), "is not valid UTF-8; set it again".to_owned());
                }
                Ok(key) => self.put_override(key, value, place),
                Err(what) => self.raw.problem(place, String::new(), what),
            }
        }
    }

    fn put_override(&mut self, key: &'static Key, value: &str, place: Place) {
        let texts = self.raw.of_one(key, self.raw.text(value.to_owned(), place.clone(), true));
        if self.raw.put(key, 0, texts).is_some() {
            let what = "is set by two variables that differ in upper and lower case only; unset one of them";
            self.raw.problem(place, key.label.to_owned(), what.to_owned());
        }
    }

    /// A table's keys, and the parts whose names begin with its own.
    fn inside(&mut self, path: &str, at: Option<(&'static Section, usize)>, table: &DeTable<'_>) {
        for (name, value) in table {
            let word = name.get_ref().as_ref();
            let part = unknown::joined(path, word);
            match at {
                Some((section, row)) if section.key(word).is_some() => self.keep(section, row, name, value),
                Some((section, _)) if !unknown::leads_on(&part) => {
                    let (label, what) = unknown::of_key(section, word);
                    self.raw.problem(self.place(name.span().start), label, what);
                }
                _ => self.part(&part, name, value),
            }
        }
    }

    fn keep(&mut self, section: &Section, row: usize, name: &Name<'_>, value: &Value<'_>) {
        let Some(key) = section.key(name.get_ref()) else { return };
        self.raw.stand(key, row);
        // A variable that overrides it was there first.
        if self.raw.is_put(key, row) {
            return;
        }
        if let Some(texts) = self.value(key, value) {
            self.raw.put(key, row, texts);
        }
    }

    fn part(&mut self, path: &str, name: &Name<'_>, value: &Value<'_>) {
        let section = SECTIONS.iter().find(|section| section.path == path).copied();
        match (section, value.get_ref()) {
            (Some(section), DeValue::Array(items)) if section.is_many => {
                items.iter().for_each(|item| self.row(section, item));
            }
            (Some(section), DeValue::Table(keys)) if !section.is_many => self.inside(path, Some((section, 0)), keys),
            (None, DeValue::Table(parts)) if unknown::leads_on(path) => self.inside(path, None, parts),
            (_, value) => {
                let (label, what) = unknown::of_part(path, section, value);
                self.raw.problem(self.place(name.span().start), label, what);
            }
        }
    }

    fn row(&mut self, section: &'static Section, item: &Value<'_>) {
        let place = self.place(item.span().start);
        let DeValue::Table(table) = item.get_ref() else {
            let header = section.header();
            let what = format!("each {header} is a table of its own; write {header} and its keys below");
            return self.raw.problem(place, header, what);
        };
        let row = self.raw.begin(section, place);
        self.inside(section.path, Some((section, row)), table);
    }

    fn value(&mut self, key: &Key, value: &Value<'_>) -> Option<Vec<Text>> {
        match (key.shape, value.get_ref()) {
            (Shape::List, DeValue::Array(items)) => {
                // Every item is looked at, so that each bad one is named.
                let texts: Vec<_> = items.iter().map(|item| self.scalar(key, item)).collect();
                texts.into_iter().collect()
            }
            (Shape::List, DeValue::Table(_)) => self.scalar(key, value).map(|text| text.split()),
            (Shape::List, other) => {
                let what = format!("is {}, but a list is wanted; write it as [\"…\", \"…\"]", article(other));
                self.raw.problem(self.place(value.span().start), key.label.to_owned(), what);
                None
            }
            _ => self.scalar(key, value).map(|text| vec![text]),
        }
    }

    fn scalar(&mut self, key: &Key, value: &Value<'_>) -> Option<Text> {
        let place = self.place(value.span().start);
        let wrong = match (key.shape, value.get_ref()) {
            (_, DeValue::String(text)) => {
                self.holds_secret(key, !text.is_empty(), Some(self.path.clone()));
                return Some(self.raw.text(text.to_string(), place, true));
            }
            (_, DeValue::Table(table)) => match indirect::read(table, folder_of(&self.path), self.env) {
                Ok(text) => {
                    self.holds_secret(key, true, indirect::file(table, folder_of(&self.path)));
                    return Some(self.raw.text(text, place, false));
                }
                Err(what) => what,
            },
            (Shape::Number, DeValue::Integer(number)) => {
                let text = i64::from_str_radix(number.as_str(), number.radix())
                    .map_or_else(|_| number.to_string(), |n| n.to_string());
                return Some(self.raw.text(text, place, true));
            }
            (Shape::Flag, DeValue::Boolean(flag)) => return Some(self.raw.text(flag.to_string(), place, true)),
            (shape, other) => format!("is {}, but {}", article(other), wanted(shape)),
        };
        self.raw.problem(place, key.label.to_owned(), wrong);
        None
    }

    fn holds_secret(&mut self, key: &Key, is_there: bool, file: Option<PathBuf>) {
        self.raw.secret_files.extend(file.filter(|_| is_there && key.is_secret()));
    }

    fn place(&self, offset: usize) -> Place {
        syntax::place(&self.path, self.text, offset)
    }
}

/// The folder that relative paths in a configuration file start from.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

const fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Number => "a whole number is wanted",
        Shape::Flag => "true or false is wanted",
        Shape::Text | Shape::List => "a text is wanted; put it in \"double quotes\"",
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
