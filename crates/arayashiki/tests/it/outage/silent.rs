//! PagerDuty is not there at all: refused, hanging, or nothing but errors. People are paged by the second path, level after
//! level until somebody answers; when it is back, what waits is sent once.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::verdict::{Counted, End};
use crate::outside::http::Request;
use crate::outside::{parallel, wait};
use crate::spool::proxy::{Proxy, Wire};
use crate::world::{Arms, Database, Times};
use serde_json::{Value, json};
use std::time::Duration;

pub const SPEED: u32 = 8;
pub const TIMES: Times = Times { lease_s: 240, settle_s: 8 };
const TERMS: Terms =
    Terms { net: "grace = \"30s\"", path: "unanswered = \"3m\"\nlevels = 3", more: "", times: TIMES, sandbox: &[] };

#[derive(Clone, Copy, Debug)]
pub enum How {
    Refused,
    Hanging,
    Errors,
}

#[test]
fn a_silent_pagerduty_is_noticed_and_people_are_paged_until_somebody_answers() {
    let hows = [How::Refused, How::Hanging, How::Errors];
    let databases = Database::at_hand();
    let cases: Vec<_> = hows
        .into_iter()
        .enumerate()
        .map(|(n, how)| {
            (format!("{how:?}, {:?}", databases[n % databases.len()]), (databases[n % databases.len()], how))
        })
        .collect();
    parallel::all(&cases, |(database, how)| silence(*database, *how));
}

/// All that we send to PagerDuty goes by a wire in our hand.
pub fn wired(database: Database, terms: Terms) -> (Scene, Proxy) {
    let scene = Scene::new(database, terms);
    let address = scene.world.sandbox.address;
    let proxy = Proxy::to(vec![address]);
    let config = std::fs::read_to_string(scene.world.site.config()).unwrap();
    let config = ["api_url", "events_url"].iter().fold(config, |config, key| {
        config.replace(&format!("{key} = \"http://{address}\""), &format!("{key} = \"http://{}\"", proxy.address))
    });
    std::fs::write(scene.world.site.config(), config).unwrap();
    (scene, proxy)
}

fn silence(database: Database, how: How) {
    let (mut scene, proxy) = wired(database, TERMS);
    scene.start(Arms::default());
    scene.world.settle_at_first();
    let alerts: Vec<Alert> = (0..4).map(|n| Alert::nth("quiet", n)).collect();
    scene.while_time_flies(SPEED, || {
        begin(&scene, &proxy, how);
        // The first is answered at the second level, the second at once, the third is over before PagerDuty is back, and
        // nobody ever answers for the fourth.
        scene.problem(&alerts[0]);
        let first = page(&scene, &alerts[0], 1);
        noticed(&scene);
        let second = page(&scene, &alerts[0], 2);
        assert_ne!(first["acknowledge_url"], second["acknowledge_url"], "each person has a link of his own");
        answer(&scene, &second);
        // Somebody is at it: this one waits for the end of that call's five minutes.
        scene.problem(&alerts[1]);
        answer(&scene, &page(&scene, &alerts[1], 1));
        scene.problem(&alerts[2]);
        page(&scene, &alerts[2], 1);
        scene.recovery(&alerts[2]);
        scene.problem(&alerts[3]);
        page(&scene, &alerts[3], 3);
        std::thread::sleep(Duration::from_secs(240 / u64::from(SPEED)));
        end(&scene, &proxy);
        over(&scene);
        scene.settle();
    });
    judge(&scene, &alerts, how);
}

pub fn begin(scene: &Scene, proxy: &Proxy, how: How) {
    match how {
        How::Refused => proxy.set(Wire::Cut),
        How::Hanging => proxy.set(Wire::Hung),
        How::Errors => {
            for on in ["rest", "events"] {
                scene.world.sandbox.fault(&json!({ "on": on, "times": 1_000_000, "do": { "status": 503 } }));
            }
        }
    }
}

pub fn end(scene: &Scene, proxy: &Proxy) {
    proxy.set(Wire::Whole);
    scene.world.sandbox.forget_faults();
}

/// The first page of the alert at a level.
pub fn page(scene: &Scene, alert: &Alert, level: i64) -> Value {
    let is = |body: &Value| body["level"] == level && body["title"].as_str().is_some_and(|t| t.contains(&alert.host));
    let called =
        wait::within(wait::LONG, || scene.phone.all("calls").into_iter().map(|call| call["body"].clone()).find(&is));
    called.unwrap_or_else(|| {
        let calls: Vec<Value> =
            scene.phone.all("calls").iter().map(|c| json!([c["body"]["title"], c["body"]["level"]])).collect();
        panic!("nobody of level {level} is paged for {}: {calls:?}\n{}", alert.host, scene.world.unrest())
    })
}

/// By the link's own page where the program has one.
pub fn answer(scene: &Scene, page: &Value) {
    let link = page["acknowledge_url"].as_str().unwrap_or_else(|| panic!("no link: {page}"));
    let path = link.split_once("//").unwrap().1.split_once('/').unwrap().1;
    let looked = Request::new("GET", &format!("/{path}")).send(scene.world.site.address).unwrap();
    let books = scene.books();
    let is_open = |books: &crate::world::Books| {
        books.callouts().iter().any(|c| c.answered_at.is_none() && page["id"].as_str().unwrap().contains(&c.id))
    };
    assert!(is_open(&books), "looking at the link answers it: mail programs look at links");
    if looked.status == 200 {
        let origin = format!("http://{}", scene.world.site.address);
        let path = format!("/{path}");
        let post = Request::new("POST", &path).with("origin", origin).with("sec-fetch-site", "same-origin");
        post.with("content-type", "application/x-www-form-urlencoded").send(scene.world.site.address).unwrap();
    } else {
        assert!(books.answer(link), "the link is of no call");
    }
    assert!(!is_open(&books), "the link does not answer the call");
}

/// Outage mode, within a minute of the first alert that could not be registered.
pub fn noticed(scene: &Scene) {
    let told = || {
        scene
            .slack
            .all("messages")
            .into_iter()
            .find(|post| post["text"].to_string().contains("PagerDuty が機能していません"))
    };
    let post = wait::within(wait::LONG, told).unwrap_or_else(|| panic!("nobody is told: {}", scene.world.unrest()));
    assert!(post["text"].to_string().contains("オンコール担当 (最後に読んだ予定): "), "{post}");
    let outages = scene.books().outages();
    assert!(outages.len() == 1 && outages[0].ended_at.is_none(), "{outages:?}");
}

fn over(scene: &Scene) {
    let over = || scene.books().outages().iter().all(|outage| outage.ended_at.is_some()).then_some(());
    assert!(
        wait::within(wait::LONG, over).is_some(),
        "it does not end: {:?}\n{}",
        scene.books().outages(),
        scene.world.unrest()
    );
}

fn judge(scene: &Scene, alerts: &[Alert], how: How) {
    let mut counted = Counted { answers: 5, ..Counted::default() };
    counted.taken.extend(alerts.iter().map(|alert| alert.message_id("problem", 0)));
    counted.taken.insert(alerts[2].message_id("recovery", 0));
    let ends = [End::Registered, End::Registered, End::Over, End::Registered];
    let ends: Vec<_> = alerts.iter().cloned().zip(ends).collect();
    let mut found = scene.complaints(&counted, &ends);
    if matches!(how, How::Hanging) {
        // What hung in the wire comes minutes later, when it was looked up and sent once more; by its key it is a repeat of
        // an alert that is open, and nobody sees it twice.
        let is_one = |complaint: &str| complaint.matches("event.became incident").count() == 1;
        found.retain(|complaint| !(complaint.contains("was paged") && is_one(complaint)));
    }
    let levels = |alert: &Alert| {
        let calls = scene.phone.all("calls").into_iter();
        let of = calls.filter(|call| call["body"]["title"].as_str().is_some_and(|title| title.contains(&alert.host)));
        of.filter_map(|call| call["body"]["level"].as_i64()).max()
    };
    let reached: Vec<Option<i64>> = alerts.iter().map(levels).collect();
    if reached != [Some(2), Some(1), Some(1), Some(3)] {
        found.push(format!("the alerts went up to the levels {reached:?}"));
    }
    let posts = scene.slack.all("messages");
    let with = |word: &str| posts.iter().filter(|post| post["text"].to_string().contains(word)).count();
    if (with("PagerDuty が機能していません"), with("PagerDuty が回復しました")) != (1, 1) {
        found.push("the outage was not told once at its beginning and once at its end".to_owned());
    }
    let was_paged = scene
        .world
        .sandbox
        .effects()
        .iter()
        .any(|effect| effect["kind"] == "event.trigger" && effect["detail"].to_string().contains(&alerts[2].host));
    if was_paged {
        found.push("what was over before PagerDuty was back was registered all the same".to_owned());
    }
    assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
}
