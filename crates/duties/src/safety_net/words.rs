//! What people are told, in Japanese and English: what is so, since when, why as far as it is known, what to do next.

use super::outage::{Evidence, Report};
use super::{Language, Settings};
use crate::say::say;
use model::Micros;
use model::mail::{Cause, CauseKind};
use model::message::Message;

mod storm;

pub use storm::{grown, grown_note, storm};

/// An alert that lacks an incident, as it is told.
#[derive(Clone, Debug)]
pub struct Missing<'a> {
    pub monitor: &'a str,
    pub host: Option<&'a str>,
    pub title: &'a str,
    pub since: Micros,
    pub mail: Option<i64>,
    pub count: i64,
    /// Nobody could read what the mail says.
    pub is_unreadable: bool,
    pub causes: &'a [Cause],
    /// Whether it is registered, or why it is not.
    pub step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is being registered in PagerDuty.
    Registering,
    /// It is to be, and PagerDuty does not take it now.
    Refused,
    /// The mode posts and pages nobody.
    PostOnly,
    /// The sender is not proven.
    Untrusted,
    /// It is over by now.
    Over,
}

/// An instant as people read it, with its zone.
pub fn when(settings: &Settings, at: Micros) -> String {
    crate::say::when(settings.language, &settings.zone, at)
}

/// The post about a missing alert, or a storm of them.
pub fn missing(settings: &Settings, missing: &Missing<'_>) -> Message {
    let l = settings.language;
    let host = missing.host.map(|host| format!(" ({host})")).unwrap_or_default();
    let headline = if missing.count > 0 {
        say!(l, ja: "{monitor} のアラート {count} 件に PagerDuty のインシデントがありません", en: "{count} alerts of {monitor} have no incident in PagerDuty",
            monitor = missing.monitor, count = missing.count)
    } else {
        say!(l, ja: "PagerDuty にインシデントがありません: {title}{host}", en: "No incident in PagerDuty: {title}{host}",
            title = missing.title, host = host)
    };
    let mut message = Message::new(headline).line(say!(l,
        ja: "監視: {monitor}、メール受信: {at}", en: "Monitor: {monitor}, mail received {at}",
        monitor = missing.monitor, at = when(settings, missing.since)));
    if missing.is_unreadable {
        message = message.line(unreadable(l));
    }
    for cause in missing.causes.iter().take(3) {
        message = message.line(
            say!(l, ja: "考えられる原因: {cause}", en: "Likely cause: {cause}", cause = cause_words(settings, cause)),
        );
    }
    message = message.line(step(settings, missing.step));
    links(settings, message, missing)
}

fn unreadable(l: Language) -> String {
    say!(l, ja: "このメールの内容は解読できませんでした。アラートとして扱っています。メールそのものを開いて内容を確認してください。",
        en: "Nobody could read what this mail says, so it counts as an alert: open the mail itself and look.")
}

fn step(settings: &Settings, step: Step) -> String {
    let l = settings.language;
    match step {
        Step::Refused if settings.calls => {
            say!(l, ja: "PagerDuty が受け付けません。受け付けるまで送り直します。担当者は第二経路で呼び出します。", en: "PagerDuty does not take its registration now: it is sent again until it does. Whoever is on call is paged by the second path.")
        }
        Step::Refused => {
            say!(l, ja: "PagerDuty が受け付けません。受け付けるまで送り直しますが、それまで誰も呼び出されません。担当者に電話で知らせてください。", en: "PagerDuty does not take its registration now: it is sent again until it does, and pages nobody before. Call whoever is on call.")
        }
        Step::Registering => {
            say!(l, ja: "「未設定」サービスに登録し、担当者を呼び出しています。", en: "It is being registered on the \"unconfigured\" service, which pages whoever is on call.")
        }
        Step::PostOnly => {
            say!(l, ja: "登録はしていません (通知のみの設定です)。ホストを確認し、必要なら登録してください。", en: "It is not registered (the mode is to post only). Look at the host; register it if somebody must act.")
        }
        Step::Untrusted => {
            say!(l, ja: "送信元を確認できないため登録していません。ホストを確認し、必要なら登録してください。", en: "It is not registered, for its sender is not proven. Look at the host; register it if somebody must act.")
        }
        Step::Over => {
            say!(l, ja: "すでに回復しています。原因の設定だけ直してください。", en: "It is over by now. Only the setting is left to mend.")
        }
    }
}

fn links(settings: &Settings, mut message: Message, missing: &Missing<'_>) -> Message {
    let l = settings.language;
    if let Some(mail) = missing.mail {
        let page = format!("/safety-net/mails/{mail}");
        if let Some(url) = settings.link(&page) {
            if missing.is_unreadable {
                message = message.link(say!(l, ja: "メールを開く", en: "Open the mail"), format!("{url}#original"));
            }
            if missing.step == Step::PostOnly || missing.step == Step::Untrusted {
                message = message.link(say!(l, ja: "登録する", en: "Register"), format!("{url}#register"));
            }
            message = message.link(say!(l, ja: "アラートではない", en: "Not an alert"), format!("{url}#not-an-alert"));
        }
    } else if let Some(url) = settings.lacking_link(missing.monitor) {
        message = message.link(say!(l, ja: "一覧を見る", en: "See the list"), url);
    }
    if let Some(url) = missing.causes.iter().find_map(|cause| cause.url.clone()) {
        message = message.link(say!(l, ja: "設定を開く", en: "Open settings"), url);
    }
    message
}

/// A cause in words, with who changed it.
pub fn cause_words(settings: &Settings, cause: &Cause) -> String {
    let l = settings.language;
    let (name, detail) = (cause.name.as_str(), cause.detail.as_str());
    let what = match cause.kind {
        CauseKind::ServiceDisabled => {
            say!(l, ja: "サービス「{name}」が無効です。有効に戻してください。", en: "the service {name} is disabled: enable it.", name = name)
        }
        CauseKind::Maintenance => {
            say!(l, ja: "メンテナンス中です: {name}", en: "a maintenance window goes on: {name}.", name = name)
        }
        CauseKind::ServiceGone => {
            say!(l, ja: "設定にあるサービス「{name}」が PagerDuty にありません。名前を直すか、作り直してください。", en: "PagerDuty has no service {name}, which the configuration names: mend the name or make the service again.", name = name)
        }
        CauseKind::IntegrationGone => {
            say!(l, ja: "サービス「{name}」にこの監視の連携がありません。削除されていれば作り直してください。", en: "the service {name} has no integration for this monitor: if it was deleted, make it again.", name = name)
        }
        CauseKind::AddressUnknown => {
            say!(l, ja: "宛先 {detail} はサービス「{name}」のどの連携のアドレスでもありません。監視側の宛先を直してください。", en: "{detail} is no address of any integration of {name}: mend the address in the monitor.", detail = detail, name = name)
        }
        CauseKind::MailFilter => {
            say!(l, ja: "連携「{name}」のメールフィルターがこのメールを捨てています。", en: "the mail filter of the integration {name} throws this mail away.", name = name)
        }
        CauseKind::MailParser => {
            say!(l, ja: "連携「{name}」のメール解析ルールに一致しないメールは捨てる設定です。", en: "the integration {name} throws away mails that none of its parsing rules matches.", name = name)
        }
        CauseKind::OrchestrationDrops => {
            say!(l, ja: "イベントオーケストレーションのルール「{name}」が破棄しています。", en: "the event orchestration rule {name} drops it.", name = name)
        }
        CauseKind::OrchestrationSuppresses => {
            say!(l, ja: "イベントオーケストレーションのルール「{name}」が抑制しています。", en: "the event orchestration rule {name} suppresses it.", name = name)
        }
        CauseKind::OrchestrationPauses => {
            say!(l, ja: "イベントオーケストレーションのルール「{name}」が一時停止しています。", en: "the event orchestration rule {name} pauses it.", name = name)
        }
        CauseKind::OrchestrationUnclear => {
            say!(l, ja: "イベントオーケストレーションが原因でないとは言い切れません {name}", en: "event orchestration can't be ruled out {name}", name = name)
        }
        CauseKind::Grouped => {
            say!(l, ja: "サービス「{name}」はアラートをまとめる設定です ({detail})。開いているインシデントに入った可能性があります。", en: "alerts of {name} are grouped ({detail}): it may have joined another open incident.", name = name, detail = detail)
        }
        CauseKind::AutoPause => {
            say!(l, ja: "サービス「{name}」は通知を自動で一時停止します ({detail})。", en: "{name} pauses notifications by itself ({detail}).", name = name, detail = detail)
        }
        CauseKind::RateLimit => {
            say!(l, ja: "PagerDuty の受付数の上限を超えました (キーごとに毎分約 120 件)。", en: "PagerDuty's rate limit was passed (about 120 events a minute and key).")
        }
        CauseKind::EventsRejected => {
            say!(l, ja: "PagerDuty がイベントを拒否しています: {detail}", en: "PagerDuty rejects events: {detail}", detail = detail)
        }
        CauseKind::NotAnswering => {
            say!(l, ja: "PagerDuty が応答しません: {detail}", en: "PagerDuty does not answer: {detail}", detail = detail)
        }
        CauseKind::NoService => {
            say!(l, ja: "この監視・ホストのサービスが設定されていません。[[mail.monitor]] か [[mail.service]] に書いてください。", en: "no service is named for this monitor or host: write it into [[mail.monitor]] or [[mail.service]].")
        }
        CauseKind::NobodyOnCall => {
            say!(l, ja: "サービス「{name}」にオンコール担当がいません。", en: "nobody is on call for {name}.", name = name)
        }
        CauseKind::WebhookLost => {
            say!(l, ja: "PagerDuty の Webhook が届いていません (接続ページを見てください)。", en: "webhooks of PagerDuty's are missing: see Connections.")
        }
        CauseKind::PollDead => {
            say!(l, ja: "PagerDuty の読み取りが {detail} から止まっています (接続ページを見てください)。", en: "our reading of PagerDuty stands still since {detail}: see Connections.", detail = detail)
        }
        CauseKind::NothingFound => {
            say!(l, ja: "PagerDuty の設定に問題は見つかりません。監視側が PagerDuty に送っているか確認してください。", en: "nothing in PagerDuty's settings explains it: look whether the monitor sends to PagerDuty at all.")
        }
    };
    let by = match (&cause.changed_by, cause.changed_at) {
        (Some(by), Some(at)) => {
            say!(l, ja: " 最後の変更: {by}、{at}", en: " Last changed by {by}, {at}.", by = by, at = when(settings, at))
        }
        (Some(by), None) => say!(l, ja: " 最後の変更: {by}", en: " Last changed by {by}.", by = by),
        _ => String::new(),
    };
    format!("{}{by}", what.trim_end())
}

/// PagerDuty is silent.
pub fn outage(settings: &Settings, began_at: Micros, evidence: &Evidence, on_call: &[String]) -> Message {
    let l = settings.language;
    let who = if on_call.is_empty() {
        say!(l, ja: "オンコール担当はこちらの記録では分かりません。", en: "Who is on call is not known here.")
    } else {
        say!(l, ja: "オンコール担当 (最後に読んだ予定): {who}", en: "On call by the last schedule we read: {who}", who = on_call.join(", "))
    };
    let path = if settings.calls {
        say!(l, ja: "アラートは第二経路で呼び出します。PagerDuty への登録は回復後に送り直します。失われるものはありません。", en: "Alerts go out by the second path. What PagerDuty must know waits and is sent when it is back. Nothing is lost.")
    } else {
        say!(l, ja: "第二経路は設定されていません。担当者に電話で知らせてください。登録は回復後に送り直します。", en: "No second path is set: call whoever is on call. What PagerDuty must know waits and is sent when it is back.")
    };
    let mut message = Message::new(
        say!(l, ja: "PagerDuty が機能していません ({at} から)", en: "PagerDuty does not do its work since {at}", at = when(settings, began_at)),
    );
    for line in evidence_words(settings, evidence) {
        message = message.line(line);
    }
    message = message.line(who).line(path);
    match settings.link("/safety-net/outages") {
        Some(url) => message.link(say!(l, ja: "様子を見る", en: "See how it goes"), url),
        None => message,
    }
}

/// How we know.
pub fn evidence_words(settings: &Settings, evidence: &Evidence) -> Vec<String> {
    let l = settings.language;
    let mut lines = Vec::new();
    if let Some(since) = evidence.events_fail_since {
        let why = evidence.events_why.as_deref().unwrap_or_default();
        lines.push(say!(l, ja: "イベントの受付が {since} から失敗しています: {why}", en: "Events fail since {since}: {why}", since = when(settings, since), why = why));
    }
    if let Some(since) = evidence.rest_fails_since {
        let why = evidence.rest_why.as_deref().unwrap_or_default();
        lines.push(say!(l, ja: "API が {since} から応答しません: {why}", en: "The API fails since {since}: {why}", since = when(settings, since), why = why));
    }
    if evidence.unseen > 0 {
        lines.push(say!(l, ja: "受け付けたのに 1 分たってもインシデントにならない登録: {n} 件", en: "Taken by PagerDuty and no incident within a minute: {n}", n = evidence.unseen));
    }
    if let Some(since) = evidence.silent_since {
        lines.push(say!(l, ja: "Webhook が {since} から届きません。", en: "Webhooks are missing since {since}.", since = when(settings, since)));
    }
    if let Some(at) = evidence.canary_lost {
        lines.push(
            say!(l, ja: "カナリアが {at} に失われました。", en: "A canary was lost at {at}.", at = when(settings, at)),
        );
    }
    lines
}

/// It is over: what it came to.
pub fn outage_over(settings: &Settings, (began_at, ended_at): (Micros, Micros), report: &Report) -> Message {
    let l = settings.language;
    let minutes = ended_at.since(began_at) / 60_000_000;
    let message = Message::new(say!(l, ja: "PagerDuty が回復しました ({minutes} 分間の停止)", en: "PagerDuty is back after {minutes} min", minutes = minutes))
        .line(say!(l, ja: "期間中のアラートメール {problems} 件: インシデントあり {matched}、こちらで登録 {registered} (登録しなければ失われていました)、先に回復 {recovered}、未登録 {lacking}、対象外 {aside}",
            en: "{problems} alert mails meanwhile: {matched} had an incident, {registered} were registered by us and would have been lost, {recovered} were over before, {lacking} still lack one, {aside} were no alerts or held back",
            problems = report.problems, matched = report.matched, registered = report.registered, recovered = report.recovered, lacking = report.lacking, aside = report.set_aside))
        .line(paged(l, report));
    match settings.link("/safety-net/outages") {
        Some(url) => message.link(say!(l, ja: "報告を見る", en: "See the report"), url),
        None => message,
    }
}

/// The button that answers a call.
pub fn answer(language: Language) -> String {
    say!(language, ja: "対応します", en: "I take it")
}

/// Whom the second path paged meanwhile.
fn paged(l: Language, report: &Report) -> String {
    let (calls, answered) = (report.calls, report.answered);
    if calls == 0 {
        return say!(l, ja: "担当者への直接の呼び出し (第二経路) はありませんでした。", en: "Nobody was paged directly (second path).");
    }
    say!(l, ja: "その間に担当者を直接呼び出しました (第二経路): 延べ {calls} 人、うち {answered} 人分に応答がありました。",
        en: "People were paged directly meanwhile (second path): {calls} pages, {answered} of them answered.", calls = calls, answered = answered)
}

/// A day's ledger in a line, and an alarm when it does not balance.
pub fn day(
    settings: &Settings,
    day: &str,
    (received, entries, difference): (i64, i64, i64),
    parts: &[(String, i64)],
) -> Message {
    let l = settings.language;
    let headline = if difference == 0 {
        say!(l, ja: "{day} の台帳: 受信 {received} 通、すべて記帳済み", en: "Ledger of {day}: {received} mails received, every one accounted for", day = day, received = received)
    } else {
        say!(l, ja: "{day} の台帳が合いません: 受信 {received} 通、記帳 {entries} 通 (差 {difference})。セーフティネットのページで確認してください。", en: "The ledger of {day} does not balance: {received} mails received, {entries} accounted for (difference {difference}). Look at the page Safety net.",
            day = day, received = received, entries = entries, difference = difference)
    };
    let parts: Vec<String> =
        parts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    let message = Message::new(headline);
    if parts.is_empty() { message } else { message.line(parts.join(", ")) }
}

/// A ledger state in words.
pub fn state(language: Language, state: &str) -> &'static str {
    let (ja, en) = match state {
        "expected" => ("照合待ち", "awaited"),
        "matched" => ("一致", "matched"),
        "matched_late" => ("遅れて一致", "matched late"),
        "joined" => ("既存に合流", "joined an open incident"),
        "recovery" => ("回復", "recoveries"),
        "suppressed" => ("意図的な抑制", "held back on purpose"),
        "not_an_alert" => ("アラート以外", "no alerts"),
        "missing" => ("未登録", "missing"),
        "registered" => ("登録済み", "missing and registered"),
        "unreadable" => ("読めない", "unreadable"),
        "unreadable_registered" => ("読めないが登録済み", "unreadable and registered"),
        "baseline" => ("開始前", "from before"),
        "canary" => ("カナリア", "canaries"),
        _ => ("その他", "others"),
    };
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}

/// A source that is silent though its rhythm says otherwise.
pub fn silence(settings: &Settings, monitor: &str, since: Micros, expected: f64) -> Message {
    let l = settings.language;
    Message::new(say!(l, ja: "{monitor} からメールが来ていません ({since} から)", en: "{monitor} is silent since {since}", monitor = monitor, since = when(settings, since)))
        .line(say!(l, ja: "いつもなら {expected} 通ほど届いているはずです。監視サーバーと送信経路を確認してください。", en: "By its rhythm about {expected} mails should have come. Look at the monitor itself and at the way of its mails.", expected = expected.round()))
}

/// It sends again.
pub fn silence_over(settings: &Settings, monitor: &str) -> Message {
    Message::new(
        say!(settings.language, ja: "{monitor} からメールが再び届いています", en: "{monitor} sends mails again", monitor = monitor),
    )
}

/// A canary was lost: the route does not work.
pub fn canary_lost(settings: &Settings, route: &str, lost: &str) -> Message {
    let l = settings.language;
    let message = Message::new(say!(l, ja: "経路 {route} のテストが失敗しました", en: "The test of the route {route} failed", route = route))
        .line(say!(l, ja: "{lost}。この経路の本物のアラートも届かない可能性があります。接続ページで確認してください。", en: "{lost}. Real alerts may be lost on this route as well: see Connections.", lost = lost_words(l, lost)));
    match settings.link("/connections") {
        Some(url) => message.link(say!(l, ja: "接続", en: "Connections"), url),
        None => message,
    }
}

/// Where a canary was lost, in the reader's language.
pub fn lost_words(language: Language, lost: &str) -> String {
    let ja = match lost {
        "the relay did not take its mail" => "中継サーバーがメールを受け付けませんでした",
        "its mail never came to our door" => "メールがこちらに届きませんでした",
        "PagerDuty did not take its event" => "PagerDuty がイベントを受け付けませんでした",
        "no incident of it came to the mirror" => "インシデントがこちらに届きませんでした",
        other => other,
    };
    if language == Language::Ja { ja.to_owned() } else { lost.to_owned() }
}

/// The note in our incident when the original came late.
pub fn merged_note(settings: &Settings, into: &str) -> String {
    say!(settings.language, ja: "元のアラートのインシデントが遅れて届いたため、Arayashiki が登録したこのインシデントはそちらにまとめました: {into}",
        en: "The original incident came late, so this one, which Arayashiki had registered, was put into it: {into}", into = into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(language: Language) -> Settings {
        Settings {
            language,
            public_url: "https://ops.example.jp".into(),
            zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(9)),
            ..Settings::default()
        }
    }

    #[test]
    fn a_missing_alert_is_told_with_its_cause_and_the_next_step() {
        let cause = Cause {
            kind: CauseKind::ServiceDisabled,
            name: "Web".into(),
            url: Some("https://acme.pagerduty.com/services/PSVC1".into()),
            changed_by: Some("Sato Hanako".into()),
            changed_at: Some(Micros::from_seconds(0)),
            detail: String::new(),
        };
        let one = Missing {
            monitor: "zabbix",
            host: Some("web01"),
            title: "Disk full",
            since: Micros::from_seconds(60),
            mail: Some(7),
            count: 0,
            is_unreadable: false,
            causes: &[cause],
            step: Step::PostOnly,
        };
        let message = missing(&settings(Language::En), &one);
        assert_eq!(message.headline, "No incident in PagerDuty: Disk full (web01)");
        assert!(
            message.lines.iter().any(|line| line
                .contains("the service Web is disabled: enable it. Last changed by Sato Hanako, 1 Jan 09:00:00")),
            "{message:?}"
        );
        let urls: Vec<&str> = message.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(
            urls,
            [
                "https://ops.example.jp/safety-net/mails/7#register",
                "https://ops.example.jp/safety-net/mails/7#not-an-alert",
                "https://acme.pagerduty.com/services/PSVC1"
            ]
        );
        let unread = missing(&settings(Language::En), &Missing { is_unreadable: true, ..one.clone() });
        assert!(unread.lines.iter().any(|line| line.contains("open the mail itself")), "{unread:?}");
        assert_eq!(unread.links[0].url, "https://ops.example.jp/safety-net/mails/7#original");
        let ja = missing(&settings(Language::Ja), &one);
        assert!(ja.lines.iter().any(|line| line.contains("サービス「Web」が無効です")), "{ja:?}");
        assert!(ja.lines[0].contains("1月1日(木) 09:01:00"), "{ja:?}");
    }

    #[test]
    fn nobody_is_said_to_be_called_while_pagerduty_takes_nothing() {
        let said = |settings: &Settings, step| {
            let one = Missing {
                monitor: "zabbix",
                host: None,
                title: "Disk full",
                since: Micros(0),
                mail: Some(7),
                count: 0,
                is_unreadable: false,
                causes: &[],
                step,
            };
            missing(settings, &one).lines.join("\n")
        };
        let alone = settings(Language::En);
        let called = Settings { calls: true, ..settings(Language::En) };
        assert!(said(&alone, Step::Registering).contains("pages whoever is on call"));
        assert!(said(&alone, Step::Refused).contains("Call whoever is on call."));
        assert!(said(&called, Step::Refused).contains("paged by the second path"));
    }

    #[test]
    fn every_cause_has_words_in_both_languages() {
        for kind in CauseKind::ALL {
            let cause =
                Cause { kind, name: "N".into(), url: None, changed_by: None, changed_at: None, detail: "D".into() };
            let (ja, en) = (cause_words(&settings(Language::Ja), &cause), cause_words(&settings(Language::En), &cause));
            assert!(!en.is_empty() && ja != en && !ja.is_ascii(), "{kind:?}");
        }
    }
}
