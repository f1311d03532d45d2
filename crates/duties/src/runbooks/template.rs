//! Where a parameter may stand in a script, and the script with its values. Never writes a value without quotes.

use super::parameter::{Refused, quoted, refused};
use super::shell::{Command, Script, Spot, Use, Word};
use super::writes::{begins, is_assignment};
use std::collections::BTreeMap;

/// What is wrong at an offset of the script.
pub(super) struct Wrong {
    pub at: usize,
    pub says: String,
    pub remedy: String,
}

/// Commands that take an argument as a program: a value there would be one.
const PROGRAMS: [&str; 13] =
    ["eval", "sh", "bash", "dash", "ksh", "zsh", "su", "ssh", "perl", "python", "python3", "ruby", "trap"];
/// Commands whose first argument, or whatever follows an option, is a program.
const FILTERS: [&str; 4] = ["awk", "gawk", "mawk", "sed"];
/// Variables that decide which commands run.
const RULING: [&str; 8] = ["PATH", "IFS", "ENV", "BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "SUDO", "PS4"];

/// Uses of parameters that may not be as they are.
pub(super) fn check(script: &Script, known: &[&str]) -> Vec<Wrong> {
    let mut found: Vec<Wrong> = script.uses.iter().filter_map(|used| standing(used, known)).collect();
    for command in &script.commands {
        found.extend(command.words.iter().enumerate().filter_map(|(n, word)| becoming(command, n, word)));
    }
    found
}

fn standing(used: &Use, known: &[&str]) -> Option<Wrong> {
    let name = &used.name;
    if used.spot != Spot::Plain {
        return Some(Wrong {
            at: used.at,
            says: format!("{{{{ {name} }}}} stands {}", used.spot.what()),
            remedy: "put it alone between blanks, or after =: it is quoted by itself".into(),
        });
    }
    (!known.contains(&name.as_str())).then(|| Wrong {
        at: used.at,
        says: format!("there is no parameter {name:?}"),
        remedy: super::fields::suggestion(name, known),
    })
}

/// A value that would be run.
fn becoming(command: &Command, n: usize, word: &Word) -> Option<Wrong> {
    if word.uses.is_empty() {
        return None;
    }
    let is_assigned = command.words[..=n].iter().all(|w| is_assignment(&w.text));
    let says = if is_assigned {
        let name = word.text.split('=').next().unwrap_or_default();
        if !RULING.contains(&name) {
            return None;
        }
        format!("a value may not be {name}")
    } else {
        run_by(&command.words.iter().map(|w| w.text.as_str()).collect::<Vec<&str>>(), n)?
    };
    Some(Wrong {
        at: word.at,
        says,
        remedy: "name the command in the runbook, and give it the value as an argument".into(),
    })
}

/// By what the word would be run, in words; `None` where it is an argument like others.
fn run_by(words: &[&str], n: usize) -> Option<String> {
    if begins(words, n) {
        return Some("a value may not be a command".to_owned());
    }
    let before = words.get(..n)?;
    let base = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let taker = before.iter().position(|word| PROGRAMS.contains(&base(word).as_str()));
    let filter = before.iter().position(|word| FILTERS.contains(&base(word).as_str())).filter(|at| {
        let is_option = before.last().is_some_and(|last| last.starts_with('-') && *last != "--");
        is_option || before[at + 1..].iter().all(|word| word.starts_with('-'))
    });
    taker.or(filter).map(|at| format!("{} would take the value as a program", before[at]))
}

/// Whether `--` stands before the use in its command, so that nothing after it is an option.
fn is_guarded(script: &Script, index: usize) -> bool {
    let command = script.commands.iter().find(|c| c.words.iter().any(|w| w.uses.contains(&index)));
    let Some(command) = command else { return true };
    command.words.iter().take_while(|w| !w.uses.contains(&index)).any(|w| w.text == "--")
}

/// The first use of each name where a leading dash would make an option.
pub(super) fn unguarded(script: &Script) -> impl Iterator<Item = &Use> {
    let bare = script.uses.iter().enumerate().filter(|(n, used)| used.begins_word && !is_guarded(script, *n));
    bare.map(|(_, used)| used)
}

/// The script with its values, each quoted.
pub(super) fn filled(text: &str, script: &Script, values: &BTreeMap<String, String>) -> Result<String, Refused> {
    for used in unguarded(script) {
        let value = values.get(&used.name).map_or("", String::as_str);
        if value.starts_with('-') {
            let why = "it begins with a dash and would be an option here; the runbook has no -- before it";
            return Err(refused(&used.name, value, why));
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut uses: Vec<&Use> = script.uses.iter().filter(|used| used.spot == Spot::Plain).collect();
    uses.sort_by_key(|used| used.at);
    for used in uses {
        let value = values.get(&used.name).ok_or_else(|| refused(&used.name, "", "it has no value"))?;
        out.push_str(text.get(from..used.at).unwrap_or_default());
        out.push_str(&quoted(value));
        from = used.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Ok(out)
}
