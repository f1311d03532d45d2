//! A shell's variables and options. It looks up and keeps; it expands nothing.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub(super) struct Vars {
    values: BTreeMap<String, String>,
    exported: BTreeSet<String>,
    /// `$1` and the rest.
    pub args: Vec<String>,
    /// `$0`
    pub name: String,
    pub last_status: i32,
    pub last_background: Option<u32>,
    pub pid: u32,
    pub stops_on_error: bool,
    pub refuses_unset: bool,
    pub no_globs: bool,
}

impl Vars {
    pub(super) fn new(name: &str, pid: u32) -> Self {
        Self { name: name.to_owned(), pid, ..Self::default() }
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.last_status.to_string()),
            "#" => Some(self.args.len().to_string()),
            "$" => Some(self.pid.to_string()),
            "!" => self.last_background.map(|pid| pid.to_string()),
            "-" => Some(self.options()),
            "0" => Some(self.name.clone()),
            "@" | "*" => Some(self.args.join(" ")),
            _ => match name.parse::<usize>() {
                Ok(n) => self.args.get(n.wrapping_sub(1)).cloned(),
                Err(_) => self.values.get(name).cloned(),
            },
        }
    }

    pub(super) fn options(&self) -> String {
        let all = [(self.stops_on_error, 'e'), (self.no_globs, 'f'), (self.refuses_unset, 'u')];
        all.iter().filter(|(is_on, _)| *is_on).map(|(_, letter)| letter).collect()
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    pub(super) fn export(&mut self, name: &str) {
        self.exported.insert(name.to_owned());
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.values.remove(name);
        self.exported.remove(name);
    }

    pub(super) fn exported(&self) -> BTreeMap<String, String> {
        let own = self.values.iter().filter(|(name, _)| self.exported.contains(*name));
        own.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// `-e`, `+u`, `-eu`, `-o` with its word; what is not known is taken and does nothing.
    pub(super) fn option(&mut self, flag: &str) {
        let is_on = flag.starts_with('-');
        for letter in flag.chars().skip(1) {
            match letter {
                'e' => self.stops_on_error = is_on,
                'u' => self.refuses_unset = is_on,
                'f' => self.no_globs = is_on,
                _ => {}
            }
        }
    }
}
