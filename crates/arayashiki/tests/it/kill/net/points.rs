//! Every crash point that only mails and what follows from them pass; and then another one during the recovery.

use super::runner::Runner;
use super::tale::Tale;
use crate::kill::{databases, of_net};
use crate::outage::scene::{Scene, Terms};
use crate::outside::{parallel, wait};
use crate::world::{Arms, Database, SHORT, Side};
use serde_json::json;
use store::faults::POINTS;

/// People are called for whatever is not seen quickly, so that calls are made at all.
const TERMS: Terms = Terms {
    net: "grace = \"1s\"\nstorm = 100000\ncanary = \"1h\"",
    path: "after = \"4s\"",
    more: "",
    times: SHORT,
    sandbox: &[],
};
const SPEED: u32 = 8;

struct Case {
    database: Database,
    point: &'static str,
    then: Option<&'static str>,
}

fn cases() -> Vec<(String, Case)> {
    let points: Vec<&'static str> = POINTS.iter().copied().filter(|point| of_net(point)).collect();
    assert!(points.len() >= 20, "the points were not found: {points:?}");
    let plain: Vec<&'static str> = points.iter().copied().filter(|point| !is_seldom(point)).collect();
    let mut cases = Vec::new();
    for (n, point) in points.into_iter().enumerate() {
        let then = (!is_seldom(point)).then(|| plain[(n * 5 + 3) % plain.len()]);
        for database in databases(n) {
            cases.push((format!("{database:?}, {point}, then {then:?}"), Case { database, point, then }));
        }
    }
    cases
}

/// What needs a story of its own to be passed.
fn is_seldom(point: &str) -> bool {
    ["net.outage", "net.call", "net.canary", "sns."].iter().any(|unit| point.starts_with(unit))
}

#[test]
fn whatever_point_it_dies_at_no_mail_is_lost_and_nothing_told_twice() {
    parallel::all(&cases(), |case| {
        let found = if case.point.starts_with("net.outage") { outage(case) } else { plain(case) };
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

fn plain(case: &Case) -> Vec<String> {
    let scene = Scene::new(case.database, TERMS);
    let aws = case.point.starts_with("sns.").then(|| with_amazon(&scene));
    with_relay(&scene);
    let told = Tale::new(&scene);
    let tale = &told;
    let mut runner = Runner::whole(&scene);
    runner.start(Arms::point(case.point, 1));
    if case.point.starts_with("net.call") {
        // What is registered shows late, so that people are called.
        let late = json!({ "appear_ms": 9_000 });
        scene.world.sandbox.fault(&json!({ "on": "events", "path": "/v2/enqueue", "times": 30, "do": late }));
    }
    std::thread::scope(|scope| {
        (0..6).for_each(|n| drop(scope.spawn(move || tale.live("dies", n))));
        if let Some(aws) = &aws {
            notify(&scene, aws);
        }
        runner.was_aborted(case.point);
        if let Some(then) = case.then {
            runner.start(Arms::point(then, 1));
            (6..12).for_each(|n| drop(scope.spawn(move || tale.live("dies", n))));
            runner.was_aborted(then);
        }
        runner.start(Arms::default());
    });
    told.complaints()
}

/// Mails of canaries come in by our own door.
fn with_relay(scene: &Scene) {
    let config = std::fs::read_to_string(scene.world.site.config()).unwrap();
    let relay = format!(
        "[mail.relay]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"arayashiki@net.example.jp\"\n\n[[mail.monitor]]",
        scene.door.port()
    );
    std::fs::write(scene.world.site.config(), config.replacen("[[mail.monitor]]", &relay, 1)).unwrap();
}

fn with_amazon(scene: &Scene) -> Side {
    let aws = Side::start(scene.world.site.folder.path(), "aws", &["--retry-ms", "500"]);
    let config = std::fs::read_to_string(scene.world.site.config()).unwrap();
    let ses = format!(
        "[mail.ses]\ntopics = [\"{}\"]\nsns_url = \"{}\"\n\n[[mail.monitor]]",
        aws.text("topic_arn"),
        aws.text("url")
    );
    std::fs::write(scene.world.site.config(), config.replacen("[[mail.monitor]]", &ses, 1)).unwrap();
    aws
}

/// An alarm by Amazon's notification, repeated until it is taken.
fn notify(scene: &Scene, aws: &Side) {
    let endpoint = format!("http://{}/webhooks/sns", scene.world.site.address);
    aws.control("notify", &json!({ "endpoint": endpoint, "subject": "notice", "message": "all is well" }));
}

/// PagerDuty is out for a while; time passes quickly, so that it comes to its end.
fn outage(case: &Case) -> Vec<String> {
    let times = crate::world::Times { lease_s: 60, settle_s: 8 };
    let scene = Scene::new(case.database, Terms { net: "grace = \"8s\"\nstorm = 100000", path: "", times, ..TERMS });
    scene.while_time_flies(SPEED, || {
        let told = Tale::new(&scene);
        let tale = &told;
        let mut runner = Runner::whole(&scene);
        runner.start(Arms::point(case.point, 1));
        for on in ["events", "rest"] {
            scene.world.sandbox.fault(&json!({ "on": on, "times": 1_000_000, "do": { "status": 503 } }));
        }
        std::thread::scope(|scope| {
            [1, 2].into_iter().for_each(|n| drop(scope.spawn(move || tale.live("out", n))));
        });
        if case.point == "net.outage_ended" {
            wait::until("the outage to be noticed", || (!scene.books().outages().is_empty()).then_some(()));
            scene.world.sandbox.forget_faults();
        }
        runner.was_aborted(case.point);
        runner.start(Arms::default());
        wait::until("the outage to be noticed", || (!scene.books().outages().is_empty()).then_some(()));
        scene.world.sandbox.forget_faults();
        wait::until("the outage to end", || {
            scene.books().outages().iter().all(|outage| outage.ended_at.is_some()).then_some(())
        });
        let mut found = told.complaints();
        let posts = scene.slack.all("messages");
        for word in ["PagerDuty が機能していません", "PagerDuty が回復しました"] {
            let told = posts.iter().filter(|post| post["text"].to_string().contains(word)).count();
            if told != 1 {
                found.push(format!("{word}: told {told} times"));
            }
        }
        runner.kill();
        found
    })
}
