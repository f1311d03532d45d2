//! What a reminder says, in Japanese and English: what nobody has done yet, since when, by which rule, and how to make it stop.

use super::{Settings, State, Stop, Target};
use crate::locale::{Locale, say};
use model::Micros;
use model::message::Message;

/// What makes the reminders stop, as it can be done where they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The message has buttons.
    Press,
    /// Only in PagerDuty.
    PagerDuty,
    /// A ticket, for which people were paged or not.
    Ticket { is_paged: bool },
    /// An event that nobody was paged for.
    Event,
}

/// What people are reminded of.
#[derive(Clone, Copy, Debug)]
pub struct Matter<'a> {
    /// One line that says what it is.
    pub headline: &'a str,
    /// That of tickets or events.
    pub rule: Option<&'a str>,
    /// Where it is looked after.
    pub url: Option<&'a str>,
    pub way: Way,
}

/// The n-th reminder; `state` is the one after it.
pub fn remind(locale: &Locale, settings: &Settings, matter: &Matter<'_>, state: &State, now: Micros) -> Message {
    let l = locale.language;
    let (n, long) = (state.count, locale.long(now.since(state.since)));
    let headline = say!(l, ja: "まだ対応されていません ({n} 回目): {what}", en: "Nobody has acted yet (reminder {n}): {what}", n = n, what = matter.headline);
    let message = Message::new(headline)
        .line(say!(l, ja: "{since} から {long} たちました。", en: "Since {since}, {long} ago.", since = locale.when(state.since), long = long))
        .and(rule(locale, matter))
        .line(way(locale, matter.way))
        .line(upcoming(locale, settings, state));
    link(locale, message, matter)
}

fn way(locale: &Locale, way: Way) -> String {
    let l = locale.language;
    match way {
        Way::Press => {
            say!(l, ja: "対応する人は、元のメッセージのボタンを押すか、元の画面で対応してください。それまでお知らせを続けます。", en: "Press a button on the message above, or act where it came from: reminders go on until somebody does.")
        }
        Way::PagerDuty => {
            say!(l, ja: "対応する人は PagerDuty で確認 (Acknowledge) してください。それまでお知らせを続けます。", en: "Acknowledge it in PagerDuty: reminders go on until somebody does.")
        }
        Way::Ticket { is_paged: true } => {
            say!(l, ja: "対応する人は PagerDuty で確認 (Acknowledge) するか、課題を開いて返信するか担当者を決めてください。それまでお知らせを続けます。", en: "Acknowledge it in PagerDuty, or open the ticket and answer it or give it to somebody: reminders go on until somebody does.")
        }
        Way::Ticket { is_paged: false } => {
            say!(l, ja: "対応する人は課題を開き、返信するか担当者を決めてください。それまでお知らせを続けます。", en: "Open the ticket and answer it, or give it to somebody: reminders go on until somebody does.")
        }
        Way::Event => {
            say!(l, ja: "対応する人はこのチャンネルで知らせてください。予定が不要になったら、カレンダーから削除するとお知らせが止まります。", en: "Whoever sees to it says so in this channel. If the event is not needed any more, delete it in the calendar: reminders stop then.")
        }
    }
}

fn upcoming(locale: &Locale, settings: &Settings, state: &State) -> String {
    let at = locale.when(state.next_at);
    if settings.most.is_some_and(|most| state.count >= most) {
        return say!(locale.language, ja: "これが最後のお知らせです。{at} までに動きがなければ、未対応として報告します。", en: "This is the last reminder: without an act by {at} it is reported that nobody acted.", at = at);
    }
    say!(locale.language, ja: "次のお知らせ: {at}", en: "Next reminder: {at}", at = at)
}

/// The report when nobody acted.
pub fn nobody_acted(locale: &Locale, matter: &Matter<'_>, state: &State, now: Micros) -> Message {
    let l = locale.language;
    let (n, long) = (state.count, locale.long(now.since(state.since)));
    let message = Message::new(say!(l, ja: "誰も対応しませんでした: {what}", en: "Nobody acted: {what}", what = matter.headline))
        .line(say!(l, ja: "{since} から {long}、{n} 回お知らせしました。お知らせはここで終わります。", en: "{n} reminders since {since}, for {long}. There will be no more.",
            since = locale.when(state.since), long = long, n = n))
        .and(rule(locale, matter))
        .line(say!(l, ja: "まだ必要なら、担当者に直接知らせてください。", en: "If it still matters, call somebody yourself."));
    link(locale, message, matter)
}

/// Who has the matter, while it goes on.
pub fn held(locale: &Locale, by: &str, at: Micros) -> String {
    say!(locale.language, ja: "{by} が引き受けています ({at} から)", en: "{by} has it, since {at}", by = by, at = locale.when(at))
}

/// The line that closes the thread.
pub fn stopped(locale: &Locale, state: &State, stop: &Stop) -> String {
    let l = locale.language;
    match stop {
        Stop::Moved { by, at } => {
            say!(l, ja: "お知らせを終わります: {by}、{at} ({long} 後)", en: "Reminders end: {by}, {at}, after {long}",
                by = by, at = locale.when(*at), long = locale.long(at.since(state.since)))
        }
        Stop::NobodyActed { count } => {
            say!(l, ja: "{count} 回のお知らせに誰も対応しませんでした。", en: "Nobody acted on {count} reminders.", count = count)
        }
    }
}

/// A circle's level as a person reads it in the settings.
pub fn target(locale: &Locale, target: &Target) -> String {
    let l = locale.language;
    match target {
        Target::OnCall => say!(l, ja: "オンコール担当", en: "whoever is on call"),
        Target::Registrant => say!(l, ja: "登録者", en: "who entered it"),
        Target::Person(id) | Target::Group(id) => id.clone(),
        Target::Channel => say!(l, ja: "チャンネル全体", en: "the channel"),
    }
}

fn rule(locale: &Locale, matter: &Matter<'_>) -> Option<String> {
    matter.rule.map(|rule| say!(locale.language, ja: "ルール: {name}", en: "Rule: {name}", name = rule))
}

fn link(locale: &Locale, message: Message, matter: &Matter<'_>) -> Message {
    match matter.url {
        Some(url) => message.link(say!(locale.language, ja: "開く", en: "Open it"), url),
        None => message,
    }
}
