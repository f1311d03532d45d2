//! A region that answers, falls silent and is asked by a program that has just started.

use super::*;
use crate::config;
use crate::wiring::inventory::inventory;
use axum::Router;
use connectors::sigv4::Credentials;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinSet;

const ANSWER: &str = "<DescribeInstancesResponse><reservationSet><item><ownerId>123456789012</ownerId><instancesSet><item>\
    <instanceId>i-1</instanceId><instanceState><name>running</name></instanceState><privateIpAddress>10.0.0.1</privateIpAddress>\
    <placement><availabilityZone>ap-northeast-1a</availabilityZone></placement>\
    <tagSet><item><key>Name</key><value>web-1</value></item></tagSet></item></instancesSet></item></reservationSet></DescribeInstancesResponse>";
const REFUSAL: &str = "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";

/// Answers until it is told to refuse.
async fn ec2(refuses: Arc<AtomicBool>) -> (String, JoinSet<()>) {
    let answer = move || async move {
        match refuses.load(Ordering::SeqCst) {
            true => (axum::http::StatusCode::FORBIDDEN, REFUSAL),
            false => (axum::http::StatusCode::OK, ANSWER),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    (url, tasks)
}

fn region(config: &Config) -> Region {
    let keys = Keys::Given(Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: connectors::Secret::new("made-up-secret-key"),
        session_token: None,
    });
    let settings = Ec2Settings { region: "ap-northeast-1".into(), endpoint: config.inventory.ec2_url.clone(), keys };
    Region { name: "ap-northeast-1".into(), ec2: Ec2::new(&settings).unwrap() }
}

fn known(config: &Config, live: &Live) -> (Vec<String>, Vec<String>) {
    let (inventory, complaints) = inventory(config, live);
    (inventory.hosts().map(|host| host.name.clone()).collect(), complaints.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn what_ec2_said_survives_its_silence_and_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let refuses = Arc::new(AtomicBool::new(false));
    let (url, _tasks) = ec2(refuses.clone()).await;
    let path = folder.path().join("arayashiki.toml");
    let text = format!(
        "[inventory]\nec2_regions = [\"ap-northeast-1\"]\nec2_url = \"{url}\"\n[ssh]\nuser = \"ops\"\nagent = \"/a\"\n"
    );
    std::fs::write(&path, text).unwrap();
    let config = config::load(Some(&path), []).unwrap();
    let (names, told) = known(&config, &Live::default());
    assert!(names.is_empty() && told.iter().any(|line| line.contains("was not read yet")), "{told:?}");

    let (live, stop, region) = (Live::default(), CancellationToken::new(), region(&config));
    let kept = place(&config, "ap-northeast-1").unwrap();
    let until_kept = async {
        while !kept.exists() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(keep_asking(&live, &config, &region, &stop), until_kept);
    assert_eq!(known(&config, &live), (vec!["web-1".to_owned()], vec![]));
    assert_eq!(known(&config, &Live::default()).0, ["web-1"], "whoever starts now knows it without EC2");

    refuses.store(true, Ordering::SeqCst);
    let started = Live::default();
    let trouble = ask(&started, &config, &region).await.unwrap();
    assert_eq!(trouble.kind, Kind::Forbidden);
    let (names, told) = known(&config, &started);
    assert!(names == ["web-1"] && told.len() == 1, "{told:?}");
    assert!(
        told[0].contains("ap-northeast-1")
            && told[0].contains("0 min ago")
            && told[0].contains("ec2:DescribeInstances")
    );
    refuses.store(false, Ordering::SeqCst);
    assert!(ask(&started, &config, &region).await.is_none());
    assert_eq!(known(&config, &started).1, [""; 0], "all is well again");
}
