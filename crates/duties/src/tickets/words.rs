//! What people are told of a ticket, in Japanese and English: what is so, since when, by which rule, what to do next. What the
//! customer's side reads says nothing of how we work.

use super::reason::{Again, End, EndWhy, Hit, Instead, Reason};
use super::{Kind, Settings, marker};
use crate::Mode;
use crate::locale::{Locale, say};
use model::hours::{Standing, Why};
use model::message::Message;
use model::text::cut;
use model::ticket::{Happening, Ticket};
use serde_json::json;

/// Found so much later than it happened, that is said.
const LATE_US: i64 = 600_000_000;
const MOST_TITLE: usize = 120;
const MOST_TEXT: usize = 1_500;
/// PagerDuty cuts off what is longer.
const MOST_SUMMARY: usize = 1_000;

/// What an alert says.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub summary: String,
    pub severity: &'static str,
    pub details: serde_json::Value,
}

/// The post that tells of a hit.
pub fn hit(settings: &Settings, ticket: &Ticket, hit: &Hit) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let mut message = Message::new(headline(locale, ticket, hit))
        .line(happened(locale, hit))
        .line(reason(locale, &hit.reason))
        .line(rule(locale, &hit.rule));
    if let Some(line) = late(locale, hit) {
        message = message.line(line);
    }
    message = message.line(next(locale, hit.mode));
    message.link(say!(l, ja: "課題を開く", en: "Open the ticket"), ticket.url.clone())
}

/// The alert in PagerDuty.
pub fn page(settings: &Settings, ticket: &Ticket, hit: &Hit, happening: Option<&Happening>) -> Page {
    let locale = &settings.locale;
    let text = happening.and_then(|happening| happening.text.as_deref()).unwrap_or(&ticket.body);
    let details = json!({
        "ticket": ticket.key,
        "title": ticket.title,
        "happened": happened(locale, hit),
        "reason": reason(locale, &hit.reason),
        "rule": hit.rule,
        "next": next(locale, hit.mode),
        "priority": ticket.priority.as_ref().map(|priority| priority.name.as_str()),
        "text": cut(text, MOST_TEXT),
        "url": ticket.url,
    });
    let summary = format!("{} [{}]", headline(locale, ticket, hit), hit.rule);
    Page { summary: cut(&summary, MOST_SUMMARY), severity: hit.severity.as_str(), details }
}

/// What the customer's side reads on the ticket, with what it is found by again.
pub fn comment(settings: &Settings, ticket: &Ticket, hit: &Hit) -> String {
    let text = say!(settings.locale.language,
        ja: "ご連絡ありがとうございます。担当者に連絡いたしました。確認のうえ、こちらの課題にてご返信いたします。",
        en: "Thank you for letting us know. The person in charge has been notified and will answer here.");
    format!("{text}\n\n{}", marker(&ticket.id, &hit.key))
}

/// The line in the thread when it goes on.
pub fn again(settings: &Settings, again: &Again) -> String {
    let locale = &settings.locale;
    say!(locale.language,
        ja: "{by} から {at} にさらに連絡がありました。{reason} {rule}", en: "{by} wrote or acted again ({at}). {reason} {rule}",
        by = again.by, at = locale.when(again.at), reason = reason(locale, &again.reason), rule = rule(locale, &again.rule))
}

/// The post that closes it.
pub fn ended(settings: &Settings, ticket: &Ticket, hit: &Hit, end: &End) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let after = locale.long(end.at.since(hit.at));
    Message::new(outcome(locale, ticket, end))
        .line(say!(l, ja: "{at}、連絡から {after} 後", en: "{at}, {after} after it was reported", at = locale.when(end.at), after = after))
        .line(rule(locale, &hit.rule))
        .link(say!(l, ja: "課題を開く", en: "Open the ticket"), ticket.url.clone())
}

/// The post that closes it when nobody knows any more what it was; `title`: what people were told.
pub fn lost(settings: &Settings, ticket: &Ticket, title: &str) -> Message {
    let l = settings.locale.language;
    Message::new(say!(l, ja: "呼び出しを終えました (呼び出しの記録が失われました): {title}", en: "No longer called for, as what was known of it was lost: {title}", title = title))
        .line(say!(l, ja: "対応されたかどうかは分かりません。課題そのものを確認してください。", en: "Nobody knows whether it was looked after: look at the ticket itself."))
        .link(say!(l, ja: "課題を開く", en: "Open the ticket"), ticket.url.clone())
}

/// Somebody has it, or there is nothing to have any more: who closed or took it away may be the customer.
fn outcome(locale: &Locale, ticket: &Ticket, end: &End) -> String {
    let (l, key, why) = (locale.language, &ticket.key, end_words(locale, end));
    match end.why {
        EndWhy::Assigned { .. } | EndWhy::Answered | EndWhy::Taken { .. } => {
            say!(l, ja: "{key}: 対応されました ({why})", en: "{key} is looked after: {why}", key = key, why = why)
        }
        EndWhy::Closed { .. }
        | EndWhy::Done { .. }
        | EndWhy::Moved { .. }
        | EndWhy::Deleted
        | EndWhy::Resolved
        | EndWhy::Lost => {
            say!(l, ja: "{key}: 呼び出しを終えました ({why})", en: "{key}: no longer called for ({why})", key = key, why = why)
        }
    }
}

/// One line for the list of what nobody was called for.
pub fn would_have(settings: &Settings, ticket: &Ticket, hit: &Hit, instead: &Instead) -> String {
    let locale = &settings.locale;
    let l = locale.language;
    let why = instead_words(locale, instead);
    say!(l, ja: "{headline}。{happened} {rule} {why}。", en: "{headline}. {happened} {rule} Here {why}.",
        headline = headline(locale, ticket, hit), happened = happened(locale, hit), rule = rule(locale, &hit.rule), why = why)
}

/// Why nobody was called.
pub fn instead_words(locale: &Locale, instead: &Instead) -> String {
    let l = locale.language;
    match instead {
        Instead::Baseline => {
            say!(l, ja: "最初の読み取りより前のことなので呼び出しません", en: "nobody is called, for it was so before we first looked")
        }
        Instead::Over(end) => {
            say!(l, ja: "見つけた時には済んでいました ({end})", en: "it had ended when we saw it: {end}", end = end_words(locale, end))
        }
    }
}

/// What it is, in one line.
pub fn headline(locale: &Locale, ticket: &Ticket, hit: &Hit) -> String {
    let l = locale.language;
    let what = match &hit.reason {
        Reason::Unassigned => say!(l, ja: "担当者のいない課題", en: "Ticket without an assignee"),
        Reason::GroupAccount { .. } => say!(l, ja: "窓口宛ての課題", en: "Ticket for the desk"),
        Reason::OffHours { .. } => say!(l, ja: "担当者が不在の課題", en: "Ticket whose assignee is away"),
        Reason::AssigneeUnknown { .. } => {
            say!(l, ja: "担当者を確認できない課題", en: "Ticket whose assignee is not known here")
        }
        Reason::Matches { .. } => say!(l, ja: "確認が必要な課題", en: "Ticket to look at"),
        Reason::Waits { .. } => say!(l, ja: "返信待ちの課題", en: "Ticket that waits for an answer"),
    };
    format!("{what}: {} {}", ticket.key, cut(&ticket.title, MOST_TITLE))
}

/// What the customer's side did, when and who.
pub fn happened(locale: &Locale, hit: &Hit) -> String {
    let did = hit.kinds.iter().map(|kind| did(locale, *kind)).collect::<Vec<_>>();
    let did = did.join(&say!(locale.language, ja: "・", en: ", "));
    say!(locale.language, ja: "{by} が {at} に行ったこと: {did}。", en: "{by}, {at}: {did}.",
        by = hit.by, at = locale.when(hit.at), did = did)
}

fn did(locale: &Locale, kind: Kind) -> String {
    let l = locale.language;
    match kind {
        Kind::Created => say!(l, ja: "課題を登録", en: "created the ticket"),
        Kind::Commented => say!(l, ja: "コメント", en: "wrote a comment"),
        Kind::Reopened => say!(l, ja: "完了から再開", en: "opened it again"),
        Kind::Assigned => say!(l, ja: "担当者を変更", en: "changed the assignee"),
    }
}

/// Why it is somebody's case.
pub fn reason(locale: &Locale, reason: &Reason) -> String {
    let l = locale.language;
    match reason {
        Reason::Unassigned => say!(l, ja: "担当者が設定されていません。", en: "Nobody is assigned."),
        Reason::GroupAccount { name, .. } => {
            say!(l, ja: "担当は窓口のアカウント「{name}」で、決まった担当者がいません。", en: "It is assigned to the shared account {name}, so to nobody in person.", name = name)
        }
        Reason::OffHours { name, standing, .. } => {
            say!(l, ja: "担当の {name} は{why}。", en: "{name}, who has it, {why}.", name = name, why = away(locale, standing))
        }
        Reason::AssigneeUnknown { name } => {
            say!(l, ja: "担当の {name} は [[person]] にも [[group]] にもないため、勤務時間が分かりません。自社の人なら設定に追加してください。", en: "It is assigned to {name}, whom no [[person]] or [[group]] names, so their hours are not known: add them if they are ours.", name = name)
        }
        Reason::Matches { keyword: Some(keyword) } => {
            say!(l, ja: "「{keyword}」が含まれています。", en: "It has the word \"{keyword}\".", keyword = keyword)
        }
        Reason::Matches { keyword: None } => {
            say!(l, ja: "ルールの条件に一致します。", en: "It is what the rule asks for.")
        }
        Reason::Waits { since, minutes, of } => {
            say!(l, ja: "{since} の連絡から、{of} の勤務時間で {minutes} 分以上、返信がありません。", en: "Nobody has answered since {since}: {minutes} working minutes of {of} and more.",
                since = locale.when(*since), minutes = minutes, of = of)
        }
    }
}

/// That somebody is away, why, and until when. What they wrote about their leave is theirs.
fn away(locale: &Locale, standing: &Standing) -> String {
    let l = locale.language;
    let why = match &standing.why {
        Why::BeforeHours { .. } => say!(l, ja: "始業前です", en: "has not begun work"),
        Why::AfterHours { .. } => say!(l, ja: "勤務時間外です", en: "has gone home"),
        Why::NoHoursThatDay { .. } => say!(l, ja: "勤務日ではありません", en: "does not work that day"),
        Why::Break { .. } | Why::BetweenHours { .. } => say!(l, ja: "勤務の合間です", en: "is between working hours"),
        Why::Holiday { name, .. } => say!(l, ja: "休日です ({name})", en: "has a holiday ({name})", name = name),
        Why::Closed { .. } => say!(l, ja: "休業日です", en: "is off, for the office is closed that day"),
        Why::Leave { .. } => say!(l, ja: "休暇中です", en: "is on leave"),
        Why::InHours { .. } | Why::Exception { .. } | Why::NoPattern => say!(l, ja: "不在です", en: "is away"),
    };
    match standing.until {
        Some(until) => {
            say!(l, ja: "{why} (次の勤務は {until} から)", en: "{why} and is back {until}", why = why, until = locale.when(until))
        }
        None => why,
    }
}

fn rule(locale: &Locale, name: &str) -> String {
    say!(locale.language, ja: "ルール: {name}", en: "Rule: {name}", name = name)
}

fn late(locale: &Locale, hit: &Hit) -> Option<String> {
    let is_late = !matches!(hit.reason, Reason::Waits { .. }) && hit.found_at.since(hit.at) > LATE_US;
    is_late.then(|| {
        say!(locale.language, ja: "知らせが届かず、{at} に見つけました。", en: "No notice of it came: it was found {at}.",
            at = locale.when(hit.found_at))
    })
}

fn next(locale: &Locale, mode: Mode) -> String {
    match mode {
        Mode::Page => {
            say!(locale.language, ja: "PagerDuty でオンコール担当を呼び出します。課題を開き、返信するか担当者を決めてください。", en: "Whoever is on call is paged. Open the ticket and answer it, or give it to somebody.")
        }
        Mode::Post | Mode::Observe => {
            say!(locale.language, ja: "誰も呼び出していません (通知だけの設定)。課題を開き、返信するか担当者を決めてください。", en: "Nobody is paged (the mode is post). Open the ticket and answer it, or give it to somebody.")
        }
    }
}

/// What ended it, and by whom.
pub fn end_words(locale: &Locale, end: &End) -> String {
    let l = locale.language;
    let what = match &end.why {
        EndWhy::Assigned { to } => say!(l, ja: "担当者: {to}", en: "assigned to {to}", to = to),
        EndWhy::Answered => say!(l, ja: "返信", en: "answered"),
        EndWhy::Taken { status } => {
            say!(l, ja: "状態を「{status}」に変更", en: "set to {status}", status = status)
        }
        EndWhy::Resolved => say!(l, ja: "PagerDuty で解決", en: "resolved in PagerDuty"),
        EndWhy::Closed { status } => say!(l, ja: "「{status}」に変更", en: "closed as {status}", status = status),
        EndWhy::Done { status } => {
            say!(l, ja: "状態が「{status}」になった", en: "it stands at {status}", status = status)
        }
        EndWhy::Moved { project } => {
            say!(l, ja: "対象外のプロジェクト {project} へ移動", en: "moved to {project}, which is not watched", project = project)
        }
        EndWhy::Deleted => say!(l, ja: "課題の削除", en: "the ticket was deleted"),
        EndWhy::Lost => say!(l, ja: "呼び出しの記録の消失", en: "what was known of it was lost"),
    };
    match &end.by {
        Some(by) => say!(l, ja: "{what}、{by}", en: "{what} by {by}", what = what, by = by),
        None => what,
    }
}
