//! The canary: a route tested end to end by a mail of our own, and lost at each of its steps in turn. A lost canary alone is no
//! outage; together with registrations that come to nothing it is.

use super::alert::{Alert, SERVICE};
use super::scene::{Scene, Terms};
use crate::outside::{parallel, wait};
use crate::world::sandbox::ALARMS;
use crate::world::{Arms, Database, Times};
use model::Scope;
use serde_json::{Value, json};
use store::canaries::Canary;

const SPEED: u32 = 12;
const TERMS: Terms = Terms {
    net: "grace = \"10s\"\ncanary = \"1h\"",
    path: "",
    more: "",
    times: Times { lease_s: 240, settle_s: 8 },
    sandbox: &[],
};

/// Where it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    Nowhere,
    AtRelay,
    OnTheWay,
    AtEvents,
    Afterwards,
}

impl Lost {
    const fn words(self) -> Option<&'static str> {
        match self {
            Self::Nowhere => None,
            Self::AtRelay => Some("the relay did not take its mail"),
            Self::OnTheWay => Some("its mail never came to our door"),
            Self::AtEvents => Some("PagerDuty did not take its event"),
            Self::Afterwards => Some("no incident of it came to the mirror"),
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Nowhere => "",
            Self::AtRelay => "中継サーバーがメールを受け付けませんでした",
            Self::OnTheWay => "メールがこちらに届きませんでした",
            Self::AtEvents => "PagerDuty がイベントを受け付けませんでした",
            Self::Afterwards => "インシデントがこちらに届きませんでした",
        }
    }
}

#[test]
fn a_canary_passes_every_step_or_says_where_it_was_lost() {
    let all = [Lost::Nowhere, Lost::AtRelay, Lost::OnTheWay, Lost::AtEvents, Lost::Afterwards];
    let databases = Database::at_hand();
    let cases: Vec<_> = all
        .into_iter()
        .enumerate()
        .map(|(n, lost)| {
            (format!("{lost:?}, {:?}", databases[n % databases.len()]), (databases[n % databases.len()], lost))
        })
        .collect();
    parallel::all(&cases, |(database, lost)| {
        let mut scene = Scene::new(*database, TERMS);
        relay(&scene, *lost);
        spoil(&scene, *lost);
        scene.start(Arms::default());
        scene.while_time_flies(SPEED, || match lost.words() {
            None => came_through(&scene),
            Some(words) => was_lost(&scene, *lost, words),
        });
    });
}

/// Our own door is the relay, or somebody's who keeps what he gets, or nobody is there.
fn relay(scene: &Scene, lost: Lost) {
    let to = match lost {
        Lost::AtRelay => "127.0.0.1:9".to_owned(),
        Lost::OnTheWay => scene.phone.text("mail"),
        _ => scene.door.to_string(),
    };
    let config = std::fs::read_to_string(scene.world.site.config()).unwrap();
    let (host, port) = to.rsplit_once(':').unwrap();
    let relay = format!(
        "[mail.relay]\nhost = \"{host}\"\nport = {port}\ntls = \"none\"\nfrom = \"arayashiki@net.example.jp\"\n\n[[mail.monitor]]"
    );
    std::fs::write(scene.world.site.config(), config.replacen("[[mail.monitor]]", &relay, 1)).unwrap();
}

fn spoil(scene: &Scene, lost: Lost) {
    match lost {
        Lost::AtEvents => {
            let refusal = json!({ "status": 429 });
            scene.world.sandbox.fault(&json!({ "on": "events", "times": 1_000_000, "do": refusal }));
        }
        Lost::Afterwards => {
            for service in [SERVICE, ALARMS] {
                scene.world.sandbox.control("service", &json!({ "service": service, "status": "disabled" }));
            }
        }
        _ => {}
    }
}

fn last(scene: &Scene) -> Option<Canary> {
    let list = scene.books().read(|tx| Box::pin(async move { store::canaries::list(tx, &Scope::All, "zbx", 5).await }));
    list.into_iter().next()
}

fn ended(scene: &Scene) -> Canary {
    let ended = || last(scene).filter(|canary| canary.ended_at.is_some());
    wait::within(wait::LONG, ended)
        .unwrap_or_else(|| panic!("it does not end: {:?}\n{}", last(scene), scene.world.unrest()))
}

fn came_through(scene: &Scene) {
    let canary = ended(scene);
    assert_eq!(canary.lost, None, "{canary:?}\n{}", scene.world.unrest());
    let steps = [canary.mailed_at, canary.received_at, canary.accepted_at, canary.heard_at];
    assert!(steps.iter().all(Option::is_some), "{canary:?}");
    let id = canary.incident.clone().unwrap();
    wait::until("its incident to be resolved", || {
        let found = scene.world.sandbox.incidents().into_iter().find(|incident| incident["id"] == *id)?;
        (found["status"] == "resolved").then_some(())
    });
    scene.settle();
    let shown = scene.world.site.all("incidents").unwrap();
    assert!(shown.iter().all(|incident| incident["id"] != *id), "a canary is shown among incidents");
    assert!(scene.slack.all("messages").is_empty(), "nobody is told of a canary that came through");
    let balance = scene.books().balance();
    assert!(balance.difference() == 0 && balance.counts.get("canary") == Some(&1), "{balance:?}");
}

fn was_lost(scene: &Scene, lost: Lost, words: &str) {
    let canary = ended(scene);
    assert_eq!(canary.lost.as_deref(), Some(words), "{canary:?}");
    let posts = || scene.slack.all("messages");
    let told = |post: &Value| post["text"].to_string().contains(lost.told());
    let is_told = wait::within(wait::LONG, || posts().iter().find(|post| told(post)).map(drop));
    assert!(is_told.is_some(), "{:?}\n{}", posts(), scene.world.unrest());
    assert_eq!(scene.books().outages().len(), 0, "a lost canary alone is no outage");
    if lost == Lost::Afterwards {
        with_other_evidence(scene);
    }
    assert_eq!(posts().iter().filter(|post| told(post)).count(), 1);
}

/// A registration that comes to nothing as well: that makes two.
fn with_other_evidence(scene: &Scene) {
    scene.problem(&Alert::nth("lost", 1));
    let noticed = wait::within(wait::LONG, || scene.books().outages().first().cloned());
    let outage = noticed.unwrap_or_else(|| panic!("no outage is noticed: {}", scene.world.unrest()));
    assert!(outage.evidence.contains("canary_lost"), "{outage:?}");
}
