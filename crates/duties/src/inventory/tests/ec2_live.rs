//! Regions of EC2 that were asked: what stays in force when they fall silent, and what is told of it.

use super::super::ec2_live::{Trouble, failed, read, taken};
use super::*;
use model::Micros;
use serde_json::json;

const AT: Micros = Micros::from_seconds(1_780_000_000);

fn answer(name: &str) -> serde_json::Value {
    json!({ "Reservations": [{ "OwnerId": "123456789012", "Instances": [
        { "InstanceId": "i-1", "State": { "Name": "running" }, "PrivateIpAddress": "10.0.0.1", "Ipv6Address": "", "PrivateDnsName": "",
          "Placement": { "AvailabilityZone": "ap-northeast-1a" }, "Tags": [{ "Key": "Name", "Value": name }] }] }] })
}

fn trouble() -> Trouble {
    Trouble { says: "EC2 refuses DescribeInstances (403 UnauthorizedOperation)".into(), remedy: "allow it".into() }
}

fn after(minutes: i64, kept: Option<&str>) -> (Vec<String>, Vec<Complaint>) {
    let mut complaints = Vec::new();
    let drafts = read("ap-northeast-1", kept, AT.plus_s(minutes * 60), &mut complaints);
    (drafts.hosts.into_iter().map(|host| host.name).collect(), complaints)
}

#[test]
fn what_is_fresh_has_nothing_to_tell() {
    let kept = taken(answer("web-1"), AT);
    assert_eq!(after(5, Some(&kept)), (vec!["web-1".to_owned()], vec![]));
    let (names, told) = after(200, Some(&kept));
    assert_eq!((names.len(), told.len(), told[0].weight), (1, 1, Weight::Note));
    assert!(told[0].says.contains("3 h ago (2026-05-28T"), "{told:?}");
}

#[test]
fn what_was_known_stays_in_force_and_its_age_is_told() {
    let kept = failed(Some(&failed(Some(&taken(answer("web-1"), AT)), &trouble())), &trouble());
    for (minutes, weight, age) in
        [(2, Weight::Note, "2 min ago"), (90, Weight::Error, "90 min"), (9_000, Weight::Error, "6 d")]
    {
        let (names, told) = after(minutes, Some(&kept));
        assert_eq!((&names[..], told.len(), told[0].weight), (&["web-1".to_owned()][..], 1, weight));
        let line = told[0].to_string();
        assert!(
            line.starts_with("[inventory] ec2_regions ap-northeast-1: EC2 refuses") && line.contains(age),
            "{line}"
        );
        assert!(line.ends_with("; allow it"), "{line}");
    }
    let again = taken(answer("web-2"), AT);
    assert_eq!(after(0, Some(&again)), (vec!["web-2".to_owned()], vec![]));
}

#[test]
fn what_was_never_read_says_so() {
    for kept in [
        None,
        Some("{"),
        Some("[]"),
        Some("{\"ReadAt\": \"x\"}"),
        Some(failed(None, &trouble()).as_str()),
        Some(failed(Some("[1"), &trouble()).as_str()),
    ] {
        let (names, told) = after(0, kept);
        assert!(names.is_empty() && told.len() == 1 && told[0].says.contains("none of its hosts is known"), "{told:?}");
    }
}
