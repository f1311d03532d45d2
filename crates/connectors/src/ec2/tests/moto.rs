//! Against moto, which others made after the real EC2: signed requests, pages, the filter, tags. Skipped with a word where it is not installed.

use super::*;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};

#[expect(clippy::disallowed_methods, reason = "a test is told by the environment where moto lies")]
fn python() -> Option<String> {
    std::env::var("ARAYASHIKI_MOTO").ok()
}

#[tokio::test]
async fn a_thousand_instances_and_one_are_read_from_moto() {
    let Some(python) = python() else {
        println!("skipped: ARAYASHIKI_MOTO is not set (scripts/services start)");
        return;
    };
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ec2/fixtures/estate.py");
    let mut moto = tokio::process::Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(moto.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap();
    let ec2 = given(&url);
    let answer = ec2.running(&call()).await.unwrap();
    let all: Vec<_> = answer.reservations.iter().flat_map(|reservation| &reservation.instances).collect();
    assert_eq!(all.len(), 1_001, "what is stopped is left out, and what is on the second page is not");
    let web: Vec<_> = all.iter().filter(|one| one.tags.iter().any(|tag| tag.value == "web-1")).collect();
    assert!(web.len() == 1 && web[0].instance_id.starts_with("i-") && !web[0].private_ip_address.is_empty());
    assert!(web[0].tags.iter().any(|tag| tag.key == "arayashiki:match" && tag.value == "ECフロント & <shop>"));
    assert!(web[0].placement.availability_zone.starts_with("ap-northeast-1") && web[0].state.name == "running");
    let elsewhere = Ec2Settings { region: "eu-west-1".into(), ..settings(&url) };
    assert_eq!(Ec2::new(&elsewhere).unwrap().running(&call()).await.unwrap().reservations, []);
}
