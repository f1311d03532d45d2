//! Settings and troubles that keep an alert from becoming an incident, each seeded into the simulated PagerDuty, each found by
//! the net and named: in the alert's row and in the post that people read.

use super::letters::{event, letter, monitor, problem};
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use crate::outside::{parallel, wait};
use crate::world::{Database, Sandbox};
use model::mail::{CauseKind, Ledger, Reason};
use sandbox::monitors::{Alert, Style};
use serde_json::{Value, json};
use store::mails::Item;

/// With an integration for events and one for mail.
const SITE: &str = "Hoshino Foods / EC site";
const SITE_MAIL: &str = "hoshino-ec@example.pagerduty.com";
/// With one for events alone.
const DATABASE: &str = "Hoshino Foods / Database";
const WHO: &str = "Tanaka Ken";
const ADDRESS: &str = "zbx";

/// How the monitor tells PagerDuty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    ByEvent,
    ByMail,
    Not,
}

/// How it has to end.
#[derive(Clone, Debug)]
enum Ends {
    /// Missing, for this cause; the post has all these words.
    Named(CauseKind, Vec<&'static str>),
    /// Suppressed on purpose, by a window of this name.
    Window(&'static str),
    /// There is an incident, which was found by asking.
    Found,
}

struct Case {
    service: &'static str,
    /// More about the monitor.
    monitor: String,
    /// What goes wrong before anything has been seen.
    before: fn(&Sandbox),
    /// What goes wrong when all is known.
    seed: fn(&Scene),
    tells: Tells,
    ends: Ends,
}

fn nothing(_: &Sandbox) {}

fn no_trouble(_: &Scene) {}

fn case(tells: Tells, ends: Ends) -> Case {
    Case { service: SITE, monitor: String::new(), before: nothing, seed: no_trouble, tells, ends }
}

fn control(sandbox: &Sandbox, what: &str, mut body: Value) {
    body["by"] = json!(WHO);
    sandbox.control(what, &body);
}

fn orchestrated(sandbox: &Sandbox, actions: &Value) {
    let rule = json!({ "label": "noise of the night", "conditions": [{ "expression": "event.summary matches part 'disk'" }], "actions": actions });
    control(sandbox, "orchestration", json!({ "service": SITE, "sets": [{ "id": "start", "rules": [rule] }] }));
}

fn mail_rules(sandbox: &Sandbox, rules: &Value) {
    control(sandbox, "integration", json!({ "act": "change", "service": SITE, "email": true, "rules": rules }));
}

fn named(kind: CauseKind, words: &[&'static str]) -> Ends {
    Ends::Named(kind, words.to_vec())
}

/// Of services and their integrations.
fn settings() -> Vec<(&'static str, Case)> {
    use CauseKind as K;
    use Tells::{ByEvent, ByMail};
    let by_mail = || format!("integration_email = \"{SITE_MAIL}\"");
    vec![
        (
            "a disabled service",
            Case {
                before: |s| control(s, "service", json!({ "service": SITE, "status": "disabled" })),
                ..case(ByEvent, named(K::ServiceDisabled, &[SITE, "無効です", WHO]))
            },
        ),
        (
            "a maintenance window",
            Case {
                before: |s| {
                    control(s, "maintenance", json!({ "service": SITE, "seconds": 3600, "description": "棚卸し" }));
                },
                ..case(ByEvent, Ends::Window("棚卸し"))
            },
        ),
        (
            "a deleted integration",
            Case {
                service: DATABASE,
                before: |s| {
                    control(s, "integration", json!({ "service": DATABASE, "act": "delete", "unnoticed": true }));
                },
                ..case(ByEvent, named(K::IntegrationGone, &[DATABASE, "連携がありません", WHO]))
            },
        ),
        (
            "a deleted integration beside another",
            Case {
                before: |s| control(s, "integration", json!({ "service": SITE, "act": "delete", "unnoticed": true })),
                ..case(ByEvent, named(K::IntegrationGone, &[SITE, "連携がありません", WHO]))
            },
        ),
        (
            "an integration that moved to another address",
            Case {
                monitor: by_mail(),
                before: |s| {
                    let body = json!({ "act": "change", "service": SITE, "email": true, "name": "hoshino-shop" });
                    control(s, "integration", body);
                },
                ..case(ByMail, named(K::AddressUnknown, &[SITE_MAIL, SITE, WHO]))
            },
        ),
        (
            "a mail filter",
            Case {
                monitor: by_mail(),
                before: |s| {
                    let filter = json!({ "subject_mode": "match", "subject_regex": "^ALERT", "body_mode": "always", "from_email_mode": "always" });
                    mail_rules(s, &json!({ "email_filter_mode": "or-rules-email", "email_filters": [filter] }));
                },
                ..case(ByMail, named(K::MailFilter, &["メールフィルター", WHO]))
            },
        ),
        (
            "a mail parser",
            Case {
                monitor: by_mail(),
                before: |s| {
                    let predicate =
                        json!({ "type": "contains", "part": "subject", "matcher": "ALERT", "children": [] });
                    let parser = json!({ "action": "trigger", "match_predicate": predicate, "value_extractors": [] });
                    mail_rules(
                        s,
                        &json!({ "email_incident_creation": "use_rules", "email_parsing_fallback": "discard", "email_parsers": [parser] }),
                    );
                },
                ..case(ByMail, named(K::MailParser, &["メール解析ルール", WHO]))
            },
        ),
    ]
}

/// Of orchestrations, of people and of the net itself.
fn more_settings() -> Vec<(&'static str, Case)> {
    use CauseKind as K;
    use Tells::{ByEvent, Not};
    vec![
        (
            "an orchestration that drops",
            Case {
                before: |s| orchestrated(s, &json!({ "drop_event": true })),
                ..case(ByEvent, named(K::OrchestrationDrops, &["noise of the night", "破棄しています", WHO]))
            },
        ),
        (
            "an orchestration that suppresses",
            Case {
                before: |s| orchestrated(s, &json!({ "suppress": true })),
                ..case(ByEvent, named(K::OrchestrationSuppresses, &["noise of the night", "抑制しています", WHO]))
            },
        ),
        (
            "an orchestration that pauses",
            Case {
                before: |s| orchestrated(s, &json!({ "suspend": 600 })),
                ..case(ByEvent, named(K::OrchestrationPauses, &["noise of the night", "一時停止", WHO]))
            },
        ),
        (
            "auto-pause",
            Case {
                before: |s| control(s, "service", json!({ "service": SITE, "auto_pause_s": 300 })),
                ..case(ByEvent, named(K::AutoPause, &[SITE, "300 s"]))
            },
        ),
        (
            "nobody on call",
            Case {
                before: |s| control(s, "oncall", json!({ "service": SITE, "nobody": true })),
                ..case(ByEvent, named(K::NobodyOnCall, &[SITE, "オンコール担当がいません"]))
            },
        ),
        ("no service configured", Case { service: "", ..case(Not, named(K::NoService, &["[[mail.service]]"])) }),
        (
            "a service that is gone",
            Case {
                service: "Hoshino Foods / Old site",
                ..case(Not, named(K::ServiceGone, &["Hoshino Foods / Old site"]))
            },
        ),
        ("a monitor that tells PagerDuty nothing", case(Not, named(K::NothingFound, &["監視側が"]))),
    ]
}

fn troubles() -> Vec<(&'static str, Case)> {
    use CauseKind as K;
    use Tells::{ByEvent, Not};
    vec![
        (
            "rejected events",
            Case {
                seed: |scene| {
                    scene.world.sandbox.control("outage", &json!({ "events": true, "mode": "5xx" }));
                },
                ..case(ByEvent, named(K::EventsRejected, &["イベントを拒否しています"]))
            },
        ),
        (
            "a PagerDuty that does not answer",
            Case {
                seed: |scene| {
                    scene.world.sandbox.control("outage", &json!({ "rest": true, "mode": "5xx" }));
                },
                ..case(Not, named(K::NotAnswering, &["PagerDuty が応答しません"]))
            },
        ),
        (
            "a lost webhook",
            Case {
                seed: |scene| {
                    scene.world.sandbox.control("lose", &json!({ "next": 1000 }));
                },
                ..case(ByEvent, Ends::Found)
            },
        ),
        (
            "a dead poll",
            Case {
                seed: |scene| {
                    let token = scene.world.sandbox.info["token"].clone();
                    scene.world.sandbox.control("scopes", &json!({ "token": token, "deny": ["/log_entries"] }));
                    scene.books.log_was_read(400);
                },
                ..case(Not, named(K::PollDead, &["読み取りが"]))
            },
        ),
    ]
}

fn scene(case: &Case) -> Scene {
    Scene::made_and_started(Database::Sqlite, |sandbox, _| {
        (case.before)(sandbox);
        let mut more = case.monitor.clone();
        if !case.service.is_empty() {
            more.push_str(&format!("\nservice = \"{}\"", case.service));
        }
        if case.tells == Tells::ByEvent {
            more.push_str(&format!("\nrouting_key = \"{}\"", sandbox.key_of(case.service)));
        }
        Plan::paging()
            .with(&monitor(ADDRESS, "zabbix", &more))
            .with("\n[webhook_guard]\nmode = \"post\"\nlook = \"1s\"\nlate = \"1s\"\n")
    })
}

/// The monitor tells PagerDuty in its way, whatever it is told.
fn tell(scene: &Scene, case: &Case, alert: &Alert, letter: &Letter) {
    match case.tells {
        Tells::ByEvent => {
            scene.enqueue(&event(alert, &scene.key_of(case.service)));
        }
        Tells::ByMail => {
            let path = format!("mail?to={SITE_MAIL}&from={}", letter.from);
            scene.world.sandbox.raw(&path, &letter.raw);
        }
        Tells::Not => {}
    }
}

fn run(case: &Case) {
    let scene = scene(case);
    (case.seed)(&scene);
    let alert = problem("web01", "disk /var");
    let letter = letter(&alert, Style::default(), ADDRESS);
    tell(&scene, case, &alert, &letter);
    scene.post(&letter);
    match &case.ends {
        Ends::Named(kind, words) => is_named(&scene, *kind, words),
        Ends::Window(name) => {
            let mails = scene.judged(1);
            let is_named = matches!(&mails[0].reason, Reason::MaintenanceWindow { name: told, .. } if told == name);
            assert!(mails[0].ledger == Ledger::Suppressed && is_named, "{}", shown(&mails));
            assert!(scene.slack.as_ref().unwrap().posts().is_empty(), "nobody is told of what is meant so");
        }
        Ends::Found => {
            let mails = scene.judged(1);
            assert_eq!(mails[0].ledger, Ledger::Matched, "{}", shown(&mails));
            let silent = wait::within(wait::LONG, || {
                let known = scene.world.site.api("connections").ok()?;
                let all = known["webhooks"]["subscriptions"].as_array()?.clone();
                all.iter().any(|one| one["health"] == "silent").then_some(())
            });
            assert!(silent.is_some(), "the silence is not named: {:?}", scene.world.site.api("connections"));
        }
    }
}

fn is_named(scene: &Scene, kind: CauseKind, words: &[&str]) {
    let post = scene.posted(words);
    let mails: Vec<Item> = scene.books.mails();
    let net = scene.books.net_of(&mails[0]);
    let cause = net.cause.unwrap_or_else(|| panic!("no cause: {}", shown(&mails)));
    assert_eq!(cause.kind, kind, "{cause:?} {post}");
    assert!(post.contains(&format!("/safety-net/mails/{}", mails[0].id)), "{post}");
}

#[test]
fn each_setting_that_swallows_an_alert_is_found_and_named() {
    run_all(settings().into_iter().chain(more_settings()).collect());
}

#[test]
fn each_trouble_that_swallows_an_alert_is_found_and_named() {
    run_all(troubles());
}

fn run_all(cases: Vec<(&'static str, Case)>) {
    let cases: Vec<(String, Case)> = cases.into_iter().map(|(name, case)| (name.to_owned(), case)).collect();
    parallel::all(&cases, run);
}

/// More events than PagerDuty takes of a key: those that it refused are missing, and that is said.
#[test]
fn what_the_rate_limit_refused_is_named_so() {
    let scene = Scene::made_and_started(Database::Sqlite, |sandbox, _| {
        let more = format!("service = \"{SITE}\"\nrouting_key = \"{}\"", sandbox.key_of(SITE));
        Plan::paging().with(&monitor(ADDRESS, "zabbix", &more))
    });
    let key = scene.key_of(SITE);
    let alerts: Vec<Alert> = (0..130).map(|n| problem(&format!("web{:03}", n + 1), "disk /var")).collect();
    let told: Vec<u16> = alerts.iter().map(|alert| scene.enqueue(&event(alert, &key))).collect();
    let refused = told.iter().filter(|status| **status == 429).count();
    assert_eq!(refused, 10, "{told:?}");
    let letters: Vec<Letter> = alerts.iter().map(|alert| letter(alert, Style::default(), ADDRESS)).collect();
    scene.post_all(&letters);
    let is_over = |mails: &[Item]| {
        let of = |ledger| mails.iter().filter(|mail| mail.ledger == ledger).count();
        of(Ledger::Matched) == 120 && of(Ledger::Registered) == refused
    };
    let mails = scene.until("the refused ones registered", is_over);
    scene.posted(&["受付数の上限を超えました"]);
    for mail in mails.iter().filter(|mail| mail.ledger == Ledger::Registered) {
        let cause = wait::until("its cause", || scene.books.net_of(mail).cause);
        assert_eq!(cause.kind, CauseKind::RateLimit, "{mail:?}");
    }
    scene.balances(letters.len());
}
