//! The outage of 2025-08-28 in shape, with time that passes quickly: 38 minutes in which nearly all events are rejected, 130 in
//! which many come to nothing, then late and doubled webhooks. Alerts all along; in the end each has one place.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::verdict::{Counted, End};
use crate::outside::{environment, parallel, wait};
use crate::world::{Database, Times};
use duties::safety_net::callout::JOINS_S;
use duties::safety_net::outage::Report;
use model::Micros;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A lease is counted by a clock that passes quickly and kept by one that does not.
const TIMES: Times = Times { lease_s: 180, settle_s: 6 };
const SPEED: u32 = 6;
const GRACE_S: i64 = 60;
const HEARD_WITHIN_S: i64 = 60;
/// The program's own ticks and calls take real time, of which this much passes quickly.
const COARSE_S: i64 = 4 * SPEED as i64;
const EVERY_S: u64 = 6;

/// How long a minute of it takes, in quick seconds.
fn minute_s() -> f64 {
    environment("ARAYASHIKI_OUTAGE_MINUTE_S").and_then(|text| text.parse().ok()).unwrap_or(2.0)
}

/// What an alert's monitor does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Tells PagerDuty once.
    Once,
    /// Tells it until it is taken.
    Again,
    /// Tells it once, and half a minute after the problem that it is over.
    Short,
    /// Is mis-set: tells nobody but us.
    Never,
}

impl Manner {
    const fn of(n: u64) -> Self {
        [Self::Once, Self::Again, Self::Short, Self::Once, Self::Never][n as usize % 5]
    }
}

struct Told {
    alert: Alert,
    manner: Manner,
}

#[test]
fn the_outage_of_august_2025_loses_no_alert_and_doubles_none() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| replay(*database));
}

fn replay(database: Database) {
    let terms = Terms { net: "", path: "", more: "", times: TIMES, sandbox: &[] };
    let scene = Scene::started(database, terms);
    let told = scene.while_time_flies(SPEED, || {
        let script = json!({ "like": "2025-08-28", "minute_s": minute_s(), "seed": 828 });
        scene.world.sandbox.control("disaster", &script);
        let told = alerts_all_along(&scene);
        came_to_its_end(&scene);
        scene.settle();
        told
    });
    judge(&scene, &told);
}

/// Alerts as long as the disaster lasts, each in a thread of its own that retries as it is set to.
fn alerts_all_along(scene: &Scene) -> Vec<Told> {
    let lasts = || scene.world.sandbox.get("disaster")["phase"].is_number();
    let mut told = Vec::new();
    std::thread::scope(|scope| {
        for n in 0.. {
            if !lasts() {
                return;
            }
            let (alert, manner) = (Alert::nth("out", n), Manner::of(n));
            told.push(Told { alert: alert.clone(), manner });
            scope.spawn(move || live(scene, &alert, manner));
            quick(EVERY_S);
        }
    });
    told
}

/// Waits so many seconds of the quick time.
fn quick(seconds: u64) {
    std::thread::sleep(Duration::from_millis(seconds * 1_000 / u64::from(SPEED)));
}

fn live(scene: &Scene, alert: &Alert, manner: Manner) {
    scene.problem(alert);
    let tell = |action| manner != Manner::Never && alert.event(scene, action);
    let mut is_taken = tell("trigger");
    while manner == Manner::Again && !is_taken {
        quick(20);
        is_taken = tell("trigger");
    }
    if manner == Manner::Short {
        quick(30);
        scene.recovery(alert);
        while !tell("resolve") {
            quick(20);
        }
    }
}

/// The disaster is over, and we say so.
fn came_to_its_end(scene: &Scene) {
    wait::within(wait::LONG * 3, || {
        let outages = scene.books().outages();
        (!outages.is_empty() && outages.iter().all(|outage| outage.ended_at.is_some())).then_some(())
    })
    .unwrap_or_else(|| panic!("the outage does not end: {:?}\n{}", scene.books().outages(), scene.world.unrest()));
}

fn judge(scene: &Scene, told: &[Told]) {
    let mut counted = Counted::default();
    let mut ends = Vec::new();
    for Told { alert, manner } in told {
        counted.taken.insert(alert.message_id("problem", 0));
        if *manner == Manner::Short {
            counted.taken.insert(alert.message_id("recovery", 0));
        }
        ends.push((alert.clone(), if *manner == Manner::Short { End::NoneOfOurs } else { End::One }));
    }
    counted.answers = counted.taken.len() as i64;
    let mut found = scene.complaints(&counted, &ends);
    heard_in_time(scene, told, &mut found);
    announced(scene, &mut found);
    reported(scene, told, &mut found);
    eprintln!(
        "{} alerts, {} calls, {} posts",
        told.len(),
        scene.phone.all("calls").len(),
        scene.slack.all("messages").len()
    );
    assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
}

/// Whatever PagerDuty did not show in time, somebody was called for; and nobody for what it showed before.
fn heard_in_time(scene: &Scene, told: &[Told], found: &mut Vec<String>) {
    let books = scene.books();
    let mails = books.mails();
    let created = created(&scene.world.sandbox.incidents());
    let callouts = books.callouts();
    let calls: BTreeMap<&str, Micros> =
        callouts.iter().filter_map(|call| Some((call.subject.as_str(), call.sent_at?))).collect();
    // What comes shortly after a page joins it, and is told anew when nobody takes that.
    let joins = |at: Micros| callouts.iter().any(|call| call.asked_at <= at && at < call.asked_at.plus_s(JOINS_S));
    let is_heard = |call: Micros, until: Micros| call <= until || (joins(until) && call <= until.plus_s(JOINS_S));
    let mut called = 0;
    for Told { alert, manner } in told {
        let of = |word: &str| mails.iter().find(|m| m.message_id.as_deref() == Some(&alert.message_id(word, 0)));
        let Some(mail) = of("problem") else { continue };
        let net = mail.net.as_deref().and_then(|id| books.net(id));
        let call = net.and_then(|net| calls.get(net.called?.as_str()).copied());
        called += usize::from(call.is_some());
        let until = mail.received_at.plus_s(GRACE_S + HEARD_WITHIN_S + COARSE_S);
        let original = created.get(&alert.key()).copied();
        let ours = mail.net.as_deref().and_then(|net| created.get(&format!("arayashiki/net/{net}/1")).copied());
        let is_over = *manner == Manner::Short && of("recovery").is_some_and(|mail| mail.received_at <= until);
        let is_shown = [original, ours].into_iter().flatten().any(|at| at <= until);
        if !is_shown && !is_over && call.is_none_or(|at| !is_heard(at, until)) {
            found.push(format!(
                "{}: mailed {}, shown by PagerDuty {original:?} or {ours:?}, called {call:?}",
                alert.host, mail.received_at
            ));
        }
        if let (Some(original), Some(call)) = (original, call)
            && original <= mail.received_at.plus_s(GRACE_S / 2)
        {
            found.push(format!("{}: called at {call} although its incident was there at {original}", alert.host));
        }
    }
    if called == 0 {
        found.push("nobody was ever called".to_owned());
    }
}

/// When each key's first incident was made.
fn created(incidents: &[Value]) -> BTreeMap<String, Micros> {
    let mut created: BTreeMap<String, Micros> = BTreeMap::new();
    for incident in incidents {
        let at: jiff::Timestamp = incident["created_at"].as_str().unwrap().parse().unwrap();
        let key = incident["incident_key"].as_str().unwrap_or_default().to_owned();
        let at = Micros(at.as_microsecond());
        created.entry(key).and_modify(|first| *first = (*first).min(at)).or_insert(at);
    }
    created
}

/// Each outage is told once at its beginning, with who is on call, and once at its end.
fn announced(scene: &Scene, found: &mut Vec<String>) {
    let outages = scene.books().outages().len();
    let posts = scene.slack.all("messages");
    let texts: Vec<&str> = posts.iter().filter_map(|post| post["text"].as_str()).collect();
    let with = |word: &str| texts.iter().filter(|text| text.contains(word)).count();
    let (began, over) = (with("PagerDuty が機能していません"), with("PagerDuty が回復しました"));
    if (began, over) != (outages, outages) {
        found.push(format!("{outages} outages, {began} told at their beginning and {over} at their end"));
    }
    let names = with("オンコール担当 (最後に読んだ予定): ");
    if names != outages {
        found.push(format!("{names} of {outages} outages were told with who is on call"));
    }
    if outages > 2 {
        found.push(format!("it was told as {outages} outages"));
    }
}

/// The report says of every problem mail of its time where it stands.
fn reported(scene: &Scene, told: &[Told], found: &mut Vec<String>) {
    let mut problems = 0;
    for outage in scene.books().outages() {
        let report: Report = serde_json::from_str(outage.report.as_deref().unwrap_or_default()).unwrap();
        eprintln!("{:?} to {:?}: {report:?}", outage.began_at, outage.ended_at);
        problems += report.problems;
        if !report.balances() {
            found.push(format!("the report does not balance: {report:?}"));
        }
    }
    let is_in =
        |at: Micros| scene.books().outages().iter().any(|o| at >= o.began_at && o.ended_at.is_some_and(|end| at < end));
    let mails = scene.books().mails();
    let ids: Vec<String> = told.iter().map(|told| told.alert.message_id("problem", 0)).collect();
    let within = mails
        .iter()
        .filter(|mail| ids.iter().any(|id| mail.message_id.as_ref() == Some(id)) && is_in(mail.received_at));
    if (problems as usize) < within.count() {
        found.push("the report leaves out mails of its time".to_owned());
    }
}
