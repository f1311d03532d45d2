//! From a file's text to a runbook, with everything that is wrong in it. What can't be used is an error; what its author
//! hardly means is a warning. Never runs anything, never reads a file.

mod expect;
mod parameter;
mod step;
mod when;

use super::fields::{self, Fields};
use super::problem::{Place, Problem, Problems};
use super::runbook::{Runbook, Target};
use super::yaml::{self, Kind, Node};
use model::plan::{Class, Limits};
use sha2::{Digest as _, Sha256};

const KEYS: [&str; 10] =
    ["version", "name", "title", "description", "class", "when", "target", "parameters", "limits", "steps"];
const DEFAULT: Limits = Limits { time_ms: 300_000, output_bytes: 100_000_000 };
const MOST_STEPS: usize = 100;
const LONGEST_RUN_S: u64 = 3_600;
/// As much as a step's output is kept of.
const MOST_OUTPUT: u64 = 100_000_000;

/// What a file holds.
#[derive(Debug)]
pub struct Linted {
    /// `None` where there is an error.
    pub runbook: Option<Runbook>,
    pub problems: Vec<Problem>,
}

/// What the reading of one file's parts shares.
struct Source<'s> {
    text: &'s str,
    class: Class,
    limits: Limits,
}

/// Reads a runbook and names everything that is wrong in it.
pub fn lint(file: &str, text: &str) -> Linted {
    let mut problems = Problems::new(file);
    let read = yaml::tree(text, &mut problems).and_then(|root| whole(file, text, &root, &mut problems));
    let runbook = read.filter(|_| !problems.any_error());
    Linted { runbook, problems: problems.into_list() }
}

fn whole(file: &str, text: &str, root: &Node, problems: &mut Problems) -> Option<Runbook> {
    let fields = Fields::of(root, "a runbook", &KEYS, problems);
    version(&fields, problems);
    let name = fields.must("name", "name it as people will call it: letters, digits and dashes", problems);
    let name = name.and_then(|node| name_of(node, "name", problems));
    let title = fields.words("title", problems);
    let description = fields.get("description").and_then(|node| fields::words(node, "description", problems));
    let class = fields.one_of("class", &[("read", Class::Read), ("change", Class::Change)], problems);
    let target = fields.one_of("target", &[("host", Target::Host)], problems);
    let limits = fields.get("limits").map_or(Some(DEFAULT), |node| limits(node, problems));
    let when = when::read(&fields, problems);
    let parameters = parameter::read(&fields, problems);
    let source = Source { text, class: class?, limits: limits.unwrap_or(DEFAULT) };
    let steps = steps(&fields, &source, &parameters, problems);
    parameter::unused(&fields, &parameters, &steps, problems);
    Some(Runbook {
        file: file.to_owned(),
        name: name?,
        title: title?,
        description,
        class: class?,
        when,
        target: target?,
        parameters,
        steps,
        limits: limits?,
        digest: hex::encode(Sha256::digest(text.as_bytes())),
    })
}

fn version(fields: &Fields<'_>, problems: &mut Problems) {
    let Some(node) = fields.must("version", "write version: 1", problems) else { return };
    if node.text() != Some("1") {
        problems.error(node.place, "this version is not known", "write version: 1");
    }
}

/// A name by which something is called: a word that stands in addresses and on command lines.
fn name_of(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    let text = fields::text(node, what, problems)?;
    let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 60
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
    if !is_name {
        problems.error(
            node.place,
            format!("{text:?} can't be a {what}"),
            "begin with a letter; small letters, digits, - and _, at most 60",
        );
    }
    is_name.then(|| text.to_owned())
}

fn limits(node: &Node, problems: &mut Problems) -> Option<Limits> {
    let fields = Fields::of(node, "limits", &["time", "output"], problems);
    let time_ms = time(&fields, "time", DEFAULT.time_ms, problems);
    let output_bytes = output(&fields, DEFAULT.output_bytes, problems);
    Some(Limits { time_ms: time_ms?, output_bytes: output_bytes? })
}

fn time(fields: &Fields<'_>, name: &str, default_ms: u64, problems: &mut Problems) -> Option<u64> {
    let Some(node) = fields.get(name) else { return Some(default_ms) };
    let seconds = fields::text(node, name, problems).map(super::amount::seconds)?;
    match seconds {
        Some(seconds @ 1..=LONGEST_RUN_S) => Some(seconds * 1_000),
        _ => {
            problems.error(node.place, format!("{name} is no span from 1s to 1h"), "write it as 30s or 5m");
            None
        }
    }
}

fn output(fields: &Fields<'_>, default: u64, problems: &mut Problems) -> Option<u64> {
    let Some(node) = fields.get("output") else { return Some(default) };
    let bytes = fields::text(node, "output", problems).map(super::amount::bytes)?;
    match bytes {
        Some(bytes @ 1..=MOST_OUTPUT) => Some(bytes),
        _ => {
            problems.error(node.place, "output is no size up to 100MB", "write it as 64KB or 10MB");
            None
        }
    }
}

fn steps(
    fields: &Fields<'_>,
    source: &Source<'_>,
    parameters: &[super::Parameter],
    problems: &mut Problems,
) -> Vec<super::Step> {
    let Some(node) = fields.must("steps", "a runbook has at least one step", problems) else { return Vec::new() };
    let Kind::List(items) = &node.kind else {
        problems.error(node.place, format!("steps is {}, not a list", node.what()), "begin each step with - name:");
        return Vec::new();
    };
    if items.is_empty() || items.len() > MOST_STEPS {
        problems.error(node.place, format!("there are {} steps", items.len()), format!("have 1 to {MOST_STEPS}"));
    }
    let mut found: Vec<(super::Step, Place)> = Vec::new();
    for item in items {
        let Some(step) = step::read(item, source, parameters, problems) else { continue };
        if let Some((_, before)) = found.iter().find(|(other, _)| other.name == step.name) {
            let says = format!("a step is called {} already, in line {}", step.name, before.line);
            problems.error(item.place, says, "give each step a name of its own");
        }
        found.push((step, item.place));
    }
    found.into_iter().map(|(step, _)| step).collect()
}
