//! The hosts suffer from what the simulated PagerDuty's alerts say, and only as long as they say it.

use std::time::Duration;

use sandbox::hosts::Options;
use sandbox::pagerduty;
use serde_json::json;

use crate::client::{Visitor, visitor};

async fn eventually(own: &Visitor, command: &str, is_it: impl Fn(&str) -> bool) {
    let seen = async {
        loop {
            let text = own.run("hoshino-web03", command).await.text();
            if is_it(&text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), seen).await.expect("it is to be seen");
}

#[tokio::test]
async fn an_incident_is_to_be_seen_on_its_host() {
    let options = pagerduty::Options { event_lag_ms: 0, ..pagerduty::Options::default() };
    let account = pagerduty::start(options).await.expect("an account");
    let mut own = visitor(Options::default()).await;
    own.world.follow(&account);
    let alert = json!({
        "service": "Hoshino Foods / EC site", "title": "ディスク使用率95%超過 web03", "key": "web03/disk",
        "details": { "host": "web03", "check": "disk", "value": 95 },
    });
    let incident = account.control("trigger", &alert).expect("an incident")["incident"]["id"].clone();
    let percent = "df -P /var | awk 'NR == 2 {print $5}'";
    eventually(&own, percent, |text| text == "95%\n").await;
    // Another customer has a host of that name; the alert is none of its.
    assert_ne!(own.run("kitakaze-web01", percent).await.text(), "95%\n");
    let settled = account.control("act", &json!({ "incident": incident, "act": "resolve", "by": "monitor" }));
    settled.expect("resolved");
    eventually(&own, percent, |text| text != "95%\n").await;
    account.stop().await;
}

#[tokio::test]
async fn every_host_of_the_night_is_there() {
    let night = pagerduty::Options { story: pagerduty::Story::Night, history_days: 1, ..pagerduty::Options::default() };
    let account = pagerduty::start(night).await.expect("an account");
    let own = visitor(Options::default()).await;
    let alerts = account.watch().open_alerts();
    assert!(alerts.len() >= 4, "{} alerts", alerts.len());
    for alert in alerts {
        let hosts = &own.world.info().hosts;
        let found = hosts.iter().any(|host| host.customer == alert.customer && host.hostname == alert.host);
        assert!(found, "{} of {:?} is not there: {}", alert.host, alert.customer, alert.summary);
    }
}
