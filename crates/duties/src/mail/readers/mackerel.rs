//! Mackerel: an alert's mail, known by its link. The layout of the mail is not documented, so that only what must be in it counts.
//! Never reads a mail without the alert's link.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::mail::State;

static LINK: Rx = Rx::new(r"https://mackerel\.io/orgs/(?P<org>[\w.-]+)/alerts/(?P<id>[\w-]+)");
static SUBJECT: Rx = Rx::new(
    r"^(?:\[[^\]]*\]\s*)*(?P<word>critical|warning|ok|unknown|closed|test)\b\s*:?\s*(?P<name>.+?)(?:\s+(?:at|on)\s+(?P<host>\S+))?(?:\s+\((?P<rest>[^)]*)\))?$",
);

const HOST: [&str; 3] = ["host", "ホスト", "ホスト名"];
const MONITOR: [&str; 4] = ["monitor", "監視ルール", "監視項目", "モニター"];
const STATUS: [&str; 3] = ["status", "ステータス", "状態"];

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let link = letter.links.iter().find_map(|link| LINK.captures(link))?;
    let subject = letter.subject.find(&SUBJECT);
    let word = subject.as_ref().map(|hit| hit.folded("word")).or_else(|| letter.label(&STATUS))?;
    let (rule, state) = match word.to_lowercase().as_str() {
        "ok" | "closed" => ("closed", State::Recovery),
        "test" => ("test", State::Notice),
        "critical" | "warning" | "unknown" => ("alert", State::Problem),
        _ => return None,
    };
    let severity = state::of_word(word).and_then(|(_, severity)| severity);
    let of =
        |labels: &[&str], group: &str| letter.label(labels).or_else(|| subject.as_ref().and_then(|hit| hit.get(group)));
    let (host, name) = (of(&HOST, "host"), of(&MONITOR, "name"));
    let at = letter.label(&["time", "date", "発生日時", "発生時刻", "日時"]).and_then(|text| time::instant(text, zone));
    let title = name.unwrap_or(&letter.bare.shown);
    let draft = Draft::new(rule, state).on(host, name).severe(severity).titled(title).at(at);
    let draft = draft.named(Some(&link["id"])).named(Some(&link[0]));
    let details = letter.details(&[
        "role",
        "roles",
        "ロール",
        "service",
        "サービス",
        "metric",
        "メトリック",
        "threshold",
        "閾値",
    ]);
    Some(draft.telling(details).global().keyed(["alert", &link["org"], &link["id"]]))
}
