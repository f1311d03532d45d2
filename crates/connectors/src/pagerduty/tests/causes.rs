//! What the cause finder asks, out of answers shaped as the vendor describes them, and what a lacking permission means.

use super::client;
use crate::pagerduty::{AuditOf, Shown};
use crate::testing::{Heard, NOW, Server, call, reply};
use crate::{Call, Class, Kind};
use axum::response::Response;
use model::Micros;
use model::incident::Ref;
use model::orchestration::{Rule, RuleActions};
use model::setting::{
    FieldChange, FilterMode, FilterPart, MailCreation, MailFilter, MailPart, ParserFallback, Predicate, ServiceStatus,
};
use serde_json::Value;

const ORCHESTRATION: &str = "aaaa0001-0000-4000-8000-000000000001";

fn settings() -> Value {
    serde_json::from_str(include_str!("../fixtures/settings.json")).unwrap()
}

/// The part of the fixture that answers this path.
pub(super) fn answer(heard: &Heard) -> Response {
    let part = match heard.path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        [.., "audit", "records"] => "audit",
        ["event_orchestrations"] => "event_orchestrations",
        ["event_orchestrations", "services", _, "active"] => return reply(200, r#"{"active":true}"#),
        ["event_orchestrations", ORCHESTRATION] => "event_orchestration",
        ["event_orchestrations", ..] => "path",
        ["services", ..] => "service",
        [first, ..] => first,
        [] => "",
    };
    reply(200, settings()[part].to_string())
}

async fn server() -> Server {
    Server::start(answer).await
}

fn reference(id: &str, name: &str) -> Ref {
    Ref { id: id.into(), name: name.into(), url: None }
}

#[tokio::test]
async fn a_service_is_read_with_all_that_decides_over_its_events() {
    let server = server().await;
    let service = client(&server).service(&call(), "PSVC001").await.unwrap();
    assert_eq!((service.service.name.as_str(), &service.status), ("受注API", &ServiceStatus::Maintenance));
    assert_eq!(service.escalation_policy, Some(reference("PESC001", "基幹")));
    assert_eq!((service.creates_alerts, service.auto_pause_s), (Some(true), Some(300)));
    assert_eq!(
        (service.grouping.as_deref(), service.last_incident_at),
        (Some("time"), Micros::parse("2026-05-01T00:10:03Z"))
    );
    let heard = &server.heard()[0];
    assert_eq!(heard.query("include[]"), ["integrations", "auto_pause_notifications_parameters"]);

    let [mail, events, old, plain] = &service.integrations[..] else { panic!("{:?}", service.integrations) };
    assert!(
        mail.takes_mail_for("Zabbix@northwind.pagerduty.example ")
            && !mail.takes_mail_for("x@northwind.pagerduty.example")
    );
    assert_eq!((mail.vendor.as_deref(), mail.integration.name.as_str()), (Some("Zabbix"), "Zabbix のメール"));
    assert!(events.key.as_ref().unwrap().is("0made0up0integration0key00000001") && !events.is_mail());
    assert!(!format!("{service:?}").contains("0integration0key"), "keys are not kept");
    assert!(old.is_reference && old.is_mail() && old.mail.is_none(), "what it is set to is not known");
    let plain = plain.mail.as_ref().unwrap();
    assert_eq!(
        (&plain.creation, &plain.filter_mode, plain.fallback),
        (&MailCreation::EveryMail, &FilterMode::All, None)
    );
}

#[tokio::test]
async fn a_mail_integration_keeps_its_filters_and_parsers() {
    let server = server().await;
    let service = client(&server).service(&call(), "PSVC001").await.unwrap();
    let mail = service.integrations[0].mail.clone().unwrap();
    assert_eq!((&mail.creation, &mail.filter_mode), (&MailCreation::ByParsers, &FilterMode::EveryFilter));
    assert_eq!(mail.fallback, Some(ParserFallback::Discard));
    let (of, odd) = (FilterPart::Match("PROBLEM".into()), |mode: &str| FilterPart::Other(mode.into()));
    let first = MailFilter { subject: of, body: FilterPart::Always, from: FilterPart::NoMatch("test@".into()) };
    assert_eq!(mail.filters, [first, MailFilter { subject: odd("sometimes"), body: odd(""), from: odd("") }]);
    let parser = &mail.parsers[0];
    assert_eq!((parser.action.as_str(), &parser.takes[..]), ("trigger", &["incident_key".into(), "host".into()][..]));
    let expected = Predicate::All(vec![
        Predicate::Contains(MailPart::Subject, "PROBLEM".into()),
        Predicate::Not(vec![Predicate::Regex(MailPart::Body, "^test".into())]),
        Predicate::Any(vec![Predicate::Exactly(MailPart::From, "zabbix@example.jp".into())]),
        Predicate::Other,
    ]);
    assert_eq!(parser.when, expected);
}

#[tokio::test]
async fn one_integration_is_asked_for_by_itself_and_may_be_gone() {
    let whole = settings()["service"]["service"]["integrations"][0].to_string();
    let server = Server::start(move |heard| match heard.path.as_str() {
        "/services/S1/integrations/PINT001" => reply(200, format!(r#"{{"integration":{whole}}}"#)),
        _ => reply(404, r#"{"error":{"code":2100}}"#),
    })
    .await;
    let client = client(&server);
    assert!(client.integration(&call(), "S1", "PINT001").await.unwrap().unwrap().is_mail());
    assert_eq!(client.integration(&call(), "S1", "PINT009").await.unwrap(), None);
    assert_eq!(client.service(&call(), "S9").await.unwrap_err().kind, Kind::NotFound);
}

#[tokio::test]
async fn windows_grouping_and_on_calls_are_asked_for_by_service_and_policy() {
    let server = server().await;
    let client = client(&server);
    let windows = client.maintenance_windows(&call(), "PSVC001", true).await.unwrap();
    assert_eq!(
        (windows[0].window.name.as_str(), windows[0].ends_at),
        ("定期点検", Micros::parse("2026-05-01T13:00:00Z"))
    );
    assert_eq!(windows[0].created_by, Some(reference("PUSR001", "Sato Hanako")));
    let grouping = client.alert_grouping(&call(), "PSVC001").await.unwrap().ok().unwrap();
    assert_eq!(
        (grouping[0].kind.as_str(), grouping[0].window_s, grouping[0].fields.len()),
        ("content_based", Some(3_600), 2)
    );
    assert_eq!((grouping[1].grouping.name.as_str(), grouping[1].window_s), ("PGRP002", Some(300)));
    let on_calls = client.on_calls(&call(), &["PESC001".into(), "PESC002".into()]).await.unwrap();
    let levels: Vec<(i64, &str, bool)> =
        on_calls.iter().map(|one| (one.level, one.user.name.as_str(), one.schedule.is_some())).collect();
    assert_eq!(levels, [(1, "Sato Hanako", true), (2, "Ito Ken", false)]);
    assert_eq!(
        client.on_calls(&call(), &[]).await.unwrap(),
        [],
        "without a policy the whole account would be asked for"
    );
    let heard = server.heard();
    assert_eq!((heard[0].query("service_ids[]"), heard[0].query("filter")), (vec!["PSVC001"], vec!["ongoing"]));
    assert_eq!(heard[1].query("service_ids[]"), ["PSVC001"]);
    assert_eq!(heard[2].query("escalation_policy_ids[]"), ["PESC001", "PESC002"]);
    assert_eq!(heard.len(), 3);
}

#[tokio::test]
async fn orchestrations_come_with_their_keys_and_rules_with_all_that_they_may_do() {
    let server = server().await;
    let client = client(&server);
    let page = client.orchestrations(&call(), 0).await.unwrap().ok().unwrap();
    let [one] = &page.items[..] else { panic!("{page:?}") };
    assert_eq!((one.name.as_str(), one.updated_by.as_deref(), page.more), ("全社", Some("PUSR001"), false));
    let [key] = &one.keys[..] else { panic!("{one:?}") };
    assert!(key.key.is("R0MADE0UP0ROUTING0KEY0000000WXYZ") && key.key.tail == "WXYZ" && key.label == "Zabbix");

    let paths = client.orchestration_paths(&call(), &one.id).await.unwrap().ok().unwrap();
    let global = paths.global.unwrap();
    assert_eq!(
        (global.updated_at, global.updated_by.as_deref()),
        (Micros::parse("2026-04-01T00:00:00Z"), Some("PUSR002"))
    );
    assert!(paths.router.is_some() && paths.unrouted.is_some() && global.catch_all.suppresses);
    let start = global.set("start").unwrap();
    let first = Rule {
        id: "r1".into(),
        label: "noisy".into(),
        is_disabled: false,
        conditions: vec!["event.source matches part 'noisy'".into()],
        actions: RuleActions { drops: true, ..RuleActions::default() },
    };
    assert_eq!(start.rules[0], first);
    let second = &start.rules[1];
    assert!(second.is_disabled && second.conditions.is_empty() && second.actions.holds_back());
    assert_eq!(second.actions.route_to.as_deref(), Some("step-two"));
    assert_eq!(start.rules[2].conditions, ["", ""], "what can't be read must not become 'always'");
    assert_eq!(
        (start.rules[2].actions.suspends_s, &start.rules[2].actions.rewrites[..]),
        (Some(300), &["event.dedup_key".into(), "event.summary".into()][..])
    );
    let fourth = &start.rules[3];
    assert_eq!(fourth.conditions, [""]);
    assert!(fourth.actions.routes_by_field && fourth.actions.suspends_s.is_none() && !fourth.actions.holds_back());
    let paths: Vec<String> = server.heard().into_iter().map(|heard| heard.path).collect();
    let under = |tail: &str| format!("/event_orchestrations/{ORCHESTRATION}{tail}");
    assert_eq!(
        paths,
        ["/event_orchestrations".into(), under(""), under("/global"), under("/router"), under("/unrouted")]
    );
}

#[tokio::test]
async fn the_rules_of_a_service_count_only_while_they_are_used() {
    let server = server().await;
    let used = client(&server).service_orchestration(&call(), "PSVC001").await.unwrap().ok().unwrap();
    assert!(used.is_active && used.path.is_some_and(|path| path.sets.len() == 2));
    for body in [r#"{"active":false}"#, ""] {
        let server = Server::start(move |_| if body.is_empty() { reply(404, "{}") } else { reply(200, body) }).await;
        let unused = client(&server).service_orchestration(&call(), "PSVC001").await.unwrap().ok().unwrap();
        assert!(!unused.is_active && unused.path.is_none());
        assert_eq!(server.heard().len(), 1);
    }
    let odd = Server::start(|heard| match heard.path.ends_with("active") {
        true => reply(200, r#"{"active":true}"#),
        false => reply(200, r#"{"orchestration_path":{"sets":7}}"#),
    })
    .await;
    let error = client(&odd).service_orchestration(&call(), "PSVC001").await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreadable, "rules that can't be read are not no rules");
}

#[tokio::test]
async fn changes_tell_who_did_what() {
    let server = server().await;
    let changes = client(&server).audit(&call(), AuditOf::Service("PSVC001"), NOW.plus_s(-86_400), 10).await.unwrap();
    let changes = changes.ok().unwrap();
    let [first, second] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (first.by[0].name.as_str(), first.action.as_str(), first.method.as_deref()),
        ("Sato Hanako", "update", Some("browser"))
    );
    assert_eq!(first.at, Micros::parse("2026-05-20T01:02:03.456Z").unwrap());
    let field = |name: &str, before: Option<&str>, after: Option<&str>| FieldChange {
        name: name.into(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let expected = [
        field("status", Some("active"), Some("disabled")),
        field("description", None, None),
        field("escalation_policy", Some("PESC001"), Some("新")),
    ];
    assert_eq!(first.fields, expected);
    assert_eq!((second.id.as_str(), second.fields.len(), &second.what), ("AUD3", 0, &None));
    let heard = &server.heard()[0];
    assert_eq!((heard.path.as_str(), heard.query("limit")), ("/services/PSVC001/audit/records", vec!["10"]));
    assert_eq!(
        (heard.query("since"), heard.query("until")),
        (vec![NOW.plus_s(-86_400).rfc3339().as_str()], vec![NOW.rfc3339().as_str()])
    );
}

#[tokio::test]
async fn a_long_trail_is_read_month_by_month_until_there_is_enough() {
    let empty = Server::always(200, r#"{"records":[]}"#).await;
    let since = NOW.plus_s(-70 * 86_400);
    client(&empty).audit(&call(), AuditOf::Account, since, 5).await.unwrap();
    let spans: Vec<(Micros, Micros)> = empty
        .heard()
        .iter()
        .map(|heard| {
            let at = |name: &str| Micros::parse(heard.query(name)[0]).unwrap();
            assert_eq!(heard.path, "/audit/records");
            (at("since"), at("until"))
        })
        .collect();
    let days = |days: i64| NOW.plus_s(-days * 86_400);
    assert_eq!(spans, [(days(30), NOW), (days(60), days(30)), (since, days(60))]);
    client(&empty).audit(&call(), AuditOf::Account, Micros(0), 5).await.unwrap();
    assert_eq!(empty.heard().len(), 3 + 12, "no further back than a year");

    let full = server().await;
    let two = client(&full).audit(&call(), AuditOf::User("PUSR001"), since, 1).await.unwrap().ok().unwrap();
    assert_eq!((two.len(), full.heard().len()), (1, 1));
}

#[tokio::test]
async fn what_the_token_or_the_plan_may_not_see_is_an_answer() {
    for status in [402, 403] {
        let server = Server::always(status, r#"{"error":{"message":"Access Denied","code":2010}}"#).await;
        let client = client(&server);
        let call = call();
        let why = |text: Option<String>| text.is_some_and(|text| text.contains(&status.to_string()));
        assert!(why(not_allowed(client.audit(&call, AuditOf::Service("S1"), NOW, 5).await.unwrap())));
        assert!(why(not_allowed(client.alert_grouping(&call, "S1").await.unwrap())));
        assert!(why(not_allowed(client.orchestrations(&call, 0).await.unwrap())));
        assert!(why(not_allowed(client.orchestration_paths(&call, "O1").await.unwrap())));
        assert!(why(not_allowed(client.service_orchestration(&call, "S1").await.unwrap())));
        assert_eq!(client.service(&call, "S1").await.unwrap_err().kind, Kind::Forbidden);
    }
    let server = Server::always(403, "{}").await;
    let said = not_allowed(client(&server).audit(&call(), AuditOf::Service("S1"), NOW, 5).await.unwrap()).unwrap();
    assert!(said.contains("audit_records.read"), "{said}");
    let troubled = Server::always(503, "").await;
    assert_eq!(client(&troubled).audit(&call(), AuditOf::Account, NOW, 5).await.unwrap_err().kind, Kind::Server);
}

fn not_allowed<T>(shown: Shown<T>) -> Option<String> {
    match shown {
        Shown::Yes(_) => None,
        Shown::NotAllowed { why } => Some(why),
    }
}

#[tokio::test]
async fn a_person_waits_so_every_question_is_live_and_odd_ids_are_not_asked() {
    let server = server().await;
    let client = client(&server);
    let bulk = Call::new(Class::Bulk, NOW);
    client.service(&bulk, "PSVC001").await.unwrap();
    client.orchestration_paths(&bulk, "O1").await.unwrap();
    assert_eq!((client.limiter().passed(Class::Live), client.limiter().passed(Class::Bulk)), (4, 0));
    for odd in ["", "..", "a/b", "a b"] {
        assert_eq!(client.service(&bulk, odd).await.unwrap_err().kind, Kind::BadRequest, "{odd:?}");
        assert!(client.audit(&bulk, AuditOf::Schedule(odd), NOW, 5).await.is_err());
        assert!(client.orchestration_paths(&bulk, odd).await.is_err());
        assert!(client.on_calls(&bulk, &[odd.into()]).await.is_err());
    }
    assert_eq!(server.heard().len(), 4);
}

#[tokio::test]
async fn hostile_answers_are_errors_and_never_panics() {
    let bodies: [&'static str; 6] =
        ["", "[]", "{\"service\":7}", "{\"orchestration_path\":{}}", "{\"records\":{}}", "\u{0}"];
    for body in bodies {
        let server = Server::always(200, body).await;
        let client = client(&server);
        assert!(client.service(&call(), "S1").await.is_err(), "{body}");
        assert!(client.orchestration_paths(&call(), "O1").await.is_err(), "{body}");
        assert!(client.audit(&call(), AuditOf::Account, NOW, 5).await.is_err(), "{body}");
        assert!(client.on_calls(&call(), &["E1".into()]).await.is_err(), "{body}");
    }
}
