//! Whether a mail is an alert at all. What answers or bounces by itself, what PagerDuty and we ourselves sent, and what goes in
//! circles is none, by rules that are named; then the configured rules. Never judges how bad an alert is.

use super::letter::{Letter, Mail};
use super::rx::Rx;
use super::{Desk, Monitor, Rule, RuleVerdict, Standing};
use model::mail::{Envelope, Reading};

/// More relays than that are a circle.
const MOST_RECEIVED: usize = 30;

static VACATION: Rx = Rx::new(
    r"^(?:\[[^\]]*\]\s*)*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|autoreply|out of (?:the )?office|vacation|away from (?:my|the)|自動返信|自動応答|不在(?:の|通知|連絡)|休暇|夏季休業|年末年始)",
);
static BOUNCE: Rx = Rx::new(
    r"^(?:undeliver(?:ed|able)|delivery (?:status notification|failure|has failed)|returned mail|mail (?:delivery failed|could not be delivered|system error)|failure notice|warning: could not send|配信不能|配信失敗|配信できません|送信できませんでした)",
);
static CONFIRMATION: Rx = Rx::new(r"you have chosen to subscribe to the topic");
static PRINTABLE: Rx = Rx::new(r"^[\w.:/+=@-]{1,200}$");

pub struct Seen<'a> {
    pub desk: &'a Desk,
    pub envelope: &'a Envelope,
    pub mail: &'a Mail,
    pub monitor: Option<&'a Monitor>,
    /// The name of the monitor, configured or not.
    pub name: &'a str,
    pub reading: &'a Reading,
}

pub fn judge(seen: &Seen<'_>) -> Standing {
    let outer = &seen.mail.outer;
    let standing = match automatic(seen) {
        Some(rule) => Standing::NotAnAlert { rule: rule.to_owned() },
        None => configured(seen),
    };
    match outer.headers.text("x-arayashiki-canary").filter(|token| PRINTABLE.is_match(token)) {
        Some(token) => Standing::Canary { token, otherwise: Box::new(standing) },
        None => standing,
    }
}

fn automatic(seen: &Seen<'_>) -> Option<&'static str> {
    let outer = &seen.mail.outer;
    let own = |own: &String| own.eq_ignore_ascii_case(&outer.from) && !own.is_empty();
    let is_read = seen.reading.reader != super::readers::UNKNOWN;
    let checks = [
        (outer.headers.has("x-arayashiki") || seen.desk.own_senders.iter().any(own), "our own mail"),
        (outer.headers.count("received") > MOST_RECEIVED, "a mail loop: it passed more than 30 relays"),
        (seen.mail.kind.kind == "multipart/report", "a delivery or disposition report"),
        (is_bounce(outer), "a bounce"),
        (is_reply(outer), "an automatic reply"),
        (outer.is_from("pagerduty.com"), "PagerDuty's own notification"),
        (
            outer.text.is_match(&CONFIRMATION),
            "Amazon SNS asks to confirm a subscription: open its link if you want the topic's mails",
        ),
        // The null sender is for what nobody shall answer: cron and some relays use it for alerts too.
        (seen.envelope.from.is_none() && !(seen.monitor.is_some() && is_read), "sent by the null sender"),
    ];
    checks.into_iter().find(|(holds, _)| *holds).map(|(_, rule)| rule)
}

fn is_bounce(letter: &Letter) -> bool {
    let is_daemon = letter.from.starts_with("mailer-daemon") || letter.from.starts_with("postmaster@");
    is_daemon && letter.bare.is_match(&BOUNCE)
}

/// `auto-generated` is what alerts are as well; `auto-replied` never is one.
fn is_reply(letter: &Letter) -> bool {
    let header = |name: &str| letter.header(name).to_lowercase();
    let submitted = header("auto-submitted");
    let precedence = header("precedence");
    let is_marked = ["x-autoreply", "x-autorespond", "x-autoresponder"].iter().any(|name| letter.headers.has(name));
    let is_automatic =
        !submitted.is_empty() && !submitted.starts_with("no") || precedence == "bulk" || precedence == "junk";
    submitted.starts_with("auto-replied")
        || submitted.contains("vacation")
        || precedence == "auto_reply"
        || (is_marked && header("x-autoreply") != "no")
        || (is_automatic && letter.subject.is_match(&VACATION))
}

fn configured(seen: &Seen<'_>) -> Standing {
    let Some(rule) = seen.desk.rules.iter().find(|rule| holds(rule, seen)) else { return Standing::Alert };
    let name = rule.name.clone();
    match rule.verdict {
        RuleVerdict::NotAnAlert => Standing::NotAnAlert { rule: name },
        RuleVerdict::Suppressed => Standing::Suppressed { rule: name },
    }
}

/// All that a rule names has to match; one that names nothing matches nothing.
fn holds(rule: &Rule, seen: &Seen<'_>) -> bool {
    let letters = || std::iter::once(&seen.mail.outer).chain(&seen.mail.inner);
    let senders = [seen.mail.outer.from.as_str(), seen.envelope.from.as_deref().unwrap_or_default()];
    let of = |text: &Option<String>| super::fold::fold(text.as_deref().unwrap_or_default());
    let (host, check) = (of(&seen.reading.host), of(&seen.reading.check));
    let conditions = [
        rule.monitor.as_ref().map(|monitor| monitor.eq_ignore_ascii_case(seen.name)),
        rule.subject.as_ref().map(|pattern| letters().any(|letter| pattern.is_match(&letter.subject.text))),
        rule.body.as_ref().map(|pattern| letters().any(|letter| pattern.is_match(&letter.text.text))),
        rule.sender.as_ref().map(|pattern| senders.iter().any(|sender| pattern.is_match(sender))),
        rule.host.as_ref().map(|pattern| !host.is_empty() && pattern.is_match(&host)),
        rule.check.as_ref().map(|pattern| !check.is_empty() && pattern.is_match(&check)),
    ];
    conditions.iter().any(Option::is_some) && conditions.iter().flatten().all(|holds| *holds)
}
