//! What is done about an alert that lacks an incident: who may be told, what is registered, when it is sent again.

use super::{CHANNEL, DUTY, OUR_TITLES, Settings, dedup_key};
use crate::Mode;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::mail::{Severity, Trust};
use model::message::{Link, Message};

/// PagerDuty took it and shows nothing: it is told again after this, then less often.
const AGAIN_FIRST_S: i64 = 30;
const AGAIN_MOST_S: i64 = 600;
/// A registration is looked for twice before anybody is called for it.
const CALL_FIRST_S: i64 = 20;

/// A storm's list that has grown is sent again after this.
const LISTED_AGAIN_S: i64 = 20;
/// A storm is over when nothing joined it for so long, and takes in nothing more after this.
const STORM_QUIET_S: i64 = 120;
const STORM_LONGEST_S: i64 = 900;
/// An alert that lacks an incident, and for which nothing could be registered, is told once more after this.
const TOLD_AGAIN_S: i64 = 3_600;

/// An alert that lacks an incident, as far as acting on it goes.
#[derive(Clone, Debug)]
pub struct Lacking<'a> {
    pub net: &'a str,
    pub generation: i64,
    pub monitor: &'a str,
    pub host: Option<&'a str>,
    pub check: Option<&'a str>,
    pub title: &'a str,
    pub severity: Option<Severity>,
    pub customer: Option<&'a str>,
    pub since: Micros,
    /// The mail that told it; `None` for a storm.
    pub mail: Option<i64>,
    /// In a storm: how many there are, and the first of them.
    pub list: Vec<String>,
    pub count: i64,
}

/// How far one may go for a mail of such a sender.
pub fn allowed(settings: &Settings, trust: Trust, is_capped: bool) -> Mode {
    let most = match trust {
        _ if is_capped => Mode::Post,
        Trust::Trusted => Mode::Page,
        Trust::Untrusted | Trust::Waiting => settings.untrusted,
    };
    settings.mode.min(most)
}

/// Whether so many missing at once are a storm.
pub const fn is_storm(settings: &Settings, missing_in_a_minute: i64) -> bool {
    settings.storm > 0 && missing_in_a_minute > settings.storm
}

/// Whether a storm still takes in what its monitor lacks. What begins after it is told for itself.
pub fn storm_lasts(began_at: Micros, last_mail: Option<Micros>, now: Micros) -> bool {
    let is_quiet = now.since(last_mail.unwrap_or(began_at)) >= STORM_QUIET_S * 1_000_000;
    !is_quiet && now.since(began_at) < STORM_LONGEST_S * 1_000_000
}

/// A list that was made before then may be made again, if it has grown.
pub const fn listed_before(now: Micros) -> Micros {
    now.plus_s(-LISTED_AGAIN_S)
}

/// Whether an alert that was told then is told once more with this mail: else a monitor that never says that it is over would be
/// heard once and never again.
pub const fn is_told_again(missing_since: Micros, received_at: Micros) -> bool {
    received_at.since(missing_since) >= TOLD_AGAIN_S * 1_000_000
}

/// Registers it in PagerDuty, for the `tries`th time.
pub fn page(settings: &Settings, lacking: &Lacking<'_>, tries: i64) -> Action {
    let key = dedup_key(lacking.net, lacking.generation);
    let link = match lacking.mail {
        Some(mail) => settings.link(&format!("/safety-net/mails/{mail}")),
        None => settings.lacking_link(lacking.monitor),
    };
    let mut details = serde_json::json!({
        "what": "An alert mail came and PagerDuty has no incident for it. Arayashiki registered it so that somebody is paged.",
        "do": "Look at the host. Then mend the setting that kept the alert from PagerDuty; the page in Arayashiki names it.",
        "monitor": lacking.monitor,
        "host": lacking.host,
        "check": lacking.check,
        "since": lacking.since.rfc3339(),
    });
    if !lacking.list.is_empty() {
        details["alerts"] = serde_json::json!(lacking.list);
        details["count"] = serde_json::json!(lacking.count);
    }
    let effect = Effect::Page {
        summary: model::text::cut(&format!("{OUR_TITLES}{}", headline(lacking)), 1_000),
        source: lacking.host.unwrap_or(lacking.monitor).to_owned(),
        severity: lacking.severity.unwrap_or(Severity::Error).as_str().to_owned(),
        details,
        links: link.map(|url| Link { text: "Arayashiki".into(), url }).into_iter().collect(),
        route: None,
        dedup_key: key.clone(),
        tells_more: !lacking.list.is_empty() && tries > 0,
    };
    Action {
        precondition: Precondition::NetOpen { net: lacking.net.to_owned(), generation: lacking.generation },
        ..action(lacking, &format!("page/{tries}"), format!("events:{key}"), effect, "an alert mail has no incident")
    }
}

/// What a registration is called.
fn headline(lacking: &Lacking<'_>) -> String {
    if lacking.count > 0 {
        return format!("{} alerts of {} have no incident", lacking.count, lacking.monitor);
    }
    format!("{} [unconfigured: {}]", model::text::with_host(lacking.title, lacking.host), lacking.monitor)
}

/// Looks for the cause; the post follows from it.
pub fn find_cause(lacking: &Lacking<'_>) -> Action {
    let effect = Effect::FindCause { net: lacking.net.to_owned(), generation: lacking.generation };
    action(lacking, "cause", format!("cause:{}", lacking.net), effect, "why an alert never became an incident")
}

/// Resolves our registration: it is over, or the original came.
pub fn settle(net: &str, generation: i64, customer: Option<&str>, why: &str) -> Action {
    let key = dedup_key(net, generation);
    let lacking = of(net, generation, customer);
    let effect = Effect::Settle { dedup_key: key.clone(), route: None };
    action(&lacking, "settle", format!("events:{key}"), effect, why)
}

/// The same for one that PagerDuty showed only after that.
pub fn settle_seen(net: &str, generation: i64, why: &str) -> Action {
    let settle = settle(net, generation, None, why);
    Action { key: format!("{}/seen", settle.key), ..settle }
}

/// Puts our incident into the one that came late.
pub fn merge(net: &str, generation: i64, customer: Option<&str>, (ours, into): (&str, &str), note: &str) -> Action {
    let lacking = of(net, generation, customer);
    let effect = Effect::Merge { ours: ours.to_owned(), into: into.to_owned(), note: note.to_owned() };
    action(&lacking, "merge", format!("incident:{ours}"), effect, "the original came late")
}

/// Writes what our incident does not say of itself into its notes.
pub fn note(net: &str, generation: i64, customer: Option<&str>, (ours, text): (&str, &str), tries: i64) -> Action {
    let lacking = of(net, generation, customer);
    let marker = format!("{}/{tries}", dedup_key(net, generation));
    let effect = Effect::Note { incident: ours.to_owned(), text: format!("{text}\n{marker}"), marker };
    action(&lacking, &format!("note/{tries}"), format!("incident:{ours}"), effect, "its list has grown")
}

/// Tells people. `reason` makes it one message, however often it is decided.
pub fn tell(subject: &str, reason: &str, customer: Option<&str>, message: Message, why: &str) -> Action {
    Action {
        key: format!("{DUTY}/{subject}/{reason}"),
        duty: DUTY.into(),
        subject: subject.to_owned(),
        lane: format!("tell:{CHANNEL}"),
        effect: Effect::Tell { channel: CHANNEL.into(), to: None, message },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: why.into(),
        customer: customer.map(str::to_owned),
        queue: Queue::Live,
    }
}

/// When people are called by the second path for a registration that nobody sees. Counted from the end of the mail's grace
/// time, so that whatever kept us from judging it costs nobody's time; yet each registration has a moment to be seen.
pub fn call_at(settings: &Settings, missing_since: Micros, asked_at: Micros) -> Micros {
    let latest = asked_at.plus_s(settings.call_after_s);
    let earliest = asked_at.plus_s(settings.call_after_s.min(CALL_FIRST_S));
    missing_since.plus_s(settings.grace_s + settings.call_after_s).clamp(earliest, latest)
}

/// The same asked the other way round, as the store can answer it: who is to be called by now was asked for before `asked`, and
/// either asked for before `long_asked` or missing since before `missing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallDue {
    pub asked: Micros,
    pub long_asked: Micros,
    pub missing: Micros,
}

/// Everybody at once while PagerDuty is out.
pub fn call_due(settings: &Settings, now: Micros, is_outage: bool) -> CallDue {
    if is_outage {
        return CallDue { asked: now, long_asked: now, missing: now };
    }
    CallDue {
        asked: now.plus_s(-settings.call_after_s.min(CALL_FIRST_S)),
        long_asked: now.plus_s(-settings.call_after_s),
        missing: now.plus_s(-settings.grace_s - settings.call_after_s),
    }
}

/// When PagerDuty is told once more, if it shows nothing.
pub fn again_at(asked_at: Micros, tries: i64) -> Micros {
    let doublings = u32::try_from(tries.clamp(0, 10)).unwrap_or(0);
    asked_at.plus_s((AGAIN_FIRST_S << doublings).min(AGAIN_MOST_S) + 60)
}

fn of<'a>(net: &'a str, generation: i64, customer: Option<&'a str>) -> Lacking<'a> {
    Lacking {
        net,
        generation,
        monitor: "",
        host: None,
        check: None,
        title: "",
        severity: None,
        customer,
        since: Micros(0),
        mail: None,
        list: Vec::new(),
        count: 0,
    }
}

fn action(lacking: &Lacking<'_>, step: &str, lane: String, effect: Effect, why: &str) -> Action {
    Action {
        key: format!("{DUTY}/{}/{}/{step}", lacking.net, lacking.generation),
        duty: DUTY.into(),
        subject: lacking.net.to_owned(),
        lane,
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: why.into(),
        customer: lacking.customer.map(str::to_owned),
        queue: Queue::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nobody_goes_further_than_mode_and_sender_allow() {
        let page = Settings { mode: Mode::Page, ..Settings::default() };
        assert_eq!(allowed(&page, Trust::Trusted, false), Mode::Page);
        assert_eq!(allowed(&page, Trust::Untrusted, false), Mode::Post);
        assert_eq!(allowed(&page, Trust::Trusted, true), Mode::Post);
        let trusting = Settings { untrusted: Mode::Page, ..page };
        assert_eq!(allowed(&trusting, Trust::Untrusted, false), Mode::Page);
        let observing = Settings { mode: Mode::Observe, ..trusting };
        assert_eq!(allowed(&observing, Trust::Trusted, false), Mode::Observe);
    }

    #[test]
    fn people_are_called_by_the_clock_of_the_mail() {
        let settings = Settings { grace_s: 60, call_after_s: 45, ..Settings::default() };
        let at = |asked_s| call_at(&settings, Micros(0), Micros::from_seconds(asked_s)).second();
        assert_eq!(at(60), 105, "judged at once");
        assert_eq!(at(80), 105, "blind for a while");
        assert_eq!(at(600), 620, "after a stop of our own");
        let quick = Settings { call_after_s: 0, ..settings };
        assert_eq!(call_at(&quick, Micros(0), Micros::from_seconds(70)).second(), 70);
    }

    proptest! {
        #[test]
        fn asked_by_rows_or_by_one_a_call_is_due_at_the_same_instant(
            (grace_s, call_after_s) in (0_i64..300, 0_i64..300), (missing_s, asked_s, now_s) in (0_i64..900, 0_i64..900, 0_i64..1_500),
        ) {
            let settings = Settings { grace_s, call_after_s, ..Settings::default() };
            let [missing, asked, now] = [missing_s, asked_s, now_s].map(Micros::from_seconds);
            let due = call_due(&settings, now, false);
            let is_due = asked <= due.asked && (asked <= due.long_asked || missing <= due.missing);
            prop_assert_eq!(is_due, call_at(&settings, missing, asked) <= now);
        }
    }

    #[test]
    fn a_storm_ends_when_it_is_quiet_and_swallows_nothing_for_ever() {
        let at = Micros::from_seconds;
        assert!(storm_lasts(at(0), None, at(119)) && !storm_lasts(at(0), None, at(120)));
        assert!(storm_lasts(at(0), Some(at(500)), at(619)) && !storm_lasts(at(0), Some(at(500)), at(620)));
        assert!(!storm_lasts(at(0), Some(at(899)), at(900)));
    }

    #[test]
    fn it_is_told_again_later_and_later() {
        let at: Vec<i64> = (0..7).map(|n| again_at(Micros(0), n).second()).collect();
        assert_eq!(at, [90, 120, 180, 300, 540, 660, 660]);
    }

    #[test]
    fn a_registration_says_that_it_is_ours() {
        let lacking = Lacking { title: "Disk full", monitor: "zabbix", host: Some("web01"), ..of("n1", 2, None) };
        let action = page(&Settings::default(), &lacking, 0);
        let Effect::Page { dedup_key, summary, .. } = &action.effect else { panic!("a page") };
        assert_eq!(summary, "Arayashiki: Disk full (web01) [unconfigured: zabbix]");
        assert!(super::super::is_ours(Some(dedup_key), "x") && super::super::is_ours(None, summary));
        assert_eq!(action.key, "safety_net/n1/2/page/0");
    }
}
