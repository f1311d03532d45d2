//! Runbooks of a test's own: small, quick, and nothing but what the test is about.

use std::fmt::Write;

/// The runbook that most tests ask for.
pub const LOOK: &str = "look";

/// One that people start; its steps are made by `step`.
pub fn button(name: &str, steps: &[String]) -> String {
    text(name, "  - button\n", "", steps)
}

/// One that runs by itself for every incident.
pub fn unattended(name: &str, steps: &[String]) -> String {
    text(name, "  - incident\n  - button\n", "", steps)
}

/// One that people start with a word of theirs, which its scripts know as `{{ mark }}`.
pub fn marked(name: &str, steps: &[String]) -> String {
    let parameters = "parameters:\n  mark:\n    type: word\n    title: {en: Mark, ja: 印}\n";
    text(name, "  - button\n", parameters, steps)
}

fn text(name: &str, when: &str, parameters: &str, steps: &[String]) -> String {
    format!(
        "version: 1\nname: {name}\ntitle: {{en: {name}, ja: {name}}}\nclass: read\nwhen:\n{when}limits: {{time: 10m, output: 100MB}}\n\
         {parameters}steps:\n{}",
        steps.concat()
    )
}

/// A step with a script, and lines such as `time: 2s` before it.
pub fn step(name: &str, more: &[&str], script: &str) -> String {
    let mut text = format!("  - name: {name}\n    title: {{en: {name}, ja: {name}}}\n");
    for line in more {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("    run: |\n");
    for line in script.lines() {
        let _ = writeln!(text, "      {line}");
    }
    text
}
