//! What was found on an incident's hosts, in a few lines for those who read them elsewhere. Decides nothing.

use crate::Settings;
use duties::Language;
use model::Scope;
use model::plan::Words;
use model::visit::{Finding, worst_first};
use store::runs::{self, Filter, Run};
use store::{StoreError, Tx};

/// More is on the page, which the last line names.
const MOST_LINES: usize = 10;
const MOST_RUNS: i64 = 50;

/// The note beside an incident; `None` while nothing was run for it.
pub async fn note(tx: &mut Tx, settings: &Settings, incident: &str) -> Result<Option<String>, StoreError> {
    let filter = Filter { incident: Some(incident.to_owned()), ..Filter::default() };
    let found = runs::list(tx, &Scope::All, &filter, MOST_RUNS).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let language = settings.bridges.locale.language;
    let mut lines: Vec<String> = found.iter().flat_map(|run| told(run, language)).take(MOST_LINES - 1).collect();
    if !settings.public_url.is_empty() {
        lines.push(format!("{}/incidents/{incident}#evidence", settings.public_url));
    }
    Ok(Some(lines.join("\n")))
}

fn told(run: &Run, language: Language) -> Vec<String> {
    let level = run.level.as_deref().map(|level| format!(": {level}")).unwrap_or_default();
    let mut findings: Vec<Finding> = serde_json::from_str(&run.findings).unwrap_or_default();
    worst_first(&mut findings);
    let head = format!("{} {} {}{level}", run.host, run.runbook, run.state);
    let words = findings.iter().map(|finding| format!("- {}", spoken(&finding.words, language)));
    std::iter::once(head).chain(words).collect()
}

fn spoken(words: &Words, language: Language) -> &str {
    match language {
        Language::Ja => &words.ja,
        Language::En => &words.en,
    }
}
