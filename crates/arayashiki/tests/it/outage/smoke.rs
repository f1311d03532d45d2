//! In fair weather: what has its incident is matched, what lacks one is registered once and told once.

use super::alert::Alert;
use super::scene::{Scene, Terms};
use super::verdict::{Counted, End};
use crate::outside::parallel;
use crate::world::{Database, SHORT};

#[test]
fn in_fair_weather_every_alert_has_its_place() {
    let terms = Terms { net: "grace = \"2s\"", path: "", more: "", times: SHORT, sandbox: &[] };
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let scene = Scene::started(*database, terms);
        let alerts: Vec<Alert> = (0..4).map(|n| Alert::nth("fair", n)).collect();
        let ends = [End::Original, End::Registered, End::Over, End::Registered];
        alerts[0].event(&scene, "trigger");
        alerts.iter().for_each(|alert| scene.problem(alert));
        scene.settle();
        scene.recovery(&alerts[2]);
        scene.settle();
        let mut counted = Counted { answers: 5, ..Counted::default() };
        counted.taken.extend(alerts.iter().map(|alert| alert.message_id("problem", 0)));
        counted.taken.insert(alerts[2].message_id("recovery", 0));
        let ends: Vec<_> = alerts.into_iter().zip(ends).collect();
        let found = scene.complaints(&counted, &ends);
        assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
        assert_eq!(scene.slack.all("messages").len(), 3, "{:?}", scene.slack.all("messages"));
        assert!(scene.phone.all("calls").is_empty(), "nobody is called for what PagerDuty shows");
    });
}
