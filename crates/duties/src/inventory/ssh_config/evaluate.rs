//! What a configuration says of one name: the first value of each keyword, and every key's file. Refusals are kept with
//! their place; whoever asked decides what follows.

use super::super::pattern;
use super::criteria::{Known, Verdict, verdict};
use super::tree::{Tree, What};
use std::collections::BTreeMap;

/// The words of a keyword and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub words: Vec<String>,
    pub rest: String,
    pub place: String,
}

impl Said {
    pub fn word(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }
}

/// Something that nobody here does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    pub place: String,
    pub says: String,
    pub remedy: String,
}

#[derive(Debug, Default)]
pub struct Settings {
    first: BTreeMap<String, Said>,
    pub identities: Vec<Said>,
    pub certificates: Vec<Said>,
    pub refused: Vec<Refused>,
}

impl Settings {
    pub fn get(&self, keyword: &str) -> Option<&Said> {
        self.first.get(keyword)
    }

    fn add(&mut self, keyword: &str, said: Said) {
        let list = match keyword {
            "identityfile" => &mut self.identities,
            "certificatefile" => &mut self.certificates,
            _ => {
                // Whichever of these two comes first rules out the other.
                let rival = if keyword == "proxyjump" { "proxycommand" } else { "proxyjump" };
                let is_late = matches!(keyword, "proxyjump" | "proxycommand") && self.first.contains_key(rival);
                if !is_late {
                    self.first.entry(keyword.to_owned()).or_insert(said);
                }
                return;
            }
        };
        if list.iter().all(|known| known.words != said.words) {
            list.push(said);
        }
    }
}

pub fn settings(tree: &Tree, alias: &str) -> Settings {
    let mut found = Settings::default();
    // What `Match final` guards holds after all else.
    for is_final in [false, true] {
        walk(tree, alias, is_final, true, &mut found);
    }
    found.refused.sort();
    found.refused.dedup();
    found
}

/// An include says nothing while its place is not meant, whatever `Host` lines it has.
fn walk(tree: &Tree, alias: &str, is_final: bool, is_meant: bool, found: &mut Settings) {
    let mut is_active = is_meant;
    for item in &tree.items {
        match &item.what {
            What::Host(patterns) => is_active = is_meant && pattern::names(patterns, alias),
            What::Match(words) => is_active = is_meant && holds(words, alias, is_final, &tree.place(item.line), found),
            What::Include(trees) => trees.iter().for_each(|tree| walk(tree, alias, is_final, is_active, found)),
            What::Set(keyword, words, rest) if is_active => {
                let said = Said { words: words.clone(), rest: rest.clone(), place: tree.place(item.line) };
                found.add(keyword, said);
            }
            What::Set(..) => {}
        }
    }
}

fn holds(words: &[String], alias: &str, is_final: bool, place: &str, found: &mut Settings) -> bool {
    let user = found.get("user").map(|said| said.word().to_owned());
    let host = found.get("hostname").map_or_else(|| alias.to_owned(), |said| said.word().replace("%h", alias));
    let known = Known { alias, host: &host, user: user.as_deref(), is_final };
    let (says, remedy) = match verdict(words, &known) {
        Verdict::Holds => return true,
        Verdict::HoldsNot => return false,
        Verdict::Unanswered(name) if name == "exec" => (
            "Match exec would run a program to decide, which is not done".to_owned(),
            "guard the block by Host, Match host or Match originalhost",
        ),
        Verdict::Unanswered(name) => (
            format!("Match {name} can't be answered here"),
            "guard the block by Host, Match host or Match originalhost",
        ),
        Verdict::Broken => ("this Match can't be read".to_owned(), "write it such as Match host *.example.jp"),
    };
    found.refused.push(Refused { place: place.to_owned(), says, remedy: remedy.to_owned() });
    false
}
