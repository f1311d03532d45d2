//! What a key's text may be and what it becomes: one constant a kind. An error says what is wrong and gives a form
//! that works; it repeats the text only where no secret can stand.

mod amounts;
mod bridges;
mod hours;
mod inventory;
mod mail;
mod net;
mod patterns;
mod places;
mod words;

pub use amounts::{DAY_S, HOUR_S, LONGEST_S};
pub use bridges::CalendarUse;
pub use hours::HolidayBase;
pub use inventory::{Anchor, Diagnosis, SshAddress};
pub use places::{EvidencePlace, SpoolPlace, StoreUrl};
pub use words::{Done, Language, LogFormat, MailTls, Mode, RecipientHeader, RuleVerdict, StartTls, Urgencies};

use super::log_filter;
use super::problem::quoted;
use super::raw::Text;
use super::secret::Secret;
use duties::calendar::Lead;
use duties::inventory::draft::Belonging;
use duties::reminders::{Incidents, Quiet, Target};
use duties::tickets::{HoursOf, Kind as Happening, When};
use ipnet::IpNet;
use jiff::civil::Date;
use model::customer::Share;
use model::hours::{Break, Observed, Week, YearSpan, Zone};
use model::mail::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The TOML that a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Number,
    Flag,
    List,
}

/// What is wrong with the text at this index.
pub struct Wrong {
    pub at: usize,
    pub what: String,
}

pub struct Kind<T> {
    pub shape: Shape,
    pub read: fn(&[Text]) -> Result<T, Vec<Wrong>>,
}

impl<T> Kind<T> {
    const fn text(read: fn(&[Text]) -> Result<T, Vec<Wrong>>) -> Self {
        Self { shape: Shape::Text, read }
    }

    const fn number(read: fn(&[Text]) -> Result<T, Vec<Wrong>>) -> Self {
        Self { shape: Shape::Number, read }
    }

    const fn list(read: fn(&[Text]) -> Result<T, Vec<Wrong>>) -> Self {
        Self { shape: Shape::List, read }
    }
}

pub const ADDRESS: Kind<SocketAddr> = Kind::text(|t| one(t, net::address));
pub const ADDRESS_OR_NONE: Kind<Option<SocketAddr>> = Kind::text(|t| one(t, |t| blank_or(t, net::address)));
pub const HOST_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, net::host)));
pub const PORT: Kind<u16> = Kind::number(|t| one(t, net::port));
pub const SERVERS: Kind<Vec<SocketAddr>> = Kind::list(|t| many(t, net::name_server));
pub const NETWORKS: Kind<Vec<IpNet>> = Kind::list(|t| many(t, net::network));
pub const URL: Kind<String> = Kind::text(|t| one(t, net::base_url));
pub const URL_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, net::base_url)));
/// As `URL_OR_NONE`; empty means that the address follows from another key.
pub const URL_OR_DERIVED: Kind<String> =
    Kind::text(|t| one(t, |t| blank_or(t, net::base_url).map(Option::unwrap_or_default)));
/// An address that is a secret itself, since whoever knows it may post there.
pub const SECRET_URL: Kind<Option<Secret>> = Kind::text(|t| one(t, |t| blank_or(t, net::secret_url)));

pub const STORE: Kind<StoreUrl> = Kind::text(|t| one(t, places::store_url));
pub const SPOOL: Kind<SpoolPlace> = Kind::text(|t| one(t, places::spool));
pub const EVIDENCE: Kind<EvidencePlace> = Kind::text(|t| one(t, places::evidence));
pub const FILE: Kind<PathBuf> = Kind::text(|t| one(t, places::file));
pub const FILE_OR_NONE: Kind<Option<PathBuf>> = Kind::text(|t| one(t, |t| blank_or(t, places::file)));

pub const ZONE: Kind<jiff::tz::TimeZone> = Kind::text(|t| one(t, words::zone));
pub const ZONE_OR_NONE: Kind<Option<jiff::tz::TimeZone>> = Kind::text(|t| one(t, |t| blank_or(t, words::zone)));
pub const LOG_FILTER: Kind<String> = Kind::text(|t| one(t, log_filter::read));
pub const SLUG: Kind<String> = Kind::text(|t| one(t, words::slug));
pub const SLUG_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, words::slug)));
pub const NAME: Kind<String> = Kind::text(|t| one(t, words::name));
pub const NAME_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, words::name)));
pub const NAMES: Kind<Vec<String>> = Kind::list(|t| many(t, words::name));
pub const SECRET: Kind<Option<Secret>> = Kind::text(|t| one(t, |t| blank_or(t, words::secret)));
pub const SECRETS: Kind<Vec<Secret>> = Kind::list(|t| many(t, words::secret));
pub const FLAG: Kind<bool> =
    Kind { shape: Shape::Flag, read: |t| one(t, |t| choice(t, &[("true", true), ("false", false)])) };

/// In hundredths of the currency.
pub const PRICE: Kind<Option<i64>> = Kind::text(|t| one(t, |t| blank_or(t, amounts::price)));
pub const CURRENCY: Kind<String> = Kind::text(|t| one(t, amounts::currency));

pub const EMAIL_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, mail::address)));
pub const MAILBOXES: Kind<Vec<String>> = Kind::list(|t| many(t, mail::recipient));
/// As `MAILBOXES`, and `<>` for the null sender, which becomes an empty text.
pub const SENDERS: Kind<Vec<String>> = Kind::list(|t| many(t, mail::sender));
pub const DOMAINS: Kind<Vec<String>> = Kind::list(|t| many(t, mail::domain));
pub const READER_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, mail::reader)));
pub const PHONE_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, mail::phone)));
pub const TOPICS: Kind<Vec<String>> = Kind::list(|t| many(t, mail::topic));
/// Regions that are asked; none where the program can't ask.
pub const LIVE_REGIONS: Kind<Vec<String>> = Kind::list(|t| many(t, mail::live_region));
pub const REGION_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, mail::region)));

/// The text of a regular expression that compiles.
pub const PATTERN_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, patterns::pattern)));
/// The same, with groups that name what they find.
pub const GROUPS_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, patterns::with_groups)));
pub const TIME_FORMAT_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, patterns::time_format)));
pub const GLOB_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, patterns::glob)));

pub const LANGUAGE: Kind<Language> =
    Kind::text(|t| one(t, |t| choice(t, &[("ja", Language::Ja), ("en", Language::En)])));
pub const LOG_FORMAT: Kind<LogFormat> =
    Kind::text(|t| one(t, |t| choice(t, &[("text", LogFormat::Text), ("json", LogFormat::Json)])));
pub const OBSERVE_OR_POST: Kind<Mode> =
    Kind::text(|t| one(t, |t| choice(t, &[("observe", Mode::Observe), ("post", Mode::Post)])));
pub const OBSERVE_OR_PAGE: Kind<Mode> =
    Kind::text(|t| one(t, |t| choice(t, &[("observe", Mode::Observe), ("page", Mode::Page)])));
pub const POST_OR_PAGE: Kind<Mode> =
    Kind::text(|t| one(t, |t| choice(t, &[("post", Mode::Post), ("page", Mode::Page)])));
pub const MODE: Kind<Mode> =
    Kind::text(|t| one(t, |t| choice(t, &[("observe", Mode::Observe), ("post", Mode::Post), ("page", Mode::Page)])));
pub const URGENCIES: Kind<Urgencies> =
    Kind::text(|t| one(t, |t| choice(t, &[("high", Urgencies::High), ("all", Urgencies::All)])));
pub const REMINDED_INCIDENTS: Kind<Incidents> = Kind::text(|t| {
    one(t, |t| choice(t, &[("off", Incidents::Off), ("high", Incidents::High), ("all", Incidents::All)]))
});
pub const STARTTLS: Kind<StartTls> =
    Kind::text(|t| one(t, |t| choice(t, &[("offer", StartTls::Offer), ("require", StartTls::Require)])));
pub const MAIL_TLS: Kind<MailTls> = Kind::text(|t| {
    let known = [("implicit", MailTls::Implicit), ("starttls", MailTls::StartTls), ("none", MailTls::None)];
    one(t, |t| choice(t, &known))
});
pub const DONE: Kind<Done> =
    Kind::text(|t| one(t, |t| choice(t, &[("nothing", Done::Nothing), ("flag", Done::Flag), ("move", Done::Move)])));
pub const RECIPIENT_HEADER: Kind<RecipientHeader> = Kind::text(|t| {
    let known = [
        ("none", RecipientHeader::None),
        ("delivered-to", RecipientHeader::DeliveredTo),
        ("x-original-to", RecipientHeader::XOriginalTo),
    ];
    one(t, |t| choice(t, &known))
});
pub const VERDICT: Kind<RuleVerdict> = Kind::text(|t| {
    one(t, |t| choice(t, &[("not_an_alert", RuleVerdict::NotAnAlert), ("suppressed", RuleVerdict::Suppressed)]))
});

pub const HOURS_ZONE_OR_NONE: Kind<Option<Zone>> = Kind::text(|t| one(t, |t| blank_or(t, hours::zone)));
pub const WEEK: Kind<Week> = Kind::list(|t| many(t, hours::week).map(|lines| Week(lines.concat())));
pub const BREAKS: Kind<Vec<Break>> = Kind::list(|t| many(t, hours::pause));
pub const CLOSED: Kind<Vec<YearSpan>> = Kind::list(|t| many(t, hours::closed));
pub const OBSERVED: Kind<Observed> = Kind::text(|t| one(t, hours::observed));
pub const HOLIDAYS_NAME: Kind<String> = Kind::text(|t| one(t, hours::holidays_name));
/// Days with the names that people read.
pub const DAYS: Kind<BTreeMap<Date, String>> =
    Kind::list(|t| many(t, hours::named_day).map(|days| days.into_iter().collect()));
pub const DATES: Kind<BTreeSet<Date>> = Kind::list(|t| many(t, hours::date).map(|days| days.into_iter().collect()));
pub const HOLIDAY_BASE: Kind<HolidayBase> =
    Kind::text(|t| one(t, |t| choice(t, &[("japan", HolidayBase::Japan), ("none", HolidayBase::None)])));
pub const QUIET: Kind<Quiet> = Kind::text(|t| one(t, hours::quiet));
pub const LEADS: Kind<Vec<Lead>> = Kind::list(|t| many(t, hours::lead));

pub const SLUGS: Kind<Vec<String>> = Kind::list(|t| many(t, words::slug));
pub const TARGETS: Kind<Vec<Target>> = Kind::list(|t| many(t, bridges::target));
pub const HOURS_OF: Kind<HoursOf> = Kind::text(|t| one(t, bridges::hours_of));
pub const PROJECTS_OF_CUSTOMERS: Kind<Vec<(String, String)>> = Kind::list(|t| many(t, bridges::project_of_customer));
pub const STAFF: Kind<Vec<String>> = Kind::list(|t| many(t, bridges::staff));
/// A secret that stands in an address.
pub const SECRET_SEGMENT: Kind<Option<Secret>> = Kind::text(|t| one(t, |t| blank_or(t, bridges::secret_segment)));
pub const SECRET_SEGMENTS: Kind<Vec<Secret>> = Kind::list(|t| many(t, bridges::secret_segment));
pub const CALENDAR_URL: Kind<Option<Secret>> = Kind::text(|t| one(t, |t| blank_or(t, bridges::calendar_url)));
pub const CALENDAR_USE: Kind<CalendarUse> = Kind::text(|t| {
    let known = [("events", CalendarUse::Events), ("leave", CalendarUse::Leave), ("holidays", CalendarUse::Holidays)];
    one(t, |t| choice(t, &known))
});
pub const WHEN: Kind<When> = Kind::text(|t| {
    let known = [
        ("any", When::Any),
        ("unassigned", When::Unassigned),
        ("group_account", When::GroupAccount),
        ("off_hours", When::OffHours),
        ("assignee_unknown", When::AssigneeUnknown),
    ];
    one(t, |t| choice(t, &known))
});
pub const HAPPENINGS: Kind<Vec<Happening>> = Kind::list(|t| {
    let known = [
        ("created", Happening::Created),
        ("commented", Happening::Commented),
        ("reopened", Happening::Reopened),
        ("assigned", Happening::Assigned),
    ];
    many(t, |t| choice(t, &known))
});
/// Of tickets: open ones, those that are done, or both.
pub const IS_DONE: Kind<Option<bool>> =
    Kind::text(|t| one(t, |t| choice(t, &[("any", None), ("open", Some(false)), ("done", Some(true))])));
pub const SEVERITY_OR_NONE: Kind<Option<Severity>> = Kind::text(|t| {
    let known = Severity::ALL.map(|severity| (severity.as_str(), severity));
    one(t, |t| blank_or(t, |t| choice(t, &known)))
});
pub const MODE_OR_NONE: Kind<Option<Mode>> = Kind::text(|t| {
    let known = [("observe", Mode::Observe), ("post", Mode::Post), ("page", Mode::Page)];
    one(t, |t| blank_or(t, |t| choice(t, &known)))
});

pub const PATTERN: Kind<String> = Kind::text(|t| one(t, patterns::pattern));
pub const GLOBS: Kind<Vec<String>> = Kind::list(|t| many(t, patterns::glob));
pub const PATHS: Kind<Vec<String>> = Kind::list(|t| many(t, inventory::path));
pub const FOLDER: Kind<PathBuf> = Kind::text(|t| one(t, inventory::folder));
pub const AGENT_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, inventory::agent)));
pub const BELONGINGS: Kind<Vec<Belonging>> = Kind::list(|t| many(t, inventory::belonging));
pub const HOST_NAME: Kind<String> = Kind::text(|t| one(t, inventory::host_name));
pub const HOST_NAME_OR_NONE: Kind<Option<String>> = Kind::text(|t| one(t, |t| blank_or(t, inventory::host_name)));
pub const SSH_ADDRESS: Kind<SshAddress> = Kind::text(|t| one(t, inventory::ssh_address));
pub const SSH_ADDRESS_OR_NONE: Kind<Option<SshAddress>> =
    Kind::text(|t| one(t, |t| blank_or(t, inventory::ssh_address)));
pub const TAGS: Kind<BTreeMap<String, String>> =
    Kind::list(|t| many(t, inventory::tag).map(|tags| tags.into_iter().collect()));
pub const DIAGNOSIS: Kind<Diagnosis> =
    Kind::text(|t| one(t, |t| choice(t, &[("observe", Diagnosis::Observe), ("run", Diagnosis::Run)])));
pub const SHARE: Kind<Share> = Kind::text(|t| one(t, |t| choice(t, &Share::ALL.map(|share| (share.as_str(), share)))));
/// `forever` is none.
pub const RETENTION: Kind<Option<Duration>> = Kind::text(|t| one(t, amounts::retention));
pub const ANCHORS: Kind<Vec<Anchor>> = Kind::list(|t| many(t, inventory::anchor));

/// A duration within these bounds, in seconds.
pub const fn duration<const LEAST_S: u64, const MOST_S: u64>() -> Kind<Duration> {
    Kind::text(|t| one(t, |t| amounts::bounded(t, false, LEAST_S, MOST_S)))
}

/// The same, and zero, which means never.
pub const fn duration_or_never<const LEAST_S: u64, const MOST_S: u64>() -> Kind<Duration> {
    Kind::text(|t| one(t, |t| amounts::bounded(t, true, LEAST_S, MOST_S)))
}

/// The same, and empty, which means that another key rules.
pub const fn duration_or_none<const LEAST_S: u64, const MOST_S: u64>() -> Kind<Option<Duration>> {
    Kind::text(|t| one(t, |t| blank_or(t, |t| amounts::bounded(t, false, LEAST_S, MOST_S))))
}

/// A whole number within these bounds.
pub const fn count<const MIN: usize, const MAX: usize>() -> Kind<usize> {
    Kind::number(|t| one(t, amounts::whole_number::<MIN, MAX>))
}

/// A size within these bounds, in bytes.
pub const fn size<const LEAST_BYTES: u64, const MOST_BYTES: u64>() -> Kind<u64> {
    Kind::text(|t| one(t, |t| amounts::bytes(t, LEAST_BYTES, MOST_BYTES)))
}

fn one<T>(texts: &[Text], read: impl Fn(&Text) -> Result<T, String>) -> Result<T, Vec<Wrong>> {
    let wrong = |what| vec![Wrong { at: 0, what }];
    let text = texts.first().ok_or_else(|| wrong("is missing".to_owned()))?;
    read(text).map_err(wrong)
}

fn many<T>(texts: &[Text], read: impl Fn(&Text) -> Result<T, String>) -> Result<Vec<T>, Vec<Wrong>> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for (at, text) in texts.iter().enumerate() {
        match read(text) {
            Ok(value) => good.push(value),
            Err(what) => wrong.push(Wrong { at, what }),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

fn blank_or<T>(text: &Text, read: impl Fn(&Text) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn choice<T: Copy>(text: &Text, known: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = known.iter().find(|(word, _)| *word == text.text) {
        return Ok(*value);
    }
    let all: Vec<_> = known.iter().map(|(word, _)| quoted(word)).collect();
    Err(format!("{} is not known here; write {}", text.named(), all.join(" or ")))
}
