//! PagerDuty says 202 and nothing comes of it, because the service that registrations go to is mis-set. People are paged by the
//! second path, and what lacks its incident is sent again until it is seen.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::verdict::{Counted, End, called};
use crate::outside::{parallel, wait};
use crate::world::sandbox::ALARMS;
use crate::world::{Database, Times};
use serde_json::{Value, json};
use store::nets::Registration;

const SPEED: u32 = 8;
const TERMS: Terms =
    Terms { net: "grace = \"10s\"", path: "", more: "", times: Times { lease_s: 240, settle_s: 8 }, sandbox: &[] };

struct Case {
    name: &'static str,
    spoils: (&'static str, Value),
    mends: (&'static str, Value),
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "disabled",
            spoils: ("service", json!({ "service": ALARMS, "status": "disabled" })),
            mends: ("service", json!({ "service": ALARMS, "status": "active" })),
        },
        Case {
            name: "in maintenance",
            spoils: ("maintenance", json!({ "service": ALARMS, "seconds": 240 })),
            mends: ("advance", json!({ "seconds": 0 })),
        },
        Case {
            name: "nobody on call, no incident",
            spoils: ("oncall", json!({ "service": ALARMS, "nobody": true })),
            mends: ("oncall", json!({ "service": ALARMS, "nobody": false })),
        },
    ]
}

#[test]
fn a_registration_that_comes_to_nothing_is_told_to_people_and_sent_again() {
    let databases = Database::at_hand();
    let cases: Vec<_> = cases()
        .into_iter()
        .enumerate()
        .map(|(n, case)| {
            let database = databases[n % databases.len()];
            (format!("{database:?}, {}", case.name), (database, case))
        })
        .collect();
    parallel::all(&cases, |(database, case)| {
        let scene = Scene::started(*database, TERMS);
        scene.world.sandbox.control(case.spoils.0, &case.spoils.1);
        let alert = Alert::nth("void", 1);
        scene.while_time_flies(SPEED, || {
            scene.problem(&alert);
            let is_it = |body: &Value| body["title"].as_str().is_some_and(|title| title.contains(&alert.host));
            assert!(called(&scene, wait::LONG, is_it).is_some(), "nobody is paged: {}", scene.world.unrest());
            is_registered(&scene, Registration::Unseen);
            scene.world.sandbox.control(case.mends.0, &case.mends.1);
            is_registered(&scene, Registration::Seen);
            scene.settle();
        });
        let mut counted = Counted { answers: 1, ..Counted::default() };
        counted.taken.insert(alert.message_id("problem", 0));
        let found = scene.complaints(&counted, &[(alert, End::Registered)]);
        assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
        let open = scene.books().callouts().into_iter().filter(|call| call.ended_at.is_none()).count();
        assert_eq!(open, 0, "calls go on although it is seen");
    });
}

fn is_registered(scene: &Scene, wanted: Registration) {
    let books = scene.books();
    let net = || {
        let id = books.mails().first()?.net.clone()?;
        books.net(&id)
    };
    let stands = || net().filter(|net| net.registration == wanted).map(drop);
    if wait::within(wait::LONG, stands).is_none() {
        panic!("it is not {wanted:?} but {:?}: {}", net(), scene.world.unrest());
    }
}
