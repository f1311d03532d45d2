//! The first step: a file's text and the environment become texts by key, each with the place it stands at. Unknown
//! sections and keys, wrong TOML types and indirections that lead nowhere are found here; what a text means is not.

use super::keys::{CUSTOMER_KEYS, KEYS, Key};
use super::kinds::Shape;
use super::problem::{Place, Problem};
use super::{indirect, syntax, unknown};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const OVERRIDE_PREFIX: &str = "ARAYASHIKI__";

/// One text and where it stands.
#[derive(Clone)]
pub struct Text {
    pub text: String,
    pub place: Place,
    /// Written out in the configuration itself, so that an error may repeat it.
    pub direct: bool,
}

impl Text {
    /// The text for an error about it: itself, or "the value" when it came from elsewhere and may be a secret.
    pub fn named(&self) -> String {
        if self.direct { super::problem::quoted(&self.text) } else { "the value".to_owned() }
    }
}

/// One `[[customer]]`.
pub struct RawCustomer {
    pub place: Place,
    pub values: BTreeMap<&'static str, Vec<Text>>,
    /// Keys that stand there, those whose value could not be read included.
    pub present: Vec<&'static str>,
}

/// All that was written, by section and key. What is absent was not written, or is among the problems.
pub struct Raw {
    pub values: BTreeMap<(&'static str, &'static str), Vec<Text>>,
    pub customers: Vec<RawCustomer>,
    pub problems: Vec<Problem>,
    /// Files that hold a secret, this one included if one is written out in it.
    pub secret_files: BTreeSet<PathBuf>,
}

/// A configuration file's name and text.
pub struct File {
    pub path: PathBuf,
    pub text: String,
}

pub fn read(file: Option<&File>, env: &BTreeMap<String, String>) -> Raw {
    let text = file.map_or("", |f| f.text.as_str());
    let (table, syntax_errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        path: file.map(|f| f.path.clone()).unwrap_or_default(),
        text,
        env,
        raw: Raw {
            values: BTreeMap::new(),
            customers: Vec::new(),
            problems: Vec::new(),
            secret_files: BTreeSet::new(),
        },
    };
    if syntax_errors.is_empty() {
        reader.overrides();
        reader.table(table.get_ref());
    } else {
        // What stands in a broken file is a guess: a secret may have slipped into another key's value or even its
        // name, so nothing more of it is read or repeated.
        reader.raw.problems = syntax::problems(&reader.path, text, &syntax_errors);
        reader.overrides();
    }
    reader.raw
}

/// The label that a key has in errors.
pub fn label(key: &Key) -> String {
    match key.section {
        "customer" => format!("[[customer]] {}", key.key),
        section => format!("[{section}] {}", key.key),
    }
}

/// `a, b` and lines of a file alike, so that a list fits into one variable or one secret file.
pub fn split_list(text: &Text) -> Vec<Text> {
    let parts = text.text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| Text { text: part.to_owned(), ..text.clone() }).collect()
}

struct Reader<'a> {
    path: PathBuf,
    text: &'a str,
    env: &'a BTreeMap<String, String>,
    raw: Raw,
}

impl Reader<'_> {
    fn overrides(&mut self) {
        for (name, value) in self.env {
            let upper = name.to_uppercase();
            let Some(rest) = upper.strip_prefix(OVERRIDE_PREFIX) else { continue };
            let place = Place::Variable(name.clone());
            match unknown::of_variable(rest) {
                Ok(key) if value.contains('\u{FFFD}') => {
                    self.problem(place, label(key), "is not valid UTF-8; set it again".to_owned());
                }
                Ok(key) => self.put_override(key, Text { text: value.clone(), place, direct: true }),
                Err(what) => self.problem(place, String::new(), what),
            }
        }
    }

    fn put_override(&mut self, key: &'static Key, text: Text) {
        let place = text.place.clone();
        let texts = if key.shape == Shape::List { split_list(&text) } else { vec![text] };
        if self.raw.values.insert((key.section, key.key), texts).is_some() {
            let what = "is set by two variables that differ in upper and lower case only; unset one of them";
            self.problem(place, label(key), what.to_owned());
        }
    }

    fn table(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let (section, place) = (name.get_ref().as_ref(), self.place(name.span().start));
            match (section, value.get_ref()) {
                ("customer", DeValue::Array(items)) => items.iter().for_each(|item| self.customer(item)),
                ("customer", _) => {
                    let what = "each customer is a table of its own; write [[customer]] in double brackets";
                    self.problem(place, "[customer]".to_owned(), what.to_owned());
                }
                (_, DeValue::Table(keys)) if unknown::is_section(section) => self.section(section, keys),
                (_, value) => {
                    let (label, what) = unknown::of_top_level(section, value);
                    self.problem(place, label, what);
                }
            }
        }
    }

    fn section(&mut self, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let known = KEYS.iter().find(|k| k.section == section && k.key == name.get_ref().as_ref());
            let Some(key) = known else {
                self.unknown_key(section, name);
                continue;
            };
            if self.raw.values.contains_key(&(key.section, key.key)) {
                continue;
            }
            if let Some(texts) = self.value(key, value) {
                self.raw.values.insert((key.section, key.key), texts);
            }
        }
    }

    fn customer(&mut self, item: &Spanned<DeValue<'_>>) {
        let place = self.place(item.span().start);
        let DeValue::Table(table) = item.get_ref() else {
            let what = "each customer is a table of its own; write [[customer]] and its keys below";
            return self.problem(place, "[[customer]]".to_owned(), what.to_owned());
        };
        let mut customer = RawCustomer { place, values: BTreeMap::new(), present: Vec::new() };
        for (name, value) in table {
            let Some(key) = CUSTOMER_KEYS.iter().find(|k| k.key == name.get_ref().as_ref()) else {
                self.unknown_key("customer", name);
                continue;
            };
            customer.present.push(key.key);
            if let Some(texts) = self.value(key, value) {
                customer.values.insert(key.key, texts);
            }
        }
        self.raw.customers.push(customer);
    }

    fn unknown_key(&mut self, section: &str, name: &Spanned<std::borrow::Cow<'_, str>>) {
        let place = self.place(name.span().start);
        let (label, what) = unknown::of_key(section, name.get_ref());
        self.problem(place, label, what);
    }

    fn value(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) -> Option<Vec<Text>> {
        match (key.shape, value.get_ref()) {
            (Shape::List, DeValue::Array(items)) => {
                // Every item is looked at, so that each bad one is named.
                let texts: Vec<_> = items.iter().map(|item| self.scalar(key, item)).collect();
                texts.into_iter().collect()
            }
            (Shape::List, DeValue::Table(_)) => self.scalar(key, value).map(|text| split_list(&text)),
            (Shape::List, other) => {
                let what = format!("is {}, but a list is wanted; write it as [\"…\", \"…\"]", article(other));
                self.problem(self.place(value.span().start), label(key), what);
                None
            }
            _ => self.scalar(key, value).map(|text| vec![text]),
        }
    }

    fn scalar(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) -> Option<Text> {
        let place = self.place(value.span().start);
        let wrong = match (key.shape, value.get_ref()) {
            (_, DeValue::String(text)) => {
                self.holds_secret(key, !text.is_empty(), Some(self.path.clone()));
                return Some(Text { text: text.to_string(), place, direct: true });
            }
            (_, DeValue::Table(table)) => match indirect::read(table, folder_of(&self.path), self.env) {
                Ok(text) => {
                    self.holds_secret(key, true, indirect::file(table, folder_of(&self.path)));
                    return Some(Text { text, place, direct: false });
                }
                Err(what) => what,
            },
            (Shape::Number, DeValue::Integer(number)) => {
                let text = i64::from_str_radix(number.as_str(), number.radix())
                    .map_or_else(|_| number.to_string(), |n| n.to_string());
                return Some(Text { text, place, direct: true });
            }
            (Shape::Number, other) => format!("is {}, but a whole number is wanted", article(other)),
            (_, other) => format!("is {}, but a text is wanted; put it in \"double quotes\"", article(other)),
        };
        self.problem(place, label(key), wrong);
        None
    }

    fn holds_secret(&mut self, key: &Key, is_there: bool, file: Option<PathBuf>) {
        self.raw.secret_files.extend(file.filter(|_| is_there && key.is_secret()));
    }

    fn place(&self, offset: usize) -> Place {
        syntax::place(&self.path, self.text, offset)
    }

    fn problem(&mut self, place: Place, key: String, what: String) {
        self.raw.problems.push(Problem { place, key, what });
    }
}

/// The folder that relative paths in a configuration file start from.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
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
