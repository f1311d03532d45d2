//! New Relic issues. Subjects are templates, so that the issue's link and the words of state count, wherever they stand. Never
//! reads a mail without an issue's link or New Relic as its sender.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::mail::State;

static ISSUE: Rx = Rx::new(
    r"newrelic\.com/\S*?(?:issues?[/=]|issueId[=/]|issue%2F)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
);
static UUID: Rx = Rx::new(r"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$");
/// At the beginning alone: a title may say that a connection was closed.
static WORD: Rx = Rx::new(
    r"^(?:\[[^\]]*\]\s*|new relic(?: alert)?[\s:-]*|issue\s+|incident\s+|is\s+|has been\s+)*\[?(?P<word>created|activated|acknowledged|closed|opened|open|resolved)\b\]?(?:\s*[:|-]|\s+(?:issue|incident)\b|\s*$|\s*\[|\]?\s)",
);
static PRIORITY: Rx = Rx::new(r"(?:^|[\[( ])(critical|high|medium|low|warning)(?:[\]): ]|$)");
static TITLE: Rx = Rx::new(
    r"^(?:\[[^\]]*\]\s*)*(?:new relic(?: alert)?\s*[:-]?\s*)?(?:(?:issue|incident|priority|critical|high|medium|low|is|has been|was|created|activated|acknowledged|closed|opened|resolved)\b[\s:|-]*)*(?P<title>.*)$",
);

const PRIORITIES: [&str; 3] = ["priority", "優先度", "重要度"];
const STATES: [&str; 4] = ["state", "issue state", "状態", "ステータス"];

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let labelled = letter.label(&["issue id", "issueid", "イシューid"]).and_then(|text| UUID.find(text));
    let id = letter.link(&ISSUE).or(labelled);
    if !(letter.is_from("newrelic.com") || letter.link(&ISSUE).is_some()) {
        return None;
    }
    let said = letter.label(&STATES).or_else(|| letter.subject.find(&WORD)?.get("word"));
    let (rule, state) = match said.unwrap_or_default().to_lowercase().as_str() {
        "closed" | "resolved" => ("closed", State::Recovery),
        "acknowledged" => ("acknowledged", State::Update),
        "created" | "activated" | "opened" | "open" | "active" => ("activated", State::Problem),
        _ if id.is_some() => ("issue", State::Problem),
        _ => return None,
    };
    let priority = letter.label(&PRIORITIES).or_else(|| letter.subject.find(&PRIORITY).map(|hit| hit.first()));
    let severity = priority.and_then(|word| match word.to_lowercase().as_str() {
        // Its second of four grades.
        "high" => Some(model::mail::Severity::Error),
        word => state::severity(word),
    });
    let title = letter.label(&["title", "issue title"]).or_else(|| letter.subject.find(&TITLE)?.get("title"));
    let title = title.unwrap_or(&letter.bare.shown);
    let host = letter.label(&["impacted entities", "impacted entity", "entity", "entities", "host", "targets"]);
    let check = letter.label(&["condition", "conditions", "alert condition", "条件"]).or(Some(title));
    let at = letter.label(&["created at", "activated at", "closed at", "time", "opened at"]);
    let at = at.and_then(|text| time::instant(text, zone));
    let draft = Draft::new(rule, state).on(host, check).severe(severity).titled(title).at(at).named(id);
    let draft = draft.telling(letter.details(&["policy", "alert policy", "workflow", "priority", "account"]));
    Some(match id {
        Some(id) => draft.global().keyed(["issue", id]),
        None => draft.keyed(["title", title]),
    })
}
