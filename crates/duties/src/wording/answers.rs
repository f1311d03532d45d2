//! What people are answered in Slack: why something can't be done, what came of it, and how `/arayashiki` is used. Decides nothing.

use crate::acts::WhyNot;
use crate::say::{Language, minute, say, span};
use jiff::tz::TimeZone;
use model::Micros;
use model::message::Message;

/// Words about one subcommand: what is written, and what it does.
const COMMANDS: [(&str, &str, &str); 6] = [
    ("status", "未解決のインシデントと担当者", "open incidents, and who is on call"),
    ("oncall", "現在のオンコール担当", "who is on call now"),
    ("incidents", "未解決のインシデントの一覧", "the open incidents"),
    ("handover", "いま引き継ぐべきこと", "what the next person has to know now"),
    (
        "mute 2h",
        "このチャンネルへの新しい投稿を止める (mute off で再開)",
        "hold new posts to this channel back (mute off ends it)",
    ),
    ("help", "この説明", "this text"),
];

/// What somebody asked for by `/arayashiki`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Status,
    OnCall,
    Incidents,
    HandOver,
    /// For so many seconds.
    Mute(i64),
    Unmute,
    Help,
    /// Not understood; what was written.
    Odd(String),
}

/// How long a link to sign in works.
pub const LINK_S: i64 = 900;
/// The longest time for which posts may be held back.
const MOST_MUTE_S: i64 = 12 * 3_600;

pub fn command(text: &str) -> Command {
    let text = text.trim().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [] | ["status"] => Command::Status,
        ["oncall" | "on-call"] | ["on", "call"] => Command::OnCall,
        ["incidents" | "incident"] => Command::Incidents,
        ["handover" | "hand-over"] => Command::HandOver,
        ["mute", "off"] | ["unmute"] => Command::Unmute,
        ["mute"] => Command::Mute(3_600),
        ["mute", time] => seconds(time).map_or_else(|| Command::Odd(text.clone()), Command::Mute),
        ["help"] => Command::Help,
        _ => Command::Odd(text.clone()),
    }
}

fn seconds(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let n: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let unit_s = match unit {
        'm' => 60,
        'h' => 3_600,
        _ => return None,
    };
    n.checked_mul(unit_s).filter(|s| (60..=MOST_MUTE_S).contains(s))
}

pub fn help(l: Language) -> Message {
    let headline = say!(l, ja: "/arayashiki でできること", en: "What /arayashiki does");
    COMMANDS.iter().fold(Message::new(headline), |message, (command, ja, en)| {
        let what = if l == Language::Ja { ja } else { en };
        message.line(format!("/arayashiki {command} — {what}"))
    })
}

pub fn odd(l: Language, text: &str) -> Message {
    let text = model::text::cut(text, 100);
    let headline = say!(l, ja: "「{text}」は分かりません", en: "\"{text}\" is not understood", text = text);
    let mut message = Message::new(headline);
    message.lines = help(l).lines;
    message
}

/// Whoever pressed is not known here yet.
pub fn link(l: Language, url: Option<&str>) -> Message {
    let Some(url) = url else {
        return Message::new(say!(l,
            ja: "まだつながっていません。管理者に [server] public_url を設定してもらってください。サインインのリンクを作れません。",
            en: "Your Slack account is not linked yet, and no link can be made: an administrator sets [server] public_url."));
    };
    Message::new(say!(l, ja: "はじめに一度サインインしてください", en: "Sign in once first"))
        .line(say!(l,
            ja: "あなたの名前で PagerDuty を操作するため、この Slack アカウントが誰のものかを一度だけ確かめます。リンクは 15 分間、一度だけ使えます。",
            en: "What you press is done in your own name, so this Slack account has to be told once whose it is. The link works once, for 15 minutes."))
        .link(say!(l, ja: "サインインしてつなぐ", en: "Sign in and link"), url)
}

/// Why somebody can't act, and what to do.
pub fn why_not(l: Language, why: WhyNot, mail: &str) -> Message {
    Message::new(match why {
        WhyNot::Role => {
            say!(l, ja: "あなたのロールは閲覧だけです。管理者に「対応者」にしてもらってください。", en: "Your role looks only. An administrator can make you a responder.")
        }
        WhyNot::NoToken => {
            say!(l, ja: "PagerDuty の API キーが設定されていないため、ここからは操作できません。PagerDuty で直接操作してください。", en: "No PagerDuty API key is configured here: act in PagerDuty itself, and have an administrator set [pagerduty] token.")
        }
        WhyNot::ReadOnlyKey => {
            say!(l, ja: "設定されている PagerDuty の API キーは読み取り専用です。PagerDuty で直接操作してください。", en: "The configured PagerDuty API key is read-only: act in PagerDuty itself.")
        }
        WhyNot::NotKnownYet => {
            say!(l, ja: "API キーで書き込めるかをまだ確認中です。1 分後にもう一度押してください。", en: "Whether the API key may write is not known yet: press again in a minute.")
        }
        WhyNot::NoUser => {
            say!(l, ja: "PagerDuty にあなたのアドレス {mail} のユーザーがいません。どちらかのアドレスを合わせてもらってください。", en: "PagerDuty has no user with your address {mail}: have one of the two changed.", mail = mail)
        }
        WhyNot::ReadOnlyUser => {
            say!(l, ja: "PagerDuty のユーザー {mail} は閲覧だけです。ロールを上げてもらうか、操作できる人に頼んでください。", en: "The PagerDuty user {mail} may only look: have its role raised, or ask somebody who may act.", mail = mail)
        }
        WhyNot::SomebodyElsesKey => {
            say!(l, ja: "設定されている API キーは別の人のものです。PagerDuty にはその人の名前で残ってしまうため、操作しません。PagerDuty で直接操作してください。", en: "The configured API key is another person's, whose name PagerDuty would write: act in PagerDuty itself.")
        }
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Their account is switched off.
    Disabled,
    /// The incident is not one they may see, or is none.
    NotSeen,
    /// It is over.
    Over,
    /// It was pressed so long ago that doing it now would surprise.
    Late,
    /// Somebody else was first, or it is over.
    TakenAlready,
    /// A form that was sent empty.
    NothingWritten,
    /// The form could not be opened in time.
    FormLate,
    /// It was pressed on something that this program does not know.
    UnknownPress,
}

pub fn refused(l: Language, why: Refused) -> Message {
    Message::new(match why {
        Refused::Disabled => {
            say!(l, ja: "あなたのアカウントは停止されています。何も行いませんでした。", en: "Your account is disabled; nothing was done.")
        }
        Refused::NotSeen => {
            say!(l, ja: "対象が見つからないか、あなたの閲覧範囲にありません。何も行いませんでした。必要なら管理者に閲覧範囲を確認してください。", en: "There is no such thing among what you may see; nothing was done. An administrator can widen what you see.")
        }
        Refused::Over => {
            say!(l, ja: "すでに解決しています。何も行いませんでした。", en: "It is resolved already; nothing was done.")
        }
        Refused::Late => {
            say!(l, ja: "押されてから時間が経ちすぎたため、何も行いませんでした。必要ならもう一度押してください。", en: "It was pressed too long ago, so nothing was done: press again if it is still wanted.")
        }
        Refused::TakenAlready => {
            say!(l, ja: "すでに誰かが引き受けたか、終わっています。", en: "Somebody has taken it already, or it is over.")
        }
        Refused::NothingWritten => {
            say!(l, ja: "何も書かれていないため、メモは残しませんでした。", en: "Nothing was written, so no note was added.")
        }
        Refused::FormLate => {
            say!(l, ja: "Slack の 3 秒以内に入力欄を開けませんでした。もう一度押してください。", en: "The form could not be opened within Slack's three seconds: press again.")
        }
        Refused::UnknownPress => {
            say!(l, ja: "このボタンはもう使えません。ページを開いて操作してください。", en: "This button works no more: open the page instead.")
        }
    })
}

/// What came of something that was pressed; `None`: the message itself shows it.
pub fn done(l: Language, act: &str) -> Option<Message> {
    Some(Message::new(match act {
        "snooze" => say!(l, ja: "スヌーズしました。", en: "It is snoozed."),
        "note" => say!(l, ja: "PagerDuty にメモを残しました。", en: "The note is in PagerDuty."),
        "reassign" => say!(l, ja: "あなたの担当になりました。", en: "It is yours now."),
        _ => return None,
    }))
}

pub fn failed(l: Language, why: &str) -> Message {
    Message::new(say!(l, ja: "PagerDuty では行われませんでした", en: "It was not done in PagerDuty")).line(why)
}

pub fn muted(l: Language, zone: &TimeZone, until: Micros, seconds: i64) -> Message {
    let (at, time) = (minute(l, zone, until), span(l, seconds));
    Message::new(say!(l, ja: "このチャンネルへの新しい投稿を {time} 止めます", en: "New posts to this channel are held back for {time}", time = time)).line(say!(l,
        ja: "{at} に、その時点の状態でまとめて投稿します。すでにある投稿は更新され続けます。呼び出しは止まりません。",
        en: "At {at} they come, as things stand by then. Messages that are there go on being updated, and nobody is paged less.", at = at))
}

pub fn unmuted(l: Language) -> Message {
    Message::new(say!(l, ja: "このチャンネルへの投稿を再開します。", en: "Posts come to this channel again."))
}

pub fn on_call(l: Language, names: &[String]) -> Message {
    Message::new(match names {
        [] => {
            say!(l, ja: "オンコール担当者が分かりません。PagerDuty のスケジュールを確認してください。", en: "Who is on call is not known: look at PagerDuty's schedules.")
        }
        names => say!(l, ja: "現在のオンコール担当: {names}", en: "On call now: {names}", names = names.join(", ")),
    })
}

/// The form for a note: title, label, button, way out.
pub fn note_form(l: Language) -> (String, String, String, String) {
    (
        say!(l, ja: "メモを書く", en: "Add a note"),
        say!(l, ja: "PagerDuty のインシデントに、あなたの名前で残ります", en: "It stands at the incident in PagerDuty, in your name"),
        say!(l, ja: "残す", en: "Add"),
        say!(l, ja: "やめる", en: "Cancel"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_understood_as_people_write_them() {
        for (text, command_) in [
            ("", Command::Status),
            (" STATUS ", Command::Status),
            ("on call", Command::OnCall),
            ("oncall", Command::OnCall),
            ("hand-over", Command::HandOver),
            ("mute", Command::Mute(3_600)),
            ("mute 30m", Command::Mute(1_800)),
            ("mute 2h", Command::Mute(7_200)),
            ("mute 99h", Command::Odd("mute 99h".into())),
            ("mute 0m", Command::Odd("mute 0m".into())),
            ("mute -1h", Command::Odd("mute -1h".into())),
            ("mute あ", Command::Odd("mute あ".into())),
            ("mute off", Command::Unmute),
            ("open the door", Command::Odd("open the door".into())),
        ] {
            assert_eq!(command(text), command_, "{text:?}");
        }
    }

    #[test]
    fn each_reason_has_words_of_its_own_in_both_languages() {
        for l in Language::ALL {
            let mut all: Vec<String> =
                WhyNot::ALL.into_iter().map(|why| why_not(l, why, "a@example.jp").plain()).collect();
            let before = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), before);
            assert!(help(l).lines.len() == COMMANDS.len() && odd(l, "x").headline.contains('x'));
        }
    }
}
