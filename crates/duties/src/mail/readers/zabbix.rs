//! Zabbix 3 to 7: the default messages of media types, and those whose subject or labels were put into Japanese. Never takes the
//! host from a subject.

use crate::mail::draft::Draft;
use crate::mail::fold::fold;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::Micros;
use model::mail::State;

static SUBJECT: Rx = Rx::new(
    r"^(?P<word>problem|ok|resolved|updated problem|障害|復旧|障害発生|障害復旧)(?:\s+in\s+[^:]{1,40})?\s*:\s*(?P<name>.+)$",
);
static SERVICE: Rx = Rx::new(
    r#"^(?:service "(?P<service>[^"]+)" (?P<word>problem|resolved)(?: in [^:]+)?|(?P<changed>changed) "(?P<s2>[^"]+)" service status to [^:]+?(?: in [^:]+)?):\s*(?P<name>.+)$"#,
);
static REGISTERED: Rx = Rx::new(r"^(?:discovery: |autoregistration: |auto registration: )(?P<name>.+)$");
static STARTED: Rx = Rx::new(r"(?m)^\W*problem started at (.{8,40})$");
static RESOLVED: Rx = Rx::new(r"(?m)^\W*problem has been resolved(?: in \S+(?: \S+){0,4}?)? at (.{8,40})$");
static UPDATED: Rx = Rx::new(r"(?m)[^\n] problem at (\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d)\.?");
static CURRENT: Rx = Rx::new(r"current problem status is (?:problem|resolved|ok)\b");
static ITEM: Rx = Rx::new(r"(?m)^\s*1\. .*\((?P<host>[^:()\s][^:()]*):.*$");

const HOST: [&str; 6] = ["host", "ホスト名", "ホスト", "対象ホスト", "監視対象", "host name"];
const NAME: [&str; 7] = ["problem name", "trigger", "障害名", "トリガー", "トリガー名", "障害内容", "event name"];
const SEVERITY: [&str; 4] = ["severity", "trigger severity", "深刻度", "重要度"];
const ID: [&str; 6] = ["original problem id", "original event id", "イベントid", "障害id", "event id", "problem id"];
const STATUS: [&str; 5] = ["trigger status", "ステータス", "状態", "障害状態", "トリガーの状態"];
const TIME: [&str; 7] =
    ["復旧日時", "障害復旧日時", "復旧時刻", "障害発生日時", "発生日時", "障害発生時刻", "発生時刻"];

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    registered(letter).or_else(|| service(letter, zone)).or_else(|| trigger(letter, zone))
}

fn trigger(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let subject = letter.bare.find(&SUBJECT);
    let from_zabbix = letter.from.contains("zabbix") || letter.from_name.to_lowercase().contains("zabbix");
    if !(is_body(letter) || (from_zabbix && subject.is_some())) {
        return None;
    }
    let (rule, state) = state_of(letter, subject.as_ref().map(|hit| hit.folded("word")))?;
    let item = letter.text.find(&ITEM);
    let host = letter.label(&HOST).or_else(|| item.as_ref().and_then(|hit| hit.get("host")));
    let named = subject.as_ref().and_then(|hit| hit.get("name"));
    let name = letter.label(&NAME).or(named).unwrap_or(&letter.bare.shown);
    let id = letter.label(&ID).filter(|id| id.chars().all(|c| c.is_ascii_digit()));
    let severity = letter.label(&SEVERITY).and_then(state::severity);
    let draft = Draft::new(rule, state).on(host, Some(name)).titled(name).severe(severity).at(at(letter, zone));
    let draft = draft.named(id).telling(letter.details(&[
        "operational data",
        "problem duration",
        "item values",
        "trigger url",
        "acknowledged",
        "稼働データ",
        "障害期間",
        "監視値",
    ]));
    // Two servers count their events each from one; the scope tells them apart.
    Some(match id {
        Some(id) => draft.keyed(["event", id]),
        None => draft.keyed(["trigger", host.unwrap_or_default(), name]),
    })
}

fn is_body(letter: &Letter) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| letter.has_label(name));
    let is_default = has(&["original problem id", "original event id"]) && has(&NAME[..2]);
    let is_old = has(&["trigger"]) && has(&["trigger status"]);
    let is_told = (letter.text.is_match(&STARTED) || letter.text.is_match(&RESOLVED)) && has(&["problem name", "host"]);
    let is_japanese =
        has(&SEVERITY) && has(&HOST) && (has(&["イベントid", "障害id"]) || has(&["トリガー", "トリガー名"]));
    is_default || is_old || is_told || is_japanese || letter.text.is_match(&CURRENT)
}

/// The body is the monitor's own; a subject may have been made by hand.
fn state_of(letter: &Letter, word: Option<&str>) -> Option<(&'static str, State)> {
    if letter.text.is_match(&CURRENT) {
        return Some(("update", State::Update));
    }
    if letter.text.is_match(&RESOLVED) {
        return Some(("resolved", State::Recovery));
    }
    if letter.text.is_match(&STARTED) {
        return Some(("problem", State::Problem));
    }
    let status = letter.label(&STATUS).map(fold).and_then(|status| match status.to_lowercase().as_str() {
        "ok" | "resolved" | "復旧" | "正常" | "解決" | "回復" => Some(State::Recovery),
        "problem" | "障害" | "異常" | "発生" => Some(State::Problem),
        _ => None,
    });
    if let Some(state) = status {
        return Some(("status", state));
    }
    let word = word.map(str::to_lowercase);
    let of_subject = |word: &str| match word {
        "problem" | "障害" | "障害発生" => State::Problem,
        "updated problem" => State::Update,
        _ => State::Recovery,
    };
    let tag = || state::of_tags(&letter.subject.text);
    word.as_deref().map(of_subject).or_else(tag).map(|state| ("subject", state))
}

fn at(letter: &Letter, zone: &TimeZone) -> Option<Micros> {
    let told = [&RESOLVED, &STARTED, &UPDATED].into_iter().find_map(|rx| letter.text.find(rx));
    let told = told.map(|hit| hit.first()).or_else(|| letter.label(&TIME))?;
    time::instant(told, zone)
}

fn service(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let hit = letter.bare.find(&SERVICE)?;
    let service = hit.get("service").or_else(|| hit.get("s2"))?;
    let name = hit.get("name")?;
    let state = match hit.folded("word").to_lowercase().as_str() {
        "problem" => State::Problem,
        "resolved" => State::Recovery,
        _ => State::Update,
    };
    let severity = letter.label(&SEVERITY).and_then(state::severity);
    let draft = Draft::new("service", state).on(Some(service), Some(name)).titled(name).severe(severity);
    Some(draft.at(at(letter, zone)).keyed(["service", service, name]))
}

/// A host that was found or that registered itself: nothing is wrong.
fn registered(letter: &Letter) -> Option<Draft> {
    let hit = letter.bare.find(&REGISTERED)?;
    let is_body = letter.has_label("discovery rule") || letter.has_label("host name") || letter.has_label("host ip");
    let name = hit.get("name").filter(|_| is_body)?;
    let draft =
        Draft::new("discovery", State::Notice).on(letter.label(&["host name", "device ip"]).or(Some(name)), None);
    Some(draft.titled(&letter.bare.shown).keyed(["discovery", name]))
}
