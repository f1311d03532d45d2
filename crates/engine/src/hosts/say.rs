//! What people are told of visits, outside of our own pages: a note in PagerDuty and a message in the incident's thread, one each, that
//! follow what is known. What a customer does not share leaves by neither.

use super::judged;
use crate::Settings;
use crate::slack;
use crate::slack::Said;
use duties::diagnose::{self, Told};
use duties::say::Language;
use model::Scope;
use model::customer::Share;
use model::message::{Card, Link, Message};
use model::plan::Words;
use model::visit::Finding;
use store::posts::{self, Post, Wanted};
use store::runs::{self, Filter, Run};
use store::{StoreError, Tx, incidents};

/// What our note and our message are known by.
pub const NAME: &str = "diagnosis";
const MOST_RUNS: i64 = 40;
const NOTE_LINES: usize = 8;
const CARD_LINES: usize = 25;
/// Of what a host said, where a customer shares all.
const EXCERPT_LINES: usize = 6;
const EXCERPT_CHARS: usize = 600;

/// A run has ended: whoever follows its incident elsewhere hears of it, and whoever follows one that it stands beside.
pub async fn ended(tx: &mut Tx, settings: &Settings, run: &Run) -> Result<(), StoreError> {
    for incident in run.incident.iter().chain(&runs::beside(tx, run.id).await?) {
        told_of(tx, settings, incident, run).await?;
    }
    Ok(())
}

/// There is something new to be told of this incident's hosts.
pub async fn told_of(tx: &mut Tx, settings: &Settings, incident: &str, run: &Run) -> Result<(), StoreError> {
    let Some(hosts) = &settings.hosts else { return Ok(()) };
    if hosts.share(run.customer.as_deref()) == Share::None {
        return Ok(());
    }
    crate::notes::want(tx, settings, incident, NAME, run.id).await?;
    let main = format!("incident/{incident}");
    let Some(parent) = posts::get(tx, &main).await? else { return Ok(()) };
    if !settings.slack.as_ref().is_some_and(|slack| slack.has_bot) {
        return Ok(());
    }
    let post = Wanted {
        id: format!("{main}/{NAME}"),
        parent: Some(main),
        subject: incident.to_owned(),
        customer: parent.customer,
        channel: parent.channel,
    };
    slack::want(tx, &post).await
}

/// What the note in PagerDuty says now; `None`: there is nothing to say.
pub async fn note(tx: &mut Tx, settings: &Settings, incident: &str) -> Result<Option<String>, StoreError> {
    let Some(language) = settings.hosts.as_ref().map(|hosts| hosts.settings.language) else { return Ok(None) };
    let Some(lines) = lines(tx, settings, incident, language, NOTE_LINES).await? else { return Ok(None) };
    let mut text = format!("Arayashiki: {}", lines.join("\n"));
    if let Some(url) = url(settings, incident) {
        text = format!("{text}\n{url}");
    }
    Ok(Some(text))
}

/// What the message in the thread says now.
pub async fn card(tx: &mut Tx, settings: &Settings, post: &Post) -> Result<Option<Said>, StoreError> {
    let Some(slack) = &settings.slack else { return Ok(None) };
    let incident = &post.subject;
    let Some(lines) = lines(tx, settings, incident, slack.language, CARD_LINES).await? else { return Ok(None) };
    let headline = match slack.language {
        Language::En => "On the hosts",
        Language::Ja => "ホストの状態",
    };
    let links = url(settings, incident).map(|url| Link {
        text: match slack.language {
            Language::En => "Evidence".to_owned(),
            Language::Ja => "エビデンス".to_owned(),
        },
        url,
    });
    let message = Message { headline: headline.to_owned(), lines, links: links.into_iter().collect() };
    let is_over = incidents::is_open(tx, incident).await? == Some(false);
    Ok(Some(Said { card: Card::of(message), is_over }))
}

fn url(settings: &Settings, incident: &str) -> Option<String> {
    let base = &settings.public_url;
    (!base.is_empty()).then(|| format!("{base}/incidents/{incident}#evidence"))
}

/// What is known of the hosts of an incident, as far as its customer shares it.
async fn lines(
    tx: &mut Tx,
    settings: &Settings,
    incident: &str,
    language: Language,
    most: usize,
) -> Result<Option<Vec<String>>, StoreError> {
    let Some(hosts) = &settings.hosts else { return Ok(None) };
    let filter = Filter { incident: Some(incident.to_owned()), ..Filter::default() };
    let runs = runs::list(tx, &Scope::All, &filter, MOST_RUNS).await?;
    let shared: Vec<&Run> =
        latest(&runs).into_iter().filter(|run| hosts.share(run.customer.as_deref()) > Share::None).collect();
    if shared.is_empty() {
        return Ok(None);
    }
    let ids: Vec<i64> = shared.iter().map(|run| run.id).collect();
    let steps = runs::steps_of(tx, &Scope::All, &ids).await?;
    let findings: Vec<Vec<Finding>> =
        shared.iter().map(|run| serde_json::from_str(&run.findings).unwrap_or_default()).collect();
    let causes: Vec<Option<Words>> = shared.iter().map(|run| run.cause.as_deref().map(Words::kept)).collect();
    let told: Vec<Told<'_>> = shared
        .iter()
        .zip(findings.iter().zip(&causes))
        .map(|(run, (findings, cause))| {
            let own = || steps.iter().filter(|step| step.run == run.id);
            let answered = own().filter(|step| matches!(step.state.as_str(), "ok" | "finding")).count();
            Told {
                host: &run.host,
                runbook: &run.runbook,
                state: &run.state,
                cause: cause.as_ref().map(|cause| diagnose::pick(cause, language)),
                is_absent: run.level.as_deref() == Some(judged::ABSENT),
                findings,
                answered: (answered, own().count()),
            }
        })
        .collect();
    let mut lines = diagnose::lines(&told, language, most);
    for (run, findings) in shared.iter().zip(&findings) {
        if hosts.share(run.customer.as_deref()) == Share::Full {
            lines.extend(excerpts(tx, run, findings).await?);
        }
    }
    Ok(Some(lines))
}

/// Of several runs of one runbook on one host, the last.
fn latest(runs: &[Run]) -> Vec<&Run> {
    let mut seen = std::collections::BTreeSet::new();
    runs.iter().filter(|run| seen.insert((run.host.as_str(), run.runbook.as_str()))).collect()
}

/// The first lines of the steps that found something, redacted when they were kept.
async fn excerpts(tx: &mut Tx, run: &Run, findings: &[Finding]) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    let steps = runs::steps(tx, run.id).await?;
    for step in steps.iter().filter(|step| findings.iter().any(|finding| finding.step == step.name)).take(3) {
        let pieces = runs::pieces(tx, run.id, step.n).await?;
        let said: Vec<u8> = pieces.into_iter().filter(|p| p.stream == "out").flat_map(|piece| piece.body).collect();
        let said = String::from_utf8_lossy(&said).into_owned();
        let first: Vec<&str> = said.lines().take(EXCERPT_LINES).collect();
        lines.push(format!("{} · {}", run.host, step.name));
        lines.push(model::text::cut(&first.join("\n"), EXCERPT_CHARS));
    }
    Ok(lines)
}
