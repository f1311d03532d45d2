//! A run in a few lines, for a note and a thread: the findings first, then what could not be read. Words only.

use super::judge::{Finding, Judged, State};
use crate::say::{Language, say};
use model::plan::{Level, PlanStep, Words};
use std::collections::BTreeSet;

const MOST_LINES: usize = 10;
const MOST_UNREAD: usize = 3;
const LONGEST_LINE: usize = 240;

/// What a run found, in at most ten lines.
pub fn summary(steps: &[(&PlanStep, &Judged)], language: Language) -> String {
    let mut findings: Vec<(&PlanStep, &Finding)> =
        steps.iter().flat_map(|(step, judged)| judged.findings.iter().map(|finding| (*step, finding))).collect();
    findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.level));
    let mut told = BTreeSet::new();
    // A server that is down is found by every step that asks it.
    findings.retain(|(_, finding)| told.insert(&finding.words));
    let unread = unread(steps, language);
    let mut lines: Vec<String> = Vec::new();
    let room = MOST_LINES - unread.len() - 1;
    for (step, finding) in findings.iter().take(room) {
        lines.push(line(step, finding, language));
    }
    lines.extend(more(findings.len().saturating_sub(room), language));
    if findings.is_empty() {
        lines.push(nothing(steps, language));
    }
    lines.extend(unread);
    lines.iter().map(|line| model::text::cut(line, LONGEST_LINE)).collect::<Vec<_>>().join("\n")
}

fn of(words: &Words, language: Language) -> &str {
    match language {
        Language::Ja => &words.ja,
        Language::En => &words.en,
    }
}

fn line(step: &PlanStep, finding: &Finding, language: Language) -> String {
    let level = match finding.level {
        Level::Critical => say!(language, ja: "[重大] ", en: "[critical] "),
        Level::Warning => say!(language, ja: "[注意] ", en: "[warning] "),
        Level::Info => say!(language, ja: "[情報] ", en: "[info] "),
    };
    format!("{level}{}: {}", of(&step.title, language), of(&finding.words, language))
}

fn more(count: usize, language: Language) -> Option<String> {
    (count > 0).then(|| say!(language, ja: "ほかに {n} 件の所見があります", en: "and {n} more findings", n = count))
}

fn nothing(steps: &[(&PlanStep, &Judged)], language: Language) -> String {
    let read = steps.iter().filter(|(_, judged)| judged.state.is_read()).count();
    if read == 0 {
        return say!(language, ja: "何も読み取れませんでした", en: "Nothing could be read");
    }
    say!(language, ja: "{n} 項目を確認し、異常は見つかりませんでした", en: "Nothing out of the ordinary in {n} steps", n = read)
}

/// What could not be read: one line a state, the steps named.
fn unread(steps: &[(&PlanStep, &Judged)], language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    for state in State::ALL.into_iter().filter(|state| !state.is_read()) {
        let of_state: Vec<String> = steps
            .iter()
            .filter(|(_, judged)| judged.state == state)
            .map(|(step, judged)| named(step, judged.why.as_ref(), language))
            .collect();
        if !of_state.is_empty() {
            lines.push(format!("{}: {}", state_words(state, language), of_state.join(", ")));
        }
    }
    if lines.len() > MOST_UNREAD {
        let rest = lines.split_off(MOST_UNREAD - 1);
        lines.push(rest.join("; "));
    }
    lines
}

/// The step, with the reason where the state does not say all.
fn named(step: &PlanStep, why: Option<&Words>, language: Language) -> String {
    let title = of(&step.title, language);
    match why {
        Some(why) => format!("{title} ({})", model::text::cut(of(why, language), 60)),
        None => title.to_owned(),
    }
}

fn state_words(state: State, language: Language) -> String {
    match state {
        State::Missing => say!(language, ja: "ツールなし", en: "Tool missing"),
        State::Denied => say!(language, ja: "権限なし", en: "Not allowed"),
        State::TimedOut => say!(language, ja: "時間切れ", en: "Timed out"),
        State::Failed => say!(language, ja: "失敗", en: "Failed"),
        State::Cut => say!(language, ja: "途中まで", en: "Read in part"),
        State::NotRun => say!(language, ja: "未実行", en: "Not run"),
        State::Ok | State::Finding => String::new(),
    }
}
