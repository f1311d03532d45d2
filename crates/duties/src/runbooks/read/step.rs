//! One step: its script is looked through for values that would not be safe, and for what a step that looks must not do.

use super::super::exec::{LAST_LINE, MOST_SCRIPT_BYTES, Sudo};
use super::super::fields::{self, Fields};
use super::super::problem::{Place, Problems};
use super::super::shell::{self, Script};
use super::super::yaml::Node;
use super::super::{Parameter, Step, parameter, template, writes};
use super::{Source, expect, name_of, output, time};
use model::plan::{Class, Limits, OnFailure, Shows};
use serde_saphyr::granit_parser::ScalarStyle;

const KEYS: [&str; 11] =
    ["name", "title", "class", "run", "needs", "sudo", "expect", "time", "output", "on_failure", "shows"];
const STEP_MS: u64 = 30_000;
const STEP_BYTES: u64 = 10_000_000;

pub(super) fn read(
    node: &Node,
    source: &Source<'_>,
    parameters: &[Parameter],
    problems: &mut Problems,
) -> Option<Step> {
    let fields = Fields::of(node, "a step", &KEYS, problems);
    let name = fields.must("name", "name the step", problems).and_then(|node| name_of(node, "name", problems));
    let title = fields.words("title", problems);
    let class = class(&fields, source.class, problems);
    let limits = limits(&fields, source.limits, problems);
    let failures = [("continue", OnFailure::Continue), ("stop", OnFailure::Stop)];
    let on_failure = match fields.get("on_failure") {
        Some(_) => fields.one_of("on_failure", &failures, problems),
        None if class == Some(Class::Change) => Some(OnFailure::Stop),
        None => Some(OnFailure::Continue),
    };
    let sudo = fields.one_of("sudo", &[("no", Sudo::No), ("try", Sudo::Try), ("must", Sudo::Must)], problems);
    let shows = [("text", Shows::Text), ("table", Shows::Table), ("json", Shows::Json)];
    let shows = fields.one_of("shows", &shows, problems);
    let needs = needs(&fields, problems);
    let expect = expect::read(&fields, problems);
    let run = fields.must("run", "write what is to be run", problems);
    let run = run.and_then(|node| run_of(node, source, parameters, class, sudo, problems));
    Some(Step {
        name: name?,
        title: title?,
        class: class?,
        run: run?,
        needs,
        sudo: sudo?,
        expect,
        limits: limits?,
        on_failure: on_failure?,
        shows: shows?,
    })
}

fn class(fields: &Fields<'_>, of_runbook: Class, problems: &mut Problems) -> Option<Class> {
    let Some(node) = fields.get("class") else { return Some(of_runbook) };
    let class = fields.one_of("class", &[("read", Class::Read), ("change", Class::Change)], problems)?;
    if class > of_runbook {
        problems.error(
            node.place,
            "a step that changes stands in a runbook that reads",
            "write class: change at the top",
        );
    }
    Some(class)
}

fn limits(fields: &Fields<'_>, of_runbook: Limits, problems: &mut Problems) -> Option<Limits> {
    let time_ms = time(fields, "time", STEP_MS.min(of_runbook.time_ms), problems)?;
    let output_bytes = output(fields, STEP_BYTES.min(of_runbook.output_bytes), problems)?;
    for (name, is_more) in [("time", time_ms > of_runbook.time_ms), ("output", output_bytes > of_runbook.output_bytes)]
    {
        if is_more {
            let says = format!("{name} is more than all steps together may take");
            problems.warn(fields.place_of(name), says, format!("raise limits.{name}, or lower this"));
        }
    }
    Some(Limits { time_ms, output_bytes })
}

fn needs(fields: &Fields<'_>, problems: &mut Problems) -> Vec<String> {
    let mut found = Vec::new();
    for (text, place) in fields.texts("needs", problems) {
        let is_tool =
            |tool: &str| !tool.is_empty() && tool.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+/".contains(&b));
        if text.split('|').all(is_tool) && !text.starts_with('-') {
            found.push(text.to_owned());
        } else {
            problems.error(
                place,
                format!("{text:?} names no tool"),
                "write a command's name, or several as ss|netstat",
            );
        }
    }
    found
}

fn run_of(
    node: &Node,
    source: &Source<'_>,
    parameters: &[Parameter],
    class: Option<Class>,
    sudo: Option<Sudo>,
    problems: &mut Problems,
) -> Option<String> {
    let run = fields::text(node, "run", problems)?;
    let places = Places::new(node, source.text, run);
    bounds(run, node, &places, problems);
    let script = shell::lex(run);
    for fault in &script.faults {
        problems.error(places.at(fault.at), fault.says.clone(), fault.remedy);
    }
    let known: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
    let wrong = template::check(&script, &known);
    if wrong.is_empty() {
        dashes(&script, parameters, &places, problems);
    }
    for wrong in wrong {
        problems.error(places.at(wrong.at), wrong.says, wrong.remedy);
    }
    if class == Some(Class::Read) {
        looks_only(&script, &places, problems);
    }
    sudo_is_meant(run, sudo, &script, &places, problems);
    if let Some(at) = writes::unclear_sudo(&script) {
        problems.error(places.at(at), "what $SUDO runs is not plain", "write the command's name right after it");
    }
    Some(run.to_owned())
}

fn bounds(run: &str, node: &Node, places: &Places<'_>, problems: &mut Problems) {
    if run.trim().is_empty() {
        problems.error(node.place, "run is empty", "write what is to be run");
    }
    if run.len() > MOST_SCRIPT_BYTES / 2 {
        problems.error(node.place, format!("run has {} bytes", run.len()), "split the step");
    }
    if let Some(at) = run.find(LAST_LINE) {
        problems.error(places.at(at), format!("{LAST_LINE:?} is the mark at a script's end"), "write it otherwise");
    }
    if let Some(at) = run.find('\r') {
        problems.error(places.at(at), "there is a carriage return", "save the file with line feeds alone");
    }
    if matches!(places.style, Some(ScalarStyle::Folded)) {
        problems.error(node.place, "run is folded, which joins its lines", "write run: | instead of run: >");
    }
}

/// Where a value may begin with a dash and would be an option.
fn dashes(script: &Script, parameters: &[Parameter], places: &Places<'_>, problems: &mut Problems) {
    for used in template::unguarded(script) {
        let kind = parameters.iter().find(|p| p.name == used.name).map(|p| &p.kind);
        if matches!(kind, Some(parameter::Kind::Text)) {
            let says = format!("values of {} that begin with a dash will be refused here", used.name);
            problems.warn(places.at(used.at), says, "put -- before it if the command takes that");
        }
    }
}

fn looks_only(script: &Script, places: &Places<'_>, problems: &mut Problems) {
    for command in &script.commands {
        if let Some(what) = writes::tells(command) {
            let at = command.words.first().map(|word| word.at).or_else(|| command.redirects.first().map(|r| r.at));
            let says = format!("a step that reads may not do this: {what}");
            problems.error(places.at(at.unwrap_or_default()), says, "leave it out, or make the runbook's class change");
        }
    }
}

fn sudo_is_meant(run: &str, sudo: Option<Sudo>, script: &Script, places: &Places<'_>, problems: &mut Problems) {
    let is_used = !writes::with_sudo(script).is_empty();
    match sudo {
        Some(Sudo::No) if run.contains("$SUDO") => {
            let at = places.at(run.find("$SUDO").unwrap_or_default());
            problems.error(at, "run says $SUDO, and the step has no sudo", "write sudo: try or sudo: must");
        }
        Some(Sudo::Try | Sudo::Must) if !is_used => {
            problems.warn(places.at(0), "the step has sudo, and no command uses it", "write $SUDO before the command");
        }
        _ => {}
    }
}

/// From an offset of a script to its place in the file.
struct Places<'s> {
    style: Option<ScalarStyle>,
    begins: Place,
    source: Vec<&'s str>,
    run: &'s str,
}

impl<'s> Places<'s> {
    fn new(node: &Node, source: &'s str, run: &'s str) -> Self {
        let style = match &node.kind {
            super::Kind::Text(text) => Some(text.style),
            _ => None,
        };
        Self { style, begins: node.place, source: source.lines().collect(), run }
    }

    fn at(&self, offset: usize) -> Place {
        let before = self.run.get(..offset).unwrap_or(self.run);
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        match self.style {
            Some(ScalarStyle::Literal) => {
                // A block begins, for the parser, with its first line that is not empty.
                let empty = self.run.len() - self.run.trim_start_matches('\n').len();
                let number = (self.begins.line + line).saturating_sub(empty).max(1);
                let whole = self.source.get(number - 1).map_or(0, |line| line.chars().count());
                let inner = self.run.lines().nth(line).map_or(0, |line| line.chars().count());
                Place { line: number, column: whole.saturating_sub(inner) + column + 1 }
            }
            Some(ScalarStyle::Plain) if line == 0 => Place { column: self.begins.column + column, ..self.begins },
            Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) if line == 0 => {
                Place { column: self.begins.column + 1 + column, ..self.begins }
            }
            _ => self.begins,
        }
    }
}
