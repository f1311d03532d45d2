//! The second step: texts become typed settings. It reads no file and no environment, and knows no key.

use super::kinds::{Kind, Shape};
use super::problem::{Place, Problem};
use super::raw::Raw;
use super::settings::{Key, Settings};
use std::path::PathBuf;

pub struct Resolver {
    raw: Raw,
}

impl Resolver {
    pub const fn new(raw: Raw) -> Self {
        Self { raw }
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.raw.problems
    }

    pub fn secret_files(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.raw.secret_files).into_iter().collect()
    }

    /// Every table of this kind, in the file's order, which may decide whose something is.
    pub fn rows<T: Settings>(&mut self) -> Option<Vec<T>> {
        let count = self.raw.count(T::SECTION);
        let read: Vec<Option<T>> = (0..count).map(|row| T::read(self, row)).collect();
        read.into_iter().collect()
    }

    pub fn value<T>(&mut self, key: &Key, row: usize, kind: &Kind<T>) -> Option<T> {
        let Some(texts) = self.raw.texts(key, row) else {
            self.missing(key, row);
            return None;
        };
        let wrongs = match (kind.read)(&texts) {
            Ok(value) => return Some(value),
            Err(wrongs) => wrongs,
        };
        for wrong in wrongs {
            let place = texts.get(wrong.at).map_or(Place::Default, |text| text.place.clone());
            self.raw.problem(place, key.label.to_owned(), wrong.what);
        }
        None
    }

    /// A key that stands there and could not be read is among the problems already.
    fn missing(&mut self, key: &Key, row: usize) {
        if self.raw.stands(key, row) {
            return;
        }
        let form = if key.shape == Shape::List { "[\"…\"]" } else { "\"…\"" };
        let what = format!("is missing; write {} = {form} below this line. {}", key.key, key.why);
        self.raw.problem(self.raw.beginning(key.section, row), key.label.to_owned(), what);
    }
}
