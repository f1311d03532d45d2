//! What kept an alert from becoming an incident, as far as PagerDuty shows its settings. What can't be evaluated is *can't be
//! ruled out*, never *ruled out*. Decides on what was fetched; fetches nothing.

use crate::orchestration::{self, Event};
use model::Micros;
use model::mail::{Cause, CauseKind};
use model::orchestration::{Path, RuleActions};
use model::setting::{
    FilterMode, FilterPart, Integration, MailFilter, MailIntegration, MailPart, ParserFallback, Predicate, Service,
    ServiceStatus,
};
use regex::RegexBuilder;

/// What was fetched about one missing alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Why PagerDuty could not be asked; then nothing else is known.
    pub not_answering: Option<String>,
    /// Events v2 refuses what is sent to it, in its own words.
    pub events_rejected: Option<String>,
    /// Events v2 said that too much was sent.
    pub is_rate_limited: bool,
    /// The service that the monitor's alerts should go to.
    pub service: Option<Service>,
    /// It is configured here under this name, and PagerDuty shows none.
    pub service_gone: Option<String>,
    /// Maintenance windows that go on.
    pub windows: Vec<Named>,
    /// Rules of event orchestrations that match, or may.
    pub rules: Vec<Rule>,
    /// An orchestration is there and could not be read to its end.
    pub is_orchestration_unclear: bool,
    pub orchestration_url: Option<String>,
    /// Alerts of the service are grouped, by this kind.
    pub grouping: Option<String>,
    pub nobody_on_call: bool,
    /// The address that the monitor's mails should reach as well.
    pub wanted_address: Option<String>,
    /// The key that the monitor's events use is that of no integration and of no orchestration.
    pub is_key_unknown: bool,
    pub changes: Vec<Change>,
    /// Webhooks are missing while polls see changes.
    pub is_webhook_silent: bool,
    /// Our own reading of PagerDuty stands still since then.
    pub poll_dead_since: Option<Micros>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub name: String,
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    Drops,
    Suppresses,
    Pauses,
}

/// A rule of an event orchestration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub label: String,
    pub orchestration: String,
    pub url: Option<String>,
    pub does: Does,
    /// Its condition holds for certain; else it could not be told.
    pub is_certain: bool,
    pub changed_by: Option<String>,
    pub changed_at: Option<Micros>,
}

/// Somebody changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The id of what was changed.
    pub what: String,
    pub by: String,
    pub at: Micros,
    /// The fields, in PagerDuty's words.
    pub fields: String,
}

/// The mail, as far as filters look at it.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    pub subject: &'a str,
    pub body: &'a str,
    pub from: &'a str,
}

/// Every cause that was found, the likeliest first; never empty.
pub fn causes(about: About<'_>, facts: &Facts) -> Vec<Cause> {
    let mut found = Vec::new();
    if let Some(why) = &facts.not_answering {
        found.push(plain(CauseKind::NotAnswering, why));
    }
    if facts.is_rate_limited {
        found.push(plain(CauseKind::RateLimit, ""));
    }
    if let Some(why) = &facts.events_rejected {
        found.push(plain(CauseKind::EventsRejected, why));
    }
    if let Some(name) = &facts.service_gone {
        found.push(Cause { name: name.clone(), ..plain(CauseKind::ServiceGone, "") });
    }
    if let Some(service) = &facts.service {
        of_service(service, facts, &mut found);
        of_mail(service, about, facts, &mut found);
    }
    of_rules(facts, &mut found);
    if facts.nobody_on_call {
        found.push(of_named(CauseKind::NobodyOnCall, facts.service.as_ref().map(|s| named(&s.service)).as_ref()));
    }
    if facts.is_webhook_silent {
        found.push(plain(CauseKind::WebhookLost, ""));
    }
    if let Some(since) = facts.poll_dead_since {
        found.push(plain(CauseKind::PollDead, &since.rfc3339()));
    }
    of_maybes(facts, &mut found);
    if facts.service.is_none() && facts.service_gone.is_none() && facts.not_answering.is_none() {
        found.push(plain(CauseKind::NoService, ""));
    }
    if found.is_empty() {
        found.push(of_named(CauseKind::NothingFound, facts.service.as_ref().map(|s| named(&s.service)).as_ref()));
    }
    found
}

fn plain(kind: CauseKind, detail: &str) -> Cause {
    Cause { kind, name: String::new(), url: None, changed_by: None, changed_at: None, detail: detail.to_owned() }
}

fn of_named(kind: CauseKind, named: Option<&Named>) -> Cause {
    let named = named.cloned().unwrap_or_default();
    Cause { name: named.name, url: named.url, ..plain(kind, "") }
}

/// With whoever changed it last.
fn changed(cause: Cause, facts: &Facts, what: &str) -> Cause {
    let last = facts.changes.iter().filter(|change| change.what == what).max_by_key(|change| change.at);
    match last {
        Some(change) => {
            let detail = if cause.detail.is_empty() { change.fields.clone() } else { cause.detail };
            Cause { changed_by: Some(change.by.clone()), changed_at: Some(change.at), detail, ..cause }
        }
        None => cause,
    }
}

fn named(of: &model::incident::Ref) -> Named {
    Named { id: of.id.clone(), name: of.name.clone(), url: of.url.clone() }
}

fn of_service(service: &Service, facts: &Facts, found: &mut Vec<Cause>) {
    let (id, name) = (&service.service.id, named(&service.service));
    if service.status == ServiceStatus::Disabled {
        found.push(changed(of_named(CauseKind::ServiceDisabled, Some(&name)), facts, id));
    }
    for window in &facts.windows {
        found.push(changed(of_named(CauseKind::Maintenance, Some(window)), facts, &window.id));
    }
    if facts.windows.is_empty() && service.status == ServiceStatus::Maintenance {
        found.push(changed(of_named(CauseKind::Maintenance, Some(&name)), facts, id));
    }
    if service.integrations.is_empty() || facts.is_key_unknown {
        found.push(changed(of_named(CauseKind::IntegrationGone, Some(&name)), facts, id));
    }
}

fn of_mail(service: &Service, about: About<'_>, facts: &Facts, found: &mut Vec<Cause>) {
    let (id, name) = (&service.service.id, named(&service.service));
    let Some(wanted) = facts.wanted_address.as_deref().filter(|_| !service.integrations.is_empty()) else { return };
    let Some(integration) = service.integrations.iter().find(|one| one.takes_mail_for(wanted)) else {
        let kind = match service.integrations.iter().any(Integration::is_mail) {
            true => CauseKind::AddressUnknown,
            false => CauseKind::IntegrationGone,
        };
        let cause = Cause { detail: wanted.to_owned(), ..of_named(kind, Some(&name)) };
        found.push(changed(cause, facts, id));
        return;
    };
    let Some(mail) = &integration.mail else { return };
    let by = |kind| {
        let cause = of_named(kind, Some(&named(&integration.integration)));
        // The trail of a service has its integrations too.
        let cause = changed(cause, facts, &integration.integration.id);
        if cause.changed_by.is_some() { cause } else { changed(cause, facts, id) }
    };
    if !passes(mail, about) {
        found.push(by(CauseKind::MailFilter));
    } else if mail.fallback == Some(ParserFallback::Discard) && !is_parsed(mail, about) {
        found.push(by(CauseKind::MailParser));
    }
}

/// Whether an integration's filters let the mail through; a filter that can't be evaluated lets it.
fn passes(mail: &MailIntegration, about: About<'_>) -> bool {
    let filter = |filter: &MailFilter| {
        test(&filter.subject, about.subject) && test(&filter.body, about.body) && test(&filter.from, about.from)
    };
    match mail.filter_mode {
        FilterMode::AnyFilter => mail.filters.is_empty() || mail.filters.iter().any(filter),
        FilterMode::EveryFilter => mail.filters.iter().all(filter),
        FilterMode::All | FilterMode::Other(_) => true,
    }
}

fn test(part: &FilterPart, text: &str) -> bool {
    match part {
        FilterPart::Match(regex) => is_match(regex, text).unwrap_or(true),
        FilterPart::NoMatch(regex) => !is_match(regex, text).unwrap_or(false),
        FilterPart::Always | FilterPart::Other(_) => true,
    }
}

fn is_match(regex: &str, text: &str) -> Option<bool> {
    let built = RegexBuilder::new(regex).size_limit(1 << 20).build();
    built.ok().map(|regex| regex.is_match(text))
}

/// Whether a parser reads the mail; one that can't be evaluated may.
fn is_parsed(mail: &MailIntegration, about: About<'_>) -> bool {
    mail.parsers.iter().any(|parser| holds(&parser.when, about).unwrap_or(true))
}

fn holds(predicate: &Predicate, about: About<'_>) -> Option<bool> {
    let text = |part: &MailPart| match part {
        MailPart::Subject => about.subject,
        MailPart::Body => about.body,
        MailPart::From => about.from,
    };
    match predicate {
        Predicate::All(all) => all.iter().map(|one| holds(one, about)).try_fold(true, |so, one| Some(so && one?)),
        Predicate::Any(any) => any.iter().map(|one| holds(one, about)).try_fold(false, |so, one| Some(so || one?)),
        Predicate::Not(all) => {
            all.iter().map(|one| holds(one, about)).try_fold(true, |so, one| Some(so && one?)).map(|so| !so)
        }
        Predicate::Contains(part, wanted) => Some(text(part).contains(wanted.as_str())),
        Predicate::Exactly(part, wanted) => Some(text(part) == wanted),
        Predicate::Regex(part, regex) => is_match(regex, text(part)),
        Predicate::Other => None,
    }
}

/// The event that a monitor would send for this mail, as far as the mail tells: what it does not tell is not known.
pub fn event(about: About<'_>, title: &str, host: Option<&str>, severity: Option<&str>) -> Event {
    let _ = about;
    let mut event = Event::default().with("event.summary", title);
    if let Some(host) = host {
        event = event.with("event.source", host);
    }
    match severity {
        Some(severity) => event.with("event.severity", severity),
        None => event,
    }
}

/// What an orchestration's path does to the event that keeps it from paging.
pub fn rules(path: &Path, event: &Event, orchestration: &Named, changed_by: Option<String>) -> Vec<Rule> {
    let steps = orchestration::walk(path, event);
    let held = steps.into_iter().filter(|step| step.actions.holds_back());
    held.map(|step| Rule {
        label: step.rule.map_or_else(|| "catch-all".to_owned(), |rule| label(&rule.label, &rule.id)),
        orchestration: orchestration.name.clone(),
        url: orchestration.url.clone(),
        does: does(step.actions),
        is_certain: step.is_sure,
        changed_by: changed_by.clone(),
        changed_at: path.updated_at,
    })
    .collect()
}

fn label(label: &str, id: &str) -> String {
    if label.is_empty() { id.to_owned() } else { label.to_owned() }
}

const fn does(actions: &RuleActions) -> Does {
    if actions.drops {
        Does::Drops
    } else if actions.suppresses {
        Does::Suppresses
    } else {
        Does::Pauses
    }
}

fn of_rules(facts: &Facts, found: &mut Vec<Cause>) {
    for rule in facts.rules.iter().filter(|rule| rule.is_certain) {
        let kind = match rule.does {
            Does::Drops => CauseKind::OrchestrationDrops,
            Does::Suppresses => CauseKind::OrchestrationSuppresses,
            Does::Pauses => CauseKind::OrchestrationPauses,
        };
        found.push(Cause {
            kind,
            name: rule.label.clone(),
            url: rule.url.clone(),
            changed_by: rule.changed_by.clone(),
            changed_at: rule.changed_at,
            detail: rule.orchestration.clone(),
        });
    }
}

/// What may be the cause and need not be.
fn of_maybes(facts: &Facts, found: &mut Vec<Cause>) {
    if let Some(kind) = &facts.grouping {
        let named = facts.service.as_ref().map(|s| named(&s.service));
        found.push(Cause { detail: kind.clone(), ..of_named(CauseKind::Grouped, named.as_ref()) });
    }
    if let Some(service) = facts.service.as_ref().filter(|service| service.auto_pause_s.is_some()) {
        let detail = service.auto_pause_s.map(|s| format!("{s} s")).unwrap_or_default();
        found.push(Cause { detail, ..of_named(CauseKind::AutoPause, Some(&named(&service.service))) });
    }
    if facts.is_orchestration_unclear || facts.rules.iter().any(|rule| !rule.is_certain) {
        let rules: Vec<&str> =
            facts.rules.iter().filter(|rule| !rule.is_certain).map(|rule| rule.label.as_str()).collect();
        found.push(Cause {
            name: rules.join(", "),
            url: facts.orchestration_url.clone(),
            ..plain(CauseKind::OrchestrationUnclear, "")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ref_of(id: &str, name: &str) -> model::incident::Ref {
        model::incident::Ref { id: id.into(), name: name.into(), url: None }
    }

    fn service() -> Service {
        Service {
            service: ref_of("PSVC1", "Web"),
            status: ServiceStatus::Active,
            escalation_policy: None,
            creates_alerts: None,
            auto_pause_s: None,
            grouping: None,
            created_at: None,
            last_incident_at: None,
            integrations: vec![Integration {
                integration: ref_of("PINT1", "Mail"),
                kind: "generic_email_inbound_integration".into(),
                is_reference: false,
                vendor: None,
                key: None,
                mail: Some(MailIntegration {
                    address: "web@acme.pagerduty.com".into(),
                    creation: model::setting::MailCreation::EveryMail,
                    filter_mode: FilterMode::All,
                    filters: Vec::new(),
                    parsers: Vec::new(),
                    fallback: None,
                }),
                created_at: None,
            }],
        }
    }

    fn filter(subject: &str) -> MailFilter {
        MailFilter { subject: FilterPart::Match(subject.into()), body: FilterPart::Always, from: FilterPart::Always }
    }

    fn kinds(facts: &Facts) -> Vec<CauseKind> {
        let about = About { subject: "PROBLEM: disk", body: "Host: web01", from: "zabbix@example.jp" };
        causes(about, facts).into_iter().map(|cause| cause.kind).collect()
    }

    fn with(service: Service) -> Facts {
        Facts { service: Some(service), wanted_address: Some("web@acme.pagerduty.com".into()), ..Facts::default() }
    }

    #[test]
    fn each_setting_is_named() {
        let integration = |change: fn(&mut MailIntegration)| {
            let mut service = service();
            service.integrations.iter_mut().filter_map(|one| one.mail.as_mut()).for_each(change);
            with(service)
        };
        let cases: Vec<(Facts, CauseKind)> = vec![
            (with(Service { status: ServiceStatus::Disabled, ..service() }), CauseKind::ServiceDisabled),
            (with(Service { status: ServiceStatus::Maintenance, ..service() }), CauseKind::Maintenance),
            (Facts { windows: vec![Named::default()], ..with(service()) }, CauseKind::Maintenance),
            (with(Service { integrations: Vec::new(), ..service() }), CauseKind::IntegrationGone),
            (Facts { is_key_unknown: true, ..with(service()) }, CauseKind::IntegrationGone),
            (
                Facts { wanted_address: Some("wbe@acme.pagerduty.com".into()), ..with(service()) },
                CauseKind::AddressUnknown,
            ),
            (
                integration(|mail| {
                    mail.filter_mode = FilterMode::EveryFilter;
                    mail.filters = vec![filter("^CRITICAL")];
                }),
                CauseKind::MailFilter,
            ),
            (integration(|mail| mail.fallback = Some(ParserFallback::Discard)), CauseKind::MailParser),
            (Facts { is_rate_limited: true, ..with(service()) }, CauseKind::RateLimit),
            (Facts { events_rejected: Some("400".into()), ..with(service()) }, CauseKind::EventsRejected),
            (Facts { not_answering: Some("time-out".into()), ..Facts::default() }, CauseKind::NotAnswering),
            (Facts { service_gone: Some("Web".into()), ..Facts::default() }, CauseKind::ServiceGone),
            (Facts::default(), CauseKind::NoService),
            (Facts { nobody_on_call: true, ..with(service()) }, CauseKind::NobodyOnCall),
            (Facts { is_webhook_silent: true, ..with(service()) }, CauseKind::WebhookLost),
            (Facts { poll_dead_since: Some(Micros(0)), ..with(service()) }, CauseKind::PollDead),
            (Facts { grouping: Some("time".into()), ..with(service()) }, CauseKind::Grouped),
            (with(Service { auto_pause_s: Some(120), ..service() }), CauseKind::AutoPause),
            (Facts { is_orchestration_unclear: true, ..with(service()) }, CauseKind::OrchestrationUnclear),
            (with(service()), CauseKind::NothingFound),
        ];
        for (facts, kind) in cases {
            assert_eq!(kinds(&facts).first(), Some(&kind), "{facts:?}");
        }
    }

    #[test]
    fn a_rule_that_is_not_certain_is_never_ruled_out_and_never_blamed() {
        let rule = |is_certain| Rule {
            label: "drop noise".into(),
            orchestration: "Global".into(),
            url: None,
            does: Does::Drops,
            is_certain,
            changed_by: Some("Sato".into()),
            changed_at: None,
        };
        let certain = Facts { rules: vec![rule(true)], ..with(service()) };
        assert_eq!(kinds(&certain), [CauseKind::OrchestrationDrops]);
        let maybe = Facts { rules: vec![rule(false)], ..with(service()) };
        assert_eq!(kinds(&maybe), [CauseKind::OrchestrationUnclear]);
    }

    #[test]
    fn whoever_changed_it_last_is_named() {
        let change =
            |by: &str, at| Change { what: "PSVC1".into(), by: by.into(), at: Micros(at), fields: "status".into() };
        let facts = Facts {
            changes: vec![change("Sato", 2), change("Suzuki", 1)],
            ..with(Service { status: ServiceStatus::Disabled, ..service() })
        };
        let cause = causes(About::default(), &facts).remove(0);
        assert_eq!((cause.changed_by.as_deref(), cause.detail.as_str()), (Some("Sato"), "status"));
    }

    #[test]
    fn a_filter_with_a_regex_that_nobody_can_read_blames_nobody() {
        let mut one = service();
        if let Some(mail) = &mut one.integrations[0].mail {
            mail.filter_mode = FilterMode::EveryFilter;
            mail.filters = vec![filter("(")];
        }
        assert_eq!(kinds(&with(one)), [CauseKind::NothingFound]);
    }

    #[test]
    fn a_parser_that_matches_lets_the_mail_in() {
        let parser = |wanted: &str| model::setting::MailParser {
            action: "trigger".into(),
            when: Predicate::Any(vec![Predicate::Contains(MailPart::Subject, wanted.into())]),
            takes: Vec::new(),
        };
        let with_parser = |wanted: &str| {
            let mut one = service();
            if let Some(mail) = &mut one.integrations[0].mail {
                mail.fallback = Some(ParserFallback::Discard);
                mail.parsers = vec![parser(wanted)];
            }
            with(one)
        };
        assert_eq!(kinds(&with_parser("PROBLEM")), [CauseKind::NothingFound]);
        assert_eq!(kinds(&with_parser("CRITICAL")), [CauseKind::MailParser]);
    }
}
