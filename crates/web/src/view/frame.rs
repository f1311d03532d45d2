//! What surrounds every page: whose eyes, which language and zone, which customer, and how we are. Its methods are the
//! only vocabulary of the templates.

use crate::i18n::{Arg, Value};
use crate::markup::{Markup, encode, escape, isolated, safe_url, shortened};
use crate::view::{JobState, Named, SignalState};
use crate::{Language, static_files, when};
use jiff::tz::TimeZone;
use model::Micros;
use model::incident::{Status, Urgency};
use model::person::Role;

/// A title in one line or two.
pub(crate) const BRIEF_CHARS: usize = 200;
/// Connectors keep what they say shorter than this.
const WHOLE_CHARS: usize = 1_200;
const NAME_CHARS: usize = 80;

/// Counts of what may be without end go one further than this: what is above it is shown as "1,000+".
pub(crate) const MOST_COUNTED: i64 = 1_000;

/// Such a count in a sentence.
pub(crate) fn counted(n: u64) -> Value<'static> {
    if is_least(n) { Value::from(up_to(n)) } else { n.value() }
}

/// There are that many, and perhaps more.
pub(crate) const fn is_least(n: u64) -> bool {
    n > MOST_COUNTED.unsigned_abs()
}

fn up_to(n: u64) -> String {
    if is_least(n) {
        return format!("{}+", crate::i18n::group(MOST_COUNTED));
    }
    crate::i18n::group(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Everything about a request that a page needs besides its own view.
#[derive(Clone, Debug)]
pub struct Frame {
    pub language: Language,
    pub zone: TimeZone,
    pub now: Micros,
    /// Path and query as asked for, e.g. `/incidents?status=open`.
    pub address: String,
    pub section: Section,
    /// Nobody on the sign-in and set-up pages.
    pub person: Option<Person>,
    /// The customers that this person may choose from; a chooser is shown from two on.
    pub customers: Vec<Named>,
    /// The chosen one; `None` is all of them.
    pub customer: Option<String>,
    pub health: Health,
    /// Shown beside *Incidents* in the rail.
    pub open: u64,
    /// Shown beside *Jobs* in the rail: dead ones and those that wait for a person.
    pub jobs_for_people: u64,
    /// Shown beside *Safety net*: alerts that nothing in PagerDuty stands against.
    pub lacking: u64,
    /// Of them, those that are being registered.
    pub registering: u64,
    /// Since when the first of these lacks one.
    pub lacking_since: Option<Micros>,
    /// PagerDuty is held to be out since then; every page says so.
    pub outage: Option<Micros>,
    /// Shown beside *Tickets* and *Calendar*: what people were called for and nobody has taken.
    pub tickets: Untaken,
    pub events: Untaken,
}

/// What people were called for and nobody has taken: how many, and the oldest since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Untaken {
    pub n: u64,
    pub since: Option<Micros>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub role: Role,
}

/// The parts of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Now,
    Incidents,
    SafetyNet,
    Tickets,
    Calendar,
    Runs,
    Signals,
    Jobs,
    Settings,
    /// Help, errors, sign-in.
    Elsewhere,
}

/// How all connections are, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Good,
    Attention,
    Broken,
    Unknown,
}

/// One line of the rail.
#[derive(Debug)]
pub struct NavItem {
    pub key: &'static str,
    pub href: &'static str,
    pub current: bool,
    pub count: u64,
}

impl Frame {
    pub fn t(&self, key: &str) -> String {
        self.language.t(key)
    }

    pub fn t1(&self, key: &str, name: &'static str, value: impl Arg) -> String {
        self.language.t_args(key, &[(name, value.value())])
    }

    pub fn t2(&self, key: &str, a: &'static str, av: impl Arg, b: &'static str, bv: impl Arg) -> String {
        self.language.t_args(key, &[(a, av.value()), (b, bv.value())])
    }

    pub fn t_args(&self, key: &str, args: &[(&'static str, Value<'static>)]) -> String {
        self.language.t_args(key, args)
    }

    pub fn word(&self, family: &str, name: &str) -> String {
        self.language.word(family, name)
    }

    /// What a poll asks for; some are one of many of their kind.
    pub fn poll(&self, name: &str) -> String {
        use model::connection::poll;
        let kinds = [
            (poll::ACTIVITIES, "poll-of-backlog-activities"),
            (poll::TICKETS, "poll-of-backlog-tickets"),
            (poll::CALENDAR, "poll-of-calendar"),
        ];
        let one = kinds.into_iter().find_map(|(kind, key)| Some((key, name.strip_prefix(kind)?)));
        one.map_or_else(|| self.word("poll", name), |(key, of)| self.t1(key, "name", self.short(of)))
    }

    pub fn asset(&self, name: &str) -> String {
        static_files::href(name).unwrap_or_default()
    }

    pub fn nav(&self) -> [NavItem; 9] {
        let item = |key, href, section, count| NavItem { key, href, current: self.section == section, count };
        [
            item("nav-now", "/", Section::Now, 0),
            item("nav-incidents", "/incidents?status=open", Section::Incidents, self.open),
            item("nav-net", "/safety-net", Section::SafetyNet, self.lacking),
            item("nav-tickets", "/tickets", Section::Tickets, self.tickets.n),
            item("nav-calendar", "/calendar", Section::Calendar, self.events.n),
            item("nav-runs", "/runs", Section::Runs, 0),
            item("nav-signals", "/signals", Section::Signals, 0),
            item("nav-jobs", "/jobs", Section::Jobs, self.jobs_for_people),
            item("nav-settings", "/account", Section::Settings, 0),
        ]
    }

    /// This very page in the other language.
    pub fn address_in(&self, language: Language) -> String {
        let (path, query) = self.address.split_once('?').unwrap_or((&self.address, ""));
        let kept = query.split('&').filter(|p| !p.is_empty() && !p.starts_with("lang="));
        let mut out = format!("{}?", crate::markup::safe_path(path));
        for pair in kept {
            out.push_str(pair);
            out.push('&');
        }
        out + "lang=" + language.as_str()
    }

    pub fn other_language(&self) -> Language {
        match self.language {
            Language::Ja => Language::En,
            Language::En => Language::Ja,
        }
    }

    pub fn may_administer(&self) -> bool {
        self.person.as_ref().is_some_and(|p| p.role.may_administer())
    }

    /// Leaders and administrators. Whether they see every customer is for the page to say.
    pub fn may_lead(&self) -> bool {
        self.person.as_ref().is_some_and(|p| matches!(p.role, Role::Admin | Role::Leader))
    }

    pub fn may_audit(&self) -> bool {
        self.person.as_ref().is_some_and(|p| matches!(p.role, Role::Admin | Role::Auditor | Role::Leader))
    }

    /// May decide about mails: register, not an alert, hold back, and what is accepted as it is.
    pub fn may_act(&self) -> bool {
        self.person.as_ref().is_some_and(|p| p.role.may_act())
    }

    /// Whoever is linked from a page whose address is a secret must not learn it.
    pub fn referrer(&self) -> &'static str {
        let is_secret = ["/setup/", "/answer/", "/link/slack/"].iter().any(|path| self.address.starts_with(path));
        if is_secret { "no-referrer" } else { "same-origin" }
    }

    /// PagerDuty is out: since when, for the line on every page.
    pub fn outage_words(&self) -> Option<String> {
        // The page of outages says so itself.
        let since = self.outage.filter(|_| !self.address.starts_with("/safety-net/outages"))?;
        Some(self.t1("outage-banner", "span", when::between(self.language, since, self.now)))
    }

    pub fn role(&self, role: &Role) -> String {
        self.word("role", role.as_str())
    }

    pub fn is_chosen(&self, customer: &str) -> bool {
        self.customer.as_deref() == Some(customer)
    }

    pub fn customer_name(&self, id: &str) -> String {
        self.customers.iter().find(|c| c.id == id).map_or_else(|| id.to_owned(), |c| c.name.clone())
    }

    /// How the duties speak to the reader of this page.
    pub(crate) fn locale(&self) -> duties::locale::Locale {
        let language = match self.language {
            Language::Ja => duties::Language::Ja,
            Language::En => duties::Language::En,
        };
        duties::locale::Locale { language, zone: self.zone.clone(), public_url: String::new() }
    }

    // ---- times

    /// "41 min ago", the exact time on hover.
    pub fn ago(&self, at: &Micros) -> Markup {
        self.time(at, &when::ago(self.language, self.now, *at))
    }

    /// "41 min": how long it has been so.
    pub fn age(&self, at: &Micros) -> Markup {
        self.time(at, &when::between(self.language, *at, self.now))
    }

    /// The exact time, how long ago on hover.
    pub fn at(&self, at: &Micros) -> Markup {
        let text = when::exact(self.language, &self.zone, self.now, *at);
        let title = when::ago(self.language, self.now, *at);
        time_element(at, &title, &text)
    }

    /// The hour alone, `03:14:07`, the whole of it on hover.
    pub fn clock(&self, at: &Micros) -> Markup {
        self.time(at, &when::clock(&self.zone, *at))
    }

    pub fn day(&self, at: &Micros) -> String {
        when::day(self.language, &self.zone, self.now, *at)
    }

    /// A day of the calendar, with the year where it is not this year.
    pub fn day_in(&self, zone: &model::hours::Zone, date: jiff::civil::Date) -> String {
        let noon = zone.instant(date.at(12, 0, 0, 0));
        when::day(self.language, zone.time_zone(), self.now, noon)
    }

    pub fn between(&self, from: &Micros, to: &Micros) -> String {
        when::between(self.language, *from, *to)
    }

    pub fn span(&self, seconds: &i64) -> String {
        when::span(self.language, *seconds)
    }

    pub fn now_clock(&self) -> String {
        format!("{} {}", when::clock(&self.zone, self.now), when::zone_name(&self.zone, self.now))
    }

    pub fn now_day(&self) -> String {
        when::day(self.language, &self.zone, self.now, self.now)
    }

    fn time(&self, at: &Micros, text: &str) -> Markup {
        time_element(at, &when::exact_seconds(self.language, &self.zone, *at), text)
    }

    // ---- states: a shape and a word, never colour alone

    pub fn status(&self, status: &Status) -> Markup {
        shaped(status.as_str(), status.as_str(), &self.word("status", status.as_str()))
    }

    pub fn urgency(&self, urgency: &Urgency) -> String {
        self.word("urgency", urgency.as_str())
    }

    /// PagerDuty's own status text of an alert.
    pub fn alert_status(&self, status: &str) -> Markup {
        let known = Status::parse(status).map_or("unknown", Status::as_str);
        shaped(known, known, &self.word("status", status))
    }

    /// Pages that are shown without asking the store, such as errors, say nothing of how we are.
    pub fn knows_health(&self) -> bool {
        self.health != Health::Unknown || self.section != Section::Elsewhere
    }

    pub fn health_mark(&self) -> Markup {
        let (state, key) = match self.health {
            Health::Good => ("resolved", "health-good"),
            Health::Attention => ("acknowledged", "health-attention"),
            Health::Broken => ("triggered", "health-broken"),
            Health::Unknown => ("unknown", "health-unknown"),
        };
        shaped(state, state, &self.t(key))
    }

    pub fn signal_state(&self, state: &SignalState) -> Markup {
        let shape = match state {
            SignalState::Waiting => "acknowledged",
            SignalState::Done => "resolved",
            SignalState::Unreadable | SignalState::Dead => "triggered",
        };
        shaped(shape, shape, &self.word("signal-state", state.as_str()))
    }

    pub fn job_state(&self, state: &JobState) -> Markup {
        let shape = match state {
            JobState::Dead => "triggered",
            JobState::Human => "missing",
            JobState::Waiting | JobState::Running => "acknowledged",
            JobState::Skipped => "unknown",
            JobState::Done => "resolved",
        };
        shaped(shape, shape, &self.word("job-state", state.as_str()))
    }

    /// Any of the five shapes with a text beside it.
    pub fn mark(&self, state: &str, text: impl AsRef<str>) -> Markup {
        shaped(state, state, text.as_ref())
    }

    // ---- text from outside

    /// A name in one line, cut where it would push everything else away.
    pub fn brief(&self, text: &str) -> String {
        isolated(&shortened(text, BRIEF_CHARS)).into_owned()
    }

    /// What a system said of a failure: its end may hold the remedy, so it is cut only where it would bury the page.
    pub fn whole(&self, text: &str) -> String {
        isolated(&shortened(text.trim(), WHOLE_CHARS)).into_owned()
    }

    /// A name beside other names.
    pub fn short(&self, text: &str) -> String {
        isolated(&shortened(text, NAME_CHARS)).into_owned()
    }

    pub fn safe_url(&self, url: &Option<String>) -> Option<String> {
        url.as_deref().and_then(safe_url).map(str::to_owned)
    }

    pub fn segment(&self, id: &str) -> String {
        encode(id)
    }

    pub fn number(&self, n: &u64) -> String {
        crate::i18n::group(i64::try_from(*n).unwrap_or(i64::MAX))
    }

    /// A number that was counted up to a bound.
    pub fn up_to(&self, n: &u64) -> String {
        up_to(*n)
    }

    /// A size as people read it.
    pub fn size(&self, bytes: &u64) -> String {
        match *bytes {
            ..1_024 => self.t1("size-b", "n", *bytes),
            1_024..1_048_576 => self.t1("size-kib", "n", bytes.div_ceil(1_024)),
            _ => self.t1("size-mib", "n", bytes.div_ceil(1_048_576)),
        }
    }

    pub fn join(&self, names: &[String]) -> String {
        let names: Vec<_> = names.iter().map(|n| self.short(n)).collect();
        names.join(&self.t("list-comma"))
    }
}

fn time_element(at: &Micros, title: &str, text: &str) -> Markup {
    let (title, text) = (escape(title), escape(text));
    Markup::new(format!("<time datetime=\"{}\" title=\"{title}\">{text}</time>", at.rfc3339()))
}

fn shaped(state: &str, shape: &str, text: &str) -> Markup {
    let (state, shape, text) = (escape(state), escape(shape), escape(text));
    Markup::new(format!(
        "<span class=\"st {state}\"><svg class=\"shape\" aria-hidden=\"true\"><use href=\"#s-{shape}\"/></svg><span \
         class=\"word\">{text}</span></span>"
    ))
}
