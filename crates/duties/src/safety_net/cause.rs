//! What kept an alert from becoming an incident, as far as PagerDuty shows its settings. What can't be evaluated is *can't be
//! ruled out*, never *ruled out*. Decides on what was fetched; fetches nothing.

use model::Micros;
use model::mail::{Cause, CauseKind};
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    pub named: Named,
    /// `active`, `disabled`, `maintenance`, …
    pub status: String,
    pub integrations: Vec<Integration>,
    /// A recovery within so many seconds makes no incident.
    pub auto_pause_s: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Integration {
    pub named: Named,
    /// For mail: its address.
    pub address: Option<String>,
    /// `all-email`, `or-rules-email` or `and-rules-email`.
    pub filter_mode: Option<String>,
    pub filters: Vec<Filter>,
    /// Mails are read by rules, and what none matches is thrown away.
    pub discards_unparsed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub subject: Test,
    pub body: Test,
    pub from: Test,
}

/// One test of a mail filter: `always`, `match` or `no-match` with a regular expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Test {
    pub mode: String,
    pub regex: String,
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
        found.push(of_named(CauseKind::NobodyOnCall, facts.service.as_ref().map(|s| &s.named)));
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
        found.push(of_named(CauseKind::NothingFound, facts.service.as_ref().map(|s| &s.named)));
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

fn of_service(service: &Service, facts: &Facts, found: &mut Vec<Cause>) {
    let id = &service.named.id;
    if service.status == "disabled" {
        found.push(changed(of_named(CauseKind::ServiceDisabled, Some(&service.named)), facts, id));
    }
    for window in &facts.windows {
        found.push(changed(of_named(CauseKind::Maintenance, Some(window)), facts, &window.id));
    }
    if facts.windows.is_empty() && service.status == "maintenance" {
        found.push(changed(of_named(CauseKind::Maintenance, Some(&service.named)), facts, id));
    }
    if service.integrations.is_empty() {
        found.push(changed(of_named(CauseKind::IntegrationGone, Some(&service.named)), facts, id));
    }
}

fn of_mail(service: &Service, about: About<'_>, facts: &Facts, found: &mut Vec<Cause>) {
    let Some(wanted) = &facts.wanted_address else { return };
    let integration =
        service.integrations.iter().find(|i| i.address.as_deref().is_some_and(|a| a.eq_ignore_ascii_case(wanted)));
    let Some(integration) = integration else {
        let mails = service.integrations.iter().any(|i| i.address.is_some());
        let kind = if mails { CauseKind::AddressUnknown } else { CauseKind::IntegrationGone };
        let cause = Cause { detail: wanted.clone(), ..of_named(kind, Some(&service.named)) };
        found.push(changed(cause, facts, &service.named.id));
        return;
    };
    let by = |kind| changed(of_named(kind, Some(&integration.named)), facts, &integration.named.id);
    if !passes(integration, about) {
        found.push(by(CauseKind::MailFilter));
    } else if integration.discards_unparsed {
        found.push(by(CauseKind::MailParser));
    }
}

/// Whether an integration's filters let the mail through; a filter that can't be evaluated lets it.
fn passes(integration: &Integration, about: About<'_>) -> bool {
    let filter = |filter: &Filter| {
        test(&filter.subject, about.subject) && test(&filter.body, about.body) && test(&filter.from, about.from)
    };
    match integration.filter_mode.as_deref() {
        Some("or-rules-email") => integration.filters.is_empty() || integration.filters.iter().any(filter),
        Some("and-rules-email") => integration.filters.iter().all(filter),
        _ => true,
    }
}

fn test(test: &Test, text: &str) -> bool {
    let matches = || {
        let built = RegexBuilder::new(&test.regex).size_limit(1 << 20).build();
        built.ok().map(|regex| regex.is_match(text))
    };
    match test.mode.as_str() {
        "match" => matches().unwrap_or(true),
        "no-match" => !matches().unwrap_or(false),
        _ => true,
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
        let named = facts.service.as_ref().map(|s| &s.named);
        found.push(Cause { detail: kind.clone(), ..of_named(CauseKind::Grouped, named) });
    }
    if let Some(service) = facts.service.as_ref().filter(|service| service.auto_pause_s.is_some()) {
        let detail = service.auto_pause_s.map(|s| format!("{s} s")).unwrap_or_default();
        found.push(Cause { detail, ..of_named(CauseKind::AutoPause, Some(&service.named)) });
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

    fn service() -> Service {
        Service {
            named: Named { id: "PSVC1".into(), name: "Web".into(), url: None },
            status: "active".into(),
            integrations: vec![Integration {
                named: Named { id: "PINT1".into(), name: "Mail".into(), url: None },
                address: Some("web@acme.pagerduty.com".into()),
                ..Integration::default()
            }],
            auto_pause_s: None,
        }
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
        let integration = |change: fn(&mut Integration)| {
            let mut service = service();
            service.integrations.iter_mut().for_each(change);
            with(service)
        };
        let cases: Vec<(Facts, CauseKind)> = vec![
            (with(Service { status: "disabled".into(), ..service() }), CauseKind::ServiceDisabled),
            (with(Service { status: "maintenance".into(), ..service() }), CauseKind::Maintenance),
            (Facts { windows: vec![Named::default()], ..with(service()) }, CauseKind::Maintenance),
            (with(Service { integrations: Vec::new(), ..service() }), CauseKind::IntegrationGone),
            (
                Facts { wanted_address: Some("wbe@acme.pagerduty.com".into()), ..with(service()) },
                CauseKind::AddressUnknown,
            ),
            (
                integration(|i| {
                    i.filter_mode = Some("and-rules-email".into());
                    i.filters = vec![Filter {
                        subject: Test { mode: "match".into(), regex: "^CRITICAL".into() },
                        ..Filter::default()
                    }];
                }),
                CauseKind::MailFilter,
            ),
            (integration(|i| i.discards_unparsed = true), CauseKind::MailParser),
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
            ..with(Service { status: "disabled".into(), ..service() })
        };
        let cause = causes(About::default(), &facts).remove(0);
        assert_eq!((cause.changed_by.as_deref(), cause.detail.as_str()), (Some("Sato"), "status"));
    }

    #[test]
    fn a_filter_with_a_regex_that_nobody_can_read_blames_nobody() {
        let mut one = service();
        one.integrations[0].filter_mode = Some("and-rules-email".into());
        one.integrations[0].filters =
            vec![Filter { subject: Test { mode: "match".into(), regex: "(".into() }, ..Filter::default() }];
        assert_eq!(kinds(&with(one)), [CauseKind::NothingFound]);
    }
}
