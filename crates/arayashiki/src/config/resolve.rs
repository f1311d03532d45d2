//! The second step: texts become typed settings, customers among them. It reads no file and no environment.

use super::keys::{CUSTOMER_KEYS, Key};
use super::kinds::{self, Kind};
use super::problem::{Place, Problem};
use super::raw::{self, Raw, RawCustomer, Text};
use model::customer::Customer;
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

    pub fn value<T>(&mut self, key: &Key, kind: &Kind<T>) -> Option<T> {
        let written = self.raw.values.remove(&(key.section, key.key));
        let texts = written.unwrap_or_else(|| default_texts(key));
        self.read(&raw::label(key), kind, &texts)
    }

    fn read<T>(&mut self, label: &str, kind: &Kind<T>, texts: &[Text]) -> Option<T> {
        let wrongs = match (kind.read)(texts) {
            Ok(value) => return Some(value),
            Err(wrongs) => wrongs,
        };
        for wrong in wrongs {
            let place = texts.get(wrong.at).map_or(Place::Default, |text| text.place.clone());
            self.raw.problems.push(Problem { place, key: label.to_owned(), what: wrong.what });
        }
        None
    }

    /// In the file's order, which decides whose an incident is.
    pub fn customers(&mut self) -> Option<Vec<Customer>> {
        let raws = std::mem::take(&mut self.raw.customers);
        self.refuse_doubles(&raws);
        let read: Vec<_> = raws.into_iter().map(|raw| self.customer(raw)).collect();
        read.into_iter().collect()
    }

    fn customer(&mut self, mut raw: RawCustomer) -> Option<Customer> {
        let id = self.required(&mut raw, "id", &kinds::SLUG);
        let name = self.required(&mut raw, "name", &kinds::NAME);
        let mut names = |key| {
            let texts = raw.values.remove(key).unwrap_or_default();
            self.read(&format!("[[customer]] {key}"), &kinds::NAMES, &texts)
        };
        let (services, teams, service_contains) = (names("services"), names("teams"), names("service_contains"));
        Some(Customer { id: id?, name: name?, services: services?, teams: teams?, service_contains: service_contains? })
    }

    fn required<T>(&mut self, raw: &mut RawCustomer, name: &'static str, kind: &Kind<T>) -> Option<T> {
        if let Some(texts) = raw.values.remove(name) {
            return self.read(&format!("[[customer]] {name}"), kind, &texts);
        }
        // A key that stands there and could not be read is among the problems already.
        if let Some(key) = CUSTOMER_KEYS.iter().find(|k| k.key == name && !raw.present.contains(&name)) {
            self.missing(raw.place.clone(), key);
        }
        None
    }

    fn missing(&mut self, place: Place, key: &Key) {
        let what = format!("is missing; write {} = \"…\" below this line. {}", key.key, key.why);
        self.raw.problems.push(Problem { place, key: raw::label(key), what });
    }

    fn refuse_doubles(&mut self, raws: &[RawCustomer]) {
        let ids: Vec<&Text> = raws.iter().filter_map(|raw| raw.values.get("id")?.first()).collect();
        for (at, id) in ids.iter().enumerate() {
            if let Some(first) = ids.iter().take(at).find(|earlier| earlier.text == id.text) {
                let what = format!("{} is taken by the customer at {}; write another id", id.named(), first.place);
                self.raw.problems.push(Problem { place: id.place.clone(), key: "[[customer]] id".to_owned(), what });
            }
        }
    }
}

fn default_texts(key: &Key) -> Vec<Text> {
    let text = Text { text: key.default.to_owned(), place: Place::Default, direct: true };
    if key.shape == kinds::Shape::List { raw::split_list(&text) } else { vec![text] }
}
