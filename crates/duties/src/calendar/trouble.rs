//! Why PagerDuty could not be told of a maintenance: plain data that is kept, and its words in Japanese and English. What PagerDuty
//! itself said stands as it came.

use crate::locale::{Language, Locale, say};
use model::text::cut;
use serde::{Deserialize, Serialize};

const MOST_SAID: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cause")]
pub enum WindowTrouble {
    /// It was to have begun.
    NotYet,
    /// Its time is over, and it was never there.
    Missed,
    /// There is no key for PagerDuty's API.
    NoToken,
    /// These are the names of no service there.
    NoService { names: Vec<String>, rule: String },
    /// PagerDuty refused it.
    Refused {
        refusal: Refusal,
        status: Option<u16>,
        code: Option<i64>,
        /// Its own words.
        said: Option<String>,
    },
    /// Something else went wrong, in the words of whoever noticed.
    Other { said: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    Token,
    Permission,
    /// It knows no such thing.
    Unknown,
    Request,
}

/// The reason as people read it, of the text that was kept: one that is no data, of an earlier version, is shown as it stands.
pub fn window_why(locale: &Locale, kept: &str) -> String {
    match serde_json::from_str::<WindowTrouble>(kept) {
        Ok(trouble) => why(locale, &trouble),
        Err(_) => cut(kept, MOST_SAID),
    }
}

pub(super) fn why(locale: &Locale, trouble: &WindowTrouble) -> String {
    let l = locale.language;
    match trouble {
        WindowTrouble::NotYet => {
            say!(l, ja: "開始時刻を過ぎましたが、PagerDuty はまだ受け付けていません。理由は「接続」と「ジョブ」にあります。直り次第、時間枠を開きます。", en: "It was to have begun, and PagerDuty has not taken it yet: Connections and Jobs say why. It is opened as soon as that is mended.")
        }
        WindowTrouble::Missed => {
            say!(l, ja: "時間枠を開けないまま終了時刻になりました。その間、オンコール担当は呼び出されていました。理由は「接続」と「ジョブ」にあります。", en: "Its time is over, and it was never opened: whoever was on call was paged meanwhile. Connections and Jobs say why.")
        }
        WindowTrouble::NoToken => {
            say!(l, ja: "[pagerduty] token が設定されていません。設定して再起動し、「ジョブ」からやり直してください。", en: "No [pagerduty] token is set: set it, restart, and retry the job.")
        }
        WindowTrouble::NoService { names, rule } => {
            say!(l, ja: "PagerDuty に {names} というサービスがありません。[[calendar.rule]] \"{rule}\" の maintenance に、サービスの ID か正確な名前を書いてください。", en: "No service of PagerDuty is meant by {names}: write its id or its exact name into maintenance of the [[calendar.rule]] \"{rule}\".",
                names = names.join(", "), rule = rule)
        }
        WindowTrouble::Refused { refusal, status, code, said } => {
            refused(l, *refusal, &quoted(l, (*status, *code), said.as_deref()))
        }
        WindowTrouble::Other { said } => cut(said, MOST_SAID),
    }
}

/// " (403, code 2010) “…”".
fn quoted(l: Language, (status, code): (Option<u16>, Option<i64>), said: Option<&str>) -> String {
    let numbers = [status.map(|status| status.to_string()), code.map(|code| format!("code {code}"))];
    let numbers: Vec<String> = numbers.into_iter().flatten().collect();
    let numbers = if numbers.is_empty() { String::new() } else { format!(" ({})", numbers.join(", ")) };
    let said = said.map(|said| say!(l, ja: "「{said}」", en: " \u{201c}{said}\u{201d}", said = cut(said, MOST_SAID)));
    format!("{numbers}{}", said.unwrap_or_default())
}

fn refused(l: Language, refusal: Refusal, quoted: &str) -> String {
    match refusal {
        Refusal::Token => {
            say!(l, ja: "PagerDuty が API キーを受け付けません{quoted}。[pagerduty] token と、api_url がアカウントの地域のものかを確認してください。", en: "PagerDuty refused the token{quoted}: check [pagerduty] token, and that api_url is that of the account's region.", quoted = quoted)
        }
        Refusal::Permission => {
            say!(l, ja: "PagerDuty が許可しません{quoted}。書き込みのできる API キーを使うか、アプリに services.write を許可してください。", en: "PagerDuty does not allow this{quoted}: use a key that is not read-only, or grant the app the scope services.write.", quoted = quoted)
        }
        Refusal::Unknown => {
            say!(l, ja: "PagerDuty に見つかりません{quoted}。対象のサービスが削除されていないか、別のアカウントのものでないかを確認してください。", en: "PagerDuty does not know it{quoted}: see whether one of the services is gone, or belongs to another account.", quoted = quoted)
        }
        Refusal::Request => {
            say!(l, ja: "PagerDuty が受け付けませんでした{quoted}。From と書かれている場合は、[pagerduty] from に利用者のメールアドレスを設定してください。", en: "PagerDuty did not accept the request{quoted}: if it says From, set [pagerduty] from to a user's e-mail address.", quoted = quoted)
        }
    }
}
