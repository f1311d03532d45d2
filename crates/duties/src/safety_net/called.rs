//! What the second path tells a person: the alert first, whose it is, whether PagerDuty is down, and who is calling. Short
//! enough that an SMS with its link says all of it.

use super::words::when;
use super::{Language, Settings};
use model::Micros;
use model::message::Message;

/// What a call is for.
#[derive(Clone, Debug)]
pub struct Called<'a> {
    /// The first of them.
    pub alerts: Vec<Alert<'a>>,
    pub count: i64,
    /// By name, where all of them are one customer's.
    pub customer: Option<&'a str>,
    pub is_outage: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Alert<'a> {
    pub title: &'a str,
    pub host: Option<&'a str>,
    pub monitor: &'a str,
    pub since: Micros,
}

/// A page names no more.
const MOST_NAMED: usize = 10;
/// What a link that answers has behind our own address, its line break included: `/answer/` and 48 signs.
const LINK: usize = 57;
/// Two short messages: of plain ASCII, and of anything else.
const TWO_PLAIN: usize = 306;
const TWO_WIDE: usize = 134;
/// However long the rest is, so much of a title is said.
const LEAST_TITLE: usize = 8;

/// The words of a page.
pub fn message(settings: &Settings, called: &Called<'_>) -> Message {
    let l = settings.language;
    let ja = l == Language::Ja;
    let mut message = Message::new(headline(settings, called));
    for alert in called.alerts.iter().take(MOST_NAMED) {
        message = message.line(line(settings, alert));
    }
    let more = called.count - i64::try_from(called.alerts.len().min(MOST_NAMED)).unwrap_or(0);
    if more > 0 {
        message = message.line(if ja { format!("ほか {more} 件") } else { format!("and {more} more") });
    }
    if let Some(customer) = called.customer {
        message = message.line(if ja { format!("お客様: {customer}") } else { format!("Customer: {customer}") });
    }
    message.line(why(l, called.is_outage)).line(next(l))
}

/// The alert, whose it is, whether PagerDuty is down, who says so; the title is cut so that two short messages carry it all.
fn headline(settings: &Settings, called: &Called<'_>) -> String {
    let (ja, first) = (settings.language == Language::Ja, called.alerts.first());
    let more = called.count - 1;
    let mut tail = String::new();
    if more > 0 && first.is_some() {
        tail.push_str(&if ja { format!(" ほか{more}件") } else { format!(" and {more} more") });
    }
    let down = if ja { "PagerDuty停止中" } else { "PagerDuty is down" };
    let between = if ja { "・" } else { " - " };
    for part in [called.customer, called.is_outage.then_some(down), Some("Arayashiki")].into_iter().flatten() {
        tail.push_str(between);
        tail.push_str(part);
    }
    let Some(first) = first else { return format!("{}{tail}", count_words(ja, called.count)) };
    let is_plain = first.title.is_ascii() && tail.is_ascii() && first.host.is_none_or(str::is_ascii);
    let most = if is_plain { TWO_PLAIN } else { TWO_WIDE };
    let room = most.saturating_sub(settings.public_url.len() + LINK + tail.chars().count());
    format!("{}{tail}", short(first, room))
}

fn count_words(ja: bool, count: i64) -> String {
    if ja { format!("アラート {count} 件") } else { format!("{count} alerts") }
}

/// Title and host in so many characters: of a long title the end goes, the host never.
fn short(alert: &Alert<'_>, room: usize) -> String {
    let whole = named(alert);
    if whole.chars().count() <= room {
        return whole;
    }
    let host = alert.host.map(|host| format!(" ({host})")).unwrap_or_default();
    let room = room.saturating_sub(host.chars().count() + 3).max(LEAST_TITLE);
    let title: String = alert.title.chars().take(room).collect();
    format!("{}...{host}", title.trim_end())
}

/// The alert's title, with its host where that is not in it.
pub fn named(alert: &Alert<'_>) -> String {
    model::text::with_host(alert.title, alert.host)
}

fn line(settings: &Settings, alert: &Alert<'_>) -> String {
    let (what, at) = (named(alert), when(settings, alert.since));
    match settings.language {
        Language::Ja => format!("{what} 監視: {}、{at} から", alert.monitor),
        Language::En => format!("{what}: monitor {}, since {at}", alert.monitor),
    }
}

fn why(l: Language, is_outage: bool) -> String {
    let text = match (l, is_outage) {
        (Language::Ja, true) => "PagerDuty が停止しているため、Arayashiki から直接お知らせします。",
        (Language::En, true) => "PagerDuty is down, so Arayashiki calls you directly.",
        (Language::Ja, false) => "PagerDuty に登録されたことを確認できないため、Arayashiki から直接お知らせします。",
        (Language::En, false) => "Nobody could see it registered in PagerDuty, so Arayashiki calls you directly.",
    };
    text.to_owned()
}

fn next(l: Language) -> String {
    let text = match l {
        Language::Ja => "リンクを開いて「対応します」を押すと、ほかの人への呼び出しが止まります。",
        Language::En => "Open the link and press \"I take it\": nobody else is called then.",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(language: Language) -> Settings {
        Settings { language, public_url: "https://ops.example.jp".into(), ..Settings::default() }
    }

    fn one(title: &str) -> Alert<'_> {
        Alert { title, host: Some("db01"), monitor: "zabbix", since: Micros::from_seconds(60) }
    }

    fn called<'a>(alerts: &[Alert<'a>], count: i64, is_outage: bool) -> Called<'a> {
        Called { alerts: alerts.to_vec(), count, customer: Some("青葉商事"), is_outage }
    }

    #[test]
    fn the_alert_comes_first_then_whose_it_is_and_what_is_down_and_who_calls() {
        let ja = message(&settings(Language::Ja), &called(&[one("ディスク使用率90%超過")], 1, true));
        assert_eq!(ja.headline, "ディスク使用率90%超過 (db01)・青葉商事・PagerDuty停止中・Arayashiki");
        assert_eq!(ja.lines[0], "ディスク使用率90%超過 (db01) 監視: zabbix、1月1日(木) 00:01:00 UTC から");
        assert_eq!(ja.lines[1], "お客様: 青葉商事");
        let en = message(&settings(Language::En), &called(&[one("Disk full"), one("HTTP 5xx")], 12, false));
        assert_eq!(en.headline, "Disk full (db01) and 11 more - 青葉商事 - Arayashiki");
        assert!(en.lines.contains(&"and 10 more".to_owned()), "{en:?}");
        assert!(en.lines.iter().any(|line| line.starts_with("Nobody could see it registered")), "{en:?}");
    }

    #[test]
    fn two_short_messages_carry_it_with_its_link_and_no_host_is_cut_off() {
        let link = "x".repeat(settings(Language::Ja).public_url.len() + LINK);
        let (wide, plain) = ("ディスク使用率90%超過 ".repeat(9), "Disk is nearly full ".repeat(20));
        for (language, title, customer, most) in
            [(Language::Ja, &wide, "青葉商事", TWO_WIDE), (Language::En, &plain, "Aoba Trading", TWO_PLAIN)]
        {
            let called = Called { customer: Some(customer), ..called(&[one(title)], 3, true) };
            let headline = message(&settings(language), &called).headline;
            let all = headline.encode_utf16().count() + link.len();
            assert!(all <= most, "{all}: {headline}");
            assert!(headline.contains("... (db01)") && headline.ends_with("Arayashiki"), "{headline}");
        }
    }

    #[test]
    fn a_call_whose_alerts_are_over_still_says_what_it_was() {
        let said = message(&settings(Language::Ja), &Called { customer: None, ..called(&[], 3, true) });
        assert_eq!(said.headline, "アラート 3 件・PagerDuty停止中・Arayashiki");
    }
}
