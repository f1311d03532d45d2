//! The last reader, for what no other claims: words of state in anchored places of the subject, a name that looks like a host.
//! Never says that it is over when another word says that it is not.

use crate::mail::draft::{Draft, line};
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static LEAD: Rx =
    Rx::new(r"^(?P<word>not ok|no data|[a-z_-]{2,16}|[\p{Han}\p{Katakana}ー]{2,8})\s*(?:[:|!]|-\s|\s-|$|\s\[|:\s)");
static TAIL: Rx = Rx::new(
    r"(?:\b(?:is|are|has|was|went|status|state|became|back)\s*(?:now|been|changed to)?[\s:=]*|[:\-|]\s*|->\s*)(?P<word>not ok|down|up|ok|critical|crit|warning|warn|unknown|failed|unreachable|recovered|resolved|error|normal|back to normal|not responding|degraded|alarm)\s*[.!]*$",
);
static ENDING: Rx = Rx::new(
    r"(?P<word>復旧|回復|解消|正常|復帰|停止|発生|検知|検出|失敗|異常|異常終了|正常終了|障害|超過|枯渇|不足|ダウン|切断|タイムアウト|エラー|応答なし|再起動|断)(?:が発生|を検知|を検出|検知|検出|通知|(?:の|した)?(?:お知らせ|ご連絡|ご報告|連絡|報告|通知)|について)?(?:し(?:ました|た|ています|ている)|されました|です|中|に戻りました|となりました|いたしました)?[。.!\])]*$",
);
static NEGATED: Rx = Rx::new(
    r"\bnot\s+(?:ok|up|recovered|resolved|normal)\b|(?:復旧|回復|正常|解消)(?:し(?:て|き)(?:い|)(?:ない|ません)|できず|できない|待ち|未|見込み|ではない)|未復旧|未回復|未解消|非正常",
);
static HOST: Rx = Rx::new(
    r"\b(?P<host>(?:[a-z0-9][a-z0-9-]*\.)+(?:jp|com|net|org|local|internal|lan|example|test|cloud|io|dev)|\d{1,3}(?:\.\d{1,3}){3}|[a-z][a-z-]*[a-z]-?\d{1,4}[a-z]?(?:\.[a-z0-9.-]*[a-z0-9])?)\b",
);
static NO_HOST: Rx = Rx::new(r"^(?:sev|job|step|phase|line|no|id|case|ticket|inc|ver|rev|utf)-?\d+$");
static NUMBER: Rx =
    Rx::new(r"(?:^|(?P<a>[^a-z0-9_.-]))[-+]?\d[\d.,:/-]*\s?(?:%|°c|[kmgt]i?b|ms|sec|s|分|秒|件|回|時|日|月|年)?");
static STATES: Rx = Rx::new(
    r"\b(?:is|are|has|have|was|been|became|back to|now|not ok|no data|not responding|unreachable|degraded|re-triggered|triggered|problem|recovery|recovered|resolved|critical|warning|unknown|alarm|alert|error|failed|failure|success|succeeded|down|up|ok|ng|normal|firing|fired|crit|warn)\b|障害発生|障害復旧|異常検知|異常終了|正常終了|復旧|回復|解消|正常|復帰|停止|発生|検知|検出|失敗|異常|障害|警告|注意|緊急|重大|(?:が|を|に|は)?(?:しました|されました|しています|です|に戻りました|となりました|いたしました)",
);

const HOSTS: [&str; 10] =
    ["host", "hostname", "host name", "ホスト名", "ホスト", "サーバ名", "サーバー名", "サーバ", "server", "対象ホスト"];

pub fn read(letter: &Letter, sender: &str, zone: &TimeZone) -> Draft {
    let (rule, state, severity) = standing(letter);
    let host = letter.label(&HOSTS).or_else(|| host_like(letter));
    let at = letter
        .label(&["time", "date", "日時", "発生日時", "発生時刻", "検知日時"])
        .and_then(|text| time::instant(text, zone));
    let title = if letter.bare.shown.trim().is_empty() { first_line(letter) } else { &letter.bare.shown };
    let draft = Draft::new(rule, state).on(host, None).severe(severity).titled(title).at(at);
    draft.global().keyed([sender, &folded_subject(letter)])
}

/// Words in several places have to agree; a word against another leaves it open.
fn standing(letter: &Letter) -> (&'static str, State, Option<Severity>) {
    let subject = &letter.subject.text;
    if NEGATED.is_match(subject) {
        return ("a negated word of recovery", State::Problem, None);
    }
    let mut found: Vec<(State, Option<Severity>)> = state::tags(subject).filter_map(|tag| of_tag(&tag)).collect();
    for rx in [&LEAD, &TAIL, &ENDING] {
        found.extend(
            letter
                .bare
                .find(rx)
                .and_then(|hit| state::of_word(hit.folded("word")).or_else(|| ending(hit.folded("word")))),
        );
    }
    let severity = found.iter().filter_map(|(_, severity)| *severity).max();
    let has = |state: State| found.iter().any(|(s, _)| *s == state);
    // What calls itself a follow-up is one, whatever it follows.
    if found.first().is_some_and(|(state, _)| *state == State::Update) {
        return ("a follow-up by its first words", State::Update, severity);
    }
    match (has(State::Problem), has(State::Recovery)) {
        (true, true) => ("words of state against each other", State::Unknown, severity),
        (true, false) => ("words of the subject", State::Problem, severity),
        (false, true) => ("words of the subject", State::Recovery, severity),
        (false, false) if has(State::Update) => ("words of the subject", State::Update, severity),
        (false, false) if has(State::Notice) => ("words of the subject", State::Notice, severity),
        (false, false) => ("no word of state", State::Unknown, None),
    }
}

/// The first word of what stands in brackets, such as `[RESOLVED - Critical]`; alone it may be a priority as well.
fn of_tag(tag: &str) -> Option<(State, Option<Severity>)> {
    let mut pieces = tag.split([':', '-', '|', ',']).map(str::trim);
    let first = pieces.next()?;
    let (state, severity) = state::of_word(tag).or_else(|| state::of_word(first))?;
    let is_priority = ["normal", "success", "up"].iter().any(|word| first.eq_ignore_ascii_case(word));
    let severity = severity.max(pieces.filter_map(state::severity).max());
    (!is_priority).then_some((state, severity))
}

/// The first that is no number of a job or of a grade.
fn host_like(letter: &Letter) -> Option<&str> {
    let mut found = HOST.lower()?.find_iter(&letter.subject.lower).map(|found| found.range());
    let range = found.find(|range| !NO_HOST.is_match(&letter.subject.lower[range.clone()]))?;
    Some(letter.subject.shown(range.start, range.end))
}

/// Words that tell a state only at the end of a sentence.
fn ending(word: &str) -> Option<(State, Option<Severity>)> {
    let is_bad =
        ["検出", "超過", "枯渇", "不足", "切断", "タイムアウト", "断", "not responding", "再起動"].contains(&word);
    is_bad.then_some((State::Problem, None))
}

/// The subject without what changes from one mail of an alert to the next: words of state, numbers and times. A number within a
/// name stays, so that web01 is not web02.
pub fn folded_subject(letter: &Letter) -> String {
    let subject = letter.bare.text.to_lowercase();
    let subject = if subject.trim().is_empty() { first_line(letter).to_lowercase() } else { subject };
    let kept = state::tags(&letter.subject.text).filter(|tag| of_tag(tag).is_none()).collect::<Vec<_>>().join(" ");
    let text = format!("{kept} {}", STATES.replace_all(&subject, " "));
    let text = NUMBER.replace_all(&text, "${a}#").to_lowercase();
    line(text.trim_matches(|c: char| c.is_whitespace() || ":-|!。.を が に は".contains(c)), 200)
}

fn first_line(letter: &Letter) -> &str {
    letter.shown().lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
