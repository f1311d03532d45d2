//! Patterns and figures in a step's output, and the sentences made of them. What a host printed is tamed before it stands in
//! a sentence. Never panics on a pattern or a figure.

use super::Finding;
use model::plan::{Expect, Level, Says, Words};
use regex::{Captures, Regex, RegexBuilder};

/// What a compiled pattern may take.
const MOST_BYTES: usize = 1 << 20;
/// So many findings of one expectation are told one by one.
const MOST_FINDINGS: usize = 5;
const LONGEST_VALUE: usize = 120;

/// A pattern as runbooks mean it: `^` and `$` stand for lines.
pub(in crate::runbooks) fn pattern(text: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(text);
    builder.multi_line(true).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).nest_limit(64);
    builder.build().map_err(|error| {
        let text = error.to_string();
        text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
    })
}

/// The names in braces of a sentence.
pub(in crate::runbooks) fn placeholders(text: &str) -> Vec<&str> {
    let ends = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    ends.map(|(name, _)| name).collect()
}

/// A step's output.
pub(super) struct Text<'a> {
    pub out: &'a str,
    /// What is not found in it was not there.
    pub is_told: bool,
}

impl Text<'_> {
    pub fn against(&self, expect: &Expect) -> Vec<Finding> {
        match expect {
            Expect::Exit { .. } => Vec::new(),
            Expect::Matches { pattern: text, not, says } => {
                let Ok(regex) = pattern(text) else { return Vec::new() };
                if *not { self.lacks(&regex, says) } else { self.has(&regex, says) }
            }
            Expect::Number { pattern: text, min, max, per, says } => {
                let Ok(regex) = pattern(text) else { return Vec::new() };
                let Some(per) = self.divisor(per.as_deref()) else { return Vec::new() };
                let bounds = [min, max].map(|bound| bound.as_deref().and_then(|text| text.parse::<f64>().ok()));
                self.numbers(&regex, per, bounds, says)
            }
        }
    }

    fn has(&self, regex: &Regex, says: &Says) -> Vec<Finding> {
        let is_unmet = self.is_told && !regex.is_match(self.out);
        if is_unmet { vec![Finding::of(says, says.words.clone())] } else { Vec::new() }
    }

    fn lacks(&self, regex: &Regex, says: &Says) -> Vec<Finding> {
        few(regex.captures_iter(self.out).map(|found| told(regex, &found, None, says)), says.level)
    }

    /// One where there is nothing to divide by; `None` where there should be and is not.
    fn divisor(&self, per: Option<&str>) -> Option<Option<f64>> {
        let Some(per) = per else { return Some(None) };
        let regex = pattern(per).ok()?;
        let found = regex.captures(self.out)?;
        let number = number(found.get(1)?.as_str()).filter(|number| *number > 0.0)?;
        Some(Some(number))
    }

    fn numbers(&self, regex: &Regex, per: Option<f64>, [min, max]: [Option<f64>; 2], says: &Says) -> Vec<Finding> {
        let outside = regex.captures_iter(self.out).filter_map(|found| {
            let text = found.get(1)?.as_str();
            let figure = number(text)? / per.unwrap_or(1.0);
            let is_outside = min.is_some_and(|min| figure < min) || max.is_some_and(|max| figure > max);
            let shown = if per.is_some() { format!("{figure:.2}") } else { text.to_owned() };
            is_outside.then(|| told(regex, &found, Some(&shown), says))
        });
        few(outside, says.level)
    }
}

/// `1,234.5` as well.
fn number(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok().filter(|number: &f64| number.is_finite())
}

/// The first few that differ, and how many more there are.
fn few(findings: impl Iterator<Item = Finding>, level: Level) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let mut more = 0_usize;
    for finding in findings {
        if kept.contains(&finding) {
            continue;
        }
        if kept.len() < MOST_FINDINGS { kept.push(finding) } else { more += 1 }
    }
    if more > 0 {
        let words = Words::new(format!("and {more} more like these"), format!("同様のものがほかに {more} 件"));
        kept.push(Finding { level, words, value: None });
    }
    kept
}

fn told(regex: &Regex, found: &Captures<'_>, value: Option<&str>, says: &Says) -> Finding {
    let whole = found.get(1).or_else(|| found.get(0)).map_or("", |m| m.as_str());
    let value_or_match = value.unwrap_or(whole);
    let fill = |text: &str| {
        let mut out = text.replace("{value}", &tame(value_or_match));
        for name in regex.capture_names().flatten() {
            let held = found.name(name).map_or("", |m| m.as_str());
            out = out.replace(&format!("{{{name}}}"), &tame(held));
        }
        out
    };
    Finding {
        level: says.level,
        words: Words::new(fill(&says.words.en), fill(&says.words.ja)),
        value: value.map(str::to_owned),
    }
}

/// A host's text within a sentence of ours: one line, no control characters, no braces, not long.
pub(super) fn tame(text: &str) -> String {
    let clean: String = text
        .trim()
        .chars()
        .map(|c| match c {
            '{' => '(',
            '}' => ')',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    model::text::cut(&clean, LONGEST_VALUE)
}
