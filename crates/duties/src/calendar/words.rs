//! What people are told of an event, in Japanese and English: what it is, when and where, who entered it, by which rule, what to
//! do next. Times are told in the zone of the install, with its name.

pub use super::trouble::window_why;

use super::Settings;
use super::notice::{Acted, Announcement, CloseWhy, End, EndWhy, Notice, Unserved, Window};
use super::trouble::{WindowTrouble, why};
use crate::Mode;
use crate::locale::{Language, Locale, say};
use model::Micros;
use model::calendar::CalendarEvent;
use model::message::Message;
use model::text::cut;
use serde_json::json;

/// People hear of it so much later than they were to: that is said.
const LATE_US: i64 = 300_000_000;
const MOST_TITLE: usize = 120;
const MOST_PLACE: usize = 200;
const MOST_POSTED: usize = 500;
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

/// The early post.
pub fn announcement(settings: &Settings, event: &CalendarEvent, early: &Announcement, now: Micros) -> Message {
    let locale = &settings.locale;
    let long = locale.long(early.starts_at.since(now));
    let headline = say!(locale.language, ja: "予告 ({long} 後): {title}", en: "Coming up in {long}: {title}", long = long, title = title(event));
    let message = about(locale, event, Message::new(headline)).line(rule(locale, &early.rule)).line(
        say!(locale.language, ja: "その時にもう一度お知らせします。", en: "You will hear of it again when it is time."),
    );
    linked(locale, event, message)
}

/// The post when the time has come; `can_press`: it has buttons where it is told.
pub fn notice(settings: &Settings, event: &CalendarEvent, notice: &Notice, can_press: bool) -> Message {
    let locale = &settings.locale;
    let mut message = about(locale, event, Message::new(headline(locale, event, notice)));
    if let Some(line) = late(locale, notice) {
        message = message.line(line);
    }
    linked(locale, event, message.line(rule(locale, &notice.rule)).line(next(locale, notice.mode, can_press)))
}

/// The alert in PagerDuty.
pub fn page(settings: &Settings, event: &CalendarEvent, notice: &Notice) -> Page {
    let locale = &settings.locale;
    let summary = format!("{} [{}]", headline(locale, event, notice), notice.rule);
    let details = json!({
        "event": event.title,
        "when": time(locale, event),
        "place": cut(&event.place, MOST_PLACE),
        "registrant": registrant(event),
        "calendar": event.calendar,
        "rule": notice.rule,
        "late": late(locale, notice),
        "next": next(locale, notice.mode, false),
        "text": cut(&event.text, MOST_TEXT),
        "url": event.url,
    });
    Page { summary: cut(&summary, MOST_SUMMARY), severity: notice.severity.as_str(), details }
}

/// The post that closes it.
pub fn ended(settings: &Settings, event: &CalendarEvent, notice: &Notice, end: &End) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let (title, by) = (title(event), end.by.as_deref());
    let headline = match end.why {
        EndWhy::Acted { what } => acted(locale, &title, what),
        EndWhy::Cancelled => say!(l, ja: "予定が取り消されました: {title}", en: "Cancelled: {title}", title = title),
        EndWhy::Moved { to } => {
            say!(l, ja: "予定が {to} に移されました: {title}", en: "Moved to {to}: {title}", to = locale.when(to), title = title)
        }
        EndWhy::NotChosen => {
            say!(l, ja: "予定が書き換えられ、お知らせの対象ではなくなりました: {title}", en: "Changed, and no rule chooses it any more: {title}", title = title)
        }
        EndWhy::Unserved => {
            say!(l, ja: "誰も対応しないまま終わりました: {title}", en: "It ended and nobody acted: {title}", title = title)
        }
        EndWhy::Lost => lost_headline(l, &title),
    };
    let long = locale.long(end.at.since(notice.at));
    let line = match by {
        Some(by) => {
            say!(l, ja: "{by}、お知らせから {long} 後 ({at})", en: "By {by}, {long} after the notice ({at})", by = by, long = long, at = locale.when(end.at))
        }
        None => {
            say!(l, ja: "お知らせから {long} 後 ({at})", en: "{long} after the notice ({at})", long = long, at = locale.when(end.at))
        }
    };
    linked(locale, event, Message::new(headline).line(line).line(rule(locale, &notice.rule)))
}

/// The post that closes it when nobody knows any more what people were told; `title`: what its message said.
pub fn lost(settings: &Settings, event: &CalendarEvent, title: &str) -> Message {
    let locale = &settings.locale;
    let message = Message::new(lost_headline(locale.language, title)).line(
        say!(locale.language, ja: "対応されたかどうかは分かりません。予定そのものを確認してください。", en: "Nobody knows whether it was served: look at the event itself."),
    );
    linked(locale, event, message)
}

fn lost_headline(l: Language, title: &str) -> String {
    say!(l, ja: "お知らせを終えました (お知らせの記録が失われました): {title}", en: "Closed, as what was known of it was lost: {title}", title = title)
}

fn acted(locale: &Locale, title: &str, what: Acted) -> String {
    let l = locale.language;
    match what {
        Acted::Closed => {
            say!(l, ja: "PagerDuty で解決しました: {title}", en: "Resolved in PagerDuty: {title}", title = title)
        }
        Acted::Done => say!(l, ja: "完了しました: {title}", en: "Done: {title}", title = title),
    }
}

/// The report of what nobody served.
pub fn unserved(settings: &Settings, event: &CalendarEvent, unserved: &Unserved) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let why = match (unserved.was_noticed, unserved.is_afterthought) {
        (true, _) => {
            say!(l, ja: "お知らせしましたが、終わるまでに誰も対応しませんでした。", en: "People were told, and nobody acted before it was over.")
        }
        (false, true) => {
            say!(l, ja: "終わった後に登録または変更された予定です。対応の記録なら何もする必要はありません。", en: "It was entered or changed after its end. If it only records what was done, nothing is to do.")
        }
        (false, false) => {
            say!(l, ja: "終わった後に初めて見つかりました。誰にも知らせていません (カレンダーの読み取りが止まっていなかったか、接続ページを見てください)。", en: "It was found after its end, so nobody was told: see on Connections whether the calendar could be read.")
        }
    };
    let headline = say!(l, ja: "対応されなかった予定: {title}", en: "Nobody acted: {title}", title = title(event));
    let message = about(locale, event, Message::new(headline)).line(why).line(rule(locale, &unserved.rule)).line(
        say!(l, ja: "まだ必要なら対応し、関係者に連絡してください。", en: "If it still matters, see to it and tell those concerned."),
    );
    linked(locale, event, message)
}

/// The post about a maintenance window that is opened or changed.
pub fn window(settings: &Settings, event: &CalendarEvent, window: &Window, is_change: bool) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let headline = match is_change {
        true => {
            say!(l, ja: "メンテナンスの時間が変わりました: {title}", en: "Maintenance has other times: {title}", title = title(event))
        }
        false => say!(l, ja: "メンテナンス: {title}", en: "Maintenance: {title}", title = title(event)),
    };
    let what = match window.mode {
        Mode::Page => {
            say!(l, ja: "この間は通知を止めるよう PagerDuty に設定します: {services}。うまくいかない場合はここでお知らせします。", en: "PagerDuty is being told to page nobody meanwhile for {services}; what goes wrong is told here.", services = window.services.join(", "))
        }
        Mode::Post | Mode::Observe => {
            say!(l, ja: "PagerDuty の通知は止めていません (通知だけの設定)。対象: {services}", en: "PagerDuty is not told (the mode is post). It is about: {services}", services = window.services.join(", "))
        }
    };
    let message = Message::new(headline).line(locale.span(window.starts_at, window.ends_at)).line(what);
    let message = who_and_where(locale, event, message).line(rule(locale, &window.rule)).line(
        say!(l, ja: "早く終わるか延びる場合は、カレンダーの予定を直してください。", en: "If it ends earlier or lasts longer, change the event in the calendar."),
    );
    linked(locale, event, message)
}

/// The post when a maintenance window is closed.
pub fn window_closed(settings: &Settings, event: &CalendarEvent, window: &Window, why: CloseWhy) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let why = match why {
        CloseWhy::Over => say!(l, ja: "予定の時刻になりました", en: "its time is over"),
        CloseWhy::Shortened => say!(l, ja: "予定が短くなりました", en: "the event was shortened"),
        CloseWhy::Cancelled => say!(l, ja: "予定が取り消されました", en: "the event was cancelled"),
        CloseWhy::Moved => say!(l, ja: "予定が後の時刻に移されました", en: "the event was moved to a later time"),
        CloseWhy::NotChosen => {
            say!(l, ja: "予定が書き換えられ、対象ではなくなりました", en: "the event was changed, and no rule chooses it any more")
        }
    };
    let headline = say!(l, ja: "メンテナンス終了: {title}", en: "Maintenance is over: {title}", title = title(event));
    let services = window.services.join(", ");
    let what = match window.mode {
        Mode::Page => {
            say!(l, ja: "{why}。PagerDuty の通知を再開します: {services}", en: "People are paged again for {services}: {why}.", why = why, services = services)
        }
        Mode::Post | Mode::Observe => {
            say!(l, ja: "{why}。PagerDuty の通知は止めていませんでした。対象: {services}", en: "PagerDuty was never told of it, so nothing changes there: {why}. It was about {services}.", why = why, services = services)
        }
    };
    let message = Message::new(headline).line(what).line(rule(locale, &window.rule));
    linked(locale, event, message)
}

/// The post when somebody ended a maintenance window in PagerDuty before its time.
pub fn window_gone(settings: &Settings, event: &CalendarEvent, services: &[String], by: &str) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let title = title(event);
    let message = Message::new(say!(l, ja: "メンテナンス時間枠が PagerDuty で終了されました: {title}", en: "The maintenance window was ended in PagerDuty: {title}", title = title))
        .line(say!(l, ja: "通知は元に戻っています: {services}。もう一度開くことはしません。", en: "People are paged again for: {services}. It is not opened again.", services = services.join(", ")))
        .line(say!(l, ja: "作業が続く場合は PagerDuty でメンテナンス時間枠を作ってください。カレンダーから開き直せるのは、開始後に予定の開始時刻を後へ移した場合だけです。", en: "If the work goes on, make a window in PagerDuty. From the calendar it is opened again only if the event has begun and its start is moved to later."))
        .line(rule(locale, by));
    linked(locale, event, message)
}

/// The post when an event has other times whose window somebody ended in PagerDuty.
pub fn window_left(settings: &Settings, event: &CalendarEvent, window: &Window) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let title = title(event);
    let headline = say!(l, ja: "メンテナンスの時間が変わりました: {title}", en: "Maintenance has other times: {title}", title = title);
    let message = Message::new(headline)
        .line(locale.span(window.starts_at, window.ends_at))
        .line(say!(l, ja: "時間枠は PagerDuty で終了されているため、開き直しません。通知は止まりません: {services}", en: "Its window was ended in PagerDuty and is not opened again. People are paged for: {services}", services = window.services.join(", ")));
    linked(locale, event, message.line(rule(locale, &window.rule)))
}

/// The post when PagerDuty could not be told of a maintenance.
pub fn window_trouble(settings: &Settings, event: &CalendarEvent, trouble: &WindowTrouble, by: &str) -> Message {
    let locale = &settings.locale;
    let l = locale.language;
    let title = title(event);
    let message = Message::new(say!(l, ja: "メンテナンス時間枠を PagerDuty に設定できません: {title}", en: "PagerDuty could not be told of a maintenance: {title}", title = title))
        .line(why(locale, trouble))
        .line(say!(l, ja: "作業中に呼び出されることがあります。PagerDuty で時間枠を作るか、原因を直して「ジョブ」からやり直してください。", en: "People may be paged during the work: make the window in PagerDuty, or mend the cause and retry the job."))
        .line(rule(locale, by));
    linked(locale, event, message)
}

/// One line for the list of what nobody heard of at first contact.
pub fn would_have(settings: &Settings, event: &CalendarEvent, name: &str) -> String {
    let locale = &settings.locale;
    say!(locale.language, ja: "{title} ({time}): 最初の読み取りの時に始まっていたため、お知らせしません。{rule}", en: "{title} ({time}): it had begun before we first looked, so nobody is told. {rule}",
        title = title(event), time = time(locale, event), rule = rule(locale, name))
}

fn headline(locale: &Locale, event: &CalendarEvent, notice: &Notice) -> String {
    let l = locale.language;
    let title = title(event);
    let until = notice.starts_at.since(notice.at);
    if event.is_all_day {
        return say!(l, ja: "{time} の予定です: {title}", en: "Event ({time}): {title}", time = time(locale, event), title = title);
    }
    if until <= 0 {
        return say!(l, ja: "予定が始まっています ({long} 前から): {title}", en: "Began {long} ago: {title}", long = locale.long(-until), title = title);
    }
    say!(l, ja: "{long} 後に始まる予定です: {title}", en: "Begins in {long}: {title}", long = locale.long(until), title = title)
}

fn late(locale: &Locale, notice: &Notice) -> Option<String> {
    (notice.at.since(notice.due) > LATE_US).then(|| {
        say!(locale.language, ja: "本来は {due} にお知らせする予定でした (見つけたのが遅れました)。", en: "You were to hear of it {due}; it was found late.", due = locale.when(notice.due))
    })
}

fn next(locale: &Locale, mode: Mode, can_press: bool) -> String {
    let l = locale.language;
    match (mode, can_press) {
        (Mode::Page, true) => {
            say!(l, ja: "PagerDuty でオンコール担当を呼び出します。対応したら PagerDuty で解決するか「対応済みにする」を押してください。", en: "Whoever is on call is paged. When it is done, resolve it in PagerDuty or press \"Done\".")
        }
        (Mode::Page, false) => {
            say!(l, ja: "PagerDuty でオンコール担当を呼び出します。対応したら PagerDuty で解決してください。", en: "Whoever is on call is paged. When it is done, resolve it in PagerDuty.")
        }
        (Mode::Post | Mode::Observe, true) => {
            say!(l, ja: "誰も呼び出していません (通知だけの設定)。対応したら「対応済みにする」を押してください。", en: "Nobody is paged (the mode is post). When it is done, press \"Done\".")
        }
        (Mode::Post | Mode::Observe, false) => {
            say!(l, ja: "誰も呼び出していません (通知だけの設定)。対応する人はこのチャンネルで知らせてください。", en: "Nobody is paged (the mode is post). Whoever sees to it says so in this channel.")
        }
    }
}

fn about(locale: &Locale, event: &CalendarEvent, message: Message) -> Message {
    let message = who_and_where(locale, event, message.line(time(locale, event)));
    let text = event.text.trim();
    if text.is_empty() { message } else { message.line(cut(text, MOST_POSTED)) }
}

fn who_and_where(locale: &Locale, event: &CalendarEvent, mut message: Message) -> Message {
    let l = locale.language;
    let place = cut(event.place.trim(), MOST_PLACE);
    if !place.is_empty() {
        message = message.line(say!(l, ja: "場所: {place}", en: "Place: {place}", place = place));
    }
    match registrant(event) {
        Some(who) => message.line(say!(l, ja: "登録者: {who} ({calendar})", en: "Entered by {who} ({calendar})", who = who, calendar = event.calendar)),
        None => message.line(say!(l, ja: "カレンダー: {calendar}", en: "Calendar: {calendar}", calendar = event.calendar)),
    }
}

fn registrant(event: &CalendarEvent) -> Option<&str> {
    event.registrant.as_ref().and_then(|who| who.name.as_deref().or(who.mail.as_deref()))
}

fn time(locale: &Locale, event: &CalendarEvent) -> String {
    match event.is_all_day {
        true => locale.days(event.starts_at, event.ends_at),
        false => locale.span(event.starts_at, event.ends_at),
    }
}

fn title(event: &CalendarEvent) -> String {
    cut(event.title.trim(), MOST_TITLE)
}

fn rule(locale: &Locale, name: &str) -> String {
    say!(locale.language, ja: "ルール: {name}", en: "Rule: {name}", name = name)
}

fn linked(locale: &Locale, event: &CalendarEvent, message: Message) -> Message {
    match &event.url {
        Some(url) => message.link(say!(locale.language, ja: "予定を開く", en: "Open the event"), url.clone()),
        None => message,
    }
}
